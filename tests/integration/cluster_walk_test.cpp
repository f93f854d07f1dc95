// Ways of walking a cluster: cursors side by side on each master, and samples.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/redis_cluster.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr int k_spread = 40'000, k_tagged = 5'000;

/// Keys in all slots, and many in one.
RedisCluster& cluster() {
    static RedisCluster shared({.masters = 3, .replicas = false});
    static const bool filled = [] {
        Strings keys;
        for (int i = 0; i < k_spread; ++i) {
            keys.push_back("k:" + std::to_string(i));
        }
        for (int i = 0; i < k_tagged; ++i) {
            keys.push_back("{tenant}:" + std::to_string(i));
        }
        shared.set(keys);
        return true;
    }();
    REQUIRE(filled);
    return shared;
}

ProcessResult run(Strings args) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(0))});
    return run_cachectl(args);
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t different_lines(const std::string& text) {
    Strings all;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(all.begin(), all.end());
    return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

/// Valkey 8.1 has another hash table: there, walks are in one piece.
bool cursors_are_known() {
    return run({"keys", "--walk", "partitioned", "--limit", "1"}).exit_code == 0;
}

}  // namespace

TEST_CASE("in partitions every key comes once, with and without a pattern") {
    if (!cursors_are_known()) {
        return;
    }
    const Strings ways[] = {{}, {"--pace", "full"}};
    for (const Strings& way : ways) {
        Strings args = {"keys", "--walk", "partitioned"};
        args.insert(args.end(), way.begin(), way.end());
        const ProcessResult all = run(args);
        CHECK(all.exit_code == 0);
        CHECK(all.err == "");
        CHECK(lines(all.out) == k_spread + k_tagged);
        CHECK(different_lines(all.out) == k_spread + k_tagged);
        args.push_back("{tenant}:*");
        const ProcessResult some = run(args);
        CHECK(some.exit_code == 0);
        CHECK(some.err == "");
        CHECK(lines(some.out) == k_tagged);
        CHECK(different_lines(some.out) == k_tagged);
    }
}

TEST_CASE("a walk in one piece finds the same") {
    const ProcessResult all = run({"keys", "--walk", "plain"});
    CHECK(all.exit_code == 0);
    CHECK(different_lines(all.out) == k_spread + k_tagged);
}

TEST_CASE("a sample is drawn from all masters, or refused where it would not be fair") {
    const ProcessResult sampled = run({"ttl", "--summary", "--sample", "3000", "--json"});
    if (sampled.exit_code == 8 || sampled.exit_code == 4) {
        CHECK(sampled.err.find("cannot draw a sample of the keys") != std::string::npos);
        return;
    }
    CHECK(sampled.exit_code == 0);
    const json summary = json::parse(sampled.out);
    CHECK(summary["keys"].get<double>() == doctest::Approx(k_spread + k_tagged).epsilon(0.01));
}
