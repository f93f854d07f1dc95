#include "load/warm_plan.hpp"

#include <algorithm>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

WarmPlan WarmPlan::of_files(const std::vector<std::string>& files, const ReaderOptions& reading,
                            const DatasetOptions& dataset) {
    if (std::count(files.begin(), files.end(), "-") > 1) {
        throw Error(ExitCode::usage, "stdin can be read only once, but - is given twice");
    }
    WarmPlan plan;
    plan.datasets.push_back(dataset);
    for (const std::string& file : files) plan.add_input(file, reading, {0});
    return plan;
}

void WarmPlan::add_input(const std::string& file, ReaderOptions reading,
                         std::vector<std::size_t> datasets_of_it) {
    for (const std::size_t i : datasets_of_it) {
        const DatasetOptions& dataset = datasets[i];
        reading.sql.tables.insert(reading.sql.tables.end(), dataset.tables.begin(),
                                  dataset.tables.end());
        if (dataset.rows.lone_object() == LoneObject::record) {
            reading.lone_object = LoneObject::record;
        }
    }
    inputs.push_back({file, std::move(reading), std::move(datasets_of_it)});
}

}  // namespace cachectl
