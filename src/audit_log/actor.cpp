#include "audit_log/actor.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

namespace cachectl {

namespace {

/// Which variables a system sets in its jobs. The variable `sign` is there in no other system's.
struct CiSystem {
    std::string_view name;
    const char* sign;
    const char* run;
    const char* url;    // of the run, or null
    const char* actor;  // or null
};

constexpr std::array k_ci_systems = {
    CiSystem{"github-actions", "GITHUB_ACTIONS", "GITHUB_RUN_ID", nullptr, "GITHUB_ACTOR"},
    CiSystem{"gitlab", "GITLAB_CI", "CI_JOB_ID", "CI_JOB_URL", "GITLAB_USER_LOGIN"},
    CiSystem{"buildkite", "BUILDKITE", "BUILDKITE_JOB_ID", "BUILDKITE_BUILD_URL",
             "BUILDKITE_BUILD_CREATOR"},
    CiSystem{"jenkins", "JENKINS_URL", "BUILD_TAG", "BUILD_URL", "BUILD_USER_ID"},
};

std::string text_of(const LookUp& variable, const char* name) {
    return name == nullptr ? std::string() : variable(name).value_or("");
}

/// GitHub has the address in parts.
std::string github_url(const LookUp& variable, const std::string& run) {
    const std::string server = text_of(variable, "GITHUB_SERVER_URL");
    const std::string repository = text_of(variable, "GITHUB_REPOSITORY");
    return server.empty() || repository.empty()
               ? std::string()
               : server + '/' + repository + "/actions/runs/" + run;
}

std::string user_name() {
    const uid_t uid = ::getuid();
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> buffer(16 * 1024);
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        return entry.pw_name;
    }
    return std::to_string(uid);
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void text_field(JsonWriter& json, std::string_view name, const std::string& text) {
    json.key(name);
    if (text.empty()) {
        json.value(nullptr);
    } else {
        json.value(std::string_view(text));
    }
}

}  // namespace

std::optional<CiRun> find_ci_run(const LookUp& variable) {
    for (const CiSystem& system : k_ci_systems) {
        if (text_of(variable, system.sign).empty()) {
            continue;
        }
        CiRun run;
        run.system = system.name;
        run.run = text_of(variable, system.run);
        run.url = text_of(variable, system.url);
        run.actor = text_of(variable, system.actor);
        if (run.url.empty() && !run.run.empty()) {
            run.url = github_url(variable, run.run);
        }
        return run;
    }
    return std::nullopt;
}

Actor find_actor(const LookUp& variable) {
    return {user_name(), text_of(variable, "SUDO_USER"), find_ci_run(variable), host_name(),
            static_cast<int>(::getpid())};
}

void write_actor(const Actor& actor, JsonWriter& json) {
    text_field(json, "user", actor.user);
    text_field(json, "sudo_user", actor.sudo_user);
    json.key("ci");
    if (actor.ci) {
        json.begin_object();
        json.field("system", std::string_view(actor.ci->system));
        text_field(json, "run", actor.ci->run);
        text_field(json, "url", actor.ci->url);
        text_field(json, "actor", actor.ci->actor);
        json.end_object();
    } else {
        json.value(nullptr);
    }
    text_field(json, "host", actor.host);
    json.field("pid", actor.pid);
}

}  // namespace cachectl
