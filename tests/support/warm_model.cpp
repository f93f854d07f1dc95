#include "support/warm_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "support/same_json.hpp"

namespace cachectl::test {

namespace {

using Kind = Cell::Kind;

/// What a row has become, or that it has become nothing.
struct Made {
    std::string type = "string";
    bool is_json = false;
    std::string text;                                        // of a string
    std::vector<std::pair<std::string, std::string>> pairs;  // hash, zset: member and score
    std::vector<std::string> elements;                       // list, set
};

std::optional<std::string> render(const ModelTemplate& what, const ModelRow& row, bool is_key) {
    std::string text;
    for (const ModelTemplate::Part& part : what.parts) {
        text += part.literal;
        if (!part.column) continue;
        const Cell& cell = row.cells[*part.column];
        if (cell.kind == Kind::missing || cell.kind == Kind::null) return std::nullopt;
        if (is_key && (cell.kind == Kind::json || cell.text.empty())) return std::nullopt;
        text += cell.text;
    }
    return text;
}

/// A number that a text is: whole ones only, which are all that conditions are about.
std::optional<long long> whole_number(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return std::nullopt;
    const std::string trimmed = text.substr(first, text.find_last_not_of(" \t") + 1 - first);
    const std::size_t digits = trimmed[0] == '+' || trimmed[0] == '-' ? 1 : 0;
    const bool is_whole = trimmed.size() > digits &&
                          trimmed.find_first_not_of("0123456789", digits) == std::string::npos;
    if (!is_whole) return std::nullopt;
    return std::strtoll(trimmed.c_str(), nullptr, 10);
}

bool is_true(const Cell& cell) {
    std::string word;
    for (const char c : cell.text) word += static_cast<char>(std::tolower(c));
    static const std::set<std::string> k_yes = {"true", "t", "yes", "y", "on", "1"};
    return cell.kind != Kind::json && k_yes.contains(word);
}

bool holds(const ModelCondition& condition, const Cell& cell) {
    using Condition = ModelCondition::Kind;
    if (condition.kind == Condition::null) return cell.kind == Kind::null;
    if (condition.kind == Condition::not_null) return cell.kind != Kind::null;
    if (cell.kind == Kind::null) return false;
    switch (condition.kind) {
        case Condition::equal:
            return cell.text == condition.value;
        case Condition::unequal:
            return cell.text != condition.value;
        case Condition::is_true:
            return is_true(cell);
        default: {
            const auto number = whole_number(cell.text);
            return number && *number >= *whole_number(condition.value);
        }
    }
}

enum class Wanted { yes, no, is_bad };

Wanted is_wanted(const ModelDataset& dataset, const ModelRow& row) {
    bool all = true;
    for (const ModelCondition& condition : dataset.where) {
        const Cell& cell = row.cells[condition.column];
        if (cell.kind == Kind::missing) return Wanted::is_bad;
        all = all && holds(condition, cell);
    }
    return all ? Wanted::yes : Wanted::no;
}

using Named = Cell::Member;

/// The chosen columns; nothing if one is missing.
std::optional<std::vector<Named>> chosen(const ModelDataset& dataset, const ModelRow& row,
                                         const std::vector<std::string>& names) {
    std::vector<Named> cells;
    if (dataset.columns.empty()) {
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            if (row.cells[i].kind != Kind::missing) cells.push_back({names[i], row.cells[i]});
        }
        return cells;
    }
    for (const std::size_t column : dataset.columns) {
        if (row.cells[column].kind == Kind::missing) return std::nullopt;
        cells.push_back({names[column], row.cells[column]});
    }
    return cells;
}

std::optional<std::string> object_of(const std::vector<Named>& cells) {
    std::string json = "{";
    for (const auto& [name, cell] : cells) {
        if (cell.kind == Kind::text && !is_utf8(cell.text)) return std::nullopt;
        json += (json.size() > 1 ? "," : "") + json_of_text(name) + ":" + json_of(cell);
    }
    return json + "}";
}

bool is_score(const std::string& text) {
    if (text.empty() || std::string("+ \t\n").find(text[0]) != std::string::npos) return false;
    if (text.find_first_of("xX") != std::string::npos) return false;
    char* end = nullptr;
    const double score = std::strtod(text.c_str(), &end);
    const bool is_tiny = score == 0 && text.find_first_of("123456789") < text.find_first_of("eE");
    return end == text.c_str() + text.size() && std::isfinite(score) && !is_tiny;
}

std::optional<Made> make_zset(const std::vector<Named>& scored) {
    Made made{"zset"};
    for (const auto& [member, score] : scored) {
        if (score.kind == Kind::null || !is_score(score.text)) return std::nullopt;
        made.pairs.emplace_back(member, score.text);
    }
    return made.pairs.empty() ? std::nullopt : std::optional(made);
}

std::optional<Made> make_parts(const std::string& as, const std::vector<Named>& cells) {
    Made made{as};
    for (const auto& [name, cell] : cells) {
        if (cell.kind == Kind::null) continue;
        if (as == "hash") {
            made.pairs.emplace_back(name, cell.text);
        } else {
            made.elements.push_back(cell.text);
        }
    }
    return made.pairs.empty() && made.elements.empty() ? std::nullopt : std::optional(made);
}

std::optional<Made> make_json(const std::vector<Named>& cells) {
    const auto json = object_of(cells);
    return json ? std::optional(Made{"string", true, *json, {}, {}}) : std::nullopt;
}

std::optional<Made> value_of_entry(const std::string& as, const Cell& value) {
    if (as.empty() && value.kind != Kind::null) return Made{"string", false, value.text, {}, {}};
    if (as.empty() || as == "json") return Made{"string", true, json_of(value), {}, {}};
    if (as == "string") {
        if (value.kind == Kind::null) return std::nullopt;
        return Made{"string", false, value.text, {}, {}};
    }
    const bool wants_array = as == "list" || as == "set";
    if (value.kind != Kind::json || value.is_array != wants_array) return std::nullopt;
    return as == "zset" ? make_zset(value.members) : make_parts(as, value.members);
}

std::optional<Made> value_of_row(const ModelDataset& dataset, const ModelRow& row,
                                 const std::vector<std::string>& names) {
    if (dataset.value) {
        const auto text = render(*dataset.value, row, false);
        return text ? std::optional(Made{"string", false, *text, {}, {}}) : std::nullopt;
    }
    const auto cells = chosen(dataset, row, names);
    if (!cells) return std::nullopt;
    if (dataset.as.empty() || dataset.as == "json") return make_json(*cells);
    if (dataset.as == "string") {
        const Cell& cell = cells->front().value;
        if (cell.kind == Kind::null) return std::nullopt;
        return Made{"string", false, cell.text, {}, {}};
    }
    if (dataset.as != "zset") return make_parts(dataset.as, *cells);
    const Cell& member = (*cells)[0].value;
    if (member.kind == Kind::null) return std::nullopt;
    return make_zset({{member.text, (*cells)[1].value}});
}

/// Of one row of --group: the parts that it adds.
std::optional<Made> part_of_group(const ModelDataset& dataset, const ModelRow& row,
                                  const std::vector<std::string>& names) {
    if (dataset.as != "hash") return value_of_row(dataset, row, names);
    const auto cells = chosen(dataset, row, names);
    if (!cells) return std::nullopt;
    const Cell& field = (*cells)[0].value;
    const Cell& value = (*cells)[1].value;
    if (field.kind == Kind::null || value.kind == Kind::null) return std::nullopt;
    Made made{"hash"};
    made.pairs.emplace_back(field.text, value.text);
    return made;
}

std::string score_text(const std::string& score) {
    return fmt::format("{:.17g}", std::strtod(score.c_str(), nullptr) + 0.0);
}

std::string part_text(const std::string& part) { return fmt::format("{}:{} ", part.size(), part); }

std::string shown_pairs(const std::map<std::string, std::string>& pairs) {
    std::string shown;
    for (const auto& [name, value] : pairs) shown += part_text(name) + "= " + part_text(value);
    return shown;
}

std::string shown_elements(const std::vector<std::string>& elements) {
    std::string shown;
    for (const std::string& element : elements) shown += part_text(element);
    return shown;
}

std::string shown_made(const Made& made) {
    if (made.type == "string") return made.is_json ? same_json(made.text) : made.text;
    if (made.type == "list") return shown_elements(made.elements);
    if (made.type == "set") {
        const std::set<std::string> members(made.elements.begin(), made.elements.end());
        return shown_elements({members.begin(), members.end()});
    }
    std::map<std::string, std::string> last;
    for (const auto& [name, value] : made.pairs) {
        last[name] = made.type == "zset" ? score_text(value) : value;
    }
    return shown_pairs(last);
}

/// The keys of --group, or the one of --collect, while its rows come.
struct Gathering {
    std::vector<std::pair<std::string, Made>> keys;            // in the order in which they came
    std::vector<std::pair<std::string, std::string>> members;  // of --collect-by
    std::uint64_t rows = 0;
    bool has_bad_rows = false;
};

class WarmRun {
public:
    WarmRun(const WarmCase& warm, const std::set<std::string>& existing)
        : m_warm(warm), m_existing(existing), m_gathered(warm.datasets.size()) {}

