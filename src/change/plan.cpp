#include "change/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "keyspace/namespaces.hpp"
#include "redis/info.hpp"
#include "util/error.hpp"
#include "util/sha256.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::array<std::string_view, 8> k_of_planning = {
    "--plan", "--valid", "--dry-run", "--yes", "--confirm", "--output", "--json", "--audit-log"};
constexpr const char* k_list = "--keys-from";
constexpr std::size_t k_differences_told = 5;

/// What `apply` finds from anywhere, and may read a second time; what is not there yet, as a backup
/// is not, may become that. It is not simplified: "a/.." is not here where "a" is a link.
std::string planned_file(const Option& option, const std::string& value) {
    std::error_code unknown;
    const auto type = std::filesystem::status(value, unknown).type();
    const bool is_there = type != std::filesystem::file_type::not_found;
    if (value == "-" || (is_there && type != std::filesystem::file_type::regular)) {
        throw Error(ExitCode::usage,
                    fmt::format("{} {}: a plan cannot read that again", option.name(), value),
                    "name a regular file");
    }
    return std::filesystem::absolute(value).string();
}

std::string planned_value(const Option& option, const std::string& given) {
    const bool is_file = option.outline().kind() == OptionOutline::Kind::file;
    std::string value = is_file ? planned_file(option, given) : given;
    if (!is_utf8(value)) {
        throw Error(
            ExitCode::usage,
            fmt::format("{}: a plan holds text, and '{}' is not UTF-8", option.name(), value),
            is_file ? "" : "a pattern may have '?' for a byte");
    }
    return value;
}

std::uint64_t allowed(std::uint64_t keys, double tolerance) {
    return static_cast<std::uint64_t>(std::ceil(static_cast<double>(keys) * tolerance));
}

std::uint64_t difference(std::uint64_t a, std::uint64_t b) { return a < b ? b - a : a - b; }

/// As a message can have it, which a NUL would end.
std::string named(std::string name) {
    replace_all(name, std::string_view("\0", 1), "\\0");
    return name;
}

/// Keys of a namespace.
struct ThenAndNow {
    std::uint64_t planned = 0, now = 0;
};

std::map<std::string, ThenAndNow> side_by_side(const Plan::Counts& planned,
                                               const Plan::Counts& now) {
    std::map<std::string, std::pair<std::optional<std::uint64_t>, std::optional<std::uint64_t>>>
        rows;
    for (const auto& [name, keys] : planned) {
        rows[name].first = keys;
    }
    for (const auto& [name, keys] : now) {
        rows[name].second = keys;
    }
    const std::string others = namespace_row_name(NamespaceCount::Kind::other, {});
    const bool has_all_planned = planned.size() < Plan::k_most_namespaces;
    const bool has_all_now = now.size() < Plan::k_most_namespaces;
    std::map<std::string, ThenAndNow> counts;
    for (const auto& [name, row] : rows) {
        // Which names there is room for is a matter of luck: a name that a side without room does
        // not have may be among its others, so that all of these are compared in one.
        const bool is_known = (row.first || has_all_planned) && (row.second || has_all_now);
        ThenAndNow& count = counts[is_known ? name : others];
        count.planned += row.first.value_or(0);
        count.now += row.second.value_or(0);
    }
    return counts;
}

}  // namespace

Plan::Options planned_options(const CommandSyntax& syntax) {
    Plan::Options options;
    for (const Option& option : syntax.options()) {
        const auto& skipped = k_of_planning;
        if (option.values().empty() ||
            std::find(skipped.begin(), skipped.end(), option.name()) != skipped.end()) {
            continue;
        }
        std::vector<std::string> values;
        for (const std::string& value : option.values()) {
            values.push_back(planned_value(option, value));
        }
        options.emplace_back(option.name(), std::move(values));
    }
    return options;
}

std::string list_digest(const Plan::Options& options) {
    const auto list = std::find_if(options.begin(), options.end(),
                                   [](const auto& option) { return option.first == k_list; });
    if (list == options.end()) {
        return {};
    }
    const std::string& path = list->second.back();
    std::ifstream file(path, std::ios::binary);
    Sha256 digest;
    std::array<char, 64 * 1024> window;
    while (file) {
        file.read(window.data(), window.size());
        digest.add({window.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (!file.eof()) {
        throw Error(ExitCode::bad_input, "cannot read " + path);
    }
    return digest.hex();
}

std::vector<std::string> server_processes(Client& client) {
    client.connect_all();
    std::vector<std::string> ids;
    for (const ServerNode& node : client.nodes()) {
        ids.push_back(node.client->server().run_id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::optional<std::string> drift(const Plan& plan, std::uint64_t keys,
                                 const Plan::Counts& namespaces, double tolerance) {
    const std::map<std::string, ThenAndNow> counts = side_by_side(plan.namespaces, namespaces);
    std::string by_namespace;
    std::size_t told = 0;
    for (const auto& [name, count] : counts) {
        const auto [planned, now] = count;
        if (difference(planned, now) <= allowed(planned, tolerance)) {
            continue;
        }
        if (told++ < k_differences_told) {
            by_namespace += fmt::format("{}{}: {} instead of {}", told == 1 ? "" : ", ",
                                        named(name), format_count(now), format_count(planned));
        }
    }
    if (told == 0 && difference(plan.keys, keys) <= allowed(plan.keys, tolerance)) {
        return std::nullopt;
    }
    if (told > k_differences_told) {
        by_namespace += ", …";
    }
    return fmt::format("{} keys match instead of the {} that were planned{}{}{}",
                       format_count(keys), format_count(plan.keys), told == 0 ? "" : " (",
                       by_namespace, told == 0 ? "" : ")");
}

}  // namespace cachectl
