#include "load/warm_plan.hpp"

#include <algorithm>
#include <memory>

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
    plan.settle_readings();
    return plan;
}

void WarmPlan::settle_readings() {
    for (Input& input : inputs) {
        ReaderOptions& reading = input.reading;
        for (const std::size_t i : input.datasets) {
            reading.sql.tables.insert(reading.sql.tables.end(), datasets[i].tables.begin(),
                                      datasets[i].tables.end());
            if (datasets[i].rows.lone_object() == LoneObject::record) {
                reading.lone_object = LoneObject::record;
            }
        }
    }
}

void WarmPlan::limit_memory(std::size_t bytes) {
    const auto held = std::make_shared<std::size_t>(0);
    for (DatasetOptions& dataset : datasets) {
        dataset.rows.max_memory = bytes;
        dataset.rows.held = held;
    }
}

}  // namespace cachectl
