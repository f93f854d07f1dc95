// The part of warm_model.hpp that is about a real server: what it holds before a case, and how its
// values are compared.
#include <algorithm>

#include "support/same_json.hpp"
#include "support/warm_model.hpp"
#include "support/warm_model_values.hpp"

namespace cachectl::test {

std::string shown_value(RespClient& redis, const std::string& key, const std::string& type,
                        bool is_json) {
    if (type == "string") {
        const std::string text = redis.text({"GET", key});
        return is_json ? same_json(text) : text;
    }
    if (type == "list") {
        return shown_elements(redis.list({"LRANGE", key, "0", "-1"}));
    }
    if (type == "set") {
        std::vector<std::string> members = redis.list({"SMEMBERS", key});
        std::sort(members.begin(), members.end());
        return shown_elements(members);
    }
    const bool scored = type == "zset";
    const auto list = scored ? redis.list({"ZRANGE", key, "0", "-1", "WITHSCORES"})
                             : redis.list({"HGETALL", key});
    std::map<std::string, std::string> pairs;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        pairs[list[i]] = scored ? score_text(list[i + 1]) : list[i + 1];
    }
    return shown_pairs(pairs);
}

void fill_for_warm(RespClient& redis, RandomData& random, const WarmCase& warm) {
    fill_randomly(redis, random);
    for (const auto& [key, value] : expected_of(warm, {}).values) {
        if (!random.one_in(5) || key == warm.switch_to) {
            continue;
        }
        redis.run({"DEL", key});
        switch (random.below(4)) {
            case 0:
                redis.run({"RPUSH", key, "there"});
                break;
            case 1:
                redis.run({"HSET", key, "there", "already"});
                break;
            default:
                redis.run({"SET", key, "there"});
        }
        if (random.one_in(2)) {
            redis.run({"EXPIRE", key, random.any_of({"500", "700000"})});
        }
    }
    // What is left of a release before.
    for (const char* const key : {"k:old", "g:old", "c:old", "1:k:old"}) {
        if (random.one_in(2)) {
            redis.run({"SET", key, "of the release before"});
        }
    }
}

}  // namespace cachectl::test
