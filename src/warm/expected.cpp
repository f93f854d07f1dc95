// The part of warm/warm.hpp for --max-keys and --expect: how many keys a run may make.
#include <fmt/format.h>

#include "change/guard.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "warm/key_count.hpp"
#include "warm/stop.hpp"
#include "warm/warm.hpp"

namespace cachectl {

std::string not_expected(const CountRange& expect, std::uint64_t keys) {
    std::string range = format_count(expect.min);
    if (expect.max == CountRange{}.max) {
        range += " or more";
    } else if (expect.max != expect.min) {
        range += " to " + format_count(expect.max);
    }
    return fmt::format("there {} {} {}, but --expect says {}", keys == 1 ? "is" : "are",
                       format_count(keys), keys == 1 ? "key" : "keys", range);
}

// Where all files can be read twice, the keys are counted before the first is written.
void Warm::check_expected() {
    const WritingOptions& writing = m_options.writing;
    if (!writing.max_keys && !writing.expect) {
        return;
    }
    const auto keys =
        count_keys(m_plan, m_policies, m_options.unpack, [] { return stop_signal() != 0; });
    if (stop_signal() != 0) {
        throw Interrupted{};
    }
    if (!keys) {
        return;
    }
    if (writing.max_keys && *keys > *writing.max_keys) {
        throw WarmStop(
            {ExitCode::guard,
             fmt::format("there {} {} to write, more than --max-keys {}", *keys == 1 ? "is" : "are",
                         format_count(*keys) + (*keys == 1 ? " key" : " keys"),
                         format_count(*writing.max_keys))},
            "guard-max-keys");
    }
    if (writing.expect && !writing.expect->contains(*keys)) {
        throw WarmStop({ExitCode::guard, not_expected(*writing.expect, *keys)}, "guard-expect");
    }
}

}  // namespace cachectl
