#include "support/fault_stage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cachectl::test {

namespace {

using Words = std::vector<std::string>;

constexpr std::array k_documented_codes = {0, 1, 2, 3, 4, 5, 6, 7, 8};

bool is_same(const KeptKey& a, const KeptKey& b) {
    constexpr std::int64_t k_tolerance_ms = 120'000;
    const bool both_end = a.expires_at >= 0 && b.expires_at >= 0;
    return a.dump == b.dump && (both_end ? std::abs(a.expires_at - b.expires_at) <= k_tolerance_ms
                                         : a.expires_at == b.expires_at);
}

bool has(const Keyspace& keys, const std::string& name, const Keyspace& like) {
    const auto key = keys.find(name);
    const auto other = like.find(name);
    if (key == keys.end() || other == like.end()) {
        return key == keys.end() && other == like.end();
    }
    return is_same(key->second, other->second);
}

/// What a run builds under a name of its own may be left for an hour.
bool is_being_built(const std::string& name, std::int64_t expires_at) {
    const auto now =
        std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch());
    return name.find(":cachectl:") != std::string::npos && expires_at >= 0 &&
           expires_at <= (now + std::chrono::hours(1)).count();
}

std::set<std::string> files_in(const TempDir& dir) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

/// For people who look through what all runs said: CACHECTL_TORTURE_LOG is a file.
void log_run(const TorturedCommand& command, const Fault& fault, const FaultyRun& run) {
    if (const char* const path = std::getenv("CACHECTL_TORTURE_LOG")) {
        std::string said = run.err;
        std::replace(said.begin(), said.end(), '\n', '|');
        std::ofstream(path, std::ios::app)
            << command.name << '\t' << fault.name() << '\t' << run.failed << '\t' << run.exit_code
            << '\t' << run.signal << '\t' << said << '\n';
    }
}

}  // namespace

Keyspace read_kept_keys(RespClient& server) {
    const std::vector<std::string> all = server.list(
        {"EVAL",
         "local all = {} "
         "for _, key in ipairs(redis.call('KEYS', '*')) do "
         "all[#all + 1] = key; all[#all + 1] = redis.call('DUMP', key); "
         "all[#all + 1] = string.format('%.0f', redis.call('PEXPIRETIME', key)) end return all",
         "0"});
    Keyspace keys;
    for (std::size_t i = 0; i + 2 < all.size(); i += 3) {
        const std::int64_t expires_at = std::stoll(all[i + 2]);
        if (!is_being_built(all[i], expires_at)) {
            keys[all[i]] = {all[i + 1], expires_at};
        }
    }
    return keys;
}

std::set<std::string> differing_keys(const Keyspace& a, const Keyspace& b) {
    std::set<std::string> names;
    for (const Keyspace* keys : {&a, &b}) {
        for (const auto& [name, key] : *keys) {
            if (!has(a, name, b)) {
                names.insert(name);
            }
        }
    }
    return names;
}

void move_times(Keyspace& expected, std::chrono::system_clock::time_point& made_at) {
    const auto now = std::chrono::system_clock::now();
    const auto later = std::chrono::duration_cast<Millis>(now - made_at);
    const auto day =
        std::chrono::duration_cast<Millis>((now + std::chrono::hours(24)).time_since_epoch());
    for (auto& [name, key] : expected) {
        if (key.expires_at >= 0 && key.expires_at < day.count()) {
            key.expires_at += later.count();
        }
    }
    made_at = now;
}

FaultStage::FaultStage() {
    fill();
    m_before = keyspace();
}

