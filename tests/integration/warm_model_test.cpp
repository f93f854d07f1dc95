// warm against an independent model: random rows in all formats, random options, and what is in
// the server before. $CACHECTL_SOAK_RUNS makes it longer, $CACHECTL_SOAK_SEED tries other cases;
// what fails prints the seed that shows it again (`./dev soak`).
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "output/escape.hpp"
#include "support/compressed.hpp"
#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/same_json.hpp"
#include "support/temp_dir.hpp"
#include "support/warm_model.hpp"

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

/// A server, and a folder with the files of one case.
struct Fixture {
    RedisServer server{{"--save", "3600 100000000"}, Listen::tcp_too};
    std::optional<RespClient> redis = server.client();

    /// It is killed, and comes back with what it had when it was saved last.
    void restart() {
        server.kill();
        server.restart();
        redis.emplace(server.client());
    }

    std::size_t greeting_bytes = read_greeting();

    /// How many of the server's bytes a run reads until its first key is written.
    std::size_t read_greeting() {
        const TempDir dir;
        std::size_t bytes = 0;
        {
            FakeServer relay(pass_on(server.port(), {.from_server = &bytes}));
            const ProcessResult run =
                run_cachectl({"warm", dir.file("one", "{\"id\":1}\n"), "--key", "{id}", "-h",
                              "127.0.0.1", "-p", std::to_string(relay.port())});
            REQUIRE(run.exit_code == 0);
        }
        return bytes;
    }
};

/// One case on the disk, and how it is run.
class Stage {
public:
    Stage(Fixture& fixture, const WarmCase& warm) : m_fixture(fixture), m_warm(warm) {
        write_files(warm.files);
        if (!warm.policy.empty()) {
            m_policy = m_dir.file("policy.json", warm.policy_json());
        }
        const std::string source = warm.uses_stdin ? "-" : m_paths.front();
        if (warm.uses_manifest) {
            m_manifest = m_dir.file("manifest.json", warm.manifest_json(source));
        }
    }

    [[nodiscard]] Words words(Words more, bool with_connection = true) const {
        Words all = {"warm", "--json"};
        const Words said = m_warm.words();
        all.insert(all.end(), said.begin(), said.end());
        if (!m_policy.empty()) {
            all.push_back("--policy=" + m_policy);
        }
        if (with_connection) {
            all.insert(all.end(), {"-s", m_fixture.server.socket_path()});
        }
        all.insert(all.end(), more.begin(), more.end());
        if (m_warm.uses_manifest) {
            all.push_back("--manifest=" + m_manifest);
        } else if (m_warm.uses_stdin) {
            all.emplace_back("-");
        } else {
            all.insert(all.end(), m_paths.begin(), m_paths.end());
        }
        return all;
    }

    [[nodiscard]] ProcessResult run(Words more, bool with_connection = true) const {
        return run_cachectl(words(std::move(more), with_connection), input());
    }

    [[nodiscard]] Words reject_words() const {
        return m_warm.keeps_rejected ? Words{"--reject-file=" + rejected_path()} : Words{};
    }

    /// Ended by SIGTERM somewhere in the input, or by its connection, and gone on with.
    ProcessResult interrupted(RandomData& random) {
        Words more = reject_words();
        more.push_back("--journal=" + (m_dir.path() / "journal").string());
        if (!m_warm.files_before.empty()) {
            write_files(m_warm.files_before);
        }
        if (m_warm.restarts) {
            m_fixture.redis->run({"SAVE"});
        }
        return m_warm.interruption == Interruption::signal ? signalled(random, std::move(more))
                                                           : cut(random, std::move(more));
    }

    /// What the file of rejected rows holds.
    [[nodiscard]] std::vector<RejectedModelRow> rejected() const {
        std::vector<RejectedModelRow> rows;
        std::istringstream lines(read_file(rejected_path()));
        for (std::string line; std::getline(lines, line);) {
            // Within strings a quote has a backslash before it.
            const std::string before_row = ",\"row\":";
            const std::size_t at = line.find(before_row);
            const json place = json::parse(line.substr(0, at) + (at == line.npos ? "" : "}"));
            RejectedModelRow& row = rows.emplace_back();
            row.line = place["line"].get<std::size_t>();
            const auto file = place["file"].get<std::string>();
            while (!m_warm.uses_stdin && m_paths.at(row.file) != file) {
                ++row.file;
            }
            if (at == line.npos) {
                continue;
            }
            const std::string text = line.substr(at + before_row.size());
            row.json = same_json(text.substr(0, text.size() - 1));
        }
        return rows;
    }

private:
    void write_files(const std::vector<WrittenFile>& files) {
        m_paths.clear();
        for (std::size_t i = 0; i < files.size(); ++i) {
            m_paths.push_back(
                m_dir.file(std::to_string(i) + m_warm.format.file_name(), packed(files[i].bytes)));
        }
        m_stdin = packed(files.front().bytes);
    }

