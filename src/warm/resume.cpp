#include "warm/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::chrono::hours k_kept{30 * 24};

void add_slots(const std::vector<SlotRange>& ranges, SlotSet& slots) {
    for (const SlotRange& range : ranges) {
        for (std::size_t slot = range.first; slot <= range.last; ++slot) {
            slots.set(slot);
        }
    }
}

}  // namespace

WarmJournal::WarmJournal(const JournalOptions& options, const Run& run, Say warn, Say note)
    : m_warn(std::move(warn)),
      m_note(std::move(note)),
      m_target(run.target),
      m_identity(run_hash(run.identity)) {
    open(options, run);
    if (options.resume) {
        read_before(run);
    }
}

// Two runs of one command do no harm to each other as long as they do not share a journal.
void WarmJournal::open(const JournalOptions& options, const Run& run) {
    if (options.file.empty() && run.state_folder.empty()) {
        return;
    }
    if (!options.file.empty()) {
        m_journal.emplace(options.file);
        return;
    }
    remove_old_journals(run.state_folder, k_kept);
    try {
        m_journal.emplace(journal_path(run.state_folder, m_identity));
    } catch (const Error& error) {
        m_why_none = error.what();
    }
}

void WarmJournal::read_before(const Run& run) {
    if (!m_journal) {
        m_warn("cannot go on with an interrupted run: " +
               (m_why_none.empty() ? "neither XDG_STATE_HOME nor HOME says where its journal is"
                                   : m_why_none) +
               "; starting at the beginning");
        return;
    }
    Journal::Content content = m_journal->read();
    if (!content.exists) {
        m_note("there is no interrupted run to go on with (no " + m_journal->path() +
               "): starting at the beginning");
    } else if (!content.entry) {
        m_warn("the journal " + m_journal->path() +
               " was cut or is of another version of cachectl: starting at the beginning");
    } else if (content.entry->identity != m_identity) {
        m_warn(fmt::format(
            "the journal {} is of another run, on {}, whose options differ from those of this one "
            "on {}: starting at the beginning",
            m_journal->path(), content.entry->target, run.target));
    } else {
        m_before = std::move(content.entry);
    }
}

// What a server still has nobody knows once it has been restarted, or was a replica in between.
// Where some keys were left out before, masters may have come that were away then.
void WarmJournal::begin(std::vector<std::string> servers,
                        const std::vector<SlotRange>& skipped_slots) {
    m_servers = std::move(servers);
    add_slots(skipped_slots, m_skipped_slots);
    if (!m_before) {
        if (m_journal) {
            m_journal->remove();
        }
        return;
    }
    add_slots(m_before->skipped_slots, m_skipped_slots_before);
    m_skipped_slots |= m_skipped_slots_before;
    const auto& written_to = m_before->servers;
    const bool is_known = !written_to.empty() &&
                          std::count(written_to.begin(), written_to.end(), "") == 0 &&
                          std::is_sorted(written_to.begin(), written_to.end());
    const bool is_same = m_before->skipped_slots.empty()
                             ? m_servers == written_to
                             : std::includes(m_servers.begin(), m_servers.end(), written_to.begin(),
                                             written_to.end());
    m_rewrites = m_before->rewrites;
    m_passes_over = is_known && is_same && !m_rewrites && !m_checks_again;
    if (m_checks_again) {
        m_note(
            "what the interrupted run wrote is looked at again before anything is switched or "
            "deleted");
    } else if (!is_known || !is_same) {
        m_note(
            "the server is another process than the interrupted run wrote to, or was a replica "
            "in between: nothing of that run is passed over");
    } else if (m_rewrites) {
        m_note(
            "several rows of the interrupted run wrote the same key: nothing of that run is "
            "passed over");
    }
}

// --- what is made of the input ------------------------------------------------------------------

WarmJournal::Seen WarmJournal::see_key(std::size_t dataset, std::string_view key,
                                       const Encoded& value) {
    ContentDigest digest;
    digest.add(std::uint64_t{dataset});
    digest.add(static_cast<std::uint64_t>(value.as));
    digest.add(key);
    for (const std::string_view part : value.parts) {
        digest.add(part);
    }
    return see(digest.value(), key.size() + value.bytes());
}

WarmJournal::Seen WarmJournal::see_rejection(std::uint64_t line, std::string_view reason) {
    ContentDigest digest;
    digest.add("rejected");
    digest.add(line);
    digest.add(reason);
    return see(digest.value(), reason.size());
}

/// A block ends where that of the run before ended, or when it is large enough.
WarmJournal::Seen WarmJournal::see(std::uint64_t digest, std::size_t bytes) {
    ContentDigest of_block;
    of_block.add(m_block.digest);
    of_block.add(digest);
    m_block.digest = of_block.value();
    ++m_block.events;
    m_block_bytes += bytes;
    const bool too_large = m_block_bytes > JournalBlock::k_most_bytes;
    if (!catches_up()) {
        if (m_block.events == JournalBlock::k_most_events || too_large) {
            m_blocks.push_back(std::exchange(m_block, {}));
            m_block_bytes = 0;
        }
        return Seen::fresh;
    }
    const JournalBlock& before = m_before->blocks[m_blocks.size()];
    if (m_block.events < before.events) {
        if (!too_large) {
            return Seen::hold;
        }
        start_over();
        return Seen::differs;
    }
    const bool same = m_block == before;
    m_blocks.push_back(std::exchange(m_block, {}));
    m_block_bytes = 0;
    if (!same) {
        start_over();
    }
    return same ? Seen::same : Seen::differs;
}

void WarmJournal::end_of_input() {
    if (catches_up()) {
        start_over();
    }
}

// Until it is written anew, the journal says of keys that they are done which are now overwritten.
void WarmJournal::start_over() {
    m_before.reset();
    m_has_to_be_saved = true;
    m_warn(m_passed == 0 ? "the input is not what the interrupted run was reading: starting at the "
                           "beginning"
                         : fmt::format("behind {} keys the input is not what the interrupted run "
                                       "was reading: from there on all is written",
                                       format_count(m_passed)));
}

// Rows that write over each other do not come here: of a run with such rows nothing is passed over.
bool WarmJournal::passes(std::string_view key, bool same, IfExists if_exists) {
    const std::uint64_t index = m_next++;
    bool passes = false;
    if (if_exists != IfExists::skip) {
        expect_rewriting(key);
    }
    if (same && resumes() && m_before->keys.contains(index)) {
        passes = m_skipped_slots_before.none() || !m_skipped_slots_before[slot_of(key)];
    }
    m_passed += passes ? 1 : 0;
    m_sent.push_back({index, passes});
    return passes;
}

// A run that goes on with other rows cannot tell which key of the passed ones a later row, which is
// gone, has overwritten.
void WarmJournal::note_rewriting() {
    if (!m_next_key || !m_keys.add(*std::exchange(m_next_key, std::nullopt))) {
        return;
    }
    m_rewrites = true;
    m_has_to_be_saved = true;
}

// Where the key stands is far away in memory: that is asked for while there is something else to
// do.
void WarmJournal::expect_rewriting(std::string_view key) {
    note_rewriting();
    if (m_rewrites || !m_journal) {
        return;
    }
    m_next_key = m_keys.hash(key);
    m_keys.expect(*m_next_key);
}

bool WarmJournal::take(Outcome outcome) {
    const Sent sent = m_sent.front();
    m_sent.pop_front();
    if (is_done(outcome)) {
        m_done.add(sent.index);
    }
    if (sent.passes && outcome != Outcome::existed) {
        --m_passed;
    }
    return sent.passes && outcome == Outcome::existed;
}

}  // namespace cachectl
