// Figures in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/), for node_exporter's textfile
// collector and its like.
#pragma once

#include <span>

#include "output/writer.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// cachectl_GROUP_NAME for each figure with a number; a counter's name ends in _total. What is text
/// becomes the labels of one cachectl_GROUP_info of value 1. A list's rows are told apart by its
/// label.
void write_figures_prometheus(Writer& out, std::span<const FigureGroup> groups);

}  // namespace cachectl
