#include "audit_log/actor.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <string>

using namespace cachectl;

namespace {

LookUp of(std::map<std::string, std::string> variables) {
    return [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

std::string text_of(const CiRun& run) {
    return run.system + ' ' + run.run + ' ' + run.url + ' ' + run.actor;
}

}  // namespace

TEST_CASE("runs of the usual systems are known by their variables") {
    CHECK(text_of(*find_ci_run(of({{"CI", "true"},
                                   {"GITHUB_ACTIONS", "true"},
                                   {"GITHUB_RUN_ID", "17"},
                                   {"GITHUB_SERVER_URL", "https://github.example"},
                                   {"GITHUB_REPOSITORY", "team/cache"},
                                   {"GITHUB_ACTOR", "ada"}}))) ==
          "github-actions 17 https://github.example/team/cache/actions/runs/17 ada");
    CHECK(text_of(*find_ci_run(of({{"GITLAB_CI", "true"},
                                   {"CI_JOB_ID", "18"},
                                   {"CI_JOB_URL", "https://gitlab.example/18"},
                                   {"GITLAB_USER_LOGIN", "ada"}}))) ==
          "gitlab 18 https://gitlab.example/18 ada");
    CHECK(text_of(*find_ci_run(of({{"BUILDKITE", "true"},
                                   {"BUILDKITE_JOB_ID", "19"},
                                   {"BUILDKITE_BUILD_URL", "https://buildkite.example/19"}}))) ==
          "buildkite 19 https://buildkite.example/19 ");
    CHECK(text_of(*find_ci_run(of({{"JENKINS_URL", "https://jenkins.example"},
                                   {"BUILD_TAG", "jenkins-cache-20"},
                                   {"BUILD_URL", "https://jenkins.example/20"}}))) ==
          "jenkins jenkins-cache-20 https://jenkins.example/20 ");
    CHECK(text_of(*find_ci_run(of({{"GITHUB_ACTIONS", "true"}}))) == "github-actions   ");
    CHECK(text_of(*find_ci_run(of({{"GITHUB_ACTIONS", "true"},
                                   {"GITHUB_RUN_ID", "17"},
                                   {"GITHUB_SERVER_URL", "https://github.example"}}))) ==
          "github-actions 17  ");
    CHECK_FALSE(find_ci_run(of({{"CI", "true"}, {"GITLAB_CI", ""}})).has_value());
}

TEST_CASE("who called sudo is known besides the user that the process has") {
    const Actor actor = find_actor(of({{"SUDO_USER", "ada"}}));
    CHECK(actor.sudo_user == "ada");
    CHECK_FALSE(actor.user.empty());
    CHECK_FALSE(actor.host.empty());
    CHECK(actor.pid == ::getpid());
}
