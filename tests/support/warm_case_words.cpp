// The part of warm_model.hpp that writes a case down: as words of a command line, as a manifest and
// as a policy.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/random_table.hpp"
#include "support/warm_model.hpp"

namespace cachectl::test {

namespace {

using Words = std::map<std::string, std::string>;

std::string names_of(const std::vector<std::size_t>& columns,
                     const std::vector<std::string>& names) {
    std::string list;
    for (const std::size_t column : columns) {
        list += (list.empty() ? "" : ",") + names[column];
    }
    return list;
}

std::string with_underscores(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> names(1);
    for (const char c : list) {
        if (c == ',') {
            names.emplace_back();
        } else {
            names.back() += c;
        }
    }
    return names;
}

}  // namespace

std::string ModelTemplate::text(const std::vector<std::string>& columns) const {
    std::string text;
    for (const Part& part : parts) {
        for (const char c : part.literal) {
            text.append(c == '{' || c == '}' ? 2 : 1, c);
        }
        if (part.column) {
            text += "{" + columns[*part.column] + "}";
        }
    }
    return text;
}

std::string ModelCondition::text(const std::vector<std::string>& columns) const {
    const std::string name = quoted(columns[column], '"');
    switch (kind) {
        case Kind::equal:
            return name + " = " + quoted(value, '\'');
        case Kind::unequal:
            return name + " != " + quoted(value, '\'');
        case Kind::at_least:
            return name + " >= " + value;
        case Kind::is_true:
            return name + " = true";
        case Kind::null:
            return name + " is null";
        default:
            return name + " is not null";
    }
}

Words ModelDataset::options(const std::vector<std::string>& column_names) const {
    Words words;
    if (key) {
        words["key"] = key->text(column_names);
    }
    if (group) {
        words["group"] = group->text(column_names);
    }
    if (value) {
        words["value"] = value->text(column_names);
    }
    if (!collect.empty()) {
        words["collect"] = collect;
    }
    if (collect_by) {
        words["collect-by"] = column_names[*collect_by];
    }
    if (!as.empty()) {
        words["as"] = as;
    }
    if (!columns.empty()) {
        words["columns"] = names_of(columns, column_names);
    }
    for (const ModelCondition& condition : where) {
        words["where"] += (words["where"].empty() ? "" : " and ") + condition.text(column_names);
    }
    if (ttl_s) {
        words["ttl"] = fmt::format("{}s", *ttl_s);
    }
    if (jitter_percent != 0) {
        words["jitter"] = fmt::format("{}%", jitter_percent);
    }
    switch (if_exists) {
        case IfExists::skip:
            break;
        case IfExists::overwrite:
            words["if-exists"] = "overwrite";
            break;
        case IfExists::refresh:
            words["if-exists"] = "refresh";
            words["refresh-below"] = fmt::format("{}s", k_refresh_below_s);
            break;
        case IfExists::update:
            words["if-exists"] = "update";
            break;
    }
    return words;
}

std::string WarmCase::policy_json() const {
    nlohmann::json rules = nlohmann::json::array();
    for (const ModelRule& rule : policy) {
        nlohmann::json json = {{"pattern", rule.prefix + "*"}};
        if (rule.ttl_s) {
            json["ttl"] = fmt::format("{}s", *rule.ttl_s);
        }
        if (rule.max_ttl_s) {
            json["max_ttl"] = fmt::format("{}s", *rule.max_ttl_s);
        }
        if (rule.max_size) {
            json["max_size"] = std::to_string(*rule.max_size);
        }
        if (rule.is_protected) {
            json["protected"] = true;
        }
        rules.push_back(json);
    }
    return nlohmann::json({{"keys", rules}, {"unknown", unknown_keys}}).dump(1);
}

std::string WarmCase::manifest_json(const std::string& path) const {
    nlohmann::json all = nlohmann::json::array();
    for (const ModelDataset& dataset : datasets) {
        nlohmann::json json = {{"file", path}};
        Words words = dataset.options(format.columns);
        words.merge(format.options());
        for (const auto& [name, value] : words) {
            if (name == "header" || name == "columns") {
                json[name] = split(value);
            } else {
                json[with_underscores(name)] = value;
            }
        }
        all.push_back(json);
    }
    return nlohmann::json({{"datasets", all}}).dump(1);
}

std::vector<std::string> WarmCase::words() const {
    std::vector<std::string> all;
    Words options;
    if (!uses_manifest) {
        options = datasets.front().options(format.columns);
        options.merge(format.options());
    }
    if (max_errors != 0) {
        options["max-errors"] = std::to_string(max_errors);
    }
    if (max_keys) {
        options["max-keys"] = std::to_string(*max_keys);
    }
    if (expect) {
        options["expect"] = fmt::format("{}..{}", expect->first, expect->second);
    }
    for (const auto& [name, value] : options) {
        all.push_back(fmt::format("--{}={}", name, value));
    }
    for (const std::string& prefix : protects) {
        all.push_back("--protect=" + prefix + "*");
    }
    if (!sync.empty()) {
        all.insert(all.end(), {"--sync=" + sync + "*", "--yes"});
    }
    if (!switch_to.empty()) {
        all.insert(all.end(),
                   {fmt::format("--set=release={}", k_release), "--switch=" + switch_to});
    }
    if (verifies) {
        all.emplace_back("--verify");
    }
    if (fails_if_none) {
        all.emplace_back("--fail-if-none");
    }
    return all;
}

}  // namespace cachectl::test
