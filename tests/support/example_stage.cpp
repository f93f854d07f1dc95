#include "support/example_stage.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include "support/example_keys.hpp"
#include "support/pty.hpp"
#include "support/tcp_port.hpp"

namespace cachectl::test {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_cold_page = "README, A minute's tour";

/// What somebody has done before an example of this page begins.
struct Before {
    std::string_view page;
    const char* commands;
};

constexpr std::array k_before = {
    Before{"cachectl-apply(1)", "cachectl invalidate 'course:*' --plan clear.json"},
    Before{"cachectl-audit(1)",
           "cachectl audit --policy keys.json -o json > known.json || [ $? = 1 ]"},
    Before{"cachectl-audit-log(1)",
           "cachectl --context prod flush stale --yes && cp /var/log/cachectl.jsonl audit.jsonl"},
    Before{"cachectl-diff(1)",
           "for name in before-release monday tuesday; do cachectl snapshot $name.snap; done"},
    Before{"cachectl-restore(1)",
           "cachectl invalidate 'course:*' --yes --backup deleted.rdb && cp deleted.rdb dump.rdb"},
};

}  // namespace

ExampleStage::ExampleStage(const Readme& readme)
    : m_server({"--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
                "--repl-diskless-sync-delay", "0"},
               Listen::tcp_too) {
    m_server.client().run({"ACL", "SETUSER", "deploy", "on", std::string(">") + k_example_password,
                           "~*", "&*", "+@all"});
    m_folder = m_model;
    write_files(readme);
    write_programs();
    m_application = std::thread([this] { read_now_and_then(); });
}

ExampleStage::~ExampleStage() {
    m_over = true;
    m_application.join();
}

void ExampleStage::read_now_and_then() {
    for (RespClient client = m_server.client(); !m_over;) {
        client.command({"GET", "tenant:7"});
        std::this_thread::sleep_for(Millis(5));
    }
}

void ExampleStage::begin(const ExampleBlock& block) {
    if (m_blocks > 0) {
        fs::remove_all(m_folder);
    }
    m_folder = m_dir.path() / std::to_string(++m_blocks);
    fs::copy(m_model, m_folder, fs::copy_options::recursive);
    fill_for(block);
    files_of(block);
    for (const Before& before : k_before) {
        if (before.page == block.page) {
            const ExampleRun run = this->run(before.commands);
            if (run.exit_code != 0) {
                throw std::runtime_error(block.page + ": before it: " + run.err);
            }
        }
    }
}

void ExampleStage::fill_for(const ExampleBlock& block) {
    RespClient client = m_server.client();
    client.run({"FLUSHALL"});
    const bool is_first_load = block.names("cachectl warm ") && !block.names("--sync");
    if (block.page == k_cold_page || is_first_load) {
        fill_cold_caches(client);
    } else if (block.page == "cachectl-policy(5)") {
        fill_audited(client);
    } else {
        fill_application(client);
    }
    client.run({"CONFIG", "RESETSTAT"});
    m_replica.reset();
    if (block.names("--replica-lag")) {
        m_replica = std::make_unique<RedisServer>(
            std::vector<std::string>{"--replicaof", "127.0.0.1", std::to_string(m_server.port())});
    }
}

/// One master, that announces the address which the page has of it.
RedisServer& ExampleStage::cluster() {
    if (!m_cluster) {
        m_cluster = std::make_unique<RedisServer>(
            std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-announce-ip",
                                     "172.17.0.3", "--cluster-announce-port", "6379",
                                     "--cluster-port", std::to_string(free_tcp_port())},
            Listen::tcp_too);
        RespClient client = m_cluster->client();
        std::vector<std::string> slots{"CLUSTER", "ADDSLOTS"};
        for (int slot = 0; slot < 16'384; ++slot) {
            slots.push_back(std::to_string(slot));
        }
        client.run(slots);
        while (client.text({"CLUSTER", "INFO"}).find("cluster_state:ok") == std::string::npos) {
            std::this_thread::sleep_for(Millis(10));
        }
        client.run({"SET", "course:1", "x"});
    }
    return *m_cluster;
}

RedisServer& ExampleStage::secured() {
    if (!m_secured) {
        const CertificateFiles files = m_authority.issue({});
        m_secured = std::make_unique<RedisServer>(
            tls_arguments(files, m_authority, {"--requirepass", k_example_password}),
            Listen::tls_too);
    }
    return *m_secured;
}

ProcessOptions ExampleStage::options() const {
    ProcessOptions options;
    const char* path = std::getenv("PATH");
    options.cwd = m_folder.string();
    options.timeout = Millis(120'000);
    options.stdin_bytes = "id,title\n1,Ann\n";
    options.env = {{"HOME", (m_folder / "home").string()},
                   {"PATH", (m_folder / "bin").string() + ':' + (path != nullptr ? path : "/bin")},
                   {"CACHECTL_URL", "redis://127.0.0.1:" + std::to_string(m_server.port())},
                   {"NO_COLOR", "1"},
                   {"BUILD", "4711"},
                   {"BRANCH", "main"},
                   {"DATABASE_URL", "postgres://localhost/school"}};
    return options;
}

ExampleRun ExampleStage::run(const std::string& command) {
    files_for(command);
    ProcessResult result =
        run_process({"bash", "-o", "pipefail", "-c", placed(command)}, options());
    return {result.exit_code, std::move(result.out), std::move(result.err)};
}

ExampleRun ExampleStage::run(const std::string& command, const Person& person) {
    files_for(command);
    PtyOptions terminal;
    terminal.process = options();
    terminal.process.stdin_bytes.clear();
    terminal.rows = 50;
    terminal.columns = 120;
    PtyProcess process({"bash", "-o", "pipefail", "-c", placed(command)}, terminal);
    if (!person.types.empty()) {
        while (!person.file.empty() && process.process().running() &&
               read_file(m_folder / person.file).empty()) {
            process.expect("\x01", Millis(10));
        }
        if (person.file.empty() && !process.expect(person.sees)) {
            return {-1, "never showed '" + std::string(person.sees) + "':\n" + process.screen(),
                    ""};
        }
        process.type(person.types);
    }
    const ProcessResult result = process.wait();
    return {result.exit_code, process.screen(), ""};
}

}  // namespace cachectl::test
