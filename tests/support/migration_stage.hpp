// A cluster whose servers can move slots by themselves (CLUSTER MIGRATESLOTS of Valkey 9), and the
// keys in it.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/redis_cluster.hpp"
#include "support/text.hpp"

namespace cachectl::test {

/// Three masters that hold the keys k:0, k:1 … of k_keys, and four others, kept:1 … kept:4.
class MigrationStage {
public:
    static constexpr int k_keys = 12'000;
    using Strings = std::vector<std::string>;

    static RedisCluster& cluster() {
        static RedisCluster shared(
            {.masters = 3, .replicas = false, .config = {"--enable-debug-command", "yes"}});
        return shared;
    }
    /// Says so where the server does not have it.
    static bool cannot_migrate() {
        if (cluster().migrates_slots()) {
            return false;
        }
        MESSAGE("skipped: the server has no CLUSTER MIGRATESLOTS");
        return true;
    }
    static const Strings& sorted_keys() {
        static const Strings all = [] {
            Strings keys;
            for (int i = 0; i < k_keys; ++i) {
                keys.push_back("k:" + std::to_string(i));
            }
            std::sort(keys.begin(), keys.end());
            return keys;
        }();
        return all;
    }
    static const Strings& kept() {
        static const Strings keys = {"kept:1", "kept:2", "kept:3", "kept:4"};
        return keys;
    }
    static void fill() {
        cluster().flush();
        cluster().set(sorted_keys());
        cluster().set(kept());
    }
    static Strings at_first(Strings args) {
        args.insert(args.end(), {"-p", std::to_string(cluster().port(0))});
        return args;
    }
    static std::size_t count_kept(const Strings& keys) {
        return static_cast<std::size_t>(
            std::count_if(keys.begin(), keys.end(),
                          [](const std::string& key) { return key.starts_with("kept:"); }));
    }
};

}  // namespace cachectl::test
