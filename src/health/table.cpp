// A verdict for people: what is wrong, on what evidence, and what to do first.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "health/report.hpp"
#include "output/escape.hpp"
#include "output/styled_line.hpp"
#include "output/wrapped.hpp"
#include "util/secrets.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using State = HealthVerdict::State;

constexpr std::size_t k_title_column = 3;
constexpr std::size_t k_value_column = 19;
constexpr std::size_t k_message_column = 42;
constexpr std::size_t k_least_message = 24;
constexpr std::size_t k_most_to_do = 3;
constexpr std::size_t k_remedy_column = 13;

struct Mark {
    const char* unicode;
    const char* ascii;
    Style style;
};

Mark mark_of(const HealthFinding& found) {
    if (found.noted) {
        return {"i", "i", Style::dim};
    }
    if (found.status == HealthStatus::ok) {
        return {"\u2713", "+", Style::green};
    }
    if (found.status == HealthStatus::unknown) {
        return {"?", "?", Style::dim};
    }
    if (found.muted) {
        return {"-", "-", Style::dim};
    }
    return found.status == HealthStatus::crit ? Mark{"\u2717", "x", Style::red}
                                              : Mark{"!", "!", Style::yellow};
}

Style style_of(State state) {
    return state == State::healthy    ? Style::green
           : state == State::degraded ? Style::yellow
                                      : Style::red;
}

std::string upper(std::string_view text) {
    std::string letters(text);
    for (char& c : letters) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return letters;
}

/// What was found, and of a cluster where.
std::string message_with_node(const HealthFinding& found) {
    std::string message = mask_typed(found.message);
    if (found.node.empty()) {
        return message;
    }
    const bool named = message.find(found.node) != std::string::npos;
    message = named ? message : found.node + (message.empty() ? "" : ": " + message);
    if (found.others > 0) {
        message +=
            fmt::format(" (and {} other {})", found.others, found.others == 1 ? "node" : "nodes");
    }
    return message;
}

class HealthTable {
public:
    HealthTable(Writer& out, const Display& display, const HealthReport& report)
        : m_out(out),
          m_display(display),
          m_report(report),
          m_columns(view_columns(display)),
          m_unicode(display.glyphs == Glyphs::unicode) {}

    void write() {
        head();
        m_out.write("\n");
        for (const HealthStatus status : {HealthStatus::crit, HealthStatus::warn}) {
            rows(status, true);
        }
        rows(HealthStatus::warn, false);
        rows(HealthStatus::crit, false);
        unknown();
        fine();
        to_do();
        foot();
    }

private:
    void line(const StyledLine& text) { m_out.write(text.text(m_columns) + '\n'); }