    [[nodiscard]] ProcessOptions input() const {
        ProcessOptions options;
        if (m_warm.uses_stdin) {
            options.stdin_bytes = m_stdin;
        }
        return options;
    }

    /// Between two tries.
    void change_what_was() {
        if (!m_warm.files_before.empty()) {
            write_files(m_warm.files);
        }
        if (m_warm.restarts) {
            m_fixture.restart();
        }
    }

    [[nodiscard]] std::string packed(const std::string& bytes) const {
        return m_warm.is_packed ? cachectl::gzipped(bytes) : bytes;
    }
    [[nodiscard]] std::string rejected_path() const { return (m_dir.path() / "rejected").string(); }

    /// The rate lets it be somewhere in the middle when the signal comes.
    ProcessResult signalled(RandomData& random, Words more) {
        Words slowly = more;
        slowly.emplace_back("--max-rate=40");
        Process process(cachectl_argv(words(slowly)), input());
        // It has come as far as the server when that has a client more.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        const auto clients = [&] {
            const std::string list = m_fixture.redis->text({"CLIENT", "LIST"});
            return std::count(list.begin(), list.end(), '\n');
        };
        while (process.running() && clients() < 2) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            process.pump(Millis(1));
        }
        for (std::size_t left = random.below(60); left > 0; --left) {
            process.pump(Millis(1));
        }
        process.send_signal(SIGTERM);
        const ProcessResult first = process.wait();
        CAPTURE(first.err);
        CHECK((first.exit_code == 0 || first.exit_code == 8 || first.exit_code == 143 ||
               first.signal == SIGTERM));
        const bool is_another = !m_warm.files_before.empty();
        if (first.exit_code == 0 && !is_another) {
            return first;
        }
        change_what_was();
        more.emplace_back("--resume");
        return run(std::move(more));
    }

    ProcessResult cut(RandomData& random, Words more) {
        const std::size_t keys = 40 + m_warm.files.front().rows.size();
        const std::size_t after = m_fixture.greeting_bytes + random.below(10 * keys);
        FakeServer relay({pass_on(m_fixture.server.port(), {.cut_after = after}),
                          pass_on(m_fixture.server.port())});
        more.insert(more.end(), {"-h", "127.0.0.1", "-p", std::to_string(relay.port())});
        const ProcessResult first = run(more, false);
        CAPTURE(first.err);
        CHECK((first.exit_code == 0 || first.exit_code == 3 || first.exit_code == 5 ||
               first.exit_code == 8));
        const bool is_another = !m_warm.files_before.empty();
        if (first.exit_code == 0 && !is_another) {
            return first;
        }
        change_what_was();
        more.emplace_back("--resume");
        return run(std::move(more), false);
    }

    Fixture& m_fixture;
    const WarmCase& m_warm;
    TempDir m_dir;
    Words m_paths;
    std::string m_stdin;
    std::string m_policy, m_manifest;
};

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

void check_case(Fixture& fixture, std::uint32_t seed) {
    RandomData random(seed);
    const WarmCase warm = random_warm_case(random);
    fill_for_warm(*fixture.redis, random, warm);
    const Keyspace before = read_keyspace(*fixture.redis);
    const WarmExpected expected = expected_of(warm, before);
    Stage stage(fixture, warm);
    const std::string again = "CACHECTL_SOAK_RUNS=1 CACHECTL_SOAK_SEED=" + std::to_string(seed);
    CAPTURE(again);
    const std::string line = shown(stage.words({}));
    CAPTURE(line);
    const std::string input = printable(warm.files.front().bytes.substr(0, 3000));
    CAPTURE(input);

    const bool has_release = !warm.sync.empty() || !warm.switch_to.empty();
    const ProcessResult dry = stage.run({"--dry-run"}, has_release);
    CAPTURE(dry.err);
    CHECK(dry.exit_code == expected.exit_code);
    if (expected.exit_code != 8 || expected.keys != 0) {
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
    const Keyspace after = read_keyspace(*fixture.redis);
    std::set<std::string> of_another;  // keys that the try before may have written
    if (!warm.files_before.empty()) {
        WarmCase other = warm;
        other.files = warm.files_before;
        for (const auto& [name, value] : expected_of(other, before).values) {
            of_another.insert(name);
        }
    }
    const std::string wrong =
        difference(*fixture.redis, before, after, expected, of_another, warm.restarts);
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

TEST_CASE_FIXTURE(Fixture, "what warm leaves in a server is what an independent model says") {
    const std::uint32_t runs = variable("CACHECTL_SOAK_RUNS", is_sanitized() ? 30 : 100);
    const std::uint32_t first = variable("CACHECTL_SOAK_SEED", 1);
    for (std::uint32_t seed = first; seed < first + runs; ++seed) {
        check_case(*this, seed);
    }
}
