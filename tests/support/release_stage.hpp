// What the tests of --sync and --switch share: a cache with an old release, and the rows of a new.
#pragma once

#include <string>
#include <vector>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

using Lines = std::vector<std::string>;

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A cache with an old release, and the rows of the new one.
struct ReleaseStage {
    TempDir dir;
    std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n");
    FakeClient client;

    ReleaseStage() {
        client.keys["c:v41:1"] = client.keys["c:v41:9"] = client.keys["other:1"] = {};
        client.keys["c:now"] = {.value = "v41"};
        client.keys["c:v41:5:cachectl:0123456789abcdef"] = {};
        client.on("STRLEN", [this](const FakeClient::Args& args) {
            const auto found = client.keys.find(args[1]);
            return Reply::make_integer(found == client.keys.end()
                                           ? 0
                                           : static_cast<std::int64_t>(found->second.value.size()));
        });
    }
    [[nodiscard]] Lines words(const Lines& more) const {
        Lines all = {"warm", file,    "--key",       "c:{release}:{id}", "--ttl",
                     "1h",   "--set", "release=v42", "--sync",           "c:*"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    RunResult run(const Lines& more, RunOptions options = {}) {
        return run_with(client, words(more), std::move(options));
    }
    [[nodiscard]] std::size_t deletions() const {
        return client.count("UNLINK") + client.count("DEL");
    }
    [[nodiscard]] Lines names() const {
        Lines names;
        for (const auto& [name, key] : client.keys) {
            names.push_back(name);
        }
        return names;
    }
};

inline const Lines k_synced = {"c:now", "c:v41:5:cachectl:0123456789abcdef", "c:v42:1", "c:v42:2",
                               "other:1"};

}  // namespace cachectl::test
