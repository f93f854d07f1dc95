// Runs of a command whose connection is cut at one byte after the other, or which is killed at one
// reply after the other; and what holds after each of them, and after what a user does then.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/cut_cache.hpp"
#include "support/cut_commands.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

/// More is wished for than the little that every run of the tests does ($CACHECTL_TORTURE).
bool is_torture();

class CutStage {
public:
    explicit CutStage(std::unique_ptr<CutCache> cache) : m_cache(std::move(cache)) {}

    /// The server's bytes, and then the client's; with a relay that then serves new connections,
    /// and with one that does not. About `most` cuts of each, spread over the commands of the run
    /// and over its bytes; CACHECTL_TORTURE=N multiplies that, and `all` is every byte. Without it
    /// only one of a cluster's masters is ever dead.
    void cut(const CutCommand& command, unsigned long most);
    /// Behind each reply at once, and when the process waits for the next; about `most` of each.
    void kill(const CutCommand& command, unsigned long most);
    /// A line that says how many runs there were.
    [[nodiscard]] std::string runs() const;

private:
    struct Whole {
        std::vector<PassedBytes> from_server, from_client;  // by relay
    };
    void begin(const CutCommand& command);
    Whole run_whole(const CutCommand& command);
    ProcessResult run(const CutCommand::Words& words, const std::string& stdin_bytes);
    void run_cut(const CutCommand& command, std::size_t relay, const CutWish& wish);
    void run_killed(const CutCommand& command, std::size_t relay, const CutWish& wish);
    void go_on(const CutCommand& command, const Keyspace& after);
    void undo(const Keyspace& after);
    void run_again(const CutCommand& command);

    std::unique_ptr<CutCache> m_cache;
    std::unique_ptr<TempDir> m_dir;
    Keyspace m_before;
    Keyspace m_expected;                                  // after a run that nothing happened to
    std::chrono::system_clock::time_point m_expected_at;  // for which its times are right
    unsigned long m_commands = 0, m_cuts = 0, m_kills = 0;
};

}  // namespace cachectl::test
