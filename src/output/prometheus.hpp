// Figures in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/), for node_exporter's textfile
// collector and its like.
#pragma once

#include <span>
#include <string>

#include "output/writer.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// While one lives, each sample has the label `target` with that name.
class PrometheusTarget {
public:
    explicit PrometheusTarget(std::string name);
    ~PrometheusTarget();
    PrometheusTarget(const PrometheusTarget&) = delete;
    PrometheusTarget& operator=(const PrometheusTarget&) = delete;
};

/// cachectl_GROUP_NAME for each figure with a number, in seconds, bytes and shares, whatever units
/// the figure has: "uptime_s" is …_uptime_seconds, "avg_ttl_ms" …_avg_ttl_seconds. A counter's name
/// ends in _total. What is text
/// becomes the labels of one cachectl_GROUP_info of value 1. A list's rows are told apart by its
/// label.
void write_figures_prometheus(Writer& out, std::span<const FigureGroup> groups);

}  // namespace cachectl
