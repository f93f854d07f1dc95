// A command that is run again and again on the same small keyspace, each time with another call of
// the system failing, and what holds after each run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/failing_calls.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

struct KeptKey {
    std::string dump;             // what DUMP answers
    std::int64_t expires_at = 0;  // ms since the epoch; -1: never
};
/// The whole keyspace, by name.
using Keyspace = std::map<std::string, KeptKey>;

/// All keys of a server, but for those that a run is building under a name of its own.
Keyspace read_kept_keys(RespClient& server);

/// The names of keys that are not the same in both; times may differ by two minutes.
std::set<std::string> differing_keys(const Keyspace& a, const Keyspace& b);

/// Keys that a run gave some hours when `expected` was made get them later in one that begins now.
void move_times(Keyspace& expected, std::chrono::system_clock::time_point& made_at);

struct TorturedCommand {
    std::string name;
    /// Its words, for files in this folder; "-s SOCKET" is added.
    std::function<std::vector<std::string>(const TempDir&)> words;
    /// What is done in the folder, and to the server, before each run.
    std::function<void(const TempDir&)> prepare = [](const TempDir&) {};
    std::string stdin_bytes;
    /// stdout is the same whenever it exits with 0 and says nothing on stderr.
    bool is_repeatable = false;
    /// Files that may be there after a run that failed, besides those that were there before.
    std::set<std::string> leaves;
    /// What else holds; the run, and the keyspaces before and after it.
    std::function<void(const FaultyRun&, const TempDir&, const Keyspace&, const Keyspace&)> check =
        [](const FaultyRun&, const TempDir&, const Keyspace&, const Keyspace&) {};
};

class FaultStage {
public:
    FaultStage();

    /// Each kind of call but `alloc`, and each of its errors.
    void fail_calls(const TorturedCommand& command, unsigned long most_of_a_kind = 6);
    /// Each allocation.
    void fail_allocations(const TorturedCommand& command, unsigned long most = 30);

    [[nodiscard]] std::vector<std::string> on_server(std::vector<std::string> words) const;
    Keyspace keyspace();
    void fill();
    [[nodiscard]] unsigned long runs() const { return m_runs; }

    RedisServer server;
    RespClient redis = server.client();

private:
    void begin(const TorturedCommand& command);
    void run_whole(const TorturedCommand& command);
    void run_with(const TorturedCommand& command, const Fault& fault);
    void check_end(const FaultyRun& run, const Fault& fault);
    void check_keys(const FaultyRun& run, const Keyspace& after);
    void check_files(const TorturedCommand& command);

    std::unique_ptr<TempDir> m_dir;
    std::set<std::string> m_files_before;
    Keyspace m_before;
    Keyspace m_expected;                                  // after a run in which nothing failed
    std::chrono::system_clock::time_point m_expected_at;  // for which its times are right
    FaultyRun m_whole;                                    // that run
    unsigned long m_runs = 0;
};

}  // namespace cachectl::test
