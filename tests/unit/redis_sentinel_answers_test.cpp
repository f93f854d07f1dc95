#include "redis/sentinel_answers.hpp"
#include "support/replies.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace cachectl;
using cachectl::test::text_replies;

namespace {

using Strings = std::vector<std::string>;

Reply replica(const std::string& port, const std::string& flags, const std::string& link,
              const std::string& offset) {
    return text_replies({"ip", "10.0.0.1", "port", port, "flags", flags, "master-link-status", link,
                         "slave-repl-offset", offset});
}

Strings names(const std::vector<HostPort>& addresses) {
    Strings found;
    for (const HostPort& address : addresses) {
        found.push_back(address.name());
    }
    return found;
}

/// What Sentinels that say this of the replicas find fit to be read from.
Strings fit(const std::vector<std::vector<Reply>>& said) {
    std::vector<SentinelAnswer> answers;
    for (const auto& replicas : said) {
        answers.push_back({{}, {}, Reply::make_array(replicas)});
    }
    std::vector<const SentinelAnswer*> pointers;
    for (const SentinelAnswer& answer : answers) {
        pointers.push_back(&answer);
    }
    return names(fit_replicas(pointers));
}

Strings believed(const std::vector<SentinelAnswer>& answers) {
    std::vector<const SentinelAnswer*> pointers;
    for (const SentinelAnswer& answer : answers) {
        pointers.push_back(&answer);
    }
    return names(believable_masters(pointers, "cache"));
}

SentinelAnswer master_at(const std::string& port, const std::string& epoch = "") {
    SentinelAnswer answer{text_replies({"10.0.0.1", port}), {}, {}};
    if (!epoch.empty()) {
        answer.masters =
            Reply::make_array({text_replies({"name", "other", "config-epoch", "99"}),
                               text_replies({"name", "cache", "config-epoch", epoch})});
    }
    return answer;
}

}  // namespace

TEST_CASE("of replicas those that are up and linked are fit, the one with most data first") {
    CHECK(fit({{replica("1", "slave", "ok", "10"), replica("2", "slave", "ok", "30"),
                replica("3", "slave,s_down", "ok", "90"), replica("4", "slave,o_down", "ok", "90"),
                replica("5", "slave,disconnected", "ok", "90"),
                replica("6", "slave", "err", "90")}}) == Strings{"10.0.0.1:2", "10.0.0.1:1"});
    CHECK(fit({{replica("1", "slave", "ok", "?"), replica("2", "slave", "ok", "1x"),
                replica("3", "slave", "ok", "1")}}) ==
          Strings{"10.0.0.1:3", "10.0.0.1:1", "10.0.0.1:2"});
}

TEST_CASE("a replica that several Sentinels name is one, and fit if one of them finds it so") {
    CHECK(fit({{replica("1", "slave,s_down", "ok", "5")},
               {replica("1", "slave", "ok", "5")},
               {replica("1", "slave", "ok", "6"), replica("2", "slave", "ok", "6")}}) ==
          Strings{"10.0.0.1:2", "10.0.0.1:1"});
}

TEST_CASE("what is no address is nobody's") {
    for (const char* port : {"", "x", "0", "-1", "65536", "99999999999999999999", "1 "}) {
        CAPTURE(port);
        CHECK(fit({{replica(port, "slave", "ok", "1")}}).empty());
        CHECK(believed({master_at(port)}).empty());
    }
    CHECK(
        fit({{text_replies({"port", "1", "flags", "slave", "master-link-status", "ok"})}}).empty());
    CHECK_FALSE(sentinel_endpoint(text_replies({"", "1"})));
    CHECK_FALSE(sentinel_endpoint(text_replies({"10.0.0.1"})));
    CHECK_FALSE(sentinel_endpoint(Reply::make_string("10.0.0.1")));
    CHECK(sentinel_field(text_replies({"ip"}), "ip").empty());
}

TEST_CASE("the master of the latest failover is believed, then that which most of them name") {
    CHECK(believed({master_at("1", "3"), master_at("2", "4"), master_at("1", "3")}) ==
          Strings{"10.0.0.1:2", "10.0.0.1:1"});
    CHECK(believed({master_at("1"), master_at("2", "x"), master_at("2")}) ==
          Strings{"10.0.0.1:2", "10.0.0.1:1"});
}
