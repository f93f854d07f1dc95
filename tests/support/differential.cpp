#include "support/differential.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "support/same_json.hpp"

namespace cachectl::test {

namespace {

constexpr Millis k_longest{120'000};
constexpr std::size_t k_shown_differences = 5;

Rows rows_of_redis(RespClient client) {
    const std::vector<std::string> keys = client.list({"KEYS", "t:*"});
    Rows rows;
    for (const std::string& key : keys) {
        rows[key.substr(2)] = same_json(client.text({"GET", key}));
    }
    return rows;
}

/// From a little before the first byte in which they differ.
std::string difference_of(const std::string& is, const std::string& should_be) {
    const auto [at, other] =
        std::mismatch(is.begin(), is.end(), should_be.begin(), should_be.end());
    const std::size_t from = std::max<std::ptrdiff_t>(at - is.begin() - 60, 0);
    return "is        " + is.substr(from, 160) + "\n  should be " + should_be.substr(from, 160);
}

}  // namespace

Rows rows_of_query(std::string_view printed, char field_end, char row_end) {
    Rows rows;
    while (!printed.empty()) {
        const std::string_view row = printed.substr(0, printed.find(row_end));
        const std::size_t field = row.find(field_end);
        if (field == std::string_view::npos) {
            throw std::runtime_error("a row without its id: " + std::string(row));
        }
        const std::string id(row.substr(0, field));
        if (!rows.emplace(id, same_json(row.substr(field + 1))).second) {
            throw std::runtime_error("two rows with the id " + id);
        }
        printed.remove_prefix(std::min(row.size() + 1, printed.size()));
    }
    return rows;
}

std::string difference(const RedisServer& redis, const Dump& dump, const std::string& table,
                       const Rows& expected) {
    redis.client().run({"FLUSHALL"});
    const TempDir folder;
    std::vector<std::string> args = {"warm",  folder.file("dump", dump.bytes),
                                     "--key", "t:{id}",
                                     "--ttl", "1h",
                                     "-s",    redis.socket_path()};
    if (!table.empty()) {
        args.insert(args.end(), {"--table", table});
    }
    args.insert(args.end(), dump.words.begin(), dump.words.end());
    ProcessOptions options;
    options.timeout = k_longest;
    const ProcessResult run = run_cachectl(args, options);
    std::ostringstream what;
    if (run.exit_code != 0) {
        what << "exit " << run.exit_code << ": " << run.err;
    }
    const Rows actual = rows_of_redis(redis.client());
    std::size_t differences = 0;
    for (const auto& [id, json] : expected) {
        const auto found = actual.find(id);
        if (found != actual.end() && found->second == json) {
            continue;
        }
        if (++differences > k_shown_differences) {
            continue;
        }
        what << "row " << id << ": "
             << (found == actual.end() ? "is not there" : difference_of(found->second, json))
             << "\n";
    }
    if (differences > k_shown_differences) {
        what << differences << " rows in all\n";
    }
    for (const auto& [id, json] : actual) {
        if (expected.count(id) == 0) {
            what << "row " << id << ": should not be there: " << json;
        }
    }
    return what.str().empty() ? "" : dump.how + ", " + table + ":\n" + what.str();
}

std::string differences(const RedisServer& redis, const std::vector<Dump>& dumps,
                        const std::string& table, const Rows& expected, Modes modes,
                        std::size_t turn) {
    const std::size_t step = modes == Modes::all ? 1 : 3;
    std::string what;
    for (std::size_t i = turn % step; i < dumps.size(); i += step) {
        what += difference(redis, dumps[i], table, expected);
    }
    return what;
}

std::string output_of(std::vector<std::string> argv, ProcessOptions options) {
    const std::string name = argv.front();
    options.timeout = k_longest;
    ProcessResult result = run_process(std::move(argv), std::move(options));
    if (result.exit_code != 0) {
        throw std::runtime_error(name + " failed with " + std::to_string(result.exit_code) + ": " +
                                 result.err);
    }
    return std::move(result.out);
}

std::string find_program(const std::string& name, const std::vector<std::string>& folders,
                         const std::string& package) {
    std::vector<std::string> all = folders;
    const char* const path = std::getenv("PATH");
    std::istringstream in_path(path == nullptr ? "" : path);
    for (std::string folder; std::getline(in_path, folder, ':');) {
        all.push_back(folder);
    }
    for (const std::string& folder : all) {
        const std::string file = folder + "/" + name;
        if (::access(file.c_str(), X_OK) == 0) {
            return file;
        }
    }
    throw std::runtime_error("this test needs " + name + ", of Debian's package " + package);
}

}  // namespace cachectl::test
