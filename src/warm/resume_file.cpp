// The part of warm/resume.hpp that writes the run's journal, and removes it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "util/error.hpp"
#include "util/text.hpp"
#include "warm/resume.hpp"

namespace cachectl {

namespace {

// A journal that takes long to write is written less often.
constexpr int k_share_of_time = 50;

}  // namespace

bool WarmJournal::is_due(std::chrono::steady_clock::time_point now) {
    if (m_saved == decltype(m_saved){}) {
        m_saved = now;
    }
    return now - m_saved >= m_between_saves;
}

void WarmJournal::save_now(std::chrono::steady_clock::time_point now, const Counts& counts) {
    const auto begin = std::chrono::steady_clock::now();
    save(counts);
    const auto took = std::chrono::steady_clock::now() - begin;
    m_between_saves = std::max<std::chrono::steady_clock::duration>(std::chrono::seconds(1),
                                                                    k_share_of_time * took);
    m_saved = now;
}

bool WarmJournal::save_at_end(const Counts& counts) {
    if (m_done.ranges().empty() && !m_before) {
        return false;
    }
    return save(counts);
}

bool WarmJournal::save(const Counts& counts) {
    m_has_to_be_saved = false;
    if (!m_journal) {
        if (!m_why_none.empty()) {
            m_warn("no journal is kept, so that --resume cannot go on with this run: " +
                   std::exchange(m_why_none, {}));
        }
        return false;
    }
    if (catches_up()) {
        return true;  // the journal of the run before still holds
    }
    JournalEntry entry{
        .identity = m_identity,
        .target = m_target,
        .servers = m_servers,
        .rewrites = m_rewrites,
        .blocks = m_blocks,
        .keys = m_done,
        .skipped_slots = slot_ranges([this](auto slot) { return m_skipped_slots[slot]; }),
        .records = counts.records,
        .written = counts.written,
        .skipped = counts.skipped,
        .rejected = counts.rejected};
    if (m_block.events != 0) {
        entry.blocks.push_back(m_block);
    }
    if (resumes()) {
        entry.records += m_before->records;
        entry.written += m_before->written;
        entry.skipped += m_before->skipped;
    }
    entry.rejected += m_rejected_before;
    try {
        if (m_sync) {
            m_sync();
        }
        m_journal->write(entry);
    } catch (const Error& error) {
        m_warn(std::string(error.what()) + "; --resume cannot go on with this run");
        m_journal->remove();  // what it says does not hold any more
        m_journal.reset();
        return false;
    }
    return true;
}

void WarmJournal::remove() {
    m_has_to_be_saved = false;
    if (m_journal) {
        m_journal->remove();
    }
}

}  // namespace cachectl