/// Fifty keys of all kinds, some of which end in 2100.
void FaultStage::fill() {
    redis.run({"FLUSHALL"});
    redis.pipeline(30, [](std::size_t i) {
        return Words{"SET", "course:" + std::to_string(i), "value " + std::to_string(i)};
    });
    redis.pipeline(10, [](std::size_t i) {
        return Words{"SET", "other:" + std::to_string(i), std::string(i * 10, 'x')};
    });
    redis.run({"SET", "course:large", std::string(300'000, 'x')});
    redis.run({"HSET", "course:hash", "f", "v", "g", "w"});
    redis.run({"RPUSH", "course:list", "a", "b", "c"});
    redis.run({"SADD", "course:set", "1", "2", "3"});
    redis.run({"ZADD", "course:zset", "1", "a", "2", "b"});
    redis.run({"SET", std::string("course:\0\n\xff\x1b[31m", 15), "odd"});
    for (const std::string key : {"course:1", "course:hash", "other:1"}) {
        redis.run({"PEXPIREAT", key, "4102444800000"});
    }
}

Keyspace FaultStage::keyspace() { return read_kept_keys(redis); }

std::vector<std::string> FaultStage::on_server(std::vector<std::string> words) const {
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

void FaultStage::begin(const TorturedCommand& command) {
    m_dir = std::make_unique<TempDir>();
    fill();
    command.prepare(*m_dir);
    m_before = keyspace();
    m_files_before = files_in(*m_dir);
}

/// Without a fault, for what it then does and how many calls it makes.
void FaultStage::run_whole(const TorturedCommand& command) {
    begin(command);
    m_whole = run_with_fault(on_server(command.words(*m_dir)), {}, *m_dir, command.stdin_bytes);
    CAPTURE(command.name);
    CAPTURE(m_whole.out);
    CAPTURE(m_whole.err);
    REQUIRE(m_whole.signal == 0);
    REQUIRE((m_whole.exit_code == 0 || m_whole.exit_code == 1));
    REQUIRE(m_whole.counts["alloc"] + m_whole.counts["poll"] > 0);
    m_expected = keyspace();
    m_expected_at = std::chrono::system_clock::now();
    command.check(m_whole, *m_dir, m_before, m_expected);
}

void FaultStage::fail_calls(const TorturedCommand& command, unsigned long most_of_a_kind) {
    run_whole(command);
    for (const FaultKind& kind : fault_kinds()) {
        if (kind.kind == "alloc") {
            continue;
        }
        for (const std::string& error : kind.errors) {
            for (const unsigned long nth :
                 chosen_calls(m_whole.counts[kind.kind], most_of_a_kind)) {
                run_with(command, {kind.kind, nth, error});
            }
        }
        // What has failed once may fail for good: a full disk, a process without descriptors.
        const bool ends = kind.kind != "poll" && kind.kind != "stat" && kind.kind != "close";
        for (const unsigned long nth :
             chosen_calls(ends ? m_whole.counts[kind.kind] : 0, most_of_a_kind / 2)) {
            run_with(command, {kind.kind, nth, kind.errors.front(), true});
        }
    }
}

void FaultStage::fail_allocations(const TorturedCommand& command, unsigned long most) {
    run_whole(command);
    for (const unsigned long nth : chosen_calls(m_whole.counts["alloc"], most)) {
        run_with(command, {"alloc", nth, fault_kinds().back().errors.front()});
    }
}

void FaultStage::run_with(const TorturedCommand& command, const Fault& fault) {
    begin(command);
    move_times(m_expected, m_expected_at);
    const Words words = on_server(command.words(*m_dir));
    const FaultyRun run = run_with_fault(words, fault, *m_dir, command.stdin_bytes);
    ++m_runs;
    log_run(command, fault, run);
    const Keyspace after = keyspace();
    CAPTURE(command.name);
    CAPTURE(fault.name());
    CAPTURE(run.failed);
    CAPTURE(run.out);
    CAPTURE(run.err);
    check_end(run, fault);
    check_keys(run, after);
    check_files(command);
    const bool is_same_answer = run.exit_code != m_whole.exit_code || !command.is_repeatable ||
                                !run.err.empty() || run.out == m_whole.out;
    CHECK(is_same_answer);
    command.check(run, *m_dir, m_before, after);
}

void FaultStage::check_end(const FaultyRun& run, const Fault& fault) {
    CHECK_FALSE(run.timed_out);
    CHECK(run.signal == 0);
    const bool is_documented =
        std::count(k_documented_codes.begin(), k_documented_codes.end(), run.exit_code) == 1;
    CHECK(is_documented);
    if (run.exit_code == m_whole.exit_code || run.signal != 0) {
        return;
    }
    // Where stderr itself cannot be written nobody can say anything.
    if (fault.kind != "write") {
        const bool has_words = run.err.find("cachectl: ") != std::string::npos ||
                               run.err.find("{\"error\":") != std::string::npos;
        CHECK(has_words);
    }
    CHECK(run.err.find("internal error") == std::string::npos);
}

/// Each key is as before the run or as a whole run leaves it, and the exit code says which.
void FaultStage::check_keys(const FaultyRun& run, const Keyspace& after) {
    for (const std::string& name : differing_keys(m_before, after)) {
        CAPTURE(name);
        CHECK(has(after, name, m_expected));
    }
    if (run.exit_code == m_whole.exit_code) {
        CHECK(differing_keys(after, m_expected).empty());
    }
    if (run.exit_code == 2 || run.exit_code == 3 || run.exit_code == 4 || run.exit_code == 8) {
        CHECK(differing_keys(after, m_before).empty());
    }
}

void FaultStage::check_files(const TorturedCommand& command) {
    for (const std::string& name : files_in(*m_dir)) {
        CAPTURE(name);
        const bool is_meant =
            name == "calls" || m_files_before.contains(name) || command.leaves.contains(name);
        CHECK(is_meant);
    }
}

}  // namespace cachectl::test
