// Whether a server is there at all, and what is worth knowing of it without being bad.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "health/measures.hpp"
#include "health/measuring.hpp"
#include "redis/version.hpp"

namespace cachectl::measure {

namespace {

/// What stopped the readings of that node; the reply's first word is in it.
Measurement stopped_by(const NodeEvidence& node, std::string_view word, std::string remedy) {
    const std::optional<Error>& failure = node.after.failure;
    const std::string text = failure ? failure->what() : "";
    const bool is_it = text.find(word) != std::string::npos;
    return {.value = is_it ? 1 : 0,
            .shown = is_it ? "yes" : "no",
            .message = is_it ? text : "",
            .remedy = std::move(remedy)};
}

}  // namespace

Measurement down(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const std::optional<Error>& failure = node.after.failure;
    const bool is_down = failure && failure->code() == ExitCode::unreachable;
    if (!is_down) {
        return {.value = 0, .shown = "up"};
    }
    // "cannot read the figures of NODE: cannot connect to NODE: WHY; what may help"
    std::string why = failure->what(), remedy = failure->hint();
    const std::string attempted = "cannot read the figures of " + node.name() + ": ";
    if (why.starts_with(attempted)) {
        why.erase(0, attempted.size());
    }
    if (const std::size_t end = why.find("; "); end != std::string::npos && remedy.empty()) {
        remedy = why.substr(end + 2);
        why.erase(end);
    }
    return {.value = 1, .shown = "down", .message = why, .remedy = remedy};
}

Measurement loading(const NodeEvidence& node, const HealthEvidence& all) {
    if (node.info().text("loading") == "1") {
        const double left = figure(node, "loading_eta_seconds");
        return {.value = 1,
                .shown = "yes",
                .message = fmt::format("it reads its dataset from disk, about {:.0f} s more", left),
                .remedy = all.command + " health --wait 60s"};
    }
    return stopped_by(node, ": LOADING", all.command + " health --wait 60s");
}

Measurement busy(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    return stopped_by(node, ": BUSY", "SCRIPT KILL, or FUNCTION KILL");
}

Measurement no_password(const HealthEvidence& all) {
    return {.value = all.without_password ? 1 : 0,
            .message = all.without_password ? "whoever reaches the server may do everything" : "",
            .remedy = "set a password, or ACL users, where others reach the network"};
}

Measurement logical_databases(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const auto databases = node.info().databases();
    const auto count = static_cast<double>(databases.size());
    return {.value = count > 1 ? count : 0,
            .shown = count_text_of(count),
            .message = count > 1 ? "databases hold keys, and share memory and eviction" : ""};
}

Measurement old_version(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    const ServerInfo& server = node.after.server;
    if (!server.is_of_known_kind() || server.version.empty()) {
        return Measurement::not_applicable();
    }
    constexpr const char* k_oldest = "7.2";
    const Version version = Version::parse(server.version);
    const bool is_old = version > Version{} && version < Version::parse(k_oldest);
    return {.value = is_old ? 1 : 0,
            .shown = server.version,
            .message = is_old ? fmt::format("older than {}: see whether whoever packages it still "
                                            "mends it",
                                            k_oldest)
                              : ""};
}

Measurement many_scripts(const NodeEvidence& node, const HealthEvidence& /*all*/) {
    Needed info(node);
    const double scripts = info.number("number_of_cached_scripts");
    if (info.lacks()) {
        return Measurement::not_applicable();  // before Redis 4.0
    }
    return {.value = scripts,
            .shown = count_text_of(scripts),
            .message = scripts < 1'000 ? ""
                                       : "scripts are kept; those that are built with their values "
                                         "in them are never used twice"};
}

}  // namespace cachectl::measure
