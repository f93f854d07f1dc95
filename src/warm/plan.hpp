// What a warm run is to do: files, each read once, and what is to be made of their rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dump/reader.hpp"
#include "warm/rows/dataset.hpp"
#include "warm/rows/template_values.hpp"

namespace cachectl {

struct WarmPlan {
    struct Input {
        std::string file;  // "-" is stdin
        ReaderOptions reading;
        std::vector<std::size_t> datasets;  // those that take its rows, by their index
        std::string place{};                // "files.txt:3": where a list names it
    };
    std::vector<DatasetOptions> datasets;
    std::vector<Input> inputs;
    std::string policy_file;        // of the manifest; empty: it names none
    TemplateValues values;          // with which the datasets have been filled
    std::vector<std::string> sync;  // of the manifest, as it says them
    std::string switch_to;          // of the manifest; empty: nothing

    /// One dataset of all files; what one of them defines holds for those behind it. Throws
    /// Error(usage) if stdin is among them twice.
    static WarmPlan of_files(const std::vector<std::string>& files, const ReaderOptions& reading,
                             DatasetOptions dataset, TemplateValues values = {});

    /// Makes each input's reading deliver what its datasets want.
    void settle_readings();
    /// What its files define is then no longer known to the plan that it was copied from.
    void copy_definitions();
    /// Says all that shapes the result: plans that say the same write the same of the same rows.
    /// Where these come from is no part of it.
    [[nodiscard]] std::string identity(const std::vector<KeyPolicy>& policies,
                                       const std::vector<std::string>& protected_patterns) const;
    /// A pointer is to lead to values that were compared: what is there already is updated where
    /// the options do not say otherwise. Throws Error(usage) if they say that it is left as it is.
    void update_for_switch();
    /// Of all datasets: --max-memory, which they share.
    void limit_memory(std::size_t bytes);
    /// So many copies of a value exist while it is sent and read back, which count towards that.
    void count_copies(std::size_t copies) const;
};

}  // namespace cachectl
