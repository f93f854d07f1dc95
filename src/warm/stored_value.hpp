// A value as it was sent to a server, kept until it has been read back, and in what the server's
// differs from it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
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
    /// What reads such a value: GET, HGETALL, LRANGE, SMEMBERS or ZRANGE, for `key`, which has to
    /// outlive it.
    [[nodiscard]] std::vector<std::string_view> read_command(std::string_view key) const;

    /// In what the reply to read_command(), an array or a text, is not this value; nothing if it
    /// is. Scores are compared as numbers, sets and hashes whatever their order.
    [[nodiscard]] std::optional<std::string> difference(const Reply& reply) const;

private:
    [[nodiscard]] std::vector<std::string_view> parts() const;
    [[nodiscard]] std::optional<std::string> pair_difference(const Reply& reply) const;
    [[nodiscard]] std::optional<std::string> list_difference(const Reply& reply) const;
    [[nodiscard]] std::optional<std::string> set_difference(const Reply& reply) const;

    EncodeAs m_as = EncodeAs::string;
    std::string m_bytes;  // of all parts
    std::vector<std::size_t> m_ends;
};

}  // namespace cachectl