    WarmExpected run() {
        if (is_refused()) return refused();
        try {
            read();
        } catch (const Stopped& stopped) {
            m_expected.exit_code = stopped.exit_code;
            m_expected.is_complete = false;
            return m_expected;
        }
        m_expected.exit_code = verdict();
        m_expected.is_complete = m_expected.exit_code == 0;
        return m_expected;
    }

private:
    struct Stopped {
        int exit_code;
    };

    void read() {
        for (std::size_t file = 0; file < m_warm.files.size(); ++file) {
            for (const ModelRow& row : m_warm.files[file].rows) take(file, row);
        }
        for (std::size_t i = 0; i < m_gathered.size(); ++i) write_gathered(i);
    }

    void take(std::size_t file, const ModelRow& row) {
        if (!row.is_readable) {
            for (Gathering& gathering : m_gathered) gathering.has_bad_rows = true;
            return reject(file, row, m_warm.datasets.size());
        }
        for (std::size_t i = 0; i < m_warm.datasets.size(); ++i) {
            const ModelDataset& dataset = m_warm.datasets[i];
            const Wanted wanted = is_wanted(dataset, row);
            if (wanted == Wanted::no) {
                ++m_expected.filtered;
            } else if (wanted == Wanted::is_bad || !use(i, row)) {
                m_gathered[i].has_bad_rows = true;
                reject(file, row, 1);
            }
        }
    }

