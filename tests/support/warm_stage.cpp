#include "support/warm_stage.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/compressed.hpp"
#include "support/fake_server.hpp"
#include "support/same_json.hpp"

namespace cachectl::test {

namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

}  // namespace

void WarmModelServer::restart() {
    server.kill();
    server.restart();
    redis.emplace(server.client());
}

std::size_t WarmModelServer::read_greeting() {
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

WarmStage::WarmStage(WarmModelServer& server, const WarmCase& warm)
    : m_server(server), m_warm(warm) {
    write_files(warm.files);
    if (!warm.policy.empty()) {
        m_policy = m_dir.file("policy.json", warm.policy_json());
    }
    const std::string source = warm.uses_stdin ? "-" : m_paths.front();
    if (warm.uses_manifest) {
        m_manifest = m_dir.file("manifest.json", warm.manifest_json(source));
    }
}

Words WarmStage::words(Words more, bool with_connection) const {
    Words all = {"warm", "--json"};
    const Words said = m_warm.words();
    all.insert(all.end(), said.begin(), said.end());
    if (!m_policy.empty()) {
        all.push_back("--policy=" + m_policy);
    }
    if (with_connection) {
        all.insert(all.end(), {"-s", m_server.server.socket_path()});
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

ProcessResult WarmStage::interrupted(RandomData& random) {
    Words more = reject_words();
    more.push_back("--journal=" + (m_dir.path() / "journal").string());
    if (!m_warm.files_before.empty()) {
        write_files(m_warm.files_before);
    }
    if (m_warm.restarts) {
        m_server.redis->run({"SAVE"});
    }
    return m_warm.interruption == Interruption::signal ? signalled(random, std::move(more))
                                                       : cut(random, std::move(more));
}

namespace {

/// "NAME":"…","NAME_base64":"BYTES" becomes "NAME":"base64:BYTES", as the model has it.
std::string bytes_alone(std::string row) {
    const std::string mark = "_base64\":\"";
    for (auto at = row.find(mark); at != std::string::npos; at = row.find(mark, at)) {
        const auto name = row.rfind('"', at - 1);
        const std::string member = row.substr(name, at - name) + "\":\"";
        const auto begin = row.rfind(member, name - 1);
        const std::string bytes = "base64:" + row.substr(at + mark.size());
        row.replace(begin + member.size(), std::string::npos, bytes);
        at = begin;
    }
    return row;
}

}  // namespace

std::vector<RejectedModelRow> WarmStage::rejected() const {
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
        row.json = same_json(bytes_alone(text.substr(0, text.size() - 1)));
    }
    return rows;
}

std::string WarmStage::packed(const std::string& bytes) const {
    return m_warm.is_packed ? cachectl::gzipped(bytes) : bytes;
}

void WarmStage::write_files(const std::vector<WrittenFile>& files) {
    m_paths.clear();
    for (std::size_t i = 0; i < files.size(); ++i) {
        m_paths.push_back(
            m_dir.file(std::to_string(i) + m_warm.format.file_name(), packed(files[i].bytes)));
    }
    m_stdin = packed(files.front().bytes);
}

ProcessOptions WarmStage::input() const {
    ProcessOptions options;
    if (m_warm.uses_stdin) {
        options.stdin_bytes = m_stdin;
    }
    return options;
}

void WarmStage::change_what_was() {
    if (!m_warm.files_before.empty()) {
        write_files(m_warm.files);
    }
    if (m_warm.restarts) {
        m_server.restart();
    }
}

ProcessResult WarmStage::signalled(RandomData& random, Words more) {
    Words slowly = more;
    slowly.emplace_back("--max-rate=40");
    Process process(cachectl_argv(words(slowly)), input());
    // It has come as far as the server when that has a client more.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto clients = [&] {
        const std::string list = m_server.redis->text({"CLIENT", "LIST"});
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

ProcessResult WarmStage::cut(RandomData& random, Words more) {
    const std::size_t keys = 40 + m_warm.files.front().rows.size();
    const std::size_t after = m_server.greeting_bytes + random.below(10 * keys);
    FakeServer relay(
        {pass_on(m_server.server.port(), {.cut_after = after}), pass_on(m_server.server.port())});
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

}  // namespace cachectl::test
