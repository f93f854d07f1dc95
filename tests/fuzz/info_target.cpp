// INFO: the input is what a server says at one moment and, behind a line "====", what it says some
// seconds later. What stats and health make of it is written in every format.
#include "redis/info.hpp"

#include <chrono>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/json_check.hpp"
#include "fuzz/made_reply.hpp"
#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "health/judge.hpp"
#include "output/figures.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "redis/reply_slice.hpp"
#include "stats/activity_figures.hpp"
#include "stats/attention.hpp"
#include "stats/cluster_totals.hpp"
#include "stats/key_sizes.hpp"
#include "stats/latency.hpp"
#include "stats/server_figures.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

Reading reading_of(std::string_view info, std::chrono::seconds at) {
    Reading reading;
    reading.at = SteadyTime(at);
    reading.server = server_info_from({}, Reply::make_string(std::string(info)));
    reading.commands = reading.server.info;
    reading.round_trip = 100us;
    return reading;
}

void check_fields(const InfoFields& fields, std::string_view text) {
    InfoFields sum;
    sum.add(fields);
    sum.add(fields);
    expect(sum.all() == fields.all(), "what is added twice is there once");
    for (const auto& [name, value] : fields.all()) {
        expect(text.find(name + ":" + value) != std::string_view::npos, "a field is in the text");
        expect(fields.text(name) == value, "a field is found");
    }
    for (const DatabaseInfo& database : fields.databases()) {
        expect(database.number >= 0, "a database has a number");
    }
}

std::vector<FigureGroup> all_figures(const Reading& before, const Reading& after) {
    const ServerInfo& server = after.server;
    const InfoFields& info = server.info;
    std::vector<FigureGroup> groups = {
        server_figures(server),
        memory_figures(info, MemoryDetail::all),
        keyspace_figures(info),
        cache_figures(info),
        client_figures(info),
        replication_figures(server),
        command_figures(info, info),
        latency_command_figures(info),
        size_figures(parse_key_sizes(info)),
        rate_figures(rates_between(before, after)),
    };
    add_inspection(groups[3], info);
    return groups;
}

void check_written(const std::vector<FigureGroup>& groups) {
    std::string json;
    {
        Writer out(json);
        JsonWriter writer(out, JsonLayout::compact);
        write_figures_json(writer, groups);
        out.flush();
    }
    if (json.ends_with('\n')) {
        json.pop_back();
    }
    expect(is_minified_json(json), "figures become JSON");
    std::string table;
    {
        Writer out(table);
        write_figures_table(out, {}, groups, 10);
        write_figures_plain(out, groups, Escaped::yes);
        out.flush();
    }
    std::string without_tabs;
    for (const char c : table) {
        without_tabs.append(c == '\t' ? 0 : 1, c);
    }
    expect_harmless(without_tabs);
    std::string others;
    Writer out(others);
    write_figures_csv(out, groups);
    write_figures(out, {.format = Format::prometheus}, groups);
    out.flush();
}

void check_health(HealthEvidence evidence) {
    const HealthVerdict verdict =
        judge_health(evidence, {}, std::chrono::system_clock::time_point());
    for (const HealthFinding& finding : verdict.findings) {
        expect(!finding.value || !std::isnan(*finding.value), "what is measured is a number");
        expect(finding.status != HealthStatus::crit || !finding.sentence().empty(),
               "what is not well is told");
    }
    // Two servers are no better than the worse of them.
    evidence.nodes.push_back(evidence.nodes.front());
    evidence.is_cluster = true;
    judge_health(evidence, {}, std::chrono::system_clock::time_point());
}

}  // namespace

void fuzz_info(std::string_view input) {
    constexpr std::string_view k_break = "====\n";
    const auto end = std::min(input.find(k_break), input.size());
    const std::string_view first = input.substr(0, end);
    const std::string_view second =
        end == input.size() ? first : input.substr(end + k_break.size());

    const Reading before = reading_of(first, 10s);
    const Reading after = reading_of(second, 20s);
    check_fields(after.server.info, second);
    check_written(all_figures(before, after));

    reply_slice(after.server);
    mean_key_bytes(after.server);
    const Rates rates = rates_between(before, after);
    instantaneous_rates(after.server.info);
    needs_attention({&after, 1}, rates, after.server.info, {});
    // What is written takes the most time.
    if (input.size() % 4 == 0) {
        const InfoFields both[] = {before.server.info, after.server.info};
        check_written({memory_figures(total_info(both), MemoryDetail::all),
                       keyspace_figures(total_info(both))});
    }

    HealthEvidence evidence;
    evidence.interval = 10s;
    evidence.now = 1'700'000'000s;
    NodeEvidence node;
    node.before = before;
    node.after = after;
    node.rates = rates;
    node.pings = {100us};
    node.slow_lacking = node.stray_lacking = evidence.keys_lacking = "nobody has asked";
    evidence.nodes.push_back(std::move(node));
    check_health(std::move(evidence));
}

}  // namespace cachectl