    bool use(std::size_t index, const ModelRow& row) {
        const ModelDataset& dataset = m_warm.datasets[index];
        const bool is_used =
            dataset.gathers() ? gather(dataset, m_gathered[index], row) : make_key(dataset, row);
        m_expected.records += is_used && dataset.gathers() ? 1 : 0;
        return is_used;
    }

    bool make_key(const ModelDataset& dataset, const ModelRow& row) {
        const bool entry = m_warm.format.has_entries();
        static const ModelTemplate k_name{{{"", 0}}};
        const auto key = render(dataset.key.value_or(k_name), row, true);
        if (!key) return false;
        const auto value = entry && !dataset.value
                               ? value_of_entry(dataset.as, row.cells[1])
                               : value_of_row(dataset, row, m_warm.format.columns);
        if (!value) return false;
        write(dataset, *key, *value);
        ++m_expected.records;
        return true;
    }

    bool gather(const ModelDataset& dataset, Gathering& gathering, const ModelRow& row) const {
        std::string name;
        if (dataset.group || dataset.collect_by) {
            const auto key = dataset.group ? render(*dataset.group, row, true)
                                           : render({{{"", *dataset.collect_by}}}, row, true);
            if (!key || (dataset.collect_by && !is_utf8(*key))) return false;
            name = *key;
        }
        const auto part = part_of_group(dataset, row, m_warm.format.columns);
        if (!part) return false;
        ++gathering.rows;
        if (dataset.collect_by) {
            const auto found =
                std::find_if(gathering.members.begin(), gathering.members.end(),
                             [&](const auto& member) { return member.first == name; });
            if (found == gathering.members.end()) {
                gathering.members.emplace_back(name, part->text);
            } else {
                found->second = part->text;
            }
            return true;
        }
        const std::string key = dataset.group ? name : dataset.collect;
        const auto found = std::find_if(gathering.keys.begin(), gathering.keys.end(),
                                        [&](const auto& made) { return made.first == key; });
        Made& made = found == gathering.keys.end()
                         ? gathering.keys.emplace_back(key, Made{part->type}).second
                         : found->second;
        made.is_json = part->is_json;
        made.text += (made.text.empty() ? "[" : ",") + part->text;
        made.pairs.insert(made.pairs.end(), part->pairs.begin(), part->pairs.end());
        made.elements.insert(made.elements.end(), part->elements.begin(), part->elements.end());
        return true;
    }

