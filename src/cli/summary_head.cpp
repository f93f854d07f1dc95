#include "cli/summary_head.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "cli/target.hpp"

namespace cachectl {

namespace {

std::optional<std::string_view> text_or_nothing(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

void SummaryHead::begin(const Context& ctx, std::string name) {
    command = std::move(name);
    context = ctx.settings.context;
    target = name_of_database(ctx.settings.address);
    database = ctx.settings.address.db;
    started_at = std::chrono::time_point_cast<std::chrono::milliseconds>(ctx.wall_now());
}

void write_head(const SummaryHead& head, JsonWriter& json) {
    json.field("command", std::string_view(head.command));
    json.field("context", text_or_nothing(head.context));
    json.field("target", text_or_nothing(head.target));
    json.field("database", head.database);
    json.field("started_at", format_utc(head.started_at));
}

}  // namespace cachectl
