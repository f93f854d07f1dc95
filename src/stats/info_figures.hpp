// From fields of INFO to figures.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "redis/info.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// A figure that is a field of INFO.
struct FieldFigure {
    const char* name;
    const char* field;
    Figure::Kind kind;
    Figure::Unit unit;
    const char* help;
};

void add_figures(FigureRow& row, std::span<const FieldFigure> figures, const InfoFields& info);

/// Text as the number it is, or as text for Kind::text, or as nothing.
decltype(Figure::value) figure_value(std::string_view text, Figure::Kind kind);

/// A figure without a value if `value` is empty.
Figure text_figure(const char* name, std::string value, const char* help);

double share_of(std::int64_t part, std::int64_t whole);

}  // namespace cachectl