    void write_gathered(std::size_t index) {
        const ModelDataset& dataset = m_warm.datasets[index];
        Gathering& gathering = m_gathered[index];
        if (!dataset.collect.empty() && gathering.rows == 0) {
            if (!dataset.overwrites || gathering.has_bad_rows) return;
            return write(dataset, dataset.collect,
                         {"string", true, dataset.collect_by ? "{}" : "[]", {}, {}});
        }
        if (dataset.collect_by) {
            std::string json = "{";
            for (const auto& [name, value] : gathering.members) {
                json += (json.size() > 1 ? "," : "") + json_of_text(name) + ":" + value;
            }
            if (!gathering.members.empty()) {
                write(dataset, dataset.collect, {"string", true, json + "}", {}, {}});
            }
            return;
        }
        for (auto& [key, made] : gathering.keys) {
            if (made.is_json) made.text += "]";
            write(dataset, key, made);
        }
    }

    void reject(std::size_t file, const ModelRow& row, std::size_t datasets) {
        m_expected.records += datasets;
        m_expected.rejected += datasets;
        m_expected.bad.push_back({file, row.line, row_json(row)});
        if (m_expected.rejected > m_warm.max_errors) throw Stopped{6};
    }

    [[nodiscard]] std::string row_json(const ModelRow& row) const {
        if (!row.is_readable) return "";
        const auto json = object_of(*chosen({}, row, m_warm.format.columns));
        return json ? same_json(*json) : "";
    }

    [[nodiscard]] const ModelRule* rule_of(const std::string& key) const {
        for (const ModelRule& rule : m_warm.policy) {
            if (key.starts_with(rule.prefix)) return &rule;
        }
        return nullptr;
    }

    [[nodiscard]] bool is_protected(const std::string& key) const {
        const auto starts = [&](const std::string& prefix) { return key.starts_with(prefix); };
        return std::any_of(m_warm.protects.begin(), m_warm.protects.end(), starts) ||
               std::any_of(m_warm.policy.begin(), m_warm.policy.end(), [&](const ModelRule& rule) {
                   return rule.is_protected && starts(rule.prefix);
               });
    }

    void check_policy(const ModelRule* rule, const Made& made,
                      std::optional<std::int64_t> ttl_s) const {
        if (m_warm.policy.empty()) return;
        if (rule == nullptr) {
            if (m_warm.unknown_keys == "fail") throw Stopped{8};
            return;
        }
        std::size_t bytes = made.type == "string" ? made.text.size() : 0;
        for (const auto& [name, value] : made.pairs) bytes += name.size() + value.size();
        for (const std::string& element : made.elements) bytes += element.size();
        const bool lives_too_long = rule->max_ttl_s && (!ttl_s || *ttl_s > *rule->max_ttl_s);
        if (lives_too_long || (rule->max_size && bytes > *rule->max_size)) throw Stopped{8};
    }

