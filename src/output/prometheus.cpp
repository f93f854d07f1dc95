#include "output/prometheus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Unit = Figure::Unit;

std::string g_target;  // NOLINT: see PrometheusTarget

/// Label values are UTF-8 with three escapes of their own. Before these, bytes that are no UTF-8
/// become \xNN, and on a terminal what it would act on too, so that two names that differ do not
/// become one series.
std::string quote(std::string_view bytes, const Writer& out) {
    std::string quoted = "\"";
    for (const char c :
         out.is_terminal() ? escape_for_terminal(bytes) : escape_invalid_utf8(bytes)) {
        if (c == '\\' || c == '"') {
            quoted += '\\';
        }
        quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return quoted + '"';
}

/// As HELP has it, where quotes stay; of a figure that is told in base units.
std::string help_text(std::string help) {
    for (const char* unit : {"Microseconds", "Milliseconds"}) {
        replace_all(help, unit, "Seconds");
    }
    replace_all(help, "Kilobytes", "Bytes");
    std::string text;
    for (const char c : help) {
        text += c == '\\' ? "\\\\" : c == '\n' ? "\\n" : std::string(1, c);
    }
    return text;
}

/// A number in base units, of which there are `divisor` of the figure's own.
struct Number {
    double divisor = 1;

    std::optional<std::string> operator()(std::int64_t n) const {
        return divisor == 1 ? fmt::to_string(n) : text_of(static_cast<double>(n) / divisor);
    }
    std::optional<std::string> operator()(double n) const {
        return std::isfinite(n) ? std::optional(text_of(n / divisor)) : std::nullopt;
    }
    template <typename Other>
    std::optional<std::string> operator()(const Other&) const {
        return std::nullopt;
    }

private:
    static std::string text_of(double n) { return fmt::format("{}", n); }
};

/// A figure in the units that Prometheus wants.
struct BaseUnits {
    std::string name;
    double divisor = 1;
};

/// "avg_ttl_ms" is avg_ttl_seconds, "usec_per_call" seconds_per_call, "hits_per_s" hits_per_second,
/// "input_kb" input_bytes.
BaseUnits in_base_units(const Figure& figure) {
    struct Word {
        std::string_view unit;
        Unit of;
        std::string_view base;
        double divisor;
    };
    const Word k_words[] = {{"ms", Unit::milliseconds, "seconds", 1e3},
                            {"usec", Unit::microseconds, "seconds", 1e6},
                            {"s", Unit::seconds, "seconds", 1},
                            {"kb", figure.unit, "bytes", 1.0 / 1024}};
    BaseUnits base;
    std::string_view rest = figure.name, last;
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find('_'));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        std::string_view written = word == "s" && last == "per" ? "second" : word;
        for (const Word& known : k_words) {
            if (word == known.unit && figure.unit == known.of && written == word) {
                written = known.base;
                base.divisor = known.divisor;
            }
        }
        base.name += (base.name.empty() ? "" : "_") + std::string(written);
        last = word;
    }
    return base;
}

std::string metric_name(const std::string& prefix, const Figure& figure) {
    std::string name = in_base_units(figure).name;
    if (figure.kind != Figure::Kind::counter) {
        // Only a counter may be called a total.
        return prefix + (name.ends_with("_total") ? name.substr(0, name.size() - 6) : name);
    }
    if (name.starts_with("total_")) {
        name.erase(0, 6);
    }
    return prefix + name + (name.ends_with("_total") ? "" : "_total");
}

std::string label_text(const Figure& figure) {
    if (const auto* text = std::get_if<std::string>(&figure.value)) {
        return *text;
    }
    return std::visit(Number{}, figure.value).value_or("");
}

class Family {
public:
    Family(Writer& out, std::string name, const char* type, const std::string& help)
        : m_out(out),
          m_name(std::move(name)),
          m_head(
              fmt::format("# HELP {} {}\n# TYPE {} {}\n", m_name, help_text(help), m_name, type)) {}

    void sample(const std::string& labels, std::string_view value) {
        m_out.write(m_head);  // only above a first sample
        m_head.clear();
        std::string all = g_target.empty() ? "" : "target=" + quote(g_target, m_out);
        all += (all.empty() || labels.empty() ? "" : ",") + labels;
        m_out.write(m_name + (all.empty() ? "" : '{' + all + '}') + ' ' + std::string(value) +
                    '\n');
    }

private:
    Writer& m_out;
    std::string m_name;
    std::string m_head;
};

std::string label(const std::string& name, const Figure& figure, const Writer& out) {
    return name + '=' + quote(label_text(figure), out);
}

void write_group(Writer& out, const FigureGroup& group, const std::string& prefix) {
    const bool list = group.shape == FigureGroup::Shape::list;
    const std::size_t first = list ? 1 : 0;
    const auto row_label = [&](const FigureRow& row) {
        return list ? label(group.label, row[0], out) : std::string();
    };
    // All samples of a family stand together: column by column.
    Family info(out, prefix + "info", "gauge", "What is text about it; always 1");
    for (const FigureRow& row : group.rows) {
        std::string labels;
        for (std::size_t i = first; i < row.size(); ++i) {
            const bool is_text = std::holds_alternative<std::string>(row[i].value);
            if (is_text) {
                labels += (labels.empty() ? "" : ",") + label(row[i].name, row[i], out);
            }
        }
        if (labels.empty()) {
            continue;
        }
        info.sample(list ? row_label(row) + ',' + labels : labels, "1");
    }
    for (std::size_t i = first; !group.rows.empty() && i < group.rows[0].size(); ++i) {
        const Figure& head = group.rows[0][i];
        if (head.kind == Figure::Kind::text) {
            continue;
        }
        Family family(out, metric_name(prefix, head),
                      head.kind == Figure::Kind::counter ? "counter" : "gauge", head.help);
        for (const FigureRow& row : group.rows) {
            if (const auto number =
                    std::visit(Number{in_base_units(row[i]).divisor}, row[i].value)) {
                family.sample(row_label(row), *number);
            }
        }
    }
    for (const FigureGroup& inner : group.inner) {
        write_group(out, inner, prefix + inner.name + '_');
    }
}

}  // namespace

PrometheusTarget::PrometheusTarget(std::string name) { g_target = std::move(name); }

PrometheusTarget::~PrometheusTarget() { g_target.clear(); }

void write_figures_prometheus(Writer& out, std::span<const FigureGroup> groups) {
    for (const FigureGroup& group : groups) {
        write_group(out, group, group.name.empty() ? "cachectl_" : "cachectl_" + group.name + '_');
    }
}

}  // namespace cachectl
