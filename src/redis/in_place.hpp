// A client that can send large arguments from where they are.
#pragma once

#include <span>
#include <string_view>

#include "redis/client.hpp"

namespace cachectl {

class InPlaceClient {
public:
    virtual ~InPlaceClient() = default;

    /// As Client::send(), but large arguments are not copied: they have to stay where they are
    /// until `done` is called, or copy_in_place().
    virtual void send_in_place(std::span<const std::string_view> args, Client::Callback done) = 0;
    /// Copies what of them has not been sent yet.
    virtual void copy_in_place() = 0;
};

}  // namespace cachectl
