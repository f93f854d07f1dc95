#include "health/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "output/escape.hpp"
#include "output/figures.hpp"
#include "output/prometheus.hpp"
#include "output/rows.hpp"
#include "util/figures.hpp"
#include "util/named_error.hpp"
#include "util/secrets.hpp"

namespace cachectl {

namespace {

using State = HealthVerdict::State;
using Unit = HealthCheck::Unit;

bool fails(const HealthReport& report) {
    const HealthStatus worst = report.verdict.worst();
    return worst == HealthStatus::crit ||
           (worst == HealthStatus::warn && report.fail_on == FailOn::warn);
}

/// Without an exponent, which not all readers of performance data take.
std::string number_text(double value) {
    constexpr double k_whole = 1e5;
    return value >= k_whole ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

void write_server(JsonWriter& json, const HealthReport& report) {
    const ServerInfo& server = report.server;
    const auto text = [&](const char* name, const std::string& value) {
        json.key(name);
        value.empty() ? json.value(nullptr) : json.value(std::string_view(value));
    };
    json.key("server");
    json.begin_object();
    text("target", report.title.target);
    text("name", server.name);
    text("version", server.version);
    text("mode", server.mode);
    text("role", server.role);
    json.field("uptime_s", server.info.integer("uptime_in_seconds"));
    json.end_object();
    json.field("interval_ms", report.interval.count());
    json.key("keys");
    server.info.empty() ? json.value(nullptr) : json.value(server.info.keys());
    json.key("memory");
    json.begin_object();
    json.field("used_bytes", server.info.integer("used_memory"));
    json.field("max_bytes", server.info.integer("maxmemory"));
    json.end_object();
}

void write_finding(JsonWriter& json, const HealthFinding& found) {
    const auto text = [&](const char* name, const std::string& value) {
        json.key(name);
        value.empty() ? json.value(nullptr) : json.value(std::string_view(mask_typed(value)));
    };
    json.begin_object();
    json.field("id", found.check->id);
    json.field("status", name_of(found.status));
    json.field("value", found.value);
    json.field("unit", describe(found.check->unit));
    json.key("threshold");
    json.begin_object();
    json.field("warn", found.limits.warn);
    json.field("crit", found.limits.crit);
    json.end_object();
    text("message", found.sentence());
    text("remedy", found.remedy);
    text("node", found.node);
    json.field("muted", found.muted);
    json.field("info", found.check->informs);
    json.end_object();
}

/// A range that alerts where our limit does: "80" above, "0.8:" below.
std::string plugin_range(const HealthCheck& check, const std::optional<double>& limit) {
    if (!limit) {
        return "";
    }
    return number_text(*limit) + (check.bad == HealthCheck::Bad::low ? ":" : "");
}

std::string performance(const HealthFinding& found) {
    std::string label;
    for (const char c : found.check->id) {
        label += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const Unit unit = found.check->unit;
    const char* uom = unit == Unit::bytes ? "B" : unit == Unit::seconds ? "s" : "";
    return fmt::format("{}={}{};{};{};0;", label, number_text(*found.value), uom,
                       plugin_range(*found.check, found.limits.warn),
                       plugin_range(*found.check, found.limits.crit));
}

/// Neither what begins the performance data, nor a second line, nor what a terminal would act on.
std::string plugin_text(std::string_view text) {
    std::string plain = escape_for_terminal(text);
    std::replace(plain.begin(), plain.end(), '|', '/');
    return plain;
}

constexpr std::array<std::string_view, 4> k_plugin_states = {"OK", "WARNING", "CRITICAL",
                                                             "UNKNOWN"};

}  // namespace

ExitCode HealthReport::exit_code() const {
    if (verdict.failure) {
        return verdict.failure->code();
    }
    return fails(*this) ? ExitCode::no : ExitCode::ok;
}

ExitCode HealthReport::plugin_exit_code() const {
    int code = 0;
    if (verdict.state == State::unknown) {
        code = 3;
    } else if (verdict.state == State::down) {
        code = 2;
    } else if (fails(*this)) {
        code = verdict.worst() == HealthStatus::crit ? 2 : 1;
    }
    return static_cast<ExitCode>(code);
}

std::string HealthReport::recommendation() const {
    if (verdict.failure) {
        return verdict.failure->hint();
    }
    const auto to_do = verdict.to_do();
    if (to_do.empty()) {
        return "";
    }
    const HealthFinding& first = *to_do.front();
    return first.remedy + (first.gives.empty() ? "" : " (" + first.gives + ")");
}

void write_health_lines(Writer& out, const HealthReport& report) {
    using Kind = Field::Kind;
    Rows rows(out, {.format = Format::plain, .escaped = out.is_terminal()},
              {{"id", "ID", Kind::text},
               {"status", "STATUS", Kind::text},
               {"value", "VALUE", Kind::number, "-"},
               {"message", "MESSAGE", Kind::text, "-"}});
    for (const HealthFinding& found : report.verdict.findings) {
        const auto value = found.value ? std::optional(number_text(*found.value)) : std::nullopt;
        const std::string message = mask_typed(found.sentence());
        const std::string status =
            std::string(name_of(found.status)) + (found.muted ? " muted" : "");
        rows.row({found.check->id, status, value,
                  message.empty() ? std::optional<std::string>() : std::optional(message)});
    }
    rows.finish();
}

void write_health_json(JsonWriter& json, const HealthReport& report) {
    json.begin_object();
    json.field("status", name_of(report.verdict.state));
    write_server(json, report);
    json.key("checks");
    json.begin_array();
    for (const HealthFinding& found : report.verdict.findings) {
        write_finding(json, found);
    }
    json.end_array();
    const std::string recommendation = mask_typed(report.recommendation());
    json.key("recommendation");
    recommendation.empty() ? json.value(nullptr) : json.value(std::string_view(recommendation));
    json.key("error");
    if (const auto& failure = report.verdict.failure) {
        json.begin_object();
        json.field("code", static_cast<int>(failure->code()));
        json.field("id", std::string_view(error_id(*failure)));
        json.field("message", std::string_view(mask_typed(failure->what())));
        json.end_object();
    } else {
        json.value(nullptr);
    }
    json.end_object();
}

void write_health_nagios(Writer& out, const HealthReport& report) {
    const auto state = static_cast<std::size_t>(report.plugin_exit_code());
    std::string text, data;
    std::size_t bad = 0;
    for (const HealthFinding& found : report.verdict.findings) {
        if (found.counts()) {
            ++bad;
            text +=
                fmt::format("{}{} {}", text.empty() ? "" : "; ", found.check->id, found.sentence());
        }
        if (found.value && found.check->unit != Unit::flag) {
            data += (data.empty() ? "" : " ") + performance(found);
        }
    }
    if (report.verdict.failure) {
        text = report.verdict.failure->what();
    } else if (bad == 0) {
        text = fmt::format("{} is healthy", report.title.target);
    }
    out.write(fmt::format("{} - {}{}{}\n", k_plugin_states[state], plugin_text(mask_typed(text)),
                          data.empty() ? "" : " | ", data));
}

void write_health_prometheus(Writer& out, const HealthReport& report) {
    const State state = report.verdict.state;
    FigureGroup whole{"health", FigureGroup::Shape::one, {}};
    whole.rows.push_back({{"status",
                           std::int64_t{state == State::healthy    ? 0
                                        : state == State::degraded ? 1
                                                                   : 2},
                           Figure::Kind::gauge, Figure::Unit::none,
                           "The verdict: 0 healthy, 1 degraded, 2 down or not known"}});
    FigureGroup checks{"health", FigureGroup::Shape::list, {}, "id"};
    for (const HealthFinding& found : report.verdict.findings) {
        const auto flag = [](const char* name, bool yes, const char* help) -> Figure {
            return {name, std::int64_t{yes ? 1 : 0}, Figure::Kind::gauge, Figure::Unit::none, help};
        };
        Figure id;
        id.name = "id";
        id.kind = Figure::Kind::text;
        id.value = std::string(found.check->id);
        const bool unknown = found.status == HealthStatus::unknown;
        Figure status{"check",
                      {},
                      Figure::Kind::gauge,
                      Figure::Unit::none,
                      "What a check has found: 0 ok, 1 warning, 2 critical"};
        if (!unknown && !found.check->informs) {
            status.value = static_cast<std::int64_t>(found.status);
        }
        checks.rows.push_back(
            {id, status, flag("check_muted", found.muted, "Whether the check is muted"),
             flag("check_unknown", unknown, "Whether what the check goes by is not told")});
    }
    const FigureGroup groups[] = {whole, checks};
    write_figures_prometheus(out, groups);
}

}  // namespace cachectl
