#include "output/figures.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>

#include "output/document.hpp"
#include "output/prometheus.hpp"
#include "output/rows.hpp"

namespace cachectl {

namespace {

struct WriteJsonValue {
    JsonWriter& json;
    void operator()(std::monostate) const { json.value(nullptr); }
    void operator()(const std::string& text) const { json.value(text); }
    void operator()(std::int64_t number) const { json.value(number); }
    void operator()(double number) const { json.value(number); }
};

void write_json_members(JsonWriter& json, const FigureRow& row) {
    for (const Figure& figure : row) {
        json.key(figure.name);
        std::visit(WriteJsonValue{json}, figure.value);
    }
}

void write_json_group(JsonWriter& json, const FigureGroup& group) {
    if (group.shape == FigureGroup::Shape::list) {
        json.begin_array();
        for (const FigureRow& row : group.rows) {
            json.begin_object();
            write_json_members(json, row);
            json.end_object();
        }
        json.end_array();
    } else if (group.rows.empty()) {
        json.value(nullptr);
    } else {
        json.begin_object();
        write_json_members(json, group.rows[0]);
        for (const FigureGroup& inner : group.inner) {
            json.key(inner.name);
            write_json_group(json, inner);
        }
        json.end_object();
    }
}

struct ValueText {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(std::int64_t number) const { return fmt::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
};

using Line = std::function<void(const std::string& path, const std::string& value)>;

/// "db0", "get"
std::string name_of_row(const FigureGroup& group, const Figure& first) {
    const std::string text = std::visit(ValueText{}, first.value);
    return std::holds_alternative<std::int64_t>(first.value) ? group.label + text : text;
}

/// Calls `line` for each figure of the group; `path` ends in a dot.
void each_line(const FigureGroup& group, const std::string& path, const Line& line) {
    const bool list = group.shape == FigureGroup::Shape::list;
    for (const FigureRow& row : group.rows) {
        const std::string above = list ? path + name_of_row(group, row[0]) + '.' : path;
        for (std::size_t i = list ? 1 : 0; i < row.size(); ++i) {
            line(above + row[i].name, std::visit(ValueText{}, row[i].value));
        }
    }
    for (const FigureGroup& inner : group.inner) {
        each_line(inner, path + inner.name + '.', line);
    }
}

}  // namespace

void write_figures(Writer& out, const FiguresStyle& style, std::span<const FigureGroup> groups) {
    write_document(
        out, style.format,
        {.table = [&] { write_figures_table(out, style.display, groups, style.most_rows); },
         .lines =
             [&] { write_figures_plain(out, groups, style.escaped ? Escaped::yes : Escaped::no); },
         .json = [&](JsonWriter& json) { write_figures_json(json, groups); },
         .csv = [&] { write_figures_csv(out, groups); },
         .prometheus = [&] { write_figures_prometheus(out, groups); }});
}

void write_figures_json(JsonWriter& json, std::span<const FigureGroup> groups) {
    json.begin_object();
    write_figures_members(json, groups);
    json.end_object();
}

void write_figures_members(JsonWriter& json, std::span<const FigureGroup> groups) {
    for (const FigureGroup& group : groups) {
        json.key(group.name);
        write_json_group(json, group);
    }
}

void write_figures_plain(Writer& out, std::span<const FigureGroup> groups, Escaped escaped) {
    Rows rows(out, {.escaped = escaped == Escaped::yes},
              {{"name", "NAME"}, {"value", "VALUE", Field::Kind::text, "-"}});
    for (const FigureGroup& group : groups) {
        each_line(group, group.name + '.', [&](const std::string& path, const std::string& value) {
            rows.row({path, value.empty() ? std::optional<std::string_view>() : value});
        });
    }
    rows.finish();
}

void write_figures_csv(Writer& out, std::span<const FigureGroup> groups) {
    Rows rows(out, {.format = Format::csv}, {{"section"}, {"name"}, {"value"}});
    for (const FigureGroup& group : groups) {
        each_line(group, "", [&](const std::string& path, const std::string& value) {
            rows.row({group.name, path, value});
        });
    }
    rows.finish();
}

}  // namespace cachectl
