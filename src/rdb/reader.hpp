// The keys of an RDB file, one after the other, their values only by where they stand.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rdb/format.hpp"
#include "rdb/input.hpp"

namespace cachectl {

struct RdbKey {
    std::uint64_t database = 0;
    std::string name;
    RdbType type = RdbType::string;
    std::optional<std::chrono::milliseconds> expires_at;  // since 1970, UTC
    std::optional<std::chrono::seconds> idle;
    std::optional<std::uint8_t> frequency;
    std::uint64_t value_offset = 0;  // of the value, behind type and name
    std::uint64_t value_bytes = 0;
};

struct RdbAux {
    std::string name;
    std::string value;
    /// The SHA-256 of what stands before it, since begin_digest().
    std::string digest_before;
};

enum class RdbItem { key, aux, end };

class RdbReader {
public:
    /// Reads what the file begins with. `fd` is that of a file of `size` bytes; it stays open and
    /// belongs to the caller. Throws RdbFault if no RDB file begins so, as next() does where it
    /// cannot be read on, and Error(local_io).
    RdbReader(int fd, std::uint64_t size, std::size_t window_bytes = RdbInput::k_window_bytes);

    [[nodiscard]] int version() const { return m_version; }

    /// key() or aux() is what was read, until the next call. Functions and other parts that are no
    /// keys are passed over.
    RdbItem next();
    [[nodiscard]] const RdbKey& key() const { return m_key; }
    [[nodiscard]] const RdbAux& aux() const { return m_aux; }
    /// Whether the sum that stands at the end is that of the file, or 0, which is none.
    enum class Sum { right, wrong, none };
    /// After `end`.
    [[nodiscard]] Sum sum() const { return m_sum; }

    [[nodiscard]] std::uint64_t offset() const { return m_input.offset(); }
    /// From here on; it begins behind the version.
    void begin_digest() { m_input.begin_digest(); }

private:
    void read_aux();
    void read_key(std::uint8_t type);
    void read_end();
    /// False for what begins a key.
    bool read_of_next_key(RdbOpcode opcode);
    bool skip_other(RdbOpcode opcode);

    RdbInput m_input;
    int m_version = 0;
    std::uint64_t m_database = 0;
    RdbKey m_key;
    RdbAux m_aux;
    Sum m_sum = Sum::none;
};

}  // namespace cachectl
