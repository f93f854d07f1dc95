// An error that says that no server is there at the moment: the connection is refused or times out,
// the server is loading its dataset, or the cluster does not serve its slots. Anything else that
// stands between us and a server (a name, a password, a certificate, a path) is a mistake that does
// not pass by itself.
#pragma once

#include "util/error.hpp"

namespace cachectl {

struct ServerAway : Error {
    using Error::Error;
    explicit ServerAway(const Error& error) : Error(error) {}
};

}  // namespace cachectl
