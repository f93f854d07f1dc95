// How a case of warm_model.hpp is run: its files on the disk, a server, and interruptions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/warm_model.hpp"

namespace cachectl::test {

/// A server that can be restarted in the middle of a case.
struct WarmModelServer {
    RedisServer server{{"--save", "3600 100000000"}, Listen::tcp_too};
    std::optional<RespClient> redis = server.client();

    /// It is killed, and comes back with what it had when it was saved last.
    void restart();

    std::size_t greeting_bytes = read_greeting();

    /// How many of the server's bytes a run reads until its first key is written.
    std::size_t read_greeting();
};

/// One case on the disk, and how it is run.
class WarmStage {
public:
    WarmStage(WarmModelServer& server, const WarmCase& warm);

    [[nodiscard]] std::vector<std::string> words(std::vector<std::string> more,
                                                 bool with_connection = true) const;

    [[nodiscard]] ProcessResult run(std::vector<std::string> more,
                                    bool with_connection = true) const {
        return run_cachectl(words(std::move(more), with_connection), input());
    }

    [[nodiscard]] std::vector<std::string> reject_words() const {
        return m_warm.keeps_rejected ? std::vector<std::string>{"--reject-file=" + rejected_path()}
                                     : std::vector<std::string>{};
    }

    /// Ended by SIGTERM somewhere in the input, or by its connection, and gone on with.
    ProcessResult interrupted(RandomData& random);

    /// The rows in the file of rejected ones.
    [[nodiscard]] std::vector<RejectedModelRow> rejected() const;

private:
    void write_files(const std::vector<WrittenFile>& files);

    [[nodiscard]] ProcessOptions input() const;

    /// Between two tries: other files, another process of the server.
    void change_what_was();

    [[nodiscard]] std::string packed(const std::string& bytes) const;
    [[nodiscard]] std::string rejected_path() const { return (m_dir.path() / "rejected").string(); }

    /// The rate lets it be somewhere in the middle when the signal comes.
    ProcessResult signalled(RandomData& random, std::vector<std::string> more);

    ProcessResult cut(RandomData& random, std::vector<std::string> more);

    WarmModelServer& m_server;
    const WarmCase& m_warm;
    TempDir m_dir;
    std::vector<std::string> m_paths;
    std::string m_stdin;
    std::string m_policy, m_manifest;
};

}  // namespace cachectl::test
