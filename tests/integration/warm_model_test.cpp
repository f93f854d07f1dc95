// warm against an independent model: random rows in all formats, random options, and what is in
// the server before. $CACHECTL_SOAK_RUNS makes it longer, $CACHECTL_SOAK_SEED tries other cases;
// what fails prints the seed that shows it again (`./dev soak`).
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "output/escape.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"
#include "support/warm_model.hpp"
#include "support/warm_stage.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

constexpr std::int64_t k_slack_ms = 60'000;  // that a run may take; times to live are far longer

std::uint32_t variable(const char* name, std::uint32_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise
                           : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

std::string printable(const std::string& bytes) { return cachectl::escape_for_terminal(bytes); }

std::string shown(const Words& words) {
    std::string line;
    for (const std::string& word : words) {
        line += "'" + printable(word) + "' ";
    }
    return line;
}

std::string shown(const std::vector<RejectedModelRow>& rows) {
    std::string text;
    for (const RejectedModelRow& row : rows) {
        text += std::to_string(row.file) + ":" + std::to_string(row.line) + ": " + row.json + "\n";
    }
    return printable(text);
}

std::uint64_t number(const json& summary, const char* name) {
    return summary.contains(name) ? summary[name].get<std::uint64_t>() : 0;
}

bool has_time_left(const std::optional<std::int64_t>& is, const ModelValue& value) {
    if (is.has_value() != value.ttl_ms.has_value()) {
        return false;
    }
    if (!is) {
        return true;
    }
    const std::int64_t least = *value.ttl_ms * (100 - value.jitter_percent) / 100 - k_slack_ms;
    return *is <= *value.ttl_ms && *is >= least;
}

/// A sentence, if the server has not what it should have.
std::string difference(RespClient& redis, const Keyspace& before, const Keyspace& after,
                       const WarmExpected& expected, const std::set<std::string>& of_another,
                       bool was_restarted) {
    const std::map<std::string, ModelValue>& written = expected.values;
    for (const auto& [name, key] : after) {
        const bool is_known =
            before.contains(name) || written.contains(name) || of_another.contains(name);
        if (!is_known || expected.deleted.contains(name)) {
            return "should not be there: " + name;
        }
    }
    for (const auto& [name, value] : written) {
        const auto now = after.find(name);
        if (now == after.end()) {
            return "is not there: " + name;
        }
        if (now->second.type != value.type) {
            return name + " is of type " + now->second.type + ", not " + value.type;
        }
        const std::string is = shown_value(redis, name, value.type, value.is_json);
        if (is != value.shown) {
            return name + " is\n" + is + "\nand should be\n" + value.shown;
        }
        if (!has_time_left(now->second.ttl_ms, value)) {
            return name + " has the wrong time to live: " +
                   std::to_string(now->second.ttl_ms.value_or(-1));
        }
    }
    for (const auto& [name, key] : before) {
        if (written.contains(name) || expected.deleted.contains(name)) {
            continue;
        }
        if (of_another.contains(name)) {
            continue;
        }
        const auto now = after.find(name);
        if (now == after.end()) {
            return "gone: " + name;
        }
        // The order of a set's members is another one in another process.
        if (now->second.type != key.type) {
            return "has another type: " + name;
        }
        if (!was_restarted && now->second.dump != key.dump) {
            return "has another value: " + name;
        }
        const ModelValue same{key.type, false, "", key.ttl_ms, 0};
        if (!has_time_left(now->second.ttl_ms, same)) {
            return "has another time to live: " + name;
        }
    }
    return "";
}

void check_counts(const json& summary, const WarmExpected& expected, bool is_dry) {
    CHECK(number(summary, "records") == expected.records);
    CHECK(number(summary, "keys") == expected.keys);
    CHECK(number(summary, "rejected") == expected.rejected);
    CHECK(number(summary, "filtered") == expected.filtered);
    CHECK(number(summary, "duplicates") == expected.duplicates);
    CHECK(number(summary, "failed") + number(summary, "unknown") +
              number(summary, "not_attempted") ==
          0);
    CHECK(summary["complete"].get<bool>() == expected.is_complete);
    if (is_dry) {
        return;
    }
    CHECK(number(summary, "written") == expected.written);
    CHECK(number(summary, "skipped") == expected.skipped);
    CHECK(number(summary, "protected") == expected.protected_keys);
}

/// Of a run that went on: what it passed over and what it did are all there is.
void check_resumed(const json& summary, const WarmExpected& expected) {
    const bool went_on = summary.contains("resumed_from");
    const std::uint64_t passed = went_on ? number(summary["resumed_from"], "keys") : 0;
    CHECK(passed + number(summary, "keys") == expected.keys);
    CHECK(summary["complete"].get<bool>() == expected.is_complete);
}

json summary_of(const ProcessResult& run) {
    REQUIRE_FALSE(run.out.empty());
    return json::parse(run.out);
}

void check_case(WarmModelServer& server, std::uint32_t seed) {
    RandomData random(seed);
    const WarmCase warm = random_warm_case(random);
    fill_for_warm(*server.redis, random, warm);
    const Keyspace before = read_keyspace(*server.redis);
    const WarmExpected expected = expected_of(warm, before);
    WarmStage stage(server, warm);
    const std::string again = "CACHECTL_SOAK_RUNS=1 CACHECTL_SOAK_SEED=" + std::to_string(seed);
    CAPTURE(again);
    const std::string line = shown(stage.words({}));
    CAPTURE(line);
    const std::string input = printable(warm.files.front().bytes.substr(0, 3000));
    CAPTURE(input);

    const bool has_release = !warm.sync.empty() || !warm.switch_to.empty();
    const ProcessResult dry = stage.run({"--dry-run"}, has_release);
    CAPTURE(dry.err);
    if (!expected.keeps_pointer) {
        CHECK(dry.exit_code == expected.exit_code);
    }
    if (!expected.keeps_pointer && (expected.exit_code != 8 || expected.keys != 0)) {
        check_counts(summary_of(dry), expected, true);
    }
    const bool is_interrupted = warm.interruption != Interruption::none;
    const ProcessResult real =
        is_interrupted ? stage.interrupted(random) : stage.run(stage.reject_words());
    CAPTURE(real.err);
    CHECK(real.exit_code == expected.exit_code);
    if (is_interrupted) {
        check_resumed(summary_of(real), expected);
    } else if (expected.exit_code != 8 || expected.keys != 0) {
        check_counts(summary_of(real), expected, false);
    }
    if (warm.keeps_rejected) {
        CHECK(shown(stage.rejected()) == shown(expected.bad));
    }
    const Keyspace after = read_keyspace(*server.redis);
    std::set<std::string> of_another;  // keys that the try before may have written
    if (!warm.files_before.empty()) {
        WarmCase other = warm;
        other.files = warm.files_before;
        for (const auto& [name, value] : expected_of(other, before).values) {
            of_another.insert(name);
        }
    }
    const std::string wrong =
        difference(*server.redis, before, after, expected, of_another, warm.restarts);
    CHECK(printable(wrong) == "");
    const bool is_steady =
        std::all_of(warm.datasets.begin(), warm.datasets.end(), [](const ModelDataset& dataset) {
            return dataset.if_exists == ModelDataset::IfExists::update;
        });
    if (!is_steady || real.exit_code != 0 || expected.duplicates != 0 || has_release) {
        return;
    }
    // What is there as it should be is not written again.
    const ProcessResult again_run = stage.run({});
    CAPTURE(again_run.err);
    CHECK(number(summary_of(again_run), "written") == 0);
}

}  // namespace

TEST_CASE_FIXTURE(WarmModelServer,
                  "what warm leaves in a server is what an independent model says") {
    const std::uint32_t runs = variable("CACHECTL_SOAK_RUNS", is_sanitized() ? 30 : 100);
    const std::uint32_t first = variable("CACHECTL_SOAK_SEED", 1);
    for (std::uint32_t seed = first; seed < first + runs; ++seed) {
        check_case(*this, seed);
    }
}
