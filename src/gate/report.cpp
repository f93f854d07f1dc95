// What the deploy gate says at its end, in each of the forms.
#include <fmt/format.h>

#include <algorithm>

#include "gate/gate.hpp"
#include "output/document.hpp"
#include "output/escape.hpp"
#include "output/rows.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void write_value(JsonWriter& json, const Condition::Value& value) {
    if (const auto* const yes = std::get_if<bool>(&value)) {
        json.value(*yes);
    } else if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        json.value(*number);
    } else if (const auto* const ratio = std::get_if<double>(&value)) {
        json.value(*ratio);
    } else {
        json.value(nullptr);
    }
}

std::optional<std::string_view> text_or_none(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void write_json(JsonWriter& json, const GateReport& report) {
    json.begin_object();
    write_head(report.head, json);
    json.field("ready", report.ready);
    json.field("waited_ms", report.waited.count());
    json.field("within_ms", report.within.count());
    json.field("polls", report.polls);
    json.key("conditions");
    json.begin_array();
    for (const Condition& condition : report.conditions) {
        json.begin_object();
        json.field("id", condition.id);
        json.key("wanted");
        write_value(json, condition.wanted);
        json.key("value");
        write_value(json, condition.value);
        json.field("unit", text_or_none(name_of(condition.unit)));
        json.field("ok", condition.ok);
        json.field("reason", text_or_none(condition.reason));
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

/// A value as programs read it: bare.
std::optional<std::string> bare(const Condition::Value& value) {
    if (std::holds_alternative<std::monostate>(value)) {
        return std::nullopt;
    }
    if (const auto* const ratio = std::get_if<double>(&value)) {
        return fmt::format("{:.4f}", *ratio);
    }
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return fmt::format("{}", *number);
    }
    return std::get<bool>(value) ? "yes" : "no";
}

void write_lines(Writer& out, const GateReport& report) {
    using Kind = Field::Kind;
    Rows rows(out, {.format = Format::plain, .escaped = true},
              {{"id", "CONDITION", Kind::text},
               {"ok", "OK", Kind::text},
               {"value", "VALUE", Kind::text, "-"},
               {"wanted", "WANTED", Kind::text, "-"}});
    for (const Condition& condition : report.conditions) {
        rows.row({condition.id, condition.ok ? "ok" : "missing", bare(condition.value),
                  bare(condition.wanted)});
    }
    rows.finish();
}

/// Each on its own lines, for it is as long as a server or a resolver makes it.
void write_reasons(Writer& out, const Display& display, const GateReport& report) {
    std::vector<std::string> reasons;
    if (!report.unready.empty()) {
        reasons.push_back("the server is not ready: " + report.unready);
    } else {
        for (const Condition& condition : report.conditions) {
            if (!condition.reason.empty()) {
                reasons.push_back(condition.title + ": " + condition.reason);
            }
        }
    }
    std::string_view before = "\n";
    for (const std::string& reason : reasons) {
        out.write(before);
        out.write(wrapped_sentence(escape_for_terminal(reason), display, 2));
        before = "";
    }
}

void write_table(Writer& out, const Display& display, const GateReport& report) {
    const bool unicode = display.glyphs == Glyphs::unicode;
    out.write(fmt::format("{}  {}  after {}\n\n",
                          display.paint(report.ready ? Style::green : Style::red,
                                        report.ready ? "READY" : "NOT READY"),
                          display.paint(Style::bold, escape_for_terminal(report.server)),
                          format_duration(report.waited)));
    Table table(out, display, {{""}, {"", ColumnKind::left, Overflow::cut}, {""}, {""}});
    for (const Condition& condition : report.conditions) {
        const Cell mark = condition.ok ? Cell(unicode ? " ✓" : " ok", Style::green)
                                       : Cell(unicode ? " ✗" : " x", Style::red);
        const bool is_plain_yes = condition.unit == Condition::Unit::none;
        table.row({mark, condition.title, value_text(condition),
                   is_plain_yes ? std::string() : wanted_text(condition)});
    }
    table.finish();
    write_reasons(out, display, report);
}

}  // namespace

void write_gate_report(Context& ctx, const GateReport& report, Format format) {
    write_document(ctx.out, format,
                   {.table = [&] { write_table(ctx.out, ctx.out_display(), report); },
                    .lines = [&] { write_lines(ctx.out, report); },
                    .json = [&](JsonWriter& json) { write_json(json, report); }});
}

}  // namespace cachectl
