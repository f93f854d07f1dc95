#include "docs/topics.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

#include "config/config_file.hpp"
#include "keyspace/policy.hpp"
#include "support/temp_dir.hpp"
#include "walk/glob.hpp"

using namespace cachectl;

namespace {

const Topic& topic(std::string_view name) {
    const auto found = std::find_if(topics().begin(), topics().end(),
                                    [&](const Topic& known) { return known.name == name; });
    REQUIRE(found != topics().end());
    return *found;
}

std::vector<std::string> json_of(const Topic& page) {
    std::vector<std::string> texts;
    for (const TopicBlock& block : page.blocks) {
        if (block.kind == TopicBlock::Kind::json) texts.emplace_back(block.text);
    }
    REQUIRE(!texts.empty());
    return texts;
}

}  // namespace

TEST_CASE("the configuration in cachectl-config(5) is one") {
    const test::TempDir dir;
    for (const std::string& text : json_of(topic("cachectl-config"))) {
        const std::string path = dir.file("config.json", text);
        REQUIRE(::chmod(path.c_str(), 0644) == 0);
        const ConfigFile config = read_config_file(path);
        CHECK(config.warnings.empty());
        CHECK(config.context(config.default_context, "test").server->port == 6379);
        CHECK(config.context("prod", "test").confirm == ConfirmMode::always);
    }
}

TEST_CASE("the policy in cachectl-policy(5) is one, and protects what it says") {
    for (const std::string& text : json_of(topic("cachectl-policy"))) {
        const KeyPolicy policy = parse_key_policy(text, "page");
        CHECK(policy.protected_patterns() == std::vector<std::string>{"sess:*"});
        CHECK(policy.find("codes:tax:all")->max_size == 8 * 1024 * 1024);
        CHECK(policy.find("codes:tax:1")->pattern == "codes:*");
        CHECK(policy.unknown == UnknownKeys::warn);
    }
}

TEST_CASE("the patterns in cachectl-patterns(7) do what the page says") {
    for (const PatternExample& example : pattern_examples()) {
        CAPTURE(example.pattern);
        CAPTURE(example.key);
        CHECK(glob_match(example.pattern, example.key) == example.matches);
    }
    CHECK(is_costly("a*b*c*d*e*"));
    CHECK_FALSE(is_costly("a*b*c*d*e"));
}

TEST_CASE("a topic's page: name, items, code as it is") {
    const std::string page = topic_page(topic("cachectl-policy"));
    const auto has = [&](std::string_view text) { return page.find(text) != std::string::npos; };
    CHECK(has(".TH CACHECTL\\-POLICY 5 "));
    CHECK(has("\ncachectl\\-policy \\- the keys a cache may hold, and how long they live\n"));
    CHECK(has("\n.TP\n\\fBmax_ttl\\fP\n"));
    CHECK(has("\n  \\(dqdelimiter\\(dq: \\(dq:\\(dq,\n"));
    CHECK(topic_page(topic("cachectl-patterns"))
              .find("\n.TP\n\\fBa\\e*b\\fP matches \\fBa*b\\fP\n") != std::string::npos);
}
