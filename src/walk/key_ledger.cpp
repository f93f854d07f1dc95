#include "walk/key_ledger.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <queue>
#include <utility>

namespace cachectl {

namespace {

constexpr std::uint64_t k_block = 256;  // hashes: one page of the file
constexpr std::size_t k_most_runs = 8;

bool less(const KeyHash& a, const KeyHash& b) {
    return a.low != b.low ? a.low < b.low : a.high < b.high;
}

constexpr std::string_view k_ledger_content = "which keys were met";

}  // namespace

bool KeyLedger::add(std::string_view key) {
    const KeyHash hash = m_hash(key);
    if (contains(hash)) {
        return false;
    }
    note(hash);
    if (m_runs.size() > k_most_runs) {
        merge();
    }
    return true;
}

void KeyLedger::note(std::string_view key) { note(m_hash(key)); }

bool KeyLedger::contains(std::string_view key) { return contains(m_hash(key)); }

bool KeyLedger::contains(const KeyHash& hash) {
    // The set has no place for the hash that marks its free slots.
    return hash == KeyHash{} || m_latest.contains(hash) ||
           std::any_of(m_runs.begin(), m_runs.end(),
                       [&](const Run& run) { return is_in(run, hash); });
}

void KeyLedger::note(const KeyHash& hash) {
    if (!m_latest.insert(hash)) {
        return;
    }
    m_latest_list.push_back(hash);
    if (m_latest_list.size() == m_in_memory) {
        write_out();
    }
}

bool KeyLedger::is_in(const Run& run, const KeyHash& hash) {
    const auto after = std::upper_bound(run.firsts.begin(), run.firsts.end(), hash, less);
    if (after == run.firsts.begin()) {
        return false;
    }
    read_block(run, static_cast<std::uint64_t>(after - run.firsts.begin() - 1) * k_block, m_block);
    return std::binary_search(m_block.begin(), m_block.end(), hash, less);
}

void KeyLedger::read_block(const Run& run, std::uint64_t from, std::vector<KeyHash>& block) {
    block.resize(std::min(k_block, run.size - from));
    auto* to = reinterpret_cast<char*>(block.data());
    std::size_t left = block.size() * sizeof(KeyHash);
    auto at = static_cast<off_t>((run.offset + from) * sizeof(KeyHash));
    while (left != 0) {
        const ssize_t n = ::pread(::fileno(m_file.get()), to, left, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n == 0) {
            errno = EIO;
        }
        if (n <= 0) {
            throw_temporary_file_error(k_ledger_content);
        }
        to += n;
        at += n;
        left -= static_cast<std::size_t>(n);
    }
}

void KeyLedger::append(Run& run, const std::vector<KeyHash>& hashes, std::FILE* file) {
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        if ((run.size + i) % k_block == 0) {
            run.firsts.push_back(hashes[i]);
        }
    }
    const auto* from = reinterpret_cast<const char*>(hashes.data());
    std::size_t left = hashes.size() * sizeof(KeyHash);
    auto at = static_cast<off_t>((run.offset + run.size) * sizeof(KeyHash));
    while (left != 0) {
        const ssize_t n = ::pwrite(::fileno(file), from, left, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            throw_temporary_file_error(k_ledger_content);
        }
        from += n;
        at += n;
        left -= static_cast<std::size_t>(n);
    }
    run.size += hashes.size();
}

void KeyLedger::write_out() {
    if (!m_file) {
        m_file = make_temporary_file(k_ledger_content);
    }
    std::sort(m_latest_list.begin(), m_latest_list.end(), less);
    m_latest_list.erase(std::unique(m_latest_list.begin(), m_latest_list.end()),
                        m_latest_list.end());
    Run run;
    run.offset = m_written;
    append(run, m_latest_list, m_file.get());
    m_written += run.size;
    m_runs.push_back(std::move(run));
    m_latest_list.clear();
    m_latest.free();
}

void KeyLedger::merge() {
    if (m_runs.size() > 1) {
        merge_runs();
    }
}

std::uint64_t KeyLedger::distinct() {
    if (m_runs.empty()) {
        std::vector<KeyHash> all = m_latest_list;
        std::sort(all.begin(), all.end(), less);
        return static_cast<std::uint64_t>(std::unique(all.begin(), all.end()) - all.begin());
    }
    if (!m_latest_list.empty()) {
        write_out();
    }
    merge();
    return m_runs.front().size;
}

// All runs become one, in a file of its own: the old one's space is given back.
void KeyLedger::merge_runs() {
    struct Source {
        const Run* run;
        std::uint64_t next_block = 0;
        std::size_t at = 0;
        std::vector<KeyHash> block;
    };
    std::vector<Source> sources;
    for (const Run& run : m_runs) {
        sources.push_back({&run, 0, 0, {}});
    }
    const auto refill = [this](Source& source) {
        source.at = 0;
        source.block.clear();
        if (source.next_block >= source.run->size) {
            return;
        }
        read_block(*source.run, source.next_block, source.block);
        source.next_block += k_block;
    };
    const auto later = [](const Source* a, const Source* b) {
        return less(b->block[b->at], a->block[a->at]);
    };
    std::priority_queue<Source*, std::vector<Source*>, decltype(later)> queue(later);
    for (Source& source : sources) {
        refill(source);
        queue.push(&source);
    }
    TemporaryFile file = make_temporary_file(k_ledger_content);
    Run merged;
    std::vector<KeyHash> portion;
    std::optional<KeyHash> last;  // the last one written: two runs may have the same key
    while (!queue.empty()) {
        Source* const source = queue.top();
        queue.pop();
        const KeyHash hash = source->block[source->at];
        if (!last || !(*last == hash)) {
            portion.push_back(hash);
        }
        last = hash;
        if (portion.size() == k_block) {
            append(merged, portion, file.get());
            portion.clear();
        }
        if (++source->at == source->block.size()) {
            refill(*source);
        }
        if (source->at < source->block.size()) {
            queue.push(source);
        }
    }
    append(merged, portion, file.get());
    m_written = merged.size;
    m_file = std::move(file);
    m_runs.clear();
    m_runs.push_back(std::move(merged));
}

}  // namespace cachectl
