#include "support/warm_model_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "support/same_json.hpp"

namespace cachectl::test {

using Kind = Cell::Kind;

std::optional<std::string> render(const ModelTemplate& what, const ModelRow& row, bool is_key) {
    std::string text;
    for (const ModelTemplate::Part& part : what.parts) {
        text += part.literal;
        if (!part.column) {
            continue;
        }
        const Cell& cell = row.cells[*part.column];
        if (cell.kind == Kind::missing || cell.kind == Kind::null) {
            return std::nullopt;
        }
        if (is_key && (cell.kind == Kind::json || cell.text.empty())) {
            return std::nullopt;
        }
        text += cell.text;
    }
    return text;
}

namespace {

/// A number that a text is: whole ones only, which are all that conditions are about.
std::optional<long long> whole_number(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string::npos) {
        return std::nullopt;
    }
    const std::string trimmed = text.substr(first, text.find_last_not_of(" \t") + 1 - first);
    const std::size_t digits = trimmed[0] == '+' || trimmed[0] == '-' ? 1 : 0;
    const bool is_whole = trimmed.size() > digits &&
                          trimmed.find_first_not_of("0123456789", digits) == std::string::npos;
    if (!is_whole) {
        return std::nullopt;
    }
    return std::strtoll(trimmed.c_str(), nullptr, 10);
}

bool is_true(const Cell& cell) {
    std::string word;
    for (const char c : cell.text) {
        word += static_cast<char>(std::tolower(c));
    }
    static const std::set<std::string> k_yes = {"true", "t", "yes", "y", "on", "1"};
    return cell.kind != Kind::json && k_yes.contains(word);
}

bool holds(const ModelCondition& condition, const Cell& cell) {
    using Condition = ModelCondition::Kind;
    if (condition.kind == Condition::null) {
        return cell.kind == Kind::null;
    }
    if (condition.kind == Condition::not_null) {
        return cell.kind != Kind::null;
    }
    if (cell.kind == Kind::null) {
        return false;
    }
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

}  // namespace

Wanted is_wanted(const ModelDataset& dataset, const ModelRow& row) {
    bool all = true;
    for (const ModelCondition& condition : dataset.where) {
        const Cell& cell = row.cells[condition.column];
        if (cell.kind == Kind::missing) {
            return Wanted::is_bad;
        }
        all = all && holds(condition, cell);
    }
    return all ? Wanted::yes : Wanted::no;
}

std::optional<std::vector<Named>> chosen(const ModelDataset& dataset, const ModelRow& row,
                                         const std::vector<std::string>& names) {
    std::vector<Named> cells;
    if (dataset.columns.empty()) {
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            if (row.cells[i].kind != Kind::missing) {
                cells.push_back({names[i], row.cells[i]});
            }
        }
        return cells;
    }
    for (const std::size_t column : dataset.columns) {
        if (row.cells[column].kind == Kind::missing) {
            return std::nullopt;
        }
        cells.push_back({names[column], row.cells[column]});
    }
    return cells;
}

std::optional<std::string> object_of(const std::vector<Named>& cells) {
    std::string json = "{";
    for (const auto& [name, cell] : cells) {
        if (cell.kind == Kind::text && !is_utf8(cell.text)) {
            return std::nullopt;
        }
        json += (json.size() > 1 ? "," : "") + json_of_text(name) + ":" + json_of(cell);
    }
    return json + "}";
}

