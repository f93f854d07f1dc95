// Whether a key of the server has the value that is to be written, asked for piece by piece: the
// replies are bounded by that value, not by what the server has.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/reply.hpp"
#include "warm/existing_value.hpp"
#include "warm/rows/encode.hpp"

namespace cachectl {

/// What the server does not know or does not let us ask; it is not asked again.
struct PiecewiseRights {
    bool memory = true;      // MEMORY USAGE
    bool field_ttls = true;  // HPTTL
};

/// Of a hash, list, set or zset that has as many fields, elements or members as the value, or of a
/// string that is as long.
class PiecewiseComparison {
public:
    static constexpr std::size_t k_most_parts = 512;  // of a piece
    static constexpr std::size_t k_most_bytes = std::size_t{256} << 10;

    /// What the value's parts are views of has to outlive it, unchanged.
    PiecewiseComparison(const Encoded& value, PiecewiseRights& rights);

    /// The command that comes next, by the reply to the one before. Its words lie in the value, in
    /// `key` and in here.
    [[nodiscard]] std::vector<std::string_view> next_command(std::string_view key);
    /// `to_be_read`: there is more to ask.
    [[nodiscard]] Existing judge(const Reply& reply);
    /// How many fields, elements or members the value has, each once, or pieces of a string.
    [[nodiscard]] std::size_t size() const { return m_parts.size(); }
    /// The reply to the command that comes next, or is on its way, tells all.
    [[nodiscard]] bool is_last() const { return m_end == m_parts.size(); }
    /// In what the value differs that is to be `replaced`.
    [[nodiscard]] std::string difference(const Reply& reply) const;

private:
    enum class Step { size, values, field_ttls };
    struct Part {
        std::string_view name;   // a field or a member; of a list an element, of a string a piece
        std::string_view value;  // of a field, or the score of a member
    };

    [[nodiscard]] bool may_be_as_large(const Reply& usage) const;
    [[nodiscard]] bool is_same(const Part& part, const Reply& found) const;
    /// The first part of the piece that is not the same.
    [[nodiscard]] std::size_t first_other(const Reply& reply) const;
    [[nodiscard]] Existing judge_values(const Reply& reply) const;
    void split_text(std::string_view text);
    void begin_piece();
    [[nodiscard]] Existing go_on();

    EncodeAs m_as;
    std::size_t m_bytes;
    PiecewiseRights& m_rights;
    std::vector<Part> m_parts;
    Step m_step = Step::size;
    std::size_t m_begin = 0, m_end = 0;  // the piece at hand
    std::string m_first, m_last;         // numbers of a command
};

}  // namespace cachectl
