#include "config/connection_words.hpp"

#include <optional>

namespace cachectl {

namespace {

/// The user's name of a URL that was typed; one of the environment or a context is there again.
std::optional<std::string> typed_user(const ConnectionFlags& flags, const Settings& settings) {
    const auto source = settings.sources.find("user");
    const bool is_typed = source != settings.sources.end() && source->second.starts_with('-');
    return is_typed && !settings.address.user.empty() ? settings.address.user : flags.user;
}

}  // namespace

std::vector<std::string> connection_words(const ConnectionFlags& flags, const Settings& settings) {
    std::vector<std::string> words;
    const auto add = [&words](const char* name, const std::optional<std::string>& value) {
        if (value) {
            words.insert(words.end(), {name, *value});
        }
    };
    add("--user", typed_user(flags, settings));
    add("--password-file", flags.password_file);
    add("--sentinel-tls", flags.sentinel_tls);
    add("--sentinel-user", flags.sentinel_user);
    add("--sentinel-password-file", flags.sentinel_password_file);
    add("--cluster", flags.cluster);
    for (const std::string& entry : flags.node_map) {
        add("--node-map", entry);
    }
    add("--cacert", flags.cacert);
    add("--cacertdir", flags.cacertdir);
    add("--cert", flags.cert);
    add("--cert-key", flags.cert_key);
    add("--sni", flags.sni);
    if (flags.askpass) {
        words.emplace_back("--askpass");
    }
    if (flags.insecure) {
        words.emplace_back("--insecure");
    }
    return words;
}

}  // namespace cachectl
