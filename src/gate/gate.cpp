#include "gate/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/key_walk.hpp"
#include "cli/pace_options.hpp"
#include "cli/target.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/key_selector.hpp"
#include "output/escape.hpp"
#include "redis/error_reply.hpp"
#include "redis/server_away.hpp"
#include "util/named_error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_first_pause{1'000};
constexpr milliseconds k_longest_pause{5'000};
constexpr milliseconds k_least_timeout{1'000};
constexpr milliseconds k_least_count_time{2'000};  // also of a look when the time is over

std::vector<Condition> conditions_of(const GateOptions& options) {
    using Unit = Condition::Unit;
    std::vector<Condition> conditions;
    const bool others = options.keys || options.hit_ratio || options.replica_lag;
    if (options.ready || !others) {
        conditions.push_back({"ready", "ready", Unit::none, true, false});
    }
    if (options.keys) {
        conditions.push_back({"keys", "keys of " + *options.keys, Unit::keys,
                              static_cast<std::int64_t>(options.min.value_or(1))});
    }
    if (options.hit_ratio) {
        conditions.push_back({"hit-ratio", "hit ratio", Unit::ratio, *options.hit_ratio});
    }
    if (options.replica_lag) {
        conditions.push_back({"replica-lag", "replica lag", Unit::milliseconds,
                              static_cast<std::int64_t>(options.replica_lag->count())});
    }
    return conditions;
}

/// Whether waiting may help: the server is not there, loading, or not whole.
bool may_pass(const Error& error) {
    if (dynamic_cast<const LoginRefused*>(&error) != nullptr) {
        return false;
    }
    return error.code() == ExitCode::unreachable || error.code() == ExitCode::partial ||
           dynamic_cast<const ServerAway*>(&error) != nullptr ||
           (error.code() == ExitCode::refused && error_id(error) != "noperm");
}

bool is_interruption(const Error& error) {
    return error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated;
}

}  // namespace

Gate::Gate(Context& ctx, const GateOptions& options)
    : m_ctx(ctx),
      m_options(options),
      m_began(ctx.now()),
      m_conditions(conditions_of(options)),
      m_progress(ctx.progress("waiting", "")),
      m_connect_timeout(ctx.settings.connect_timeout),
      m_reply_timeout(ctx.settings.timeout),
      m_loading_wait(ctx.settings.wait),
      m_server(ctx.settings.address.name()) {
    if (options.replica_lag) {
        m_replicas.emplace(*options.replica_lag);
    }
    m_head.begin(ctx, "wait");
}

Gate::~Gate() = default;

milliseconds Gate::waited() const {
    return std::chrono::duration_cast<milliseconds>(m_ctx.now() - m_began);
}

milliseconds Gate::left() const { return std::max(milliseconds(0), m_options.within - waited()); }

bool Gate::all_hold() const {
    return std::all_of(m_conditions.begin(), m_conditions.end(),
                       [](const Condition& condition) { return condition.ok; });
}

Condition* Gate::find(std::string_view id) {
    const auto found = std::find_if(m_conditions.begin(), m_conditions.end(),
                                    [&](const Condition& condition) { return condition.id == id; });
    return found == m_conditions.end() ? nullptr : &*found;
}

ExitCode Gate::run() {
    milliseconds pause = k_first_pause;
    while (true) {
        if (poll()) {
            return finish(true);
        }
        if (stop_signal() != 0 || left() == milliseconds(0)) {
            return finish(false);
        }
        wait_between_polls(std::min(pause, left()));
        if (stop_signal() != 0) {
            return finish(false);
        }
        pause = std::min(pause * 5 / 4, longest_pause());
    }
}

/// What a replica says of its link holds for a moment only, which must not be missed.
milliseconds Gate::longest_pause() const {
    const bool only_link =
        m_waits_for_link &&
        std::all_of(m_conditions.begin(), m_conditions.end(), [](const Condition& condition) {
            return condition.ok || condition.id == "replica-lag";
        });
    return only_link ? k_first_pause : k_longest_pause;
}

/// One look; true if all conditions hold.
bool Gate::poll() {
    ++m_polls;
    tell();
    try {
        if (!connect()) {
            return false;
        }
        const GateReading reading = read_nodes(*m_client);
        judge(reading);
        if (reading.broken) {
            lose_server(reading.unready);
            return false;
        }
        Condition* const keys = find("keys");
        // A count that was enough is not repeated while something else is missing.
        const bool others_hold =
            std::all_of(m_conditions.begin(), m_conditions.end(),
                        [&](const Condition& other) { return &other == keys || other.ok; });
        if (keys != nullptr && reading.unready.empty() && (!keys->ok || others_hold)) {
            count_keys();
        }
    } catch (const Error& error) {
        m_progress->clear();
        if (is_interruption(error)) {
            return false;
        }
        if (!may_pass(error)) {
            throw;
        }
        lose_server(error.what());
    }
    tell();
    return all_hold();
}

/// None of its waits is longer than what is left.
bool Gate::connect() {
    if (m_client) {
        return true;
    }
    const milliseconds longest = std::max(left(), k_least_timeout);
    m_ctx.settings.connect_timeout = std::min(m_connect_timeout, longest);
    m_ctx.settings.timeout = std::min(m_reply_timeout, longest);
    m_ctx.settings.wait = std::min(m_loading_wait, left());
    try {
        m_client = m_polls == 1 ? m_ctx.connect() : m_ctx.open_client();
    } catch (const Error& error) {
        if (is_interruption(error) || !may_pass(error)) {
            throw;
        }
        lose_server(error.what());
        return false;
    }
    const ServerAddress& address = m_ctx.settings.address;
    const std::size_t masters = m_client->masters();
    m_server = describe_server(address.name(), masters) +
               (masters == 0 ? fmt::format(" db {}", address.db) : "");
    return true;
}

void Gate::lose_server(const std::string& why) {
    m_paces.reset();
    m_client.reset();
    set_unready(why);
}

void Gate::set_unready(const std::string& why) {
    m_unready = why;
    for (Condition& condition : m_conditions) {
        if (condition.id == "ready") {
            condition.fails(false, why);
        } else {
            condition.unseen(why);
        }
    }
}

/// At a gentle pace, and no further than is asked for.
void Gate::count_keys() {
    Condition& condition = *find("keys");
    const std::uint64_t min = m_options.min.value_or(1);
    KeyOptions keys;
    keys.filter.patterns = {*m_options.keys};
    keys.limit = std::max<std::uint64_t>(min, 1);
    Selection selection = make_selection(keys, m_ctx);
    const bool is_name = selection.of_names;
    if (!m_paces) {
        m_paces = make_paces(m_ctx, *m_client, {.level = PaceLevel::gentle}, RateOf::walked);
    }
    Selector selector(*m_client, *m_paces, std::move(selection));
    bool out_of_time = false;
    const milliseconds latest = std::max(m_options.within, waited() + k_least_count_time);
    selector.on_progress = [&](double, std::uint64_t) {
        tell();
        if (waited() >= latest) {
            out_of_time = true;
            selector.stop();
        }
    };
    const SelectionOutcome outcome = selector.run([](std::span<KeyFacts>) { return Flow::go_on; });
    if (is_name) {
        // EXISTS counts as a look-up.
        m_lookups.leave_out(outcome.selected != 0 ? 1 : 0, outcome.selected != 0 ? 0 : 1);
    }
    if (outcome.walk.failure) {
        throw Error(*outcome.walk.failure);
    }
    if (outcome.denial) {
        throw refusal(*outcome.denial, "look for the key " + outcome.first_denied,
                      m_client->server());
    }
    const auto count = static_cast<std::int64_t>(outcome.selected);
    if (outcome.selected >= min) {
        condition.holds(count);
    } else if (out_of_time && !outcome.walk.complete) {  // the last whole count says more
        condition.unseen("the time was over before all were counted");
    } else {
        condition.fails(count);
    }
}

void Gate::wait_between_polls(milliseconds time) {
    if (m_client) {
        m_client->sleep(time);
    } else {
        sleep_until_signal(time);
    }
}

void Gate::tell() {
    std::vector<std::string> known;
    known.push_back(fmt::format("{} of {}", format_duration(waited() / 1'000 * 1'000),
                                format_duration(m_options.within)));
    if (!m_unready.empty()) {
        known.push_back(escape_for_terminal(m_unready));
    }
    for (const Condition& condition : m_conditions) {
        if (m_unready.empty() && !condition.ok) {
            known.push_back(escape_for_terminal(missing_text(condition)));
        }
    }
    m_progress->tell(known, m_ctx.now());
}

std::string Gate::missing() const {
    std::vector<std::string> texts;
    for (const Condition& condition : m_conditions) {
        if (!condition.ok) {
            texts.push_back(missing_text(condition));
        }
    }
    return fmt::format("{}", fmt::join(texts, "; "));
}

ExitCode Gate::finish(bool ready) {
    m_progress->clear();
    GateReport report{.head = m_head,
                      .server = m_server,
                      .ready = ready,
                      .waited = waited(),
                      .within = m_options.within,
                      .polls = m_polls,
                      .conditions = m_conditions,
                      .unready = m_unready};
    const Format format = m_options.output.resolve(m_ctx.out_terminal);
    write_gate_report(m_ctx, report, format);
    m_ctx.out.flush();
    if (ready) {
        return ExitCode::ok;
    }
    const bool stopped = stop_signal() != 0;
    std::string text =
        stopped ? std::string("interrupted")
                : fmt::format("the time is over ({})", format_duration(m_options.within));
    if (format != Format::table) {
        text += m_unready.empty() ? ", and this is missing: " + missing()
                                  : ", and the server is not ready: " + m_unready;
    }
    m_ctx.warn(text);
    return stopped ? stopped_exit_code() : ExitCode::no;
}

}  // namespace cachectl
