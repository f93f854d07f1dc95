#include "cli/audit_trail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string_view>

#include "cli/context.hpp"
#include "cli/target.hpp"
#include "output/writer.hpp"
#include "redis/info.hpp"
#include "util/json_file.hpp"
#include "util/named_error.hpp"
#include "util/secrets.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

/// 16 hexadecimal digits.
std::string make_run_name() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

std::optional<std::string_view> text_or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

void write_texts(JsonWriter& json, const std::string& name, const std::vector<std::string>& texts) {
    json.key(name);
    json.begin_array();
    for (const std::string& text : texts) {
        json.value(std::string_view(text));
    }
    json.end_array();
    if (std::all_of(texts.begin(), texts.end(), is_utf8)) {
        return;
    }
    json.key(name + "_base64");
    json.begin_array();
    for (const std::string& text : texts) {
        json.value(std::string_view(base64(text)));
    }
    json.end_array();
}

/// What a run that never began is called in its only line; empty: it has none.
std::string_view event_of_unbegun(ExitCode code) {
    switch (code) {  // without a default, so that the compiler misses no code
        case ExitCode::ok:
        case ExitCode::no:
        case ExitCode::usage:
        case ExitCode::bad_input:
            return "";
        case ExitCode::guard:
        case ExitCode::refused:
            return "refused";
        case ExitCode::unreachable:
        case ExitCode::partial:
        case ExitCode::local_io:
        case ExitCode::interrupted:
        case ExitCode::terminated:
            return "failed";
    }
    return "failed";
}

/// `write`, and where the log does not take it, that this came before any change.
template <typename Write>
void write_before_changes(Write write) {
    try {
        write();
    } catch (const NamedError& error) {
        throw NamedError(
            {error.code(), std::string(error.what()) + "; nothing was changed", error.hint()},
            error.id);
    }
}

}  // namespace

AuditTrail::AuditTrail(const Context& ctx, const std::string& path, AuditedRun run)
    : m_ctx(ctx), m_log(path), m_run(std::move(run)), m_id(make_run_name()) {
    write_before_changes([this] { m_log.check(); });
}

void AuditTrail::write_event(JsonWriter& json, std::string_view event) const {
    const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(m_ctx.wall_now());
    json.field("at", format_utc(now));
    json.field("event", event);
    json.field("run", std::string_view(m_id));
    json.field("command", std::string_view(m_run.command));
}

void AuditTrail::write_run(JsonWriter& json) const {
    json.field("version", std::string_view(CACHECTL_VERSION));
    write_actor(m_run.actor, json);
    json.field("context", text_or_null(m_ctx.settings.context));
    json.field("database", m_ctx.settings.address.db);
    write_texts(json, "command_line", m_run.words);
    for (const auto& [name, values] : m_run.asked_for) {
        write_texts(json, name, values);
    }
    json.field("backup", text_or_null(m_run.backup));
}

void AuditTrail::write_target(JsonWriter& json, const Client* client) const {
    json.key("target");
    json.begin_object();
    json.field("name", std::string_view(name_of_database(m_ctx.settings.address)));
    if (client != nullptr) {
        const ServerInfo& server = client->server();
        json.field("server", text_or_null(server.name));
        json.field("version", text_or_null(server.version));
        json.field("role", text_or_null(server.role));
        json.field("run_id", text_or_null(server.run_id));
    }
    json.end_object();
}

void AuditTrail::begin(Client& client) {
    if (m_has_begun) {
        return;
    }
    write_before_changes([&] {
        m_log.append([&](JsonWriter& json) {
            write_event(json, "begin");
            write_run(json);
            write_target(json, &client);
            json.field("masters", client.masters());
        });
    });
    m_has_begun = true;
}

void AuditTrail::note_summary(const std::function<void(JsonWriter&)>& summary) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    summary(json);
    out.flush();
    m_counts.clear();
    const JsonValue fields = parse_json(text, "the summary", Names::repeated);
    for (const auto& [name, value] : fields.as_object()) {
        if (value.type() == JsonValue::Type::boolean) {
            m_counts.emplace_back(name, value.as_bool() ? "true" : "false");
        } else if (value.type() == JsonValue::Type::number) {
            m_counts.emplace_back(name, value.number_text());
        }
    }
}

void AuditTrail::note_error(const Error& error) { m_error = {error_id(error), error.what()}; }

void AuditTrail::write_end(JsonWriter& json, ExitCode code) const {
    json.field("exit_code", static_cast<int>(code));
    json.key("error");
    if (m_error) {
        json.begin_object();
        json.field("id", std::string_view(m_error->first));
        json.field("message", std::string_view(mask_typed(m_error->second)));
        json.end_object();
    } else {
        json.value(nullptr);
    }
}

void AuditTrail::end(ExitCode code) {
    const std::string_view event = m_has_begun ? "end" : event_of_unbegun(code);
    if (event.empty()) {
        return;
    }
    m_log.append([&](JsonWriter& json) {
        write_event(json, event);
        if (!m_has_begun) {
            write_run(json);
            write_target(json, nullptr);
        }
        write_end(json, code);
        if (m_has_begun) {
            json.key("counts");
            json.begin_object();
            for (const auto& [name, count] : m_counts) {
                json.key(name);
                json.literal(count);
            }
            json.end_object();
        }
    });
}

}  // namespace cachectl
