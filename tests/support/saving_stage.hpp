// A KeyChanger with a backup before a fake server with transactions.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "change/key_changer.hpp"
#include "change/usable_keys.hpp"
#include "rdb/payload.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

/// A server with transactions; `values` is what it has.
struct SavingStage {
    using Args = FakeClient::Args;

    SavingStage() {
        client.on("PTTL", [this](const Args& args) { return perform(args); });
        client.on("DUMP", [this](const Args& args) { return perform(args); });
        client.on("UNLINK", [this](const Args& args) { return perform(args); });
        client.on("PEXPIRE", [this](const Args& args) { return perform(args); });
        client.on("MULTI", [this](const Args&) {
            saved_before_multi = content();
            is_open = true;
            return Reply::make_status("OK");
        });
        client.on("EXEC", [this](const Args&) {
            is_open = false;
            Reply reply;
            reply.type = Reply::Type::array;
            for (const Args& args : std::exchange(queued, {})) {
                reply.elements.push_back(perform(args));
            }
            return reply;
        });
    }

    Reply perform(const Args& args) {
        if (is_open) {
            queued.push_back(args);
            return Reply::make_status("QUEUED");
        }
        if (args[0] == "PTTL") {
            const auto ttl = ttls.find(args[1]);
            return Reply::make_integer(!values.contains(args[1]) ? -2
                                       : ttl == ttls.end()       ? -1
                                                                 : ttl->second);
        }
        if (args[0] == "DUMP") {
            const auto value = values.find(args[1]);
            return value == values.end() ? Reply()
                                         : Reply::make_string(make_dump_payload(
                                               RdbType::string, "\1" + value->second, 9));
        }
        if (args[0] == "PEXPIRE") {
            if (!values.contains(args[1]) || refuses_expiry) {
                return Reply::make_integer(0);
            }
            ttls[args[1]] = std::stoll(args[2]);
            return Reply::make_integer(1);
        }
        std::int64_t removed = 0;
        for (std::size_t i = 1; i < args.size(); ++i) {
            removed += static_cast<std::int64_t>(values.erase(args[i]));
        }
        return Reply::make_integer(removed);
    }

    std::map<std::string, std::string> content() {
        if (std::filesystem::file_size(path) == 0) {
            return {};  // nothing was saved
        }
        const RdbFile file(path);
        std::map<std::string, std::string> found;
        UsableKeys(file, check_rdb(file), Repeated::maybe).each([&](const RdbKey& key) {
            found[key.name] = file.bytes(key.value_offset + 1, 1);
            return true;
        });
        return found;
    }

    /// When the keys of the file end, by a clock that began with the server; 0: never.
    std::map<std::string, std::int64_t> ends() {
        const RdbFile file(path);
        std::map<std::string, std::int64_t> found;
        UsableKeys(file, check_rdb(file), Repeated::maybe).each([&](const RdbKey& key) {
            found[key.name] = key.expires_at.value_or(std::chrono::milliseconds(0)).count();
            return true;
        });
        return found;
    }

    /// Before each transaction.
    void meanwhile(const std::function<void()>& act) {
        client.on("MULTI", [act, multi = client.handler("MULTI")](const Args& args) {
            act();
            return multi(args);
        });
    }

    ChangeTally expire(const std::vector<std::string>& keys, KeyChangerOptions options = {}) {
        options.backup = &backup;
        KeyChanger changer(client, paces, options);
        for (const std::string& key : keys) {
            client.keys[key] = {};
            changer.send({"PEXPIRE", {key}, "5000", options.check ? "LT" : ""});
        }
        changer.finish();
        stopped = changer.stopped();
        backup.commit();
        return changer.tally();
    }

    ChangeTally remove(const std::vector<std::string>& keys) {
        KeyChangerOptions options;
        options.backup = &backup;
        options.put_off = [this](const std::string& key) { large.push_back(key); };
        KeyChanger changer(client, paces, options);
        for (const std::string& key : keys) {
            client.keys[key] = {};
            changer.change(key);
        }
        changer.finish();
        stopped = changer.stopped();
        backup.commit();
        return changer.tally();
    }

    TempDir dir;
    std::string path = (dir.path() / "backup.rdb").string();
    FakeClient client;
    Paces paces{client, {}};
    std::map<std::string, std::string> values = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
    std::map<std::string, std::int64_t> ttls;
    bool refuses_expiry = false;
    Backup backup{path, {}, 0, {.server_now = [] { return WallTime{}; }}};
    std::vector<Args> queued;
    bool is_open = false;
    std::map<std::string, std::string> saved_before_multi;
    std::vector<std::string> large;
    std::optional<Error> stopped;
};

}  // namespace cachectl::test
