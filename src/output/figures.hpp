// Figures in each of the formats: one tree, printed five ways.
#pragma once

#include <span>

#include "output/display.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/figures.hpp"

namespace cachectl {

struct FiguresStyle {
    Format format = Format::plain;
    Display display = {};
    bool escaped = false;       // what a terminal would act on, in plain lines
    std::size_t most_rows = 0;  // of a list in a table
};

/// In any of the formats, Format::prometheus too.
void write_figures(Writer& out, const FiguresStyle& style, std::span<const FigureGroup> groups);

/// One object whose members are the groups; a group of a list is an array of objects. A figure
/// without a value is null, as is a group of Shape::one without rows.
void write_figures_json(JsonWriter& json, std::span<const FigureGroup> groups);

/// Its members alone, in an object that has been begun.
void write_figures_members(JsonWriter& json, std::span<const FigureGroup> groups);

/// "memory.used_bytes<TAB>941112" a line, "keyspace.db0.keys<TAB>12" of a list; "-" for a figure
/// without a value. `Escaped::yes` for a terminal.
enum class Escaped { no, yes };
void write_figures_plain(Writer& out, std::span<const FigureGroup> groups, Escaped escaped);

/// section,name,value with a header
void write_figures_csv(Writer& out, std::span<const FigureGroup> groups);

/// Groups of one row as labels, values and bars; then each list as a table of its own, of which
/// `most_rows` are shown.
void write_figures_table(Writer& out, const Display& display, std::span<const FigureGroup> groups,
                         std::size_t most_rows);

}  // namespace cachectl
