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
        if (value.type() != JsonValue::Type::string || value.as_string().empty()) {
            throw;
        }
        value.fail(fmt::format("is an {}", error.what()), error.hint());
    }
}

ConfirmMode parse_confirm(const JsonValue& value) {
    const std::string& mode = value.as_string();
    if (mode == "always") {
        return ConfirmMode::always;
    }
    if (mode != "tty") {
        value.fail(fmt::format("must be \"always\" or \"tty\", not \"{}\"", mode));
    }
    return ConfirmMode::tty;
}

std::string parse_pace(const JsonValue& value) {
    const std::string& pace = value.as_string();
    if (pace == "gentle" || pace == "normal" || pace == "full") {
        return pace;
    }
    value.fail(fmt::format("must be \"gentle\", \"normal\" or \"full\", not \"{}\"", pace));
}

TlsOptions parse_tls(const JsonValue& context, const std::filesystem::path& folder) {
    TlsOptions tls;
    const auto path = [&](const char* name, std::string& into) {
        if (const JsonValue* value = context.find(name)) {
            into = (folder / value->as_text()).string();
        }
    };
    path("cacert", tls.ca_file);
    path("cacertdir", tls.ca_folder);
    path("cert", tls.certificate);
    path("cert_key", tls.key);
    if (const JsonValue* key = context.find("cert_key");
        key != nullptr && tls.certificate.empty()) {
        key->fail("is the key of a certificate, and there is no cert");
    }
    if (const JsonValue* name = context.find("sni")) {
        tls.server_name = name->as_text();
    }
    if (const JsonValue* insecure = context.find("insecure")) {
        tls.verify = insecure->as_bool() ? VerifyServer::no : VerifyServer::yes;
    }
    return tls;
}

void parse_sentinels(const JsonValue& value, ContextEntry& context) {
    const auto find = [&](const char* name) {
        const JsonValue* setting = value.find(name);
        if (setting != nullptr && (!context.server || !context.server->is_found_by_sentinels())) {
            setting->fail("means nothing without Sentinels",
                          "the url begins with redis+sentinel:// then");
        }
        return setting;
    };
    if (const JsonValue* user = find("sentinel_user")) {
        context.server->sentinels.user = user->as_text();
    }
    if (const JsonValue* password = find("sentinel_password")) {
        context.server->sentinels.password = password->as_text();
    }
    if (const JsonValue* tls = find("sentinel_tls")) {
        context.server->sentinels.tls = tls->as_bool() ? SentinelTls::on : SentinelTls::off;
    }
}

std::vector<std::string> parse_globs(const JsonValue& value, const CheckGlob& check_glob) {
    std::vector<std::string> globs = value.as_texts();
    for (std::size_t i = 0; check_glob && i < globs.size(); ++i) {
        try {
            check_glob(globs[i]);
        } catch (const Error& error) {
            value.as_array()[i].fail(fmt::format("is wrong: {}", error.what()), error.hint());
        }
    }
    return globs;
}

ContextEntry parse_context(const JsonValue& value, const std::filesystem::path& folder,
                           const CheckGlob& check_glob) {
    value.allow_only({"url", "policy", "protect", "confirm", "production", "read_only", "audit_log",
                      "pace", "cacert", "cacertdir", "cert", "cert_key", "sni", "insecure",
                      "sentinel_user", "sentinel_password", "sentinel_tls"});
    ContextEntry context;
    context.line = value.line();
    for (const JsonMember& member : value.as_object()) {
        if (member.name != "url") {
            context.said.push_back(member.name);
        }
    }
    if (const JsonValue* url = value.find("url")) {
        context.server = parse_url(*url);
    }
    parse_sentinels(value, context);
    context.tls = parse_tls(value, folder);
    for (const char* name : {"cacert", "cacertdir", "cert", "cert_key", "sni", "insecure"}) {
        const JsonValue* setting = value.find(name);
        if (setting != nullptr && context.server && !context.server->uses_tls()) {
            setting->fail("means nothing without TLS", "the url begins with rediss:// then");
        }
    }
    if (const JsonValue* policy = value.find("policy")) {
        context.policy_file = (folder / policy->as_text()).string();
    }
    if (const JsonValue* protect = value.find("protect")) {
        context.protected_patterns = parse_globs(*protect, check_glob);
    }
    if (const JsonValue* confirm = value.find("confirm")) {
        context.confirm = parse_confirm(*confirm);
    }
    if (const JsonValue* production = value.find("production")) {
        context.production = production->as_bool();
    }
    if (const JsonValue* read_only = value.find("read_only")) {
        context.read_only = read_only->as_bool();
    }
    if (const JsonValue* log = value.find("audit_log")) {
        context.audit_log = (folder / log->as_text()).string();
    }
    if (const JsonValue* pace = value.find("pace")) {
        context.pace = parse_pace(*pace);
    }
    return context;
}

bool is_null_device(const std::string& path) {
    struct stat file {};
    struct stat null {};
    return ::stat(path.c_str(), &file) == 0 && ::stat("/dev/null", &null) == 0 &&
           S_ISCHR(file.st_mode) && file.st_rdev == null.st_rdev;
}

bool has_password(const ConfigFile& config) {
    return std::any_of(config.contexts.begin(), config.contexts.end(), [](const auto& entry) {
        const auto& server = entry.second.server;
        return server && !(server->password.empty() && server->sentinels.password.empty());
    });
}

ConfigFile config_of(const JsonValue& root, const std::string& path, const CheckGlob& check_glob) {
    ConfigFile config;
    config.path = path;
    root.allow_only({"contexts", "default_context"});
    const auto folder = std::filesystem::path(path).parent_path();
    if (const JsonValue* contexts = root.find("contexts")) {
        for (const JsonMember& member : contexts->as_object()) {
            if (member.name.empty()) {
                member.value.fail("has an empty name");
            }
            config.contexts.emplace(member.name, parse_context(member.value, folder, check_glob));
        }
    }
    if (const JsonValue* name = root.find("default_context")) {
        config.default_context = name->as_text();
        if (!config.contexts.contains(config.default_context)) {
            name->fail(fmt::format("names no context: '{}'", config.default_context));
        }
    }
    return config;
}

}  // namespace

const ContextEntry& ConfigFile::context(const std::string& name,
                                        const std::string& asked_by) const {
    if (const auto found = contexts.find(name); found != contexts.end()) {
        return found->second;
    }
    std::vector<std::string_view> names;
    for (const auto& entry : contexts) {
        names.push_back(entry.first);
    }
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

ConfigFile parse_config_file(std::string_view text, const std::string& path,
                             const CheckGlob& check_glob) {
    return config_of(parse_json(text, path), path, check_glob);
}

ConfigFile read_config_file(const std::string& path, const CheckGlob& check_glob) {
    if (is_null_device(path)) {
        ConfigFile none;  // what one says for "none"
        none.path = path;
        return none;
    }
    // Who can write to it can send deletions, and the password, to a server of their choice.
    ConfigFile config = config_of(read_json_file(path, Writers::owner_only), path, check_glob);
    struct stat facts {};
    const bool is_public = ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
                           (facts.st_mode & S_IROTH) != 0;
    if (is_public && has_password(config)) {
        config.warnings.push_back(
            fmt::format("{} holds a password and everybody may read it: chmod 600 {}", path, path));
    }
    return config;
}

}  // namespace cachectl
