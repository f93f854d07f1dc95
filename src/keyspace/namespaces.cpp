#include "keyspace/namespaces.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "keyspace/glob.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {
constexpr std::size_t k_max_name_bytes = 256;
constexpr std::string_view k_no_namespace = "(none)", k_other_namespaces = "(other)";

/// From the rows that have no name of their own, in the way of output/escape.
std::string told_apart(const std::string& name) {
    return name == k_no_namespace || name == k_other_namespaces ? "\\x28" + name.substr(1) : name;
}
}  // namespace

std::optional<std::string_view> namespace_of(std::string_view key, std::string_view delimiter) {
    const std::size_t end = key.find(delimiter);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    return key.substr(0, end);
}

std::string namespace_pattern(std::string_view argument, std::string_view delimiter) {
    check_delimiter(delimiter);
    std::string_view name = argument;
    if (name.ends_with(delimiter)) {
        name.remove_suffix(delimiter.size());
    }
    if (name.empty()) {
        throw Error(ExitCode::guard,
                    fmt::format("the namespace '{}' is empty; nothing was changed", argument),
                    "is a shell variable unset?");
    }
    const std::string pattern = fmt::format("{}{}*", escape_glob(name), escape_glob(delimiter));
    const std::string all_of_it = fmt::format("{}*", delimiter);
    if (name.ends_with(all_of_it)) {
        const std::string_view meant = name.substr(0, name.size() - all_of_it.size());
        if (!meant.empty() && !has_glob_characters(meant)) {
            throw Error(ExitCode::usage,
                        fmt::format("the namespace '{}' has one of * ? [ \\", argument),
                        fmt::format("all of a namespace is its name alone: cachectl flush {}",
                                    shell_word(meant)));
        }
    }
    if (has_glob_characters(name)) {
        throw Error(ExitCode::usage,
                    fmt::format("the namespace '{}' has one of * ? [ \\", argument),
                    fmt::format("for exactly the keys that begin with these characters: "
                                "cachectl invalidate {}",
                                shell_word(pattern)));
    }
    return pattern;
}

void check_delimiter(std::string_view delimiter) {
    if (delimiter.empty()) {
        throw Error(ExitCode::usage, "the delimiter must not be empty");
    }
}

std::string namespace_row_name(NamespaceCount::Kind kind, std::string_view name) {
    return kind == NamespaceCount::Kind::none    ? std::string(k_no_namespace)
           : kind == NamespaceCount::Kind::other ? std::string(k_other_namespaces)
                                                 : told_apart(std::string(name));
}

NamespaceCounter::NamespaceCounter(std::string delimiter, std::size_t max_names)
    : m_delimiter(std::move(delimiter)), m_max_names(max_names) {
    check_delimiter(m_delimiter);
}

void NamespaceCounter::reset() {
    m_named.clear();
    m_none = m_other = m_total = 0;
}

void NamespaceCounter::add(std::string_view key, std::uint64_t n) {
    m_total += n;
    const auto name = namespace_of(key, m_delimiter);
    if (!name) {
        m_none += n;
    } else if (const auto found = m_named.find(*name); found != m_named.end()) {
        found->second += n;
    } else if (m_named.size() < m_max_names && name->size() <= k_max_name_bytes) {
        m_named.emplace(*name, n);
    } else {
        m_other += n;
    }
}

std::vector<NamespaceCount> NamespaceCounter::rows() const {
    using Kind = NamespaceCount::Kind;
    std::vector<NamespaceCount> rows;
    rows.reserve(m_named.size() + 2);
    for (const auto& [name, keys] : m_named) {
        if (keys > 0) {
            rows.push_back({Kind::named, told_apart(name), keys});
        }
    }
    if (m_none > 0) {
        rows.push_back({Kind::none, std::string(k_no_namespace), m_none});
    }
    std::sort(rows.begin(), rows.end(), [](const NamespaceCount& a, const NamespaceCount& b) {
        return a.keys != b.keys ? a.keys > b.keys : a.name < b.name;
    });
    if (m_other > 0) {
        rows.push_back({Kind::other, std::string(k_other_namespaces), m_other});
    }
    return rows;
}

}  // namespace cachectl
