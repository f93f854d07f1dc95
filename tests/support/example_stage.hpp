// Where the examples of the documentation run: the servers, keys, files and programs they speak of.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "support/doc_examples.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/tls_server.hpp"

namespace cachectl::test {

/// Of the users that have one.
inline constexpr const char* k_example_password = "secret";

/// Where a person sits at the terminal: what is waited for, and what is then typed.
struct Person {
    std::string_view sees;  // on the screen
    std::string_view types;
    std::string_view file;  // not empty: a file that has to have something in it before
};

struct ExampleRun {
    int exit_code = -1;
    std::string out;  // what was on the terminal, or on stdout
    std::string err;  // empty on a terminal
};

class ExampleStage {
public:
    explicit ExampleStage(const Readme& readme);
    ~ExampleStage();
    ExampleStage(const ExampleStage&) = delete;
    ExampleStage& operator=(const ExampleStage&) = delete;

    /// A fresh folder with all files, and servers with the keys that the page is about.
    void begin(const ExampleBlock& block);
    /// In a shell without a terminal.
    ExampleRun run(const std::string& command);
    /// In a shell on a terminal.
    ExampleRun run(const std::string& command, const Person& person);

private:
    void write_files(const Readme& readme);
    void write_programs();
    void read_now_and_then();
    void put(const std::string& name, const std::string& text);
    void files_of(const ExampleBlock& block);
    void files_for(const std::string& command);
    void fill_for(const ExampleBlock& block);
    /// The servers and files of this stage in place of those that are named.
    std::string placed(std::string text);
    [[nodiscard]] ProcessOptions options() const;
    RedisServer& cluster();
    RedisServer& secured();

    TempDir m_dir;
    std::filesystem::path m_model = m_dir.path() / "model";  // what each block's folder begins as
    std::filesystem::path m_folder;
    int m_blocks = 0;
    RedisServer m_server;
    std::unique_ptr<RedisServer> m_cluster;  // started for the first who needs it
    std::unique_ptr<RedisServer> m_secured;
    std::unique_ptr<RedisServer> m_replica;
    CertificateAuthority m_authority;
    std::atomic<bool> m_over = false;
    std::thread m_application;  // reads, so that there are hits
};

}  // namespace cachectl::test
