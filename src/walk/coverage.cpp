#include "walk/coverage.hpp"

#include <charconv>
#include <string_view>

namespace cachectl {

namespace {

/// The text up to the separator, which is taken off the rest as well.
std::string_view take(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const std::string_view head = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return head;
}

template <typename Number>
bool parse(std::string_view text, Number& value) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse_slot(std::string_view text, std::uint16_t& slot) {
    return parse(text, slot) && slot < k_slots;
}

// "93", "0-5460", "[93->-ID]" (leaving) or "[77-<-ID]" (arriving).
bool add_slots(SlotHoldings& holdings, std::string_view text) {
    std::uint16_t first = 0;
    if (text.starts_with('[')) {
        text.remove_prefix(1);
        const auto dash = text.find('-');
        if (dash == std::string_view::npos || !parse_slot(text.substr(0, dash), first)) {
            return false;
        }
        const auto arrow = text.substr(dash, 3);
        if (arrow == "->-") {
            holdings.leaving.set(first);
        }
        if (arrow == "-<-") {
            holdings.arriving.set(first);
        }
        return arrow == "->-" || arrow == "-<-";
    }
    std::uint16_t last = 0;
    if (!parse_slot(take(text, '-'), first)) {
        return false;
    }
    if (text.empty()) {
        last = first;
    } else if (!parse_slot(text, last) || last < first) {
        return false;
    }
    for (unsigned slot = first; slot <= last; ++slot) {
        holdings.served.set(slot);
    }
    return true;
}

// <id> <address> <flags> <master> <ping> <pong> <epoch> <link> <slot> …
std::optional<SlotHoldings> parse_line(std::string_view line) {
    SlotHoldings holdings;
    holdings.id = take(line, ' ');
    take(line, ' ');
    const std::string flags = "," + std::string(take(line, ' ')) + ",";
    if (flags.find(",myself,") == std::string::npos) {
        return std::nullopt;
    }
    holdings.is_master = flags.find(",master,") != std::string::npos;
    for (int i = 0; i < 3; ++i) {
        take(line, ' ');
    }
    if (!parse(take(line, ' '), holdings.epoch)) {
        return std::nullopt;
    }
    take(line, ' ');
    while (!line.empty()) {
        const auto slots = take(line, ' ');
        if (!slots.empty() && !add_slots(holdings, slots)) {
            return std::nullopt;
        }
    }
    return holdings;
}

}  // namespace

std::optional<SlotHoldings> parse_own_slots(const Reply& cluster_nodes) {
    if (!cluster_nodes.is_text()) {
        return std::nullopt;
    }
    std::string_view rest = cluster_nodes.text;
    while (!rest.empty()) {
        std::string_view line = take(rest, '\n');
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (auto holdings = parse_line(line)) {
            return holdings;
        }
    }
    return std::nullopt;
}

std::size_t Coverage::add(const SlotSet& slots) {
    const std::size_t known = m_walked.count();
    m_walked |= slots;
    return m_walked.count() - known;
}

void Coverage::leave_out(const std::vector<SlotRange>& slots) {
    for (const SlotRange& range : slots) {
        for (unsigned slot = range.first; slot <= range.last; ++slot) {
            m_walked.set(slot);
        }
    }
    m_slots_excluded = m_walked.count();
}

double Coverage::fraction(double more) const {
    const auto wanted = static_cast<double>(k_slots - m_slots_excluded);
    const auto walked = static_cast<double>(m_walked.count() - m_slots_excluded);
    return wanted == 0 ? 1 : (walked + more) / wanted;
}

std::vector<SlotRange> Coverage::missing() const { return ranges_of(~m_walked); }

std::vector<SlotRange> ranges_of(const SlotSet& slots) {
    return slot_ranges([&](std::uint16_t slot) { return slots[slot]; });
}

}  // namespace cachectl
