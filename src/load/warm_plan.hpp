// What a warm run is to do: files, each read once, and what is to be made of their rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dump/reader.hpp"
#include "load/dataset.hpp"

namespace cachectl {

struct WarmPlan {
    struct Input {
        std::string file;  // "-" is stdin
        ReaderOptions reading;
        std::vector<std::size_t> datasets;  // those that take its rows, by their index
    };
    std::vector<DatasetOptions> datasets;
    std::vector<Input> inputs;

    /// One dataset of all files. Throws Error(usage) if stdin is among them twice.
    static WarmPlan of_files(const std::vector<std::string>& files, const ReaderOptions& reading,
                             const DatasetOptions& dataset);

private:
    void add_input(const std::string& file, ReaderOptions reading,
                   std::vector<std::size_t> datasets_of_it);
};

}  // namespace cachectl
