// Which keys have been met before, however many there are: a hash of each, the latest in memory
// and all others sorted in an unnamed temporary file.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "util/temporary_file.hpp"
#include "walk/key_set.hpp"

namespace cachectl {

class KeyLedger {
public:
    static constexpr std::size_t k_in_memory = 128 * 1024;

    /// `in_memory`: how many hashes, of 16 bytes each, are kept in memory.
    explicit KeyLedger(std::size_t in_memory = k_in_memory) : m_in_memory(in_memory) {}

    /// Notes the key; false if it was noted before. Throws Error(local_io) when the temporary file
    /// cannot be had, written or read.
    bool add(std::string_view key);
    /// Notes the key without looking whether it was noted before, which is faster.
    void note(std::string_view key);
    /// Whether it was noted; of another key with the same hash it is said too. Throws as add().
    [[nodiscard]] bool contains(std::string_view key);
    /// Makes each contains() one read of the file at most, until more is noted.
    void merge();
    /// How many different keys were noted. Throws as add().
    [[nodiscard]] std::uint64_t distinct();

private:
    /// Hashes in ascending order, in the file.
    struct Run {
        std::uint64_t offset = 0;  // in hashes
        std::uint64_t size = 0;
        std::vector<KeyHash> firsts;  // the first hash of each of its blocks
    };

    [[nodiscard]] bool contains(const KeyHash& hash);
    void note(const KeyHash& hash);
    [[nodiscard]] bool is_in(const Run& run, const KeyHash& hash);
    void read_block(const Run& run, std::uint64_t from, std::vector<KeyHash>& block);
    void write_out();
    void merge_runs();
    static void append(Run& run, const std::vector<KeyHash>& hashes, std::FILE* file);

    KeyHasher m_hash;
    std::size_t m_in_memory;
    HashSet<KeyHash> m_latest;
    std::vector<KeyHash> m_latest_list;
    std::vector<Run> m_runs;
    TemporaryFile m_file;
    std::uint64_t m_written = 0;  // hashes in the file
    std::vector<KeyHash> m_block;
};

}  // namespace cachectl
