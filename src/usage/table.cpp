// du for people: where the memory is, at a glance.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "keyspace/glob.hpp"
#include "output/escape.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
#include "usage/figure_text.hpp"
#include "usage/report.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_rows = 20;
constexpr double k_drill_share = 0.10;   // of all: a row under which its large parts are shown
constexpr double k_part_share = 0.25;    // of its row: such a part
constexpr double k_named_share = 0.001;  // of all: a key that is named
constexpr std::size_t k_standard = 80;   // columns from which on averages have one
constexpr std::size_t k_wide = 90;       // columns from which on limits have a column

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

/// One line of the table: a row of the report, or a part of one.
struct Line {
    std::string name;
    const UsageRow* row;
    bool is_part = false;
};

class UsageTable {
public:
    UsageTable(Writer& out, const Display& display, const UsageReport& report)
        : m_out(out),
          m_display(display),
          m_report(report),
          m_usage(report.usage),
          m_sized(!m_usage.lacks_sizes()),
          m_rows(m_usage.rows(report.depth)) {}

    void write() {
        write_head();
        if (m_usage.total().keys == 0) {
            return;
        }
        write_strip();
        write_rows();
        write_largest();
        write_notes();
    }

private:
    [[nodiscard]] double size_of(const Amount& amount) const {
        return m_sized ? m_usage.bytes_of(amount).value : m_usage.keys_of(amount).value;
    }
    [[nodiscard]] double share_of(const Amount& amount) const {
        const double all = size_of(m_usage.total());
        return all > 0 ? size_of(amount) / all : 0;
    }

    void line(const std::string& text) { m_out.write(text + '\n'); }

    void sentence(const std::string& text, Style style = Style::plain) {
        Wrapped wrapped(m_display, 2);
        wrapped.words("", text, style);
        m_out.write(wrapped.text());
    }

    void write_head() {
        const Amount& total = m_usage.total();
        std::string text = fmt::format("{}, {} keys", escape_for_terminal(m_report.server),
                                       count_text(m_usage.keys_of(total).value));
        if (m_sized && total.keys != 0) {
            text += fmt::format(", {} of keys", size_text(m_usage.bytes_of(total).value));
        }
        if (m_report.used_bytes) {
            text +=
                fmt::format(" in {} used", size_text(static_cast<double>(*m_report.used_bytes)));
        }
        if (m_report.max_bytes && *m_report.max_bytes != 0) {
            text +=
                fmt::format(", of {} allowed", size_text(static_cast<double>(*m_report.max_bytes)));
        }
        sentence(text, Style::bold);
    }

    /// The largest rows side by side, as wide as their shares.
    void write_strip() {
        const std::size_t width = m_display.columns == 0 ? 100 : m_display.columns;
        if (m_rows.size() < 2 || width < 40 || current_table_markup() == Markup::markdown) {
            return;
        }
        std::string blocks, names;
        std::size_t used = 0;
        for (const UsageRow& row : m_rows) {
            const auto columns =
                static_cast<std::size_t>(share_of(row.amount) * static_cast<double>(width));
            if (columns < 4 || used + columns > width) {
                break;
            }
            for (std::size_t i = 0; i + 1 < columns; ++i) {
                blocks += m_display.glyphs == Glyphs::unicode ? "█" : "#";
            }
            blocks += ' ';
            const std::string name =
                cut_to_width(escape_for_terminal(row.name), columns - 1, m_display.ellipsis());
            names += name + std::string(columns - display_width(name), ' ');
            used += columns;
        }
        if (used == 0) {
            return;
        }
        line("");
        line(m_display.paint(Style::cyan, blocks));
        line(names.substr(0, names.find_last_not_of(' ') + 1));
    }

    /// Of a namespace with one key alone the key itself, of an id that is always the same the id.
    [[nodiscard]] std::string name_of(const UsageRow& row) const {
        if (m_usage.sample() || row.amount.keys != 1 || row.node == nullptr) {
            return row.shown;
        }
        std::string name = row.example;
        for (const UsageNode* node = row.node; node->children.size() == 1;) {
            node = node->children.begin()->second.get();
            name = name == "(none)" ? node->example
                                    : name + m_usage.options().delimiter + node->example;
        }
        return name;
    }

