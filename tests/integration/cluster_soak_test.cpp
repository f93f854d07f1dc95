// Random commands against a cluster that is never left in peace, held against a model: what is
// reported done is done, and no key that a command was not about changes. Two commands run all the
// time beside them: neither their memory nor their descriptors may grow.
// $CACHECTL_SOAK_SECONDS is the time (default 20), $CACHECTL_SOAK_SEED tries another run
// (`./dev soak`).
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "support/companion.hpp"
#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/restless_cluster.hpp"
#include "support/soak_commands.hpp"
#include "support/soak_keys.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

namespace {

std::uint32_t variable(const char* name, std::uint32_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise
                           : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

class Soak {
public:
    explicit Soak(std::uint32_t seed) : m_random(seed), m_restless(seed) {}

    void run(std::chrono::seconds time) {
        Companion watch(at({"stats", "--watch", "1s", "-o", "ndjson"}), Companion::Input::none);
        Companion load(
            at({"warm", "-", "--format", "ndjson", "--key", "trickle:{row}", "--ttl", "1m"}),
            Companion::Input::fed);
        const auto end = Clock::now() + time;
        for (std::uint64_t row = 0; Clock::now() < end && m_wrong.empty(); ++row) {
            std::string failed;
            try {
                step();
            } catch (const std::exception& error) {
                failed = error.what();
            }
            const std::string fault = m_restless.fault();
            // What Valkey 8.0 writes of its cluster it cannot always read when it starts again.
            if (fault.find("corrupted cluster config file") != std::string::npos) {
                MESSAGE("skipped: a node of the cluster does not start any more");
                return;
            }
            REQUIRE(fault == "");
            REQUIRE(failed == "");
            watch.tend();
            load.tend(json({{"row", row}}).dump() + '\n');
        }
        CHECK(m_wrong == "");
        (void)m_restless.in_peace();
        watch.end();
        load.end();
        tell();
    }

private:
    Words at(Words words) {
        words.insert(words.end(), {"-p", std::to_string(m_restless.cluster().port(0))});
        return words;
    }

    ObservedRun command(const Words& words, std::string input = "") {
        ObservedRun run = observe_cachectl(at(words), {.stdin_bytes = std::move(input)});
        ++m_runs[words[0]];
        m_partial[words[0]] += run.exit_code == 3 || run.exit_code == 5 ? 1 : 0;
        m_peak_kib[words[0]] = std::max(m_peak_kib[words[0]], run.peak_kib);
        return run;
    }

    void note(const std::string& wrong, const Words& words, const ProcessResult& result) {
        if (wrong.empty() || !m_wrong.empty()) {
            return;
        }
        m_wrong = wrong + "\nof:";
        for (const std::string& word : words) {
            m_wrong += ' ' + word;
        }
        m_wrong += "\nexit " + std::to_string(result.exit_code) + '\n' + result.out + result.err;
    }

    void step() {
        switch (m_random.below(11)) {
            case 0:
                return list();
            case 1:
                return get();
            case 2:
                return look();
            default:
                return change();
        }
    }

    void change() {
        const SoakCommand asked = m_commands.change(m_keys);
        const ObservedRun run = command(asked.words, asked.input);
        const bool is_done = run.exit_code == 0;
        const auto peace = m_restless.in_peace();
        const SoakKeys after = read_soak_keys(m_restless.cluster(), SoakCommands::k_prefix);
        const SoakVerdict verdict = judge(m_keys, after, asked.changes, is_done);
        note(verdict.wrong, asked.words, run);
        const std::set<int> allowed = {0, 3, 4, 5};
        if (!allowed.contains(run.exit_code)) {
            note("an exit code that means something else", asked.words, run);
        }
        const json summary = json::parse(run.out, nullptr, false);
        const std::uint64_t claimed = summary.is_object() && summary.contains(asked.counted)
                                          ? summary[asked.counted].get<std::uint64_t>()
                                          : 0;
        if (claimed > verdict.made ||
            (is_done && asked.is_exact && claimed != asked.changes.size())) {
            note("it claims " + std::to_string(claimed) + " of " +
                     std::to_string(asked.changes.size()) + ", and did " +
                     std::to_string(verdict.made),
                 asked.words, run);
        }
        if (is_done) {
            m_commands.done(asked);
        }
        m_keys = after;
    }

    void list() {
        const std::string pattern = m_commands.some_pattern();
        const Words words = {"keys", pattern, "--json"};
        const ObservedRun run = command(words);
        std::set<std::string> seen, expected;
        const json listed = json::parse(run.out, nullptr, false);
        for (const json& key : listed.is_array() ? listed : json::array()) {
            seen.insert(key.is_object() ? key.value("key", "") : key.get<std::string>());
        }
        for (const auto& [key, value] : m_keys) {
            if (SoakCommands::matches(pattern, key)) {
                expected.insert(key);
            }
        }
        if (run.exit_code == 0 && seen != expected) {
            note("it lists other keys than there are", words, run);
        }
        if (run.exit_code != 0 && run.exit_code != 3 && run.exit_code != 5) {
            note("a list cannot end so", words, run);
        }
    }

    void get() {
        const std::string key = m_commands.some_key();
        const auto found = m_keys.find(key);
        const Words words = {"get", key, "--json"};
        const ObservedRun run = command(words);
        const int expected = found == m_keys.end() ? 1 : 0;
        if (run.exit_code != expected && run.exit_code != 3 && run.exit_code != 5) {
            note("the key is " + std::string(expected == 0 ? "there" : "not there"), words, run);
        }
        if (run.exit_code == 0 && found != m_keys.end() && found->second.type == "string" &&
            json::parse(run.out)["value"] != found->second.value) {
            note("another value than there is", words, run);
        }
    }

    void look() {
        static const std::vector<Words> looks = {{"ttl", "--summary", "soak:*", "--json"},
                                                 {"du", "soak", "--exact", "--json"},
                                                 {"stats", "--json"},
                                                 {"health", "--json"}};
        const Words& words = looks[m_random.below(looks.size())];
        const ObservedRun run = command(words);
        const std::set<int> allowed = {0, 1, 3, 5};
        if (!allowed.contains(run.exit_code) || run.signal != 0) {
            note("a look cannot end so", words, run);
        }
    }

    void tell() {
        for (const auto& [name, count] : m_restless.events()) {
            MESSAGE(name << ": " << count);
        }
        for (const auto& [name, count] : m_runs) {
            MESSAGE(name << ": " << count << " runs, " << m_partial[name] << " not complete, "
                         << m_peak_kib[name] << " KiB at most");
        }
    }

    RandomData m_random;
    RestlessCluster m_restless;
    TempDir m_dir;
    SoakCommands m_commands{m_random, (m_dir.path() / "backup.rdb").string()};
    SoakKeys m_keys;
    std::string m_wrong;
    std::map<std::string, std::uint64_t> m_runs, m_partial;
    std::map<std::string, std::size_t> m_peak_kib;
};

}  // namespace

TEST_CASE("a cluster without peace: what is reported done is done, and nothing else is") {
    const std::uint32_t seed = variable("CACHECTL_SOAK_SEED", 1);
    CAPTURE(seed);
    Soak soak(seed);
    soak.run(std::chrono::seconds(variable("CACHECTL_SOAK_SECONDS", 20)));
}
