#include "docs/topics.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

#include "config/config_file.hpp"
#include "health/check.hpp"
#include "health/thresholds.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/policy.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"
#include "warm/manifest.hpp"

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
        if (block.kind == TopicBlock::Kind::json) {
            texts.emplace_back(block.text);
        }
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
        CHECK(config.context("prod", "test").production);
    }
}

TEST_CASE("the policy in cachectl-health(5) is one, and changes what it says") {
    for (const std::string& text : json_of(topic("cachectl-health"))) {
        CHECK(parse_key_policy(text, "page").rules.size() == 1);
        const HealthRules rules = parse_health_rules(parse_json(text, "page"));
        CHECK(rules.limits.at("HIT_RATIO_LOW").warn == 0.9);
        CHECK(!rules.limits.at("MEMORY_NO_LIMIT").any());
        CHECK(rules.muted_until.contains("EVICTIONS"));
    }
}

TEST_CASE("cachectl-health(5) has an item for each check") {
    std::vector<std::string> terms;
    for (const TopicBlock& block : topic("cachectl-health").blocks) {
        terms.push_back(block.term);
    }
    for (const HealthCheck& check : health_checks()) {
        CAPTURE(check.id);
        CHECK(std::count(terms.begin(), terms.end(), check.id) == 1);
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

TEST_CASE("the manifest in cachectl-manifest(5) is one, and does what its comments say") {
    for (const std::string& text : json_of(topic("cachectl-manifest"))) {
        const WarmPlan plan = parse_manifest(text, "conf/warm.json");
        CHECK(plan.policy_file == "conf/keys.json");
        REQUIRE(plan.datasets.size() == 4);
        REQUIRE(plan.inputs.size() == 2);
        CHECK(plan.inputs[0].file == "conf/dumps/school.sql.gz");
        CHECK(plan.inputs[0].datasets == std::vector<std::size_t>{0, 1, 2});
        CHECK(plan.datasets[1].rows.group == "courses:list:{tenant_id}");
        CHECK(plan.datasets[2].rows.collect_by == "code");
        CHECK_FALSE(plan.datasets[2].ttl.has_value());
        CHECK(plan.datasets[3].jitter == 0.1);
        CHECK(plan.datasets[3].if_exists == IfExists::overwrite);
    }
}

TEST_CASE("cachectl-manifest(5) explains every name that a manifest may have, and no other") {
    const auto known = [](const std::string& text) -> std::string {
        try {
            parse_manifest(text, "m");
        } catch (const Error& error) {
            return error.hint();
        }
        return "";
    };
    const std::string strange = R"({"very strange name": 1})";
    std::string explained;
    for (const TopicBlock& block : topic("cachectl-manifest").blocks) {
        const std::string name(block.term);
        if (block.kind == TopicBlock::Kind::heading) {
            explained += '\n';
        }
        if (block.kind == TopicBlock::Kind::item) {
            explained += ' ' + name + ' ';
        }
    }
    for (const std::string& hint : {known(strange), known(R"({"datasets": [)" + strange + "]}")}) {
        REQUIRE(hint.starts_with("known are: "));
        std::string names = ',' + hint.substr(10);
        std::size_t count = 0;
        for (std::size_t at = 0; (at = names.find(", ")) != std::string::npos; ++count) {
            names.erase(0, at + 2);
            const std::string name = names.substr(0, names.find(','));
            CAPTURE(name);
            const std::size_t place = explained.find(' ' + name + ' ');
            REQUIRE(place != std::string::npos);
            explained.erase(place, name.size() + 2);
        }
        CHECK(count >= 3);
    }
    CHECK(explained.find_first_not_of('\n') == std::string::npos);
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