    /// The parts of a row that make up most of it, as far down as each is in one piece; none that
    /// says no more than the row.
    [[nodiscard]] std::vector<UsageRow> parts_of(const UsageRow& row) const {
        std::vector<UsageRow> parts;
        if (!m_report.drills || row.node == nullptr || row.amount.keys < 2 ||
            share_of(row.amount) < k_drill_share) {
            return parts;
        }
        for (UsageRow& part : m_usage.rows_below(row, 1)) {
            if (size_of(part.amount) < k_part_share * size_of(row.amount)) {
                break;
            }
            std::optional<UsageRow> named;
            for (;;) {
                if (part.node == nullptr || !part.node->folded) {
                    named = part;
                }
                if (part.node == nullptr || part.node->children.size() != 1) {
                    break;
                }
                part = m_usage.rows_below(part, 1).front();
            }
            if (named) {
                parts.push_back(std::move(*named));
            }
        }
        return parts;
    }

    [[nodiscard]] bool has_averages() const {
        return m_sized && (m_display.columns == 0 || m_display.columns >= k_standard);
    }

    void write_rows() {
        const bool limits =
            m_usage.sample() && (m_display.columns == 0 || m_display.columns >= k_wide);
        std::string title = m_report.by;
        std::transform(title.begin(), title.end(), title.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        std::vector<Column> columns = {{title, ColumnKind::left, Overflow::cut}};
        if (m_sized) {
            columns.push_back({"MEMORY", ColumnKind::right});
            if (limits) {
                columns.push_back({"95 %", ColumnKind::right});
            }
        }
        columns.push_back({"SHARE", ColumnKind::right});
        columns.push_back({"", ColumnKind::bar});
        columns.push_back({"KEYS", ColumnKind::right});
        if (has_averages()) {
            columns.push_back({"AVG KEY", ColumnKind::right});
        }
        columns.push_back({"NEVER", ColumnKind::right});
        line("");
        Table table(m_out, m_display, std::move(columns));
        const std::size_t shown = std::min(m_rows.size(), k_most_rows);
        for (const UsageRow& row : std::span(m_rows).first(shown)) {
            table.row(cells_of(name_of(row), row.amount, limits));
            for (const UsageRow& part : parts_of(row)) {
                const std::size_t above =
                    row.name == "(none)" ? 0
                                         : row.shown.size() + m_usage.options().delimiter.size();
                const std::string branch = m_display.glyphs == Glyphs::unicode ? "└ " : "` ";
                table.row(cells_of(branch + part.shown.substr(std::min(above, part.shown.size())),
                                   part.amount, limits));
            }
        }
        table.finish();
        if (shown < m_rows.size()) {
            Amount rest;
            for (const UsageRow& row : std::span(m_rows).subspan(shown)) {
                rest.add(row.amount);
            }
            line(m_display.paint(
                Style::dim,
                fmt::format("and {} more with {} of the {}", format_count(m_rows.size() - shown),
                            percent(share_of(rest)), m_sized ? "memory" : "keys")));
        }
    }

    [[nodiscard]] std::vector<Cell> cells_of(const std::string& name, const Amount& amount,
                                             bool limits) const {
        std::vector<Cell> cells = {name};
        const double share = share_of(amount);
        if (m_sized) {
            const Estimate bytes = m_usage.bytes_of(amount);
            cells.emplace_back(size_text(bytes.value));
            if (limits) {
                cells.emplace_back(
                    "± " + size_text(std::max(bytes.value - bytes.low, bytes.high - bytes.value)));
            }
        }
        cells.emplace_back(percent(share));
        cells.push_back(Cell::bar(share, Style::cyan));
        const double keys = m_usage.keys_of(amount).value;
        cells.emplace_back(count_text(keys));
        if (has_averages()) {
            cells.emplace_back(size_text(m_usage.bytes_of(amount).value / std::max(keys, 1.0)));
        }
        const double never = static_cast<double>(amount.persistent) /
                             static_cast<double>(std::max<std::uint64_t>(amount.keys, 1));
        const bool alarming = never >= 0.5 && share >= k_drill_share;
        cells.emplace_back(fmt::format("{:.0f} %", 100 * never),
                           alarming ? Style::yellow : Style::plain);
        return cells;
    }

    void write_largest() {
        const double least = size_of(m_usage.total()) * k_named_share;
        const auto stands_out = [&](const DescribedKey& key) {
            return static_cast<double>(key.key.bytes) >= least;
        };
        if (!m_sized ||
            std::none_of(m_report.largest.begin(), m_report.largest.end(), stands_out)) {
            return;
        }
        line("");
        Table table(m_out, m_display,
                    {{m_usage.sample() ? "LARGEST KEYS MET" : "LARGEST KEYS", ColumnKind::left,
                      Overflow::cut},
                     {"MEMORY", ColumnKind::right},
                     {"TYPE"},
                     {"ELEMENTS", ColumnKind::right},
                     {"TTL", ColumnKind::right}});
        for (const DescribedKey& key : m_report.largest) {
            if (!stands_out(key)) {
                break;
            }
            const bool counts = key.elements && key.type != "string";
            table.row({key.key.key, size_text(static_cast<double>(key.key.bytes)),
                       key.type.empty() ? "-" : key.type, counts ? format_count(*key.elements) : "",
                       Cell(key.key.ttl ? format_duration(*key.key.ttl) : "never",
                            key.key.ttl ? Style::plain : Style::yellow)});
        }
        table.finish();
    }

    void write_notes() {
        line("");
        const Amount& total = m_usage.total();
        if (const auto& sample = m_usage.sample()) {
            std::string text =
                fmt::format("estimated from {} keys drawn by lot in {}; 95 % limits",
                            format_count(sample->drawn), format_duration(m_report.elapsed));
            if (m_sized && !m_rows.empty()) {
                const Estimate first = m_usage.bytes_of(m_rows.front().amount);
                const double all = m_usage.bytes_of(total).value;
                text += fmt::format(" ({} {} ± {:.1f})", escape_for_terminal(m_rows.front().name),
                                    percent(share_of(m_rows.front().amount)),
                                    100 * (first.high - first.low) / 2 / std::max(all, 1.0));
            }
            sentence(text + fmt::format("; --exact looks at all, in about {} at normal pace",
                                        format_duration(m_report.exact_takes)),
                     Style::dim);
            write_gap(total);
        }
        if (total.unsized != 0 && m_sized) {
            sentence(fmt::format(
                "the size of {} keys is not known",
                count_text(m_usage.keys_of(total).value * static_cast<double>(total.unsized) /
                           static_cast<double>(total.keys))));
        }
        write_next();
    }

    /// What a server has more of than the sample can account for.
    void write_gap(const Amount& total) {
        if (!m_sized || !m_report.of_all || !m_report.keys_bytes) {
            return;
        }
        // Of a key in the table of names, and of one that expires in that of TTLs.
        constexpr double k_name_bytes = 24, k_ttl_bytes = 48;
        constexpr double k_least_gap = 1 << 20, k_least_share = 0.08;
        const double expiring = m_usage.keys_of(total).value - m_usage.persistent_of(total).value;
        const double explained = m_usage.bytes_of(total).high +
                                 k_name_bytes * m_usage.keys_of(total).value +
                                 k_ttl_bytes * expiring;
        const double gap = static_cast<double>(*m_report.keys_bytes) - explained;
        if (gap > k_least_gap && gap > k_least_share * explained) {
            sentence(fmt::format("! the server has {} more in use than the sample accounts for: "
                                 "large keys that no lot has fallen on; --exact finds them",
                                 size_text(gap)),
                     Style::yellow);
        }
    }

    /// A namespace that takes much and never expires is what an operator looks for.
    void write_next() {
        if (m_report.by != "namespace" || !m_sized) {
            return;
        }
        for (const UsageRow& row : m_rows) {
            const bool grows = row.amount.persistent * 2 > row.amount.keys && row.amount.keys > 1 &&
                               share_of(row.amount) >= k_part_share;
            if (!grows || row.name != row.example || row.name.empty() || row.name.front() == '(') {
                continue;
            }
            const std::string pattern =
                escape_glob(row.name) + escape_glob(m_usage.options().delimiter) + "*";
            line(fmt::format("next: {} expire {} --cap 1h --jitter 20% --dry-run", m_report.command,
                             shell_word(pattern)));
            return;
        }
    }

    Writer& m_out;
    const Display& m_display;
    const UsageReport& m_report;
    const Usage& m_usage;
    bool m_sized;
    std::vector<UsageRow> m_rows;
};

}  // namespace

void write_usage_table(Writer& out, const Display& display, const UsageReport& report) {
    UsageTable(out, display, report).write();
}

}  // namespace cachectl
