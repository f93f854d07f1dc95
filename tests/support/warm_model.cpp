#include "support/warm_model.hpp"

#include <algorithm>
#include <stdexcept>

#include "support/same_json.hpp"
#include "support/warm_model_values.hpp"

namespace cachectl::test {

namespace {

/// The keys of --group, or the one of --collect, while its rows come.
struct Gathering {
    std::vector<std::pair<std::string, Made>> keys;            // in the order in which they came
    std::vector<std::pair<std::string, std::string>> members;  // of --collect-by
    std::uint64_t rows = 0;
    bool has_bad_rows = false;
};

class WarmRun {
public:
    WarmRun(const WarmCase& warm, const Keyspace& existing)
        : m_warm(warm), m_existing(existing), m_gathered(warm.datasets.size()) {}

    WarmExpected run() {
        if (is_refused()) {
            return refused();
        }
        try {
            read();
        } catch (const Stopped& stopped) {
            m_expected.exit_code = stopped.exit_code;
            m_expected.is_complete = false;
            return m_expected;
        }
        m_expected.exit_code = verdict();
        if (m_expected.exit_code == 0) {
            m_expected.exit_code = release();
        }
        m_expected.is_complete = m_expected.exit_code == 0;
        return m_expected;
    }

private:
    struct Stopped {
        int exit_code;
    };

    void read() {
        for (std::size_t file = 0; file < m_warm.files.size(); ++file) {
            for (const ModelRow& row : m_warm.files[file].rows) {
                take(file, row);
            }
        }
        for (std::size_t i = 0; i < m_gathered.size(); ++i) {
            write_gathered(i);
        }
    }

    void take(std::size_t file, const ModelRow& row) {
        if (!row.is_readable) {
            for (Gathering& gathering : m_gathered) {
                gathering.has_bad_rows = true;
            }
            m_have_rows.assign(m_have_rows.size(), true);
            return reject(file, row, m_warm.datasets.size());
        }
        for (std::size_t i = 0; i < m_warm.datasets.size(); ++i) {
            const ModelDataset& dataset = m_warm.datasets[i];
            const Wanted wanted = is_wanted(dataset, row);
            m_have_rows[i] = m_have_rows[i] || wanted != Wanted::no;
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
        if (!key) {
            return false;
        }
        const auto value = entry && !dataset.value
                               ? value_of_entry(dataset.as, row.cells[1])
                               : value_of_row(dataset, row, m_warm.format.columns);
        if (!value) {
            return false;
        }
        write(dataset, *key, *value);
        ++m_expected.records;
        return true;
    }

    bool gather(const ModelDataset& dataset, Gathering& gathering, const ModelRow& row) const {
        std::string name;
        if (dataset.group || dataset.collect_by) {
            const auto key = dataset.group ? render(*dataset.group, row, true)
                                           : render({{{"", *dataset.collect_by}}}, row, true);
            if (!key || (dataset.collect_by && !is_utf8(*key))) {
                return false;
            }
            name = *key;
        }
        const auto part = part_of_group(dataset, row, m_warm.format.columns);
        if (!part) {
            return false;
        }
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
            if (dataset.if_exists == ModelDataset::IfExists::skip || gathering.has_bad_rows) {
                return;
            }
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
            if (made.is_json) {
                made.text += "]";
            }
            write(dataset, key, made);
        }
    }

    void reject(std::size_t file, const ModelRow& row, std::size_t datasets) {
        m_expected.records += datasets;
        m_expected.rejected += datasets;
        m_expected.bad.push_back({file, row.line, row_json(row)});
        if (m_expected.rejected > m_warm.max_errors) {
            throw Stopped{6};
        }
    }

    [[nodiscard]] std::string row_json(const ModelRow& row) const {
        if (!row.is_readable) {
            return "";
        }
        auto cells = *chosen({}, row, m_warm.format.columns);
        for (Named& named : cells) {
            if (named.value.kind == Cell::Kind::text && !is_utf8(named.value.text)) {
                named.value.text = "base64:" + base64(named.value.text);
            }
        }
        const auto json = object_of(cells);
        return json ? same_json(*json) : "";
    }

