// The part of walk/walker.hpp that decides in how many partitions the keys are walked, and compares
// the keys that came with what the server counts.
#include <algorithm>
#include <bit>

#include "redis/info.hpp"
#include "walk/cursor_kind.hpp"
#include "walk/walker.hpp"

namespace cachectl {

namespace {

// A partition has to be worth a few pages: what its last page reads too much is read in vain.
constexpr std::uint64_t k_least_pages = 4;
constexpr unsigned k_usual_bits = 4;
// A few slices on their way are for answers that come late: nothing to ask DBSIZE for, unless the
// walk takes a while anyway.
constexpr std::size_t k_few_slices = 4;
constexpr std::uint64_t k_keys_of_long_walk = 50'000;

}  // namespace

void Walker::plan() {
    if (m_options.mode == WalkMode::partitioned) {
        if (const auto why = why_cursors_are_unknown(m_client.server()); !why.empty()) {
            throw Error(ExitCode::refused, "cannot walk in partitions: " + why,
                        "--walk plain works on every server");
        }
    }
    begin(partition_bits());
    scan_all();
}

// As many partitions as there can be slices on their way; one, where that is no more than one.
// Not fewer than sixteen, because those walked side by side meet at neighbouring buckets of the
// table, and so each line of it that the server fetches from its memory serves them all.
unsigned Walker::partition_bits() const {
    if (m_options.mode == WalkMode::plain) {
        return 0;
    }
    const std::size_t wanted = m_pace.slices_in_flight();
    if (m_options.partition_bits) {
        return *m_options.partition_bits;
    }
    if (m_options.mode == WalkMode::partitioned) {
        return std::max(k_usual_bits, static_cast<unsigned>(std::bit_width(wanted - 1)));
    }
    const ServerInfo& server = m_client.server();
    if (wanted <= k_few_slices && server.info.keys() < k_keys_of_long_walk) {
        return 0;
    }
    if (wanted == 1 || !why_cursors_are_unknown(server).empty()) {
        return 0;
    }
    return std::max(k_usual_bits, static_cast<unsigned>(std::bit_width(wanted * 2 - 1)));
}

void Walker::begin(unsigned bits) {
    const CursorKind cursors = cursor_kind(m_client.server());
    if (cursors == CursorKind::unknown) {
        bits = 0;
    }
    if (bits != 0) {
        m_size_before = database_size(m_client).value_or(0);
        bits = std::min(bits, Partition::k_max_bits);
        while (bits != 0 && !m_options.partition_bits &&
               (k_least_pages << bits) * m_pace.max_keys() > m_size_before) {
            --bits;
        }
    }
    m_run_id = m_client.server().run_id;
    m_lanes.clear();
    m_endlessness = Endlessness(m_client.server());
    for (const Partition& part : cursors == CursorKind::slot_and_hash
                                     ? Partition::by_slots(m_options.slots, bits)
                                     : Partition::by_low_bits(bits)) {
        Lane& lane = m_lanes.emplace_back();
        if (cursors != CursorKind::unknown) {
            lane.part = part;
        }
        lane.whole = bits == 0;
        lane.cursor = lane.whole ? "0" : std::to_string(part.first_cursor());
    }
    begin_check(cursors);
    m_duplicates.restart(m_lanes.size(), m_options.after_restart == AfterRestart::new_ones
                                             ? Duplicates::Old::keep
                                             : Duplicates::Old::forget);
    ++m_life;
}

// What the server leaves out cannot be counted, so one partition is filtered here.
void Walker::begin_check(CursorKind cursors) {
    m_check.reset();
    if (m_lanes.size() == 1) {
        return;
    }
    m_lanes.front().filtered = false;
    const bool filters = !m_options.match.empty() || !m_options.type.empty();
    const double share = filters ? 1.0 / static_cast<double>(m_lanes.size()) : 1;
    if (cursors == CursorKind::hash) {
        const bool master = m_client.server().role != "replica";
        m_check = CompletenessCheck::by_size(m_size_before, share,
                                             master && !filters
                                                 ? CompletenessCheck::Expired::removed_as_met
                                                 : CompletenessCheck::Expired::counted);
        return;
    }
    SlotSet slots = m_options.slots.none() ? ~SlotSet() : m_options.slots;
    for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
        if (filters && !m_lanes.front().part->has_slot(slot)) {
            slots.reset(slot);
        }
    }
    m_check = CompletenessCheck::by_slots(m_client, slots);
}

bool Walker::all_were_met() {
    const auto shortfall = m_check ? m_check->shortfall(m_client) : std::nullopt;
    if (shortfall && on_note) {
        on_note(*shortfall + ": walking again in one piece");
    }
    return !shortfall;
}

}  // namespace cachectl
