#include "support/cut_stage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "support/cut_checks.hpp"
#include "support/failing_calls.hpp"

namespace cachectl::test {

namespace {

using Words = CutCommand::Words;

constexpr Millis k_timeout{60'000};

/// Where to cut what went by: at the edges of some units and inside of them, and at some bytes.
std::set<std::size_t> chosen_cuts(const PassedBytes& passed, unsigned long most) {
    std::set<std::size_t> cuts;
    const unsigned long half = std::max(most / 2, 1UL);
    for (const unsigned long unit : chosen_calls(passed.ends.size(), half)) {
        const std::size_t begin = unit < 2 ? 0 : passed.ends[unit - 2];
        const std::size_t end = passed.ends[unit - 1];
        const std::array inside = {end, begin + 1, end - 1, begin + (end - begin) / 2};
        cuts.insert(inside[unit % inside.size()]);
    }
    for (const unsigned long byte : chosen_calls(passed.bytes, half)) {
        cuts.insert(byte);
    }
    cuts.erase(0);
    return cuts;
}

std::string describe(const CutWish& wish, std::size_t relay) {
    std::string text = wish.side == Side::server ? "server" : "client";
    if (wish.bytes) {
        text += " byte " + std::to_string(*wish.bytes);
        text += wish.after == CutWish::After::is_dead ? ", then dead" : ", then well";
    } else {
        text += " reply " + std::to_string(*wish.replies);
        text += wish.held == CutWish::Held::everything ? ", killed at once" : ", killed waiting";
    }
    return text + ", relay " + std::to_string(relay);
}

/// For people who look through what all runs said: CACHECTL_TORTURE_LOG is a file.
void log_run(const std::string& command, const std::string& what, const ProcessResult& run) {
    if (const char* const path = std::getenv("CACHECTL_TORTURE_LOG")) {
        std::string said = run.err;
        std::replace(said.begin(), said.end(), '\n', '|');
        std::ofstream(path, std::ios::app)
            << command << '\t' << what << '\t' << run.exit_code << '\t' << said << '\n';
    }
}

}  // namespace

bool is_torture() { return std::getenv("CACHECTL_TORTURE") != nullptr; }

std::string CutStage::runs() const {
    return std::to_string(m_cuts) + " cuts, " + std::to_string(m_kills) + " kills";
}

void CutStage::begin(const CutCommand& command) {
    m_dir = std::make_unique<TempDir>();
    m_dir->file("rows.csv", cut_rows());
    m_cache->arm_all();
    m_cache->fill();
    if (!command.before.empty()) {
        const ProcessResult before =
            run(command.of_run(command.before, m_dir->path().string(), false), {});
        CAPTURE(before.err);
        REQUIRE(before.exit_code == 0);
    }
    m_before = m_cache->keyspace();
    move_times(m_expected, m_expected_at);
}

ProcessResult CutStage::run(const Words& words, const std::string& stdin_bytes) {
    ProcessOptions options;
    options.stdin_bytes = stdin_bytes;
    options.timeout = k_timeout;
    ProcessResult result = run_cachectl(m_cache->with_address(words), options);
    m_cache->settle_all();
    m_cache->arm_all();
    return result;
}

CutStage::Whole CutStage::run_whole(const CutCommand& command) {
    begin(command);
    ProcessOptions options;
    options.stdin_bytes = command.stdin_bytes;
    const ProcessResult result = run_cachectl(
        m_cache->with_address(command.of_run(command.words, m_dir->path().string(), false)),
        options);
    m_cache->settle_all();
    m_expected = m_cache->keyspace();
    m_expected_at = std::chrono::system_clock::now();
    CAPTURE(m_cache->name());
    CAPTURE(command.name);
    CAPTURE(result.out);
    CAPTURE(result.err);
    REQUIRE(result.exit_code == 0);
    REQUIRE_FALSE(differing_keys(m_before, m_expected).empty());
    check_cut_sum(result, {m_before, m_expected, m_expected});
    Whole whole;
    for (std::size_t i = 0; i < m_cache->relays(); ++i) {
        whole.from_server.push_back(m_cache->relay(i).passed(Side::server));
        whole.from_client.push_back(m_cache->relay(i).passed(Side::client));
    }
    return whole;
}

void CutStage::cut(const CutCommand& command, unsigned long most) {
    using After = CutWish::After;
    const Whole whole = run_whole(command);
    const std::size_t relays = m_cache->relays();
    const unsigned long each = std::max(most / relays, 1UL);
    for (std::size_t relay = 0; relay < relays; ++relay) {
        for (const auto after : {After::goes_on, After::is_dead}) {
            // Each wait for a master that is dead takes a second and a half.
            if (after == After::is_dead && !is_torture() && relay != m_commands % relays) {
                continue;
            }
            for (const std::size_t byte : chosen_cuts(whole.from_server[relay], each)) {
                run_cut(command, relay, {.side = Side::server, .bytes = byte, .after = after});
            }
            for (const std::size_t byte : chosen_cuts(whole.from_client[relay], each)) {
                run_cut(command, relay, {.side = Side::client, .bytes = byte, .after = after});
            }
        }
    }
    ++m_commands;
}

void CutStage::kill(const CutCommand& command, unsigned long most) {
    const Whole whole = run_whole(command);
    const unsigned long each = std::max(most / m_cache->relays(), 1UL);
    for (std::size_t relay = 0; relay < m_cache->relays(); ++relay) {
        for (const auto held : {CutWish::Held::replies, CutWish::Held::everything}) {
            for (const unsigned long nth :
                 chosen_calls(whole.from_server[relay].ends.size(), each)) {
                run_killed(command, relay, {.replies = nth, .held = held});
            }
        }
    }
}

void CutStage::run_cut(const CutCommand& command, std::size_t relay, const CutWish& wish) {
    begin(command);
    m_cache->relay(relay).arm(wish);
    Words words = command.of_run(command.words, m_dir->path().string(), false);
    if (wish.after == CutWish::After::is_dead) {
        // A cluster's dead master is waited for three times as long.
        words.insert(words.end(), {"--timeout", "500ms"});
    }
    const ProcessResult result = run(words, command.stdin_bytes);
    ++m_cuts;
    log_run(m_cache->name() + ' ' + command.name, describe(wish, relay), result);
    const Keyspace after = m_cache->keyspace();
    CAPTURE(m_cache->name());
    CAPTURE(command.name);
    CAPTURE(describe(wish, relay));
    CAPTURE(result.out);
    CAPTURE(result.err);
    const CutKeys keys{m_before, after, m_expected};
    check_cut_end(result, keys);
    check_cut_keys(keys);
    check_cut_sum(result, keys);
    go_on(command, after);
}

void CutStage::run_killed(const CutCommand& command, std::size_t relay, const CutWish& wish) {
    using Clock = std::chrono::steady_clock;
    begin(command);
    CutRelay& cutting = m_cache->relay(relay);
    cutting.arm(wish);
    ProcessResult result;
    {
        ProcessOptions options;
        options.stdin_bytes = command.stdin_bytes;
        options.timeout = k_timeout;
        Process process(cachectl_argv(m_cache->with_address(
                            command.of_run(command.words, m_dir->path().string(), false))),
                        options);
        while (process.running() && !cutting.is_reached()) {
            process.pump(Millis(1));
        }
        // Until it has said all that it will, as far as that can be seen.
        const auto deadline = Clock::now() + Millis(20);
        while (wish.held == CutWish::Held::replies && process.running() && !cutting.holds_more() &&
               Clock::now() < deadline) {
            process.pump(Millis(1));
        }
        if (process.running()) {
            process.send_signal(SIGKILL);
        }
        result = process.wait();
    }
    m_cache->settle_all();
    m_cache->arm_all();
    ++m_kills;
    log_run(m_cache->name() + ' ' + command.name, describe(wish, relay), result);
    const Keyspace after = m_cache->keyspace();
    CAPTURE(m_cache->name());
    CAPTURE(command.name);
    CAPTURE(describe(wish, relay));
    CAPTURE(result.err);
    CHECK((result.signal == SIGKILL || result.exit_code == 0));
    check_cut_keys({m_before, after, m_expected});
    go_on(command, after);
}

/// What a user does then: half of them undo it, if they can, and half say the same again.
void CutStage::go_on(const CutCommand& command, const Keyspace& after) {
    if (command.has_backup() && (m_cuts + m_kills) % 2 == 0) {
        undo(after);
    } else {
        run_again(command);
    }
}

void CutStage::undo(const Keyspace& after) {
    const std::string file = (m_dir->path() / "backup.rdb").string();
    const std::set<std::string> changed = differing_keys(m_before, after);
    if (std::none_of(changed.begin(), changed.end(),
                     [this](const std::string& name) { return m_before.contains(name); })) {
        return;  // what was new is in no backup
    }
    const ProcessResult result = run({"restore", file, "--yes", "--replace"}, {});
    CAPTURE(result.out);
    CAPTURE(result.err);
    // Without its end nothing says that the file has all.
    const bool has_its_end = result.err.find("is not whole") == std::string::npos;
    CHECK(result.exit_code == (has_its_end ? 0 : 5));
    for (const std::string& name : differing_keys(m_before, m_cache->keyspace())) {
        CAPTURE(name);
        CHECK_FALSE(m_before.contains(name));  // what the run has made is left
    }
}

void CutStage::run_again(const CutCommand& command) {
    const std::string folder = m_dir->path().string();
    ProcessResult again = run(command.of_run(command.words, folder, true), command.stdin_bytes);
    if (again.exit_code == 8 && !command.instead.empty()) {
        again = run(command.of_run(command.instead, folder, true), {});
    }
    CAPTURE(again.out);
    CAPTURE(again.err);
    CHECK(again.exit_code == 0);
    CHECK(differing_keys(m_cache->keyspace(), m_expected) == std::set<std::string>{});
}

}  // namespace cachectl::test
