// What rows become, in the model of warm: keys, values, or nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/warm_model.hpp"

namespace cachectl::test {

/// What a row has become, or that it has become nothing.
struct Made {
    std::string type = "string";
    bool is_json = false;
    std::string text;                                        // of a string
    std::vector<std::pair<std::string, std::string>> pairs;  // hash, zset: member and score
    std::vector<std::string> elements;                       // list, set
};

std::optional<std::string> render(const ModelTemplate& what, const ModelRow& row, bool is_key);

enum class Wanted { yes, no, is_bad };
Wanted is_wanted(const ModelDataset& dataset, const ModelRow& row);

using Named = Cell::Member;
/// The chosen columns; nothing if one is missing.
std::optional<std::vector<Named>> chosen(const ModelDataset& dataset, const ModelRow& row,
                                         const std::vector<std::string>& names);
std::optional<std::string> object_of(const std::vector<Named>& cells);

std::optional<Made> value_of_entry(const std::string& as, const Cell& value);
std::optional<Made> value_of_row(const ModelDataset& dataset, const ModelRow& row,
                                 const std::vector<std::string>& names);
/// Of one row of --group: the parts that it adds.
std::optional<Made> part_of_group(const ModelDataset& dataset, const ModelRow& row,
                                  const std::vector<std::string>& names);

std::string score_text(const std::string& score);
std::string shown_pairs(const std::map<std::string, std::string>& pairs);
std::string shown_elements(const std::vector<std::string>& elements);
std::string shown_made(const Made& made);

}  // namespace cachectl::test
