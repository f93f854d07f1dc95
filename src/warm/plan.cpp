#include "warm/plan.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dump/sql/definitions.hpp"
#include "util/error.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

WarmPlan WarmPlan::of_files(const std::vector<std::string>& files, const ReaderOptions& reading,
                            DatasetOptions dataset, TemplateValues values) {
    if (std::count(files.begin(), files.end(), "-") > 1) {
        throw Error(ExitCode::usage, "stdin can be read only once, but - is given twice");
    }
    WarmPlan plan;
    plan.values = std::move(values);
    plan.values.fill(dataset.rows);
    plan.datasets.push_back(std::move(dataset));
    for (const std::string& file : files) {
        plan.inputs.push_back({file, reading, {0}});
    }
    const auto definitions = std::make_shared<SqlDefinitions>();
    for (Input& input : plan.inputs) {
        input.reading.sql.definitions = definitions;
        input.reading.sql.more_files = &input != &plan.inputs.back();
    }
    plan.settle_readings();
    return plan;
}

void WarmPlan::copy_definitions() {
    std::map<const SqlDefinitions*, std::shared_ptr<SqlDefinitions>> copies;
    for (Input& input : inputs) {
        std::shared_ptr<SqlDefinitions>& definitions = input.reading.sql.definitions;
        if (!definitions) {
            continue;
        }
        std::shared_ptr<SqlDefinitions>& copy = copies[definitions.get()];
        if (!copy) {
            copy = std::make_shared<SqlDefinitions>(*definitions);
        }
        definitions = copy;
    }
}

void WarmPlan::settle_readings() {
    for (Input& input : inputs) {
        ReaderOptions& reading = input.reading;
        for (const std::size_t i : input.datasets) {
            reading.sql.tables.insert(reading.sql.tables.end(), datasets[i].tables.begin(),
                                      datasets[i].tables.end());
            if (datasets[i].rows.lone_object() == LoneObject::record || datasets[i].where) {
                reading.lone_object = LoneObject::record;
            }
            const auto columns = datasets[i].rows.named_columns();
            reading.record_columns.insert(reading.record_columns.end(), columns.begin(),
                                          columns.end());
        }
    }
}

namespace {

/// Texts in a row, each with its end, so that no two different rows make the same text.
class Parts {
public:
    void add(std::string_view part) {
        m_text += std::to_string(part.size());
        m_text += ':';
        m_text += part;
    }
    void add(const std::optional<std::string>& part) {
        const std::string text = part ? "=" + *part : std::string();
        add(std::string_view(text));
    }
    void add(const std::vector<std::string>& parts) {
        add_number(parts.size());
        for (const std::string& part : parts) {
            add(std::string_view(part));
        }
    }
    void add(const std::optional<std::chrono::milliseconds>& time) {
        add(std::string_view(time ? std::to_string(time->count()) : ""));
    }
    void add_number(auto number) {
        add(std::string_view(std::to_string(static_cast<long long>(number))));
    }
    [[nodiscard]] std::string take() { return std::move(m_text); }

private:
    std::string m_text;
};

void add_policy(const KeyPolicy& policy, Parts& parts) {
    parts.add_number(policy.unknown);
    parts.add_number(policy.rules.size());
    for (const KeyRule& rule : policy.rules) {
        parts.add(std::string_view(rule.pattern));
        parts.add(rule.ttl);
        parts.add(rule.max_ttl);
        parts.add_number(rule.max_size.value_or(0));
        parts.add_number(rule.is_protected);
    }
}

void add_csv(const CsvOptions& csv, Parts& parts) {
    parts.add(std::string_view(csv.delimiter ? std::string(1, *csv.delimiter) : ""));
    parts.add(csv.header);
    parts.add_number(csv.types.size());
    for (const CsvOptions::Typed& typed : csv.types) {
        parts.add(std::string_view(typed.column));
        parts.add_number(typed.type);
    }
    parts.add(csv.null_text);
}

void add_columns(const std::vector<ColumnChoice>& columns, Parts& parts) {
    parts.add_number(columns.size());
    for (const ColumnChoice& column : columns) {
        parts.add(std::string_view(column.name));
        parts.add(std::string_view(column.from));
        parts.add_number(column.constant ? static_cast<int>(column.constant->kind) : -1);
        parts.add(std::string_view(column.constant ? column.constant->text : ""));
    }
}

void add_dataset(const DatasetOptions& dataset, Parts& parts) {
    const RowOptions& rows = dataset.rows;
    for (const auto* part :
         {&rows.key, &rows.value, &rows.collect, &rows.collect_by, &rows.group}) {
        parts.add(*part);
    }
    parts.add_number(rows.as ? static_cast<int>(*rows.as) : -1);
    add_columns(rows.columns, parts);
    parts.add(dataset.tables);
    parts.add(std::string_view(dataset.where ? dataset.where->text() : ""));
    parts.add(dataset.ttl);
    parts.add(std::string_view(std::to_string(dataset.jitter)));
    parts.add_number(dataset.if_exists);
    parts.add(dataset.refresh_below);
}

}  // namespace

std::string WarmPlan::identity(const std::vector<KeyPolicy>& policies,
                               const std::vector<std::string>& protected_patterns) const {
    Parts parts;
    parts.add_number(inputs.size());
    for (const Input& input : inputs) {
        parts.add_number(input.reading.format);
        parts.add_number(input.reading.lone_object);
        parts.add_number(input.reading.sql.dialect);
        parts.add_number(input.reading.sql.escapes);
        parts.add_number(input.reading.sql.binary);
        add_csv(input.reading.csv, parts);
        parts.add(std::string_view(input.reading.rows));
        for (const std::size_t dataset : input.datasets) {
            parts.add_number(dataset);
        }
    }
    parts.add_number(datasets.size());
    for (const DatasetOptions& dataset : datasets) {
        add_dataset(dataset, parts);
    }
    for (const KeyPolicy& policy : policies) {
        add_policy(policy, parts);
    }
    parts.add(protected_patterns);
    return parts.take();
}

void WarmPlan::update_for_switch() {
    for (DatasetOptions& dataset : datasets) {
        if (!dataset.says_if_exists) {
            dataset.if_exists = IfExists::update;
        }
        if (dataset.if_exists == IfExists::update || dataset.if_exists == IfExists::overwrite) {
            continue;
        }
        throw dataset.located(OptionError(
            ExitCode::usage, "--switch goes with " + option("if-exists") +
                                 " update, its default, or overwrite: what is left as it is is "
                                 "not compared"));
    }
}

void WarmPlan::limit_memory(std::size_t bytes) {
    const auto memory = std::make_shared<GatheredMemory>();
    for (DatasetOptions& dataset : datasets) {
        dataset.rows.max_memory = bytes;
        dataset.rows.memory = memory;
    }
}

void WarmPlan::count_copies(std::size_t copies) const {
    for (const DatasetOptions& dataset : datasets) {
        if (dataset.rows.memory) {
            dataset.rows.memory->copies = copies;
        }
    }
}

}  // namespace cachectl
