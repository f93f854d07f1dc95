#include "warm/made_keys.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace cachectl {

namespace {

constexpr std::size_t k_in_memory = 8 * 1024;        // makings
constexpr std::size_t k_sorted_at_once = 64 * 1024;  // 1 MiB of them
constexpr std::size_t k_most_parts = 128;            // files that are open at once
constexpr unsigned k_dataset_shift = 8;

constexpr std::string_view k_made_keys = "the keys made";

[[noreturn]] void throw_made_keys_error() { throw_temporary_file_error(k_made_keys); }

/// To read what has been written.
void turn(std::FILE* file) {
    if (std::fflush(file) != 0) {
        throw_made_keys_error();
    }
    std::rewind(file);
}

}  // namespace

// It is called when a reply comes, and a run need not end because its keys cannot be counted.
void MadeKeys::add(const KeyHash& hash, std::uint32_t dataset, How how) {
    if (m_failure) {
        return;
    }
    m_recent.push_back({hash.low, static_cast<std::uint32_t>(hash.high),
                        dataset << k_dataset_shift | static_cast<std::uint32_t>(how)});
    if (m_recent.size() < k_in_memory) {
        return;
    }
    try {
        spill();
    } catch (const Error& error) {
        m_failure = error;
        m_recent.clear();
        m_file.reset();
    }
}

void MadeKeys::spill() {
    if (!m_file) {
        m_file = make_temporary_file(k_made_keys);
    }
    if (std::fwrite(m_recent.data(), sizeof(Making), m_recent.size(), m_file.get()) !=
        m_recent.size()) {
        throw_made_keys_error();
    }
    m_spilled += m_recent.size();
    m_recent.clear();
}

template <typename Action>
void MadeKeys::each_spilled(Action action) {
    turn(m_file.get());
    std::vector<Making> some(1024);
    while (const std::size_t n =
               std::fread(some.data(), sizeof(Making), some.size(), m_file.get())) {
        for (std::size_t i = 0; i < n; ++i) {
            action(some[i]);
        }
    }
    if (std::ferror(m_file.get()) != 0) {
        throw_made_keys_error();
    }
}

// What does not fit into memory at once is sorted in parts, by the first bits of the hashes.
void MadeKeys::each_duplicate(const Tell& tell) {
    if (m_failure) {
        throw Error(*m_failure);
    }
    if (!m_file) {
        return judge(m_recent, tell);
    }
    spill();
    const std::uint64_t parts =
        std::clamp<std::uint64_t>(m_spilled / k_sorted_at_once + 1, 1, k_most_parts);
    const auto part_of = [parts](const Making& making) { return (making.low >> 32) % parts; };
    std::vector<TemporaryFile> files(parts);
    for (TemporaryFile& file : files) {
        file = make_temporary_file(k_made_keys);
    }
    each_spilled([&](const Making& making) {
        if (::fwrite_unlocked(&making, sizeof making, 1, files[part_of(making)].get()) != 1) {
            throw_made_keys_error();
        }
    });
    for (TemporaryFile& file : files) {
        const long bytes = std::ftell(file.get());
        if (bytes < 0) {
            throw_made_keys_error();
        }
        std::vector<Making> makings(static_cast<std::size_t>(bytes) / sizeof(Making));
        turn(file.get());
        if (std::fread(makings.data(), sizeof(Making), makings.size(), file.get()) !=
            makings.size()) {
            throw_made_keys_error();
        }
        file.reset();
        judge(makings, tell);
    }
}

// Nearly every key is alone: those of which a part of the hash comes once are not even sorted.
void MadeKeys::leave_repeated(std::vector<Making>& makings) {
    constexpr std::size_t k_marks = std::size_t{1} << 20;
    std::vector<bool> once(k_marks);
    std::vector<bool> again(k_marks);
    for (const Making& making : makings) {
        const std::size_t mark = making.low % k_marks;
        again[mark] = again[mark] || once[mark];
        once[mark] = true;
    }
    std::erase_if(makings, [&](const Making& making) { return !again[making.low % k_marks]; });
}

void MadeKeys::judge(std::vector<Making>& makings, const Tell& tell) {
    const auto how_of = [](const Making& making) {
        return static_cast<How>(making.tag & ((1U << k_dataset_shift) - 1));
    };
    leave_repeated(makings);
    std::sort(makings.begin(), makings.end(), [&](const Making& a, const Making& b) {
        return std::tuple(a.low, a.high, how_of(a), a.tag) <
               std::tuple(b.low, b.high, how_of(b), b.tag);
    });
    for (std::size_t i = 1; i < makings.size(); ++i) {
        const Making& making = makings[i];
        if (making.low == makings[i - 1].low && making.high == makings[i - 1].high) {
            tell(making.tag >> k_dataset_shift, how_of(making));
        }
    }
}

}  // namespace cachectl
