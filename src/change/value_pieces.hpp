// A large value read from a server in pieces and written to a backup as one of the plain types of
// an RDB file, which have neither a server's encodings nor its versions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyspace/value_calls.hpp"
#include "rdb/writer.hpp"
#include "redis/client.hpp"

namespace cachectl {

/// How a value of that type (TYPE) is stored; nothing for streams and those of modules, which only
/// DUMP tells whole.
std::optional<RdbType> plain_type_of(std::string_view type);

class ValuePieces {
public:
    /// `before_each` is called before a piece is asked for, with how many bytes it may have.
    ValuePieces(Client& server, std::string key, std::function<void(std::uint64_t)> before_each);

    enum class End {
        whole,
        changed,         // somebody has written to it meanwhile
        has_field_ttls,  // its fields have an expiry of their own, which has no plain type
    };
    /// Waits for the replies. Throws Error as RdbWriter and for what the server refuses.
    End copy_to(RdbWriter& file, RdbType type);

private:
    [[nodiscard]] std::uint64_t ask_length(std::string_view verb);
    End copy_text(RdbWriter& file);
    End copy_range(RdbWriter& file, RdbType type);
    End copy_set(RdbWriter& file);
    End copy_hash(RdbWriter& file);
    struct Scan {
        std::string verb;
        std::size_t words;  // of each element
        std::string option;
    };
    /// Ends where `take_page` does not end whole.
    End scan(const Scan& how, std::uint64_t length,
             const std::function<End(const std::vector<Reply>&)>& take_page);
    End copy_fields(RdbWriter& file, const std::vector<Reply>& names);
    /// Each element of `texts` has that many words, its name first.
    [[nodiscard]] bool has_field_ttls(const std::vector<Reply>& texts, std::size_t words);
    [[nodiscard]] std::vector<Reply> ask_all(const std::vector<ValueCalls::Command>& commands,
                                             std::uint64_t bytes);
    [[nodiscard]] Reply ask(const ValueCalls::Command& command, std::uint64_t bytes);
    /// How many elements make a piece.
    [[nodiscard]] std::uint64_t count_for(std::uint64_t elements) const;

    ValueCalls m_calls;
    std::string m_key;
    std::function<void(std::uint64_t)> m_before_each;
    std::uint64_t m_piece_bytes;
    std::optional<std::uint64_t> m_size;  // MEMORY USAGE, where the server has it
    bool m_knows_field_ttls = true;
    std::optional<std::uint64_t> m_connection;  // over which the pieces come
};

}  // namespace cachectl
