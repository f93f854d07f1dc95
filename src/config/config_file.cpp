#include "config/config_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "util/error.hpp"
#include "util/json_file.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

ServerAddress parse_url(const JsonValue& value) {
    try {
        return parse_server_url(value.as_text());
    } catch (const Error& error) {
        if (value.type() != JsonValue::Type::string || value.as_string().empty()) throw;
        value.fail(fmt::format("is an {}", error.what()), error.hint());
    }
}

ConfirmMode parse_confirm(const JsonValue& value) {
    const std::string& mode = value.as_string();
    if (mode == "always") return ConfirmMode::always;
    if (mode != "tty") value.fail(fmt::format("must be \"always\" or \"tty\", not \"{}\"", mode));
    return ConfirmMode::tty;
}

std::string parse_pace(const JsonValue& value) {
    const std::string& pace = value.as_string();
    if (pace == "gentle" || pace == "normal" || pace == "full") return pace;
    value.fail(fmt::format("must be \"gentle\", \"normal\" or \"full\", not \"{}\"", pace));
}

TlsOptions parse_tls(const JsonValue& context, const std::filesystem::path& folder) {
    TlsOptions tls;
    const auto path = [&](const char* name, std::string& into) {
        if (const JsonValue* value = context.find(name))
            into = (folder / value->as_text()).string();
    };
    path("cacert", tls.ca_file);
    path("cacertdir", tls.ca_folder);
    path("cert", tls.certificate);
    path("cert_key", tls.key);
    if (const JsonValue* key = context.find("cert_key"); key != nullptr && tls.certificate.empty())
        key->fail("is the key of a certificate, and there is no cert");
    if (const JsonValue* name = context.find("sni")) tls.server_name = name->as_text();
    if (const JsonValue* insecure = context.find("insecure"))
        tls.verify = insecure->as_bool() ? VerifyServer::no : VerifyServer::yes;
    return tls;
}

void parse_sentinel_login(const JsonValue& value, ContextEntry& context) {
    for (const char* name : {"sentinel_user", "sentinel_password"}) {
        const JsonValue* setting = value.find(name);
        if (setting == nullptr) continue;
        const std::string& text = setting->as_text();
        if (!context.server || !context.server->is_found_by_sentinels())
            setting->fail("means nothing without Sentinels",
                          "the url begins with redis+sentinel:// then");
        SentinelGroup& sentinels = context.server->sentinels;
        (name == std::string_view("sentinel_user") ? sentinels.user : sentinels.password) = text;
    }
}

ContextEntry parse_context(const JsonValue& value, const std::filesystem::path& folder) {
    value.allow_only({"url", "policy", "protect", "confirm", "pace", "cacert", "cacertdir", "cert",
                      "cert_key", "sni", "insecure", "sentinel_user", "sentinel_password"});
    ContextEntry context;
    context.line = value.line();
    if (const JsonValue* url = value.find("url")) context.server = parse_url(*url);
    parse_sentinel_login(value, context);
    context.tls = parse_tls(value, folder);
    for (const char* name : {"cacert", "cacertdir", "cert", "cert_key", "sni", "insecure"}) {
        const JsonValue* setting = value.find(name);
        if (setting != nullptr && context.server && !context.server->tls)
            setting->fail("means nothing without TLS", "the url begins with rediss:// then");
    }
    if (const JsonValue* policy = value.find("policy"))
        context.policy_file = (folder / policy->as_text()).string();
    if (const JsonValue* protect = value.find("protect"))
        context.protected_patterns = protect->as_texts();
    if (const JsonValue* confirm = value.find("confirm")) context.confirm = parse_confirm(*confirm);
    if (const JsonValue* pace = value.find("pace")) context.pace = parse_pace(*pace);
    return context;
}

bool has_password(const ConfigFile& config) {
    return std::any_of(config.contexts.begin(), config.contexts.end(), [](const auto& entry) {
        const auto& server = entry.second.server;
        return server && !(server->password.empty() && server->sentinels.password.empty());
    });
}

}  // namespace

const ContextEntry& ConfigFile::context(const std::string& name,
                                        const std::string& asked_by) const {
    if (const auto found = contexts.find(name); found != contexts.end()) return found->second;
    std::vector<std::string_view> names;
    for (const auto& entry : contexts) names.push_back(entry.first);
    const auto nearest = std::min_element(names.begin(), names.end(), [&](auto a, auto b) {
        return edit_distance(a, name) < edit_distance(b, name);
    });
    std::string hint;
    if (nearest != names.end() && edit_distance(*nearest, name) <= 2) {
        hint = fmt::format("did you mean '{}'?", *nearest);
    } else if (!names.empty()) {
        hint = fmt::format("its contexts are: {}", fmt::join(names, ", "));
    }
    throw Error(ExitCode::usage, fmt::format("{}: {} has no context '{}'", asked_by, path, name),
                hint);
}

ConfigFile read_config_file(const std::string& path) {
    struct stat facts {};
    const bool has_facts = ::stat(path.c_str(), &facts) == 0;
    const bool is_regular = has_facts && S_ISREG(facts.st_mode);
    // Who can write to it can send deletions, and the password, to a server of their choice.
    if (is_regular && (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        throw Error(ExitCode::usage,
                    fmt::format("{} may be changed by others (mode {:04o})", path,
                                static_cast<unsigned>(facts.st_mode & 07777)),
                    fmt::format("chmod go-w {}", path));

    const JsonValue root = read_json_file(path);
    root.allow_only({"contexts", "default_context"});
    ConfigFile config;
    config.path = path;
    const auto folder = std::filesystem::path(path).parent_path();
    if (const JsonValue* contexts = root.find("contexts"))
        for (const JsonMember& member : contexts->as_object()) {
            if (member.name.empty()) member.value.fail("has an empty name");
            config.contexts.emplace(member.name, parse_context(member.value, folder));
        }
    if (const JsonValue* name = root.find("default_context")) {
        config.default_context = name->as_text();
        if (!config.contexts.contains(config.default_context))
            name->fail(fmt::format("names no context: '{}'", config.default_context));
    }
    if (is_regular && (facts.st_mode & S_IROTH) != 0 && has_password(config))
        config.warnings.push_back(
            fmt::format("{} holds a password and everybody may read it: chmod 600 {}", path, path));
    return config;
}

}  // namespace cachectl