    void write(const ModelDataset& dataset, const std::string& key, const Made& made) {
        const ModelRule* const rule = rule_of(key);
        const auto ttl_s = dataset.ttl_s     ? dataset.ttl_s
                           : rule != nullptr ? rule->ttl_s
                                             : std::nullopt;
        check_policy(rule, made, ttl_s);
        ++m_expected.keys;
        const bool is_there = m_existing.contains(key) || m_expected.values.contains(key);
        const bool writes = !is_there || (dataset.overwrites && !is_protected(key));
        if (!m_made.insert(key).second) {
            ++m_expected.duplicates;
        } else if (writes) {
            ++m_expected.written;
        } else if (dataset.overwrites) {
            ++m_expected.protected_keys;
        } else {
            ++m_expected.skipped;
        }
        if (!writes) return;
        m_expected.values[key] = {made.type, made.is_json, shown_made(made),
                                  ttl_s ? std::optional(*ttl_s * 1000) : std::nullopt,
                                  dataset.jitter_percent};
    }

    // Guards count all keys of files before the first is written, whatever else may be wrong.
    [[nodiscard]] bool is_refused() const {
        if (!m_warm.max_keys && !m_warm.expect) return false;
        WarmCase all = m_warm;
        all.max_keys.reset();
        all.expect.reset();
        all.policy.clear();
        all.max_errors = 1'000'000;
        const std::uint64_t keys = WarmRun(all, m_existing).run().keys;
        return (m_warm.max_keys && keys > *m_warm.max_keys) ||
               (m_warm.expect && (keys < m_warm.expect->first || keys > m_warm.expect->second));
    }

    static WarmExpected refused() {
        WarmExpected expected;
        expected.exit_code = 8;
        expected.is_complete = false;
        return expected;
    }

    [[nodiscard]] int verdict() const {
        const bool too_many = m_expected.duplicates + m_expected.rejected > m_warm.max_errors;
        if (m_expected.duplicates != 0 && too_many) return 5;
        return m_expected.keys == 0 && m_warm.fails_if_none ? 1 : 0;
    }

    const WarmCase& m_warm;
    const std::set<std::string>& m_existing;
    std::vector<Gathering> m_gathered;
    std::set<std::string> m_made;
    WarmExpected m_expected;
};

}  // namespace

WarmExpected expected_of(const WarmCase& warm, const std::set<std::string>& existing) {
    return WarmRun(warm, existing).run();
}

std::string shown_value(RespClient& redis, const std::string& key, const std::string& type,
                        bool is_json) {
    if (type == "string") {
        const std::string text = redis.text({"GET", key});
        return is_json ? same_json(text) : text;
    }
    if (type == "list") return shown_elements(redis.list({"LRANGE", key, "0", "-1"}));
    if (type == "set") {
        std::vector<std::string> members = redis.list({"SMEMBERS", key});
        std::sort(members.begin(), members.end());
        return shown_elements(members);
    }
    const bool scored = type == "zset";
    const auto list = scored ? redis.list({"ZRANGE", key, "0", "-1", "WITHSCORES"})
                             : redis.list({"HGETALL", key});
    std::map<std::string, std::string> pairs;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        pairs[list[i]] = scored ? score_text(list[i + 1]) : list[i + 1];
    }
    return shown_pairs(pairs);
}

void fill_for_warm(RespClient& redis, RandomData& random, const WarmCase& warm) {
    fill_randomly(redis, random);
    for (const auto& [key, value] : expected_of(warm, {}).values) {
        if (!random.one_in(5)) continue;
        redis.run({"DEL", key});
        switch (random.below(4)) {
            case 0:
                redis.run({"RPUSH", key, "there"});
                break;
            case 1:
                redis.run({"HSET", key, "there", "already"});
                break;
            default:
                redis.run({"SET", key, "there"});
        }
        if (random.one_in(2)) redis.run({"EXPIRE", key, random.any_of({"500", "700000"})});
    }
}

}  // namespace cachectl::test
