#include "output/prometheus.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>

#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// Label values are UTF-8 with three escapes; on a terminal, what it would act on is escaped
/// before.
std::string quote(std::string_view bytes, const Writer& out) {
    std::string escaped;
    if (out.is_terminal()) {
        bytes = escaped = escape_for_terminal(bytes);
    }
    std::string quoted = "\"";
    while (!bytes.empty()) {
        const Utf8Step step = decode_utf8(bytes);
        const auto character = bytes.substr(0, step.bytes);
        bytes.remove_prefix(step.bytes);
        if (!step.valid) {
            quoted += "\uFFFD";
        } else if (character == "\\" || character == "\"") {
            quoted += '\\';
            quoted += character;
        } else if (character == "\n") {
            quoted += "\\n";
        } else {
            quoted += character;
        }
    }
    return quoted + '"';
}

/// As HELP has it, where quotes stay.
std::string help_text(const std::string& help) {
    std::string text;
    for (const char c : help) {
        text += c == '\\' ? "\\\\" : c == '\n' ? "\\n" : std::string(1, c);
    }
    return text;
}

struct Number {
    std::optional<std::string> operator()(std::int64_t n) const { return fmt::to_string(n); }
    std::optional<std::string> operator()(double n) const {
        return std::isfinite(n) ? std::optional(fmt::format("{}", n)) : std::nullopt;
    }
    template <typename Other>
    std::optional<std::string> operator()(const Other&) const {
        return std::nullopt;
    }
};

std::string metric_name(const std::string& prefix, const Figure& figure) {
    std::string name = figure.name;
    if (figure.kind != Figure::Kind::counter) {
        return prefix + name;
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
        m_out.write(m_name + (labels.empty() ? "" : '{' + labels + '}') + ' ' + std::string(value) +
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
            if (const auto number = std::visit(Number{}, row[i].value)) {
                family.sample(row_label(row), *number);
            }
        }
    }
    for (const FigureGroup& inner : group.inner) {
        write_group(out, inner, prefix + inner.name + '_');
    }
}

}  // namespace

void write_figures_prometheus(Writer& out, std::span<const FigureGroup> groups) {
    for (const FigureGroup& group : groups) {
        write_group(out, group, "cachectl_" + group.name + '_');
    }
}

}  // namespace cachectl
