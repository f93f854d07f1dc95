// Settings resolved from flags, variables and a configuration file of a test's own.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "keyspace/sparing_glob.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

namespace cachectl::test {

struct SettingsFixture {
    static constexpr const char* k_config = R"({"contexts": {
  "prod": {"url": "redis://ctx:ctxpw@ctx.example:7000/7", "protect": ["sess:*"],
           "policy": "p.json", "confirm": "always", "pace": "full"}}})";

    TempDir dir;
    ConnectionFlags flags;
    std::map<std::string, std::string> variables{{"HOME", dir.path().string()}};

    Settings resolve(const AskPassword& ask = {}) {
        const Environment environment =
            [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
        return resolve_settings(flags, environment, ask, check_sparing_glob);
    }
    std::string message() {
        try {
            resolve();
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::usage);
            return error.what();
        }
        return "no error";
    }
    std::string configure(std::string_view text) {
        std::filesystem::create_directories(dir.path() / ".config/cachectl");
        const std::string path = dir.file(".config/cachectl/config.json", text);
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        return path;
    }
    std::string secret(std::string_view text, mode_t mode = 0600) {
        const std::string path = dir.file("secret", text);
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        return path;
    }
};

}  // namespace cachectl::test
