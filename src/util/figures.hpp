// Measured figures by name, in groups. How they are printed is the business of output/figures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cachectl {

struct Figure {
    /// A counter only grows, until the server is restarted.
    enum class Kind { text, gauge, counter };
    enum class Unit { none, bytes, seconds, milliseconds, microseconds, share };

    std::string name;                                                       // "used_bytes"
    std::variant<std::monostate, std::int64_t, double, std::string> value;  // none: not known
    Kind kind = Kind::gauge;
    Unit unit = Unit::none;
    std::string help;                     // one sentence without its full stop
    std::optional<double> fraction = {};  // 0..1: drawn as a bar for people
    std::string shown = {};               // what people read instead of the value: "no limit"
    std::string title = {};               // what people read instead of the name
    bool for_people = true;               // false: another figure of the row tells people more
};

using FigureRow = std::vector<Figure>;

struct FigureGroup {
    enum class Shape { one, list };

    std::string name;
    Shape shape = Shape::one;
    std::vector<FigureRow> rows = {};  // Shape::one: at most one; none: there is no such thing
    /// Of a list: what its rows' first figure, which tells them apart, is called ("command").
    std::string label = {};
    std::vector<FigureGroup> inner = {};  // behind the figures of Shape::one
};

}  // namespace cachectl