    void head() {
        const HealthVerdict& verdict = m_report.verdict;
        const std::string state = upper(name_of(verdict.state));
        const std::string prefix = m_display.paint(style_of(verdict.state), state) + "  ";
        if (m_report.server.info.empty() && m_report.server.name.empty()) {
            m_out.write(prefix +
                        m_display.paint(Style::bold, escape_for_terminal(m_report.title.target)) +
                        '\n');
            return;
        }
        const std::size_t width = state.size() + 2;
        std::string right = m_report.interval.count() > 0
                                ? "watched for " + format_duration(m_report.interval)
                                : "";
        const auto lines = title_lines(m_report.title, m_report.server, m_display,
                                       m_columns > width ? m_columns - width : m_columns, right);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            m_out.write((i == 0 ? prefix : std::string(width, ' ')) + lines[i] + '\n');
        }
    }

    void rows(HealthStatus status, bool counting) {
        for (const HealthFinding& found : m_report.verdict.findings) {
            if (found.status == status && found.counts() == counting) {
                row(found);
            }
        }
    }

    void row(const HealthFinding& found) {
        const Mark mark = mark_of(found);
        std::string message =
            found.status == HealthStatus::ok ? mask_typed(found.message) : message_with_node(found);
        if (found.muted) {
            message += message.empty() ? "muted" : " (muted)";
        }
        StyledLine text(m_display);
        text.add(" ").add(m_unicode ? mark.unicode : mark.ascii, mark.style);
        text.pad_to(k_title_column).add(found.check->title).pad_to(k_value_column);
        text.add(found.shown, found.counts() ? Style::bold : Style::plain);
        // Where the value is long, the message follows it; where there is no room, it is below.
        std::size_t begin = std::max(k_message_column, text.width() + 2);
        if (!message.empty() && m_columns < begin + k_least_message) {
            line(text);
            text = StyledLine(m_display);
            begin = k_title_column + 2;
        }
        for (const std::string& part :
             wrap_words(escape_for_terminal(message), m_columns - begin)) {
            line(text.pad_to(begin).add_escaped(part));
            text = StyledLine(m_display);
        }
    }

    /// Those that lack the same together.
    void unknown() {
        std::vector<std::string> whys;
        std::map<std::string, std::string> titles;  // by why
        for (const HealthFinding& found : m_report.verdict.findings) {
            if (found.status != HealthStatus::unknown) {
                continue;
            }
            const std::string why = message_with_node(found);
            std::string& list = titles[why];
            if (list.empty()) {
                whys.push_back(why);
            }
            list += (list.empty() ? "" : ", ") + std::string(found.check->title);
        }
        for (const std::string& why : whys) {
            const std::string text = fmt::format("not known: {}; {}", titles[why], why);
            const auto lines = wrap_words(escape_for_terminal(text), m_columns - k_title_column);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                StyledLine row(m_display);
                row.add(i == 0 ? " ?" : "", Style::dim).pad_to(k_title_column);
                line(row.add_escaped(lines[i], Style::dim));
            }
        }
    }

    void fine() {
        std::size_t others = 0;
        for (const HealthFinding& found : m_report.verdict.findings) {
            if (found.noted) {
                row(found);
                continue;
            }
            if (found.status != HealthStatus::ok) {
                continue;
            }
            const bool shown = found.check->shown == HealthCheck::Shown::always || m_report.all;
            if (shown) {
                row(found);
            } else {
                ++others;
            }
        }
        if (others > 0) {
            StyledLine text(m_display);
            text.add(" ").add(m_unicode ? "\u2713" : "+", Style::green).pad_to(k_title_column);
            line(text.add(fmt::format("{} other {}", others, others == 1 ? "check" : "checks")));
        }
    }

    /// A command, which is to be pasted, is not divided.
    [[nodiscard]] std::vector<std::string> remedy_lines(const std::string& remedy) const {
        const std::string text = escape_for_terminal(mask_typed(remedy));
        if (text.starts_with("cachectl ") || m_columns <= k_remedy_column) {
            return {text};
        }
        return wrap_words(text, m_columns - k_remedy_column);
    }

    void to_do() {
        std::vector<const HealthFinding*> found = m_report.verdict.to_do();
        found.resize(std::min(found.size(), k_most_to_do));
        if (m_report.verdict.state == State::down && found.empty()) {
            return;
        }
        for (std::size_t i = 0; i < found.size(); ++i) {
            m_out.write(i == 0 ? "\n" : "");
            StyledLine text(m_display);
            text.add(i == 0 ? "Do first" : "", Style::bold).pad_to(10);
            text.add(fmt::format("{}  ", i + 1));
            const auto lines = remedy_lines(found[i]->remedy);
            for (std::size_t at = 0; at < lines.size(); ++at) {
                if (at > 0) {
                    m_out.write(text.text(0) + '\n');
                    text = StyledLine(m_display);
                    text.pad_to(k_remedy_column);
                }
                text.add_escaped(lines[at]);
            }
            if (found[i]->gives.empty()) {
                m_out.write(text.text(0) + '\n');  // a command is not cut
                continue;
            }
            const std::size_t width = display_width(found[i]->gives);
            if (text.width() + 3 + width > m_columns) {
                m_out.write(text.text(0) + '\n');
                text = StyledLine(m_display);
                text.pad_to(k_remedy_column);
            } else {
                text.add("   ");
            }
            m_out.write(text.add(found[i]->gives, Style::dim).text(0) + '\n');
        }
    }

    void foot() {
        const char* dot = m_unicode ? " \u00b7 " : " - ";
        StyledLine text(m_display);
        std::string hints = fmt::format("exit {}{}thresholds: cachectl-health(5)",
                                        static_cast<int>(m_report.exit_code()), dot);
        for (const char* hint : {"--json for a /health endpoint", "-o prometheus for alerts"}) {
            const std::string more = hints + dot + hint;
            hints = display_width(more) <= m_columns ? more : hints;
        }
        text.add_escaped(hints, Style::dim);
        m_out.write("\n");
        line(text);
    }

    Writer& m_out;
    const Display& m_display;
    const HealthReport& m_report;
    std::size_t m_columns;
    bool m_unicode;
};

}  // namespace

void write_health_table(Writer& out, const Display& display, const HealthReport& report) {
    HealthTable(out, display, report).write();
}

}  // namespace cachectl
