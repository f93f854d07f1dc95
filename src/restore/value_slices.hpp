// A value of an RDB file as the commands that build it up again, one slice after the other: a
// command for the whole of a large value would hold the server for as long as it takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/backup_file.hpp"
#include "rdb/reader.hpp"

namespace cachectl {

struct ValueSlice {
    std::string_view verb;           // APPEND, RPUSH, SADD, HSET or ZADD
    std::vector<std::string> words;  // behind the key's name
    std::size_t bytes = 0;
};

class ValueSlices {
public:
    static constexpr std::size_t k_most_words = 500;
    static constexpr std::size_t k_most_bytes = std::size_t{256} << 10;

    /// Of types that are one string or element after the other; others are RESTOREd as a whole.
    [[nodiscard]] static bool are_possible(RdbType type);

    /// The file has to outlive it.
    ValueSlices(const RdbFile& file, const RdbKey& key);

    /// Nothing at the end. Throws RdbFault and Error(local_io).
    std::optional<ValueSlice> next();

private:
    std::optional<ValueSlice> next_text();
    void add_element(ValueSlice& slice);

    RdbInput m_in;
    RdbType m_type;
    std::string m_text;           // of a string that is stored as a number or compressed
    std::size_t m_text_used = 0;  // of m_text
    std::uint64_t m_left = 0;     // bytes of a string, else elements
    bool m_is_raw = true;
};

}  // namespace cachectl
