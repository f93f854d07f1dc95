// The files and programs of the examples, and what stands in for what they name.
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <stdexcept>

#include "support/example_keys.hpp"
#include "support/example_stage.hpp"

namespace cachectl::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_config = "home/.config/cachectl/config.json";

/// A manifest for a load into a versioned namespace of this name.
std::string release_manifest(const std::string& space) {
    return fmt::format(
        R"({{"datasets": [{{"file": "courses.ndjson", "key": "{}:{{release}}:{{id}}", "ttl": "1h"}}]}})",
        space);
}

void replace_all(std::string& text, std::string_view what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
        text.replace(at, what.size(), with);
    }
}

/// The file of README's that begins with this name.
std::string json_with(const Readme& readme, const std::string& name) {
    for (const std::string& text : readme.json) {
        if (text.starts_with("{\"" + name + '"')) {
            return text;
        }
    }
    throw std::runtime_error("README has no JSON that begins with " + name);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

void ExampleStage::write_files(const Readme& readme) {
    for (const auto& [name, text] : application_files()) {
        put(name, text);
    }
    put("keys.json", json_with(readme, "keys"));
    put("warm.json", json_with(readme, "policy"));
    put("m.json", release_manifest("c"));
    put(k_config, json_with(readme, "contexts"));
    // Folders that a shell's own set-up has made.
    fs::create_directories(m_model / "home/.zfunc");
    fs::create_directories(m_model / "home/.config/fish/completions");
    put("home/.secrets/cache", std::string(k_example_password) + '\n');
    ::chmod((m_model / "home/.secrets/cache").c_str(), 0600);
}

/// cachectl, and what would need a database, a screen or the rest of a pipeline.
void ExampleStage::write_programs() {
    const std::map<std::string, std::string> programs = {
        {"bin/cachectl", fmt::format("exec '{}' \"$@\"", cachectl_binary())},
        {"bin/pg_dump", "[ \"$1\" = -t ] && exec cat courses.sql\nexec cat dump.sql"},
        {"bin/psql", "exec cat courses.csv"},
        {"bin/ncdu", "[ \"$1\" = -f ] && exec jq -e '.[0] == 1' \"$2\""},
        {"switch", "exit 0"},
    };
    for (const auto& [name, text] : programs) {
        put(name, "#!/bin/sh\n" + text + '\n');
        ::chmod((m_model / name).c_str(), 0755);
    }
}

void ExampleStage::put(const std::string& name, const std::string& text) {
    const fs::path path = m_folder / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

/// Where a page has its own idea of a file.
void ExampleStage::files_of(const ExampleBlock& block) {
    if (block.page == "cachectl-policy(5)" || block.page == "cachectl-manifest(5)") {
        put("keys.json", json_of_topic("cachectl-policy"));
    }
    if (block.page == "cachectl-manifest(5)") {
        put("warm.json", json_of_topic("cachectl-manifest"));
    }
    if (block.page == "cachectl-config(5)") {
        std::string config = json_of_topic("cachectl-config");
        replace_all(config, "rediss://cache.example:6379", tls_url(secured()));
        put(k_config, config);
        put("home/.config/cachectl/policy.json", read_file(m_folder / "keys.json"));
        put("home/.config/cachectl/ca.pem", read_file(m_authority.file()));
    }
    const std::string config = placed(read_file(m_folder / k_config));
    if (block.names("context") || block.page == "cachectl-audit-log(1)") {
        put(k_config, config);
    } else {
        fs::remove(m_folder / k_config);  // its rules would hold for the server without being named
    }
}

/// Where an example has its own idea of a file.
void ExampleStage::files_for(const std::string& command) {
    if (has(command, "pg_dump school")) {
        std::string manifest = read_file(m_folder / "warm.json");
        replace_all(manifest, "dumps/school.sql.gz", "-");  // as the page says
        put("warm.json", manifest);
    }
    if (has(command, "--manifest warm.json --set release=v42")) {
        fs::copy_file(m_folder / "warm.json", m_folder / "kept.json");
        put("warm.json", release_manifest("courses"));
    } else if (fs::exists(m_folder / "kept.json")) {
        fs::rename(m_folder / "kept.json", m_folder / "warm.json");
    }
}

std::string ExampleStage::placed(std::string text) {
    const std::string server = "127.0.0.1:" + std::to_string(m_server.port());
    replace_all(text, "cache.internal:6379", server);
    replace_all(text, "cache.internal", server);
    replace_all(text, "/var/log/", m_folder.string() + '/');
    for (const char* option : {"--interval 30s", "--interval 10s", "--watch 10s"}) {
        const std::string name(option, std::string_view(option).find(' '));
        replace_all(text, option, name + " 1s");
    }
    if (has(text, " -p 7001")) {
        const std::string port = std::to_string(cluster().port());
        replace_all(text, " -p 7001", " -p " + port);
        replace_all(text, "127.0.0.1:7002", "127.0.0.1:" + port);
    }
    return text;
}

}  // namespace cachectl::test
