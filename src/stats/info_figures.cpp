#include "stats/info_figures.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace cachectl {

void add_figures(FigureRow& row, std::span<const FieldFigure> figures, const InfoFields& info) {
    for (const FieldFigure& figure : figures) {
        // Dragonfly says -1 of what it does not count. Of a time it means that it never was.
        std::string_view text = info.text(figure.field);
        if (text.starts_with('-') && figure.unit == Figure::Unit::none) {
            text = {};
        }
        row.push_back(
            {figure.name, figure_value(text, figure.kind), figure.kind, figure.unit, figure.help});
    }
}

decltype(Figure::value) figure_value(std::string_view text, Figure::Kind kind) {
    if (text.empty()) {
        return {};
    }
    if (kind == Figure::Kind::text) {
        return std::string(text);
    }
    std::int64_t integer = 0;
    const char* end = text.data() + text.size();
    // A counter that has run below zero is shown as a number beyond int64.
    const auto is_whole = [&](std::from_chars_result read) {
        return read.ptr == end && read.ec == std::errc();
    };
    if (is_whole(std::from_chars(text.data(), end, integer))) {
        return integer;
    }
    double number = 0;
    if (is_whole(std::from_chars(text.data(), end, number)) && std::isfinite(number)) {
        return number;
    }
    return {};
}

Figure text_figure(const char* name, std::string value, const char* help) {
    decltype(Figure::value) content;
    if (!value.empty()) {
        content = std::move(value);
    }
    return {name, std::move(content), Figure::Kind::text, Figure::Unit::none, help};
}

double share_of(std::int64_t part, std::int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace cachectl
