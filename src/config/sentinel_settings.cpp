#include "config/sentinel_settings.hpp"

#include <fmt/format.h>

#include "config/password_file.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

SentinelTls parse_sentinel_tls(const std::string& text) {
    if (text == "auto") {
        return SentinelTls::as_the_server;
    }
    if (text == "on") {
        return SentinelTls::on;
    }
    if (text == "off") {
        return SentinelTls::off;
    }
    throw Error(ExitCode::usage, fmt::format("--sentinel-tls: '{}' is not auto, on or off", text));
}

}  // namespace

void apply_sentinel_flags(const ConnectionFlags& flags, const std::optional<std::string>& password,
                          Settings& settings) {
    ServerAddress& address = settings.address;
    SentinelGroup& sentinels = address.sentinels;
    if (flags.sentinel) {
        sentinels.nodes = parse_sentinels(*flags.sentinel, "--sentinel");
        if (!flags.master_name) {
            throw Error(ExitCode::usage, "--sentinel needs --master-name",
                        "a Sentinel may know many masters, each by its name");
        }
    }
    const auto set = [&](const std::optional<std::string>& value, const char* flag,
                         const char* part) {
        if (value && !address.is_found_by_sentinels()) {
            throw Error(ExitCode::usage, fmt::format("{} means nothing without Sentinels", flag),
                        "--sentinel HOST:PORT names them, or redis+sentinel:// in the URL");
        }
        if (value) {
            settings.sources[part] = flag;
        }
        return value.has_value();
    };
    if (set(flags.sentinel_tls, "--sentinel-tls", "sentinel_tls")) {
        sentinels.tls = parse_sentinel_tls(*flags.sentinel_tls);
    }
    if (set(flags.master_name, "--master-name", "master_name")) {
        address.host = sentinels.master_name = *flags.master_name;
    }
    // What a context says stands above the environment where --context names it.
    const bool is_given = flags.context && !sentinels.password.empty();
    if (password && address.is_found_by_sentinels() && !is_given) {
        sentinels.password = *password;
        settings.sources["sentinel_password"] = "CACHECTL_SENTINEL_PASSWORD";
    }
    if (set(flags.sentinel_user, "--sentinel-user", "sentinel_user")) {
        sentinels.user = *flags.sentinel_user;
    }
    if (set(flags.sentinel_password_file, "--sentinel-password-file", "sentinel_password")) {
        sentinels.password = read_password_file(*flags.sentinel_password_file, settings.warnings,
                                                "--sentinel-password-file");
    }
    if (flags.read_from && *flags.read_from != "replica") {
        throw Error(ExitCode::usage,
                    fmt::format("--read-from: '{}' is not replica", *flags.read_from));
    }
    if (flags.read_from) {
        address.read_from = ReadFrom::replica;
    }
}

}  // namespace cachectl