    [[nodiscard]] const ModelRule* rule_of(const std::string& key) const {
        for (const ModelRule& rule : m_warm.policy) {
            if (key.starts_with(rule.prefix)) {
                return &rule;
            }
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
        if (m_warm.policy.empty()) {
            return;
        }
        if (rule == nullptr) {
            if (m_warm.unknown_keys == "fail") {
                throw Stopped{8};
            }
            return;
        }
        std::size_t bytes = made.type == "string" ? made.text.size() : 0;
        for (const auto& [name, value] : made.pairs) {
            bytes += name.size() + value.size();
        }
        for (const std::string& element : made.elements) {
            bytes += element.size();
        }
        const bool lives_too_long = rule->max_ttl_s && (!ttl_s || *ttl_s > *rule->max_ttl_s);
        if (lives_too_long || (rule->max_size && bytes > *rule->max_size)) {
            throw Stopped{8};
        }
    }

    void write(const ModelDataset& dataset, const std::string& key, const Made& made) {
        const ModelRule* const rule = rule_of(key);
        const auto ttl_s = dataset.ttl_s     ? dataset.ttl_s
                           : rule != nullptr ? rule->ttl_s
                                             : std::nullopt;
        check_policy(rule, made, ttl_s);
        ++m_expected.keys;
        const bool writes = !is_there(key) || (!is_protected(key) && replaces(dataset, key) &&
                                               !is_as_written(dataset, key, made));
        const bool spares = is_protected(key) && dataset.if_exists != ModelDataset::IfExists::skip;
        std::uint64_t WarmExpected::*const outcome = writes   ? &WarmExpected::written
                                                     : spares ? &WarmExpected::protected_keys
                                                              : &WarmExpected::skipped;
        const auto [made_before, is_first] = m_made.try_emplace(key, outcome);
        if (!is_first) {
            ++m_expected.duplicates;
        }
        // What was written once counts as written.
        const bool is_better = !is_first && rank(outcome) < rank(made_before->second);
        if (is_better) {
            --(m_expected.*made_before->second);
            made_before->second = outcome;
        }
        m_expected.*outcome += is_first || is_better ? 1 : 0;
        if (!writes) {
            return;
        }
        m_expected.values[key] = {made.type, made.is_json, shown_made(made),
                                  ttl_s ? std::optional(*ttl_s * 1000) : std::nullopt,
                                  dataset.jitter_percent};
    }

    static int rank(std::uint64_t WarmExpected::*outcome) {
        return outcome == &WarmExpected::written ? 0 : outcome == &WarmExpected::skipped ? 1 : 2;
    }

    [[nodiscard]] bool is_there(const std::string& key) const {
        return m_existing.contains(key) || m_expected.values.contains(key);
    }

    /// With update nothing is written, not even the time to live, where a dataset before has
    /// written the same value.
    [[nodiscard]] bool is_as_written(const ModelDataset& dataset, const std::string& key,
                                     const Made& made) const {
        const auto ours = m_expected.values.find(key);
        return dataset.if_exists == ModelDataset::IfExists::update &&
               ours != m_expected.values.end() && ours->second.type == made.type &&
               as_json(ours->second.is_json, ours->second.shown) ==
                   as_json(made.is_json, shown_made(made));
    }

    /// A JSON value is the same text whether it was asked for as JSON or as what it is.
    static std::string as_json(bool is_json, const std::string& shown) {
        try {
            return is_json ? shown : same_json(shown);
        } catch (const std::runtime_error&) {
            return shown;
        }
    }

    /// Whether what is there is replaced, but for protected keys.
    [[nodiscard]] bool replaces(const ModelDataset& dataset, const std::string& key) const {
        if (dataset.if_exists != ModelDataset::IfExists::refresh) {
            return dataset.overwrites();
        }
        const auto ours = m_expected.values.find(key);
        const auto ttl_ms =
            ours != m_expected.values.end() ? ours->second.ttl_ms : m_existing.at(key).ttl_ms;
        return ttl_ms && *ttl_ms <= ModelDataset::k_refresh_below_s * 1000;
    }

    /// --switch and --sync behind a complete load.
    int release() {
        if (m_warm.sync.empty() && m_warm.switch_to.empty()) {
            return 0;
        }
        const auto is_synced = [&](const auto& key) { return key.first.starts_with(m_warm.sync); };
        const bool syncs = !m_warm.sync.empty();
        if (syncs && m_expected.rejected != 0) {
            return 8;
        }
        const bool all_files_have_rows =
            std::none_of(m_warm.files.begin(), m_warm.files.end(),
                         [](const WrittenFile& file) { return file.rows.empty(); });
        const bool all_datasets_have_rows =
            std::find(m_have_rows.begin(), m_have_rows.end(), false) == m_have_rows.end();
        if (!all_files_have_rows || !all_datasets_have_rows || m_made.empty()) {
            return 8;
        }
        if (syncs && std::none_of(m_made.begin(), m_made.end(), is_synced)) {
            return 8;
        }
        // What was there before under a protected key is not of this release.
        if (!m_warm.switch_to.empty() && m_expected.protected_keys != 0) {
            m_expected.keeps_pointer = true;
            return 8;
        }
        std::set<std::string> stale;
        for (const auto& key : m_existing) {
            if (syncs && is_synced(key) && !m_made.contains(key.first) &&
                !is_protected(key.first)) {
                stale.insert(key.first);
            }
        }
        if (m_warm.max_keys && stale.size() > *m_warm.max_keys) {
            return 8;
        }
        m_expected.deleted = std::move(stale);
        if (!m_warm.switch_to.empty()) {
            m_expected.values[m_warm.switch_to] = {"string", false, WarmCase::k_release, {}, 0};
        }
        return 0;
    }

    // Guards count all keys of files before the first is written, whatever else may be wrong.
    [[nodiscard]] bool is_refused() const {
        if (!m_warm.max_keys && !m_warm.expect) {
            return false;
        }
        WarmCase all = m_warm;
        all.max_keys.reset();
        all.expect.reset();
        all.policy.clear();
        all.max_errors = 1'000'000;
        all.sync.clear();
        all.switch_to.clear();
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
        if (m_expected.duplicates != 0 && too_many) {
            return 5;
        }
        return m_expected.keys == 0 && m_warm.fails_if_none ? 1 : 0;
    }

    const WarmCase& m_warm;
    const Keyspace& m_existing;
    std::vector<Gathering> m_gathered;
    std::vector<bool> m_have_rows = std::vector<bool>(m_gathered.size());
    std::map<std::string, std::uint64_t WarmExpected::*> m_made;  // what became of each key
    WarmExpected m_expected;
};

}  // namespace

WarmExpected expected_of(const WarmCase& warm, const Keyspace& existing) {
    return WarmRun(warm, existing).run();
}

}  // namespace cachectl::test
