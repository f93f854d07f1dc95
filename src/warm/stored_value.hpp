// A value as it was sent to a server, kept until it is known what became of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "warm/rows/encode.hpp"

namespace cachectl {

/// Whether two texts of a score are the same number.
bool is_same_score(std::string_view a, std::string_view b);

class StoredValue {
public:
    /// Replaces what it holds by a copy.
    void assign(const Encoded& value);

    /// Makes `value` the same again; its parts lie in here.
    void get(Encoded& value) const;
    /// Frees the memory that a large value has taken.
    void shrink(std::size_t bytes_kept);

    [[nodiscard]] EncodeAs as() const { return m_as; }
    [[nodiscard]] std::size_t bytes() const { return m_bytes.size(); }
    /// Of a string.
    [[nodiscard]] std::string_view text() const { return m_bytes; }

private:
    [[nodiscard]] std::vector<std::string_view> parts() const;

    EncodeAs m_as = EncodeAs::string;
    std::string m_bytes;  // of all parts
    std::vector<std::size_t> m_ends;
};

}  // namespace cachectl
