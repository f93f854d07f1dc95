#include "load/warm_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string_view>

#include "dump/sql_definitions.hpp"
#include "util/error.hpp"

namespace cachectl {

WarmPlan WarmPlan::of_files(const std::vector<std::string>& files, const ReaderOptions& reading,
                            const DatasetOptions& dataset) {
    if (std::count(files.begin(), files.end(), "-") > 1) {
        throw Error(ExitCode::usage, "stdin can be read only once, but - is given twice");
    }
    WarmPlan plan;
    plan.datasets.push_back(dataset);
    for (const std::string& file : files) plan.inputs.push_back({file, reading, {0}});
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
        if (!definitions) continue;
        std::shared_ptr<SqlDefinitions>& copy = copies[definitions.get()];
        if (!copy) copy = std::make_shared<SqlDefinitions>(*definitions);
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

std::string WarmPlan::identity() const {
    std::string text;
    const auto add = [&text](std::string_view part) {
        text += part;
        text += '\0';
    };
    const auto add_all = [&](const std::vector<std::string>& parts) {
        add(std::to_string(parts.size()));
        for (const std::string& part : parts) add(part);
    };
    const auto add_number = [&](auto number) { add(std::to_string(static_cast<int>(number))); };
    const auto add_csv = [&](const CsvOptions& csv) {
        add(csv.delimiter ? std::string(1, *csv.delimiter) : "");
        add_all(csv.header);
        for (const CsvOptions::Typed& typed : csv.types) {
            add(typed.column);
            add_number(typed.type);
        }
        add(csv.null_text ? "=" + *csv.null_text : "");
    };
    for (const Input& input : inputs) {
        add(input.file == "-" ? input.file : std::filesystem::absolute(input.file).string());
        add_number(input.reading.format);
        add_number(input.reading.lone_object);
        add_number(input.reading.sql.dialect);
        add_number(input.reading.sql.escapes);
        add_number(input.reading.sql.binary);
        add_csv(input.reading.csv);
        add(input.reading.rows);
        for (const std::size_t dataset : input.datasets) add(std::to_string(dataset));
        add("");
    }
    for (const DatasetOptions& dataset : datasets) {
        const RowOptions& rows = dataset.rows;
        for (const auto* part :
             {&rows.key, &rows.value, &rows.collect, &rows.collect_by, &rows.group}) {
            add(*part ? "=" + **part : "");
        }
        add(rows.as ? std::to_string(static_cast<int>(*rows.as)) : "");
        add_all(rows.columns);
        add_all(dataset.tables);
        add(dataset.where ? dataset.where->text() : "");
    }
    return text;
}

void WarmPlan::limit_memory(std::size_t bytes) {
    const auto held = std::make_shared<std::size_t>(0);
    for (DatasetOptions& dataset : datasets) {
        dataset.rows.max_memory = bytes;
        dataset.rows.held = held;
    }
}

}  // namespace cachectl
