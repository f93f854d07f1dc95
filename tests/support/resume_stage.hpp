// What tests of --resume share: a server that counts commands, a dump, and a place for the journal.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

constexpr int k_resume_rows = 150'000;

/// Rows of 100 bytes, as NDJSON.
std::string resume_row(int id);
std::string resume_rows(int begin, int end);

/// A server, a dump, and a place for the journal that all runs share.
struct ResumeStage {
    using Words = std::vector<std::string>;

    explicit ResumeStage(std::vector<std::string> server_options = {})
        : server(std::move(server_options)),
          file(dir.file("a.ndjson", resume_rows(0, k_resume_rows))) {
        // Where a server has this command, its calls do not tell how many keys were sent.
        (void)server.client().command({"ACL", "SETUSER", "default", "-msetex"});
    }

    [[nodiscard]] Words words(Words more, const std::string& input) const;
    [[nodiscard]] ProcessResult run(Words more, ProcessOptions options = {}) const {
        return run_cachectl(words(std::move(more), file), std::move(options));
    }
    [[nodiscard]] std::string journal() const { return (dir.path() / "journal.json").string(); }
    [[nodiscard]] bool has_journal() const { return std::filesystem::exists(journal()); }
    [[nodiscard]] std::int64_t keys() const { return server.client().integer({"DBSIZE"}); }
    /// How many SETs the server has executed.
    [[nodiscard]] std::int64_t sets() const;

    TempDir dir;
    RedisServer server;
    std::string file;
};

/// Pumps until the server has so many keys.
void wait_for_keys(Process& process, const ResumeStage& stage, std::int64_t keys);
/// Until the server has not heard of the process for a second or two: its keys are acknowledged,
/// and read back where that was asked for.
void wait_until_idle(Process& process, const ResumeStage& stage);

nlohmann::json resume_summary(const ProcessResult& result);

}  // namespace cachectl::test
