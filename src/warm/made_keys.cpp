#include "warm/made_keys.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_in_memory = 8 * 1024;        // makings
constexpr std::size_t k_sorted_at_once = 64 * 1024;  // 1 MiB of them
constexpr std::size_t k_most_parts = 128;            // files that are open at once
constexpr unsigned k_dataset_shift = 8;

[[noreturn]] void throw_made_keys_error() {
    throw Error(
        ExitCode::local_io,
        std::string("cannot keep a temporary file of the keys made: ") + std::strerror(errno),
        "TMPDIR may name a folder with room");
}

std::FILE* make_file() {
    std::FILE* file = std::tmpfile();
    if (file == nullptr) {
        throw_made_keys_error();
    }
    return file;
}

}  // namespace

void MadeKeys::add(const KeyHash& hash, std::uint32_t dataset, How how) {
    m_recent.push_back({hash.low, static_cast<std::uint32_t>(hash.high),
                        dataset << k_dataset_shift | static_cast<std::uint32_t>(how)});
    if (m_recent.size() == k_in_memory) {
        spill();
    }
}

void MadeKeys::spill() {
    if (!m_file) {
        m_file.reset(make_file());
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
    std::rewind(m_file.get());
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
    if (!m_file) {
        return judge(m_recent, tell);
    }
    spill();
    const std::uint64_t parts =
        std::clamp<std::uint64_t>(m_spilled / k_sorted_at_once + 1, 1, k_most_parts);
    const auto part_of = [parts](const Making& making) { return (making.low >> 32) % parts; };
    std::vector<File> files(parts);
    for (File& file : files) {
        file.reset(make_file());
    }
    each_spilled([&](const Making& making) {
        if (std::fwrite(&making, sizeof making, 1, files[part_of(making)].get()) != 1) {
            throw_made_keys_error();
        }
    });
    for (File& file : files) {
        const long bytes = std::ftell(file.get());
        if (bytes < 0) {
            throw_made_keys_error();
        }
        std::vector<Making> makings(static_cast<std::size_t>(bytes) / sizeof(Making));
        std::rewind(file.get());
        if (std::fread(makings.data(), sizeof(Making), makings.size(), file.get()) !=
            makings.size()) {
            throw_made_keys_error();
        }
        file.reset();
        judge(makings, tell);
    }
}

void MadeKeys::judge(std::vector<Making>& makings, const Tell& tell) {
    const auto how_of = [](const Making& making) {
        return static_cast<How>(making.tag & ((1U << k_dataset_shift) - 1));
    };
    std::sort(makings.begin(), makings.end(),
              [](const Making& a, const Making& b) { return a.low < b.low; });
    for (auto first = makings.begin(); first != makings.end();) {
        auto end = first + 1;
        while (end != makings.end() && end->low == first->low) {
            ++end;
        }
        // Nearly every key is alone.
        if (end - first > 1) {
            std::sort(first, end, [&](const Making& a, const Making& b) {
                return std::tuple(a.high, how_of(a), a.tag) < std::tuple(b.high, how_of(b), b.tag);
            });
        }
        for (auto making = first + 1; making < end; ++making) {
            if (making->high == (making - 1)->high && how_of(*making) != How::passed) {
                tell(making->tag >> k_dataset_shift, how_of(*making));
            }
        }
        first = end;
    }
}

}  // namespace cachectl