namespace {

bool is_score(const std::string& text) {
    if (text.empty() || std::string("+ \t\n").find(text[0]) != std::string::npos) {
        return false;
    }
    if (text.find_first_of("xX") != std::string::npos) {
        return false;
    }
    char* end = nullptr;
    const double score = std::strtod(text.c_str(), &end);
    const bool is_tiny = score == 0 && text.find_first_of("123456789") < text.find_first_of("eE");
    return end == text.c_str() + text.size() && std::isfinite(score) && !is_tiny;
}

std::optional<Made> make_zset(const std::vector<Named>& scored) {
    Made made{"zset"};
    for (const auto& [member, score] : scored) {
        if (score.kind == Kind::null || !is_score(score.text)) {
            return std::nullopt;
        }
        made.pairs.emplace_back(member, score.text);
    }
    return made.pairs.empty() ? std::nullopt : std::optional(made);
}

std::optional<Made> make_parts(const std::string& as, const std::vector<Named>& cells) {
    Made made{as};
    for (const auto& [name, cell] : cells) {
        if (cell.kind == Kind::null) {
            continue;
        }
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

}  // namespace

std::optional<Made> value_of_entry(const std::string& as, const Cell& value) {
    if (as.empty() && value.kind != Kind::null) {
        return Made{"string", false, value.text, {}, {}};
    }
    if (as.empty() || as == "json") {
        return Made{"string", true, json_of(value), {}, {}};
    }
    if (as == "string") {
        if (value.kind == Kind::null) {
            return std::nullopt;
        }
        return Made{"string", false, value.text, {}, {}};
    }
    const bool wants_array = as == "list" || as == "set";
    if (value.kind != Kind::json || value.is_array != wants_array) {
        return std::nullopt;
    }
    return as == "zset" ? make_zset(value.members) : make_parts(as, value.members);
}

std::optional<Made> value_of_row(const ModelDataset& dataset, const ModelRow& row,
                                 const std::vector<std::string>& names) {
    if (dataset.value) {
        const auto text = render(*dataset.value, row, false);
        return text ? std::optional(Made{"string", false, *text, {}, {}}) : std::nullopt;
    }
    const auto cells = chosen(dataset, row, names);
    if (!cells) {
        return std::nullopt;
    }
    if (dataset.as.empty() || dataset.as == "json") {
        return make_json(*cells);
    }
    if (dataset.as == "string") {
        const Cell& cell = cells->front().value;
        if (cell.kind == Kind::null) {
            return std::nullopt;
        }
        return Made{"string", false, cell.text, {}, {}};
    }
    if (dataset.as != "zset") {
        return make_parts(dataset.as, *cells);
    }
    const Cell& member = (*cells)[0].value;
    if (member.kind == Kind::null) {
        return std::nullopt;
    }
    return make_zset({{member.text, (*cells)[1].value}});
}

std::optional<Made> part_of_group(const ModelDataset& dataset, const ModelRow& row,
                                  const std::vector<std::string>& names) {
    if (dataset.as != "hash") {
        return value_of_row(dataset, row, names);
    }
    const auto cells = chosen(dataset, row, names);
    if (!cells) {
        return std::nullopt;
    }
    const Cell& field = (*cells)[0].value;
    const Cell& value = (*cells)[1].value;
    if (field.kind == Kind::null || value.kind == Kind::null) {
        return std::nullopt;
    }
    Made made{"hash"};
    made.pairs.emplace_back(field.text, value.text);
    return made;
}

std::string score_text(const std::string& score) {
    return fmt::format("{:.17g}", std::strtod(score.c_str(), nullptr) + 0.0);
}

namespace {

std::string part_text(const std::string& part) { return fmt::format("{}:{} ", part.size(), part); }

}  // namespace

std::string shown_pairs(const std::map<std::string, std::string>& pairs) {
    std::string shown;
    for (const auto& [name, value] : pairs) {
        shown += part_text(name) + "= " + part_text(value);
    }
    return shown;
}

std::string shown_elements(const std::vector<std::string>& elements) {
    std::string shown;
    for (const std::string& element : elements) {
        shown += part_text(element);
    }
    return shown;
}

std::string shown_made(const Made& made) {
    if (made.type == "string") {
        return made.is_json ? same_json(made.text) : made.text;
    }
    if (made.type == "list") {
        return shown_elements(made.elements);
    }
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

}  // namespace cachectl::test
