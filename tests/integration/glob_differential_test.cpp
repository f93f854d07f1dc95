// keyspace/glob against a real server: for thousands of patterns, made to hit every edge of the
// syntax, the same keys must match in SCAN … MATCH and here, byte for byte.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "keyspace/glob.hpp"
#include "support/redis_server.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

constexpr std::chrono::seconds k_time_limit{10};  // for more than the least
constexpr std::size_t k_patterns_at_least = 500;
constexpr std::size_t k_patterns = 6000;
constexpr std::size_t k_keys = 2500;

/// Bytes that mean something in a pattern, neighbours in ranges, a NUL and bytes above 0x7f.
const std::string k_key_bytes = "aabbcc*?[]^-\\\x80\xff\0"s;
const std::string k_pattern_bytes = "aabbcc***???[[[]]]^^--\\\\\x80\xff\0"s;

class Generator {
public:
    explicit Generator(unsigned seed) : m_random(seed) {}

    std::string text(const std::string& bytes, std::size_t most) {
        std::string result(m_random() % (most + 1), ' ');
        for (char& c : result) {
            c = bytes[m_random() % bytes.size()];
        }
        return result;
    }

    /// Half of them bytes at random, half a key some bytes of which were made wildcards: random
    /// patterns of some length hardly ever match.
    std::string pattern(const std::vector<std::string>& keys) {
        if (m_random() % 2 == 0) {
            return text(k_pattern_bytes, 9);
        }
        std::string result;
        for (const char c : keys[m_random() % keys.size()]) {
            switch (m_random() % 8) {
                case 0:
                    result += '?';
                    break;
                case 1:
                    result += '*';
                    break;
                case 2:
                    result += "["s + c + "]";
                    break;
                case 3:
                    result += "[^"s + k_key_bytes[m_random() % k_key_bytes.size()] + "]";
                    break;
                case 4:
                    result += "["s + k_key_bytes[m_random() % k_key_bytes.size()] + "-" + c + "]";
                    break;
                case 5:
                    result += "\\"s + c;
                    break;
                default:
                    result += c;
            }
        }
        return result;
    }

private:
    std::mt19937 m_random;
};

std::string shown(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
        text += c >= ' ' && c < 0x7f && c != '\\' ? std::string(1, c) : hex;
    }
    return '"' + text + '"';
}

unsigned seed() {
    const char* given = std::getenv("CACHECTL_TEST_SEED");
    return given == nullptr ? std::random_device{}() : static_cast<unsigned>(std::atol(given));
}

}  // namespace

TEST_CASE("globs match exactly the keys that SCAN MATCH lists") {
    const unsigned used_seed = seed();
    INFO("CACHECTL_TEST_SEED=" << used_seed);
    Generator generator(used_seed);

    std::set<std::string> unique{"", "*", "\\", "[", "]", "^", "-", "a", "\xff"};
    while (unique.size() < k_keys) {
        unique.insert(generator.text(k_key_bytes, 7));
    }
    const std::vector<std::string> keys(unique.begin(), unique.end());

    test::RedisServer server;
    auto client = server.client();
    client.pipeline(keys.size(), [&](std::size_t i) {
        return test::RespClient::Args{"SET", keys[i], ""};
    });

    const auto deadline = std::chrono::steady_clock::now() + k_time_limit;
    std::size_t patterns = 0;
    std::size_t matches = 0;
    const auto in_time = [&] { return std::chrono::steady_clock::now() < deadline; };
    while (patterns < k_patterns_at_least || (patterns < k_patterns && in_time())) {
        const std::string pattern = generator.pattern(keys);
        ++patterns;
        const auto reply = client.command({"SCAN", "0", "MATCH", pattern, "COUNT", "100000"});
        REQUIRE(reply.elements.size() == 2);
        REQUIRE(reply.elements[0].text == "0");
        std::set<std::string> listed;
        for (const auto& key : reply.elements[1].elements) {
            listed.insert(key.text);
        }
        matches += listed.size();
        for (const std::string& key : keys) {
            const bool ours = glob_match(pattern, key);
            if (ours == listed.contains(key)) {
                continue;
            }
            FAIL("pattern " << shown(pattern) << " and key " << shown(key) << ": the server says "
                            << !ours << ", glob_match " << ours);
        }
        // What the other functions say of a pattern must hold for what it matches.
        const std::string prefix = literal_prefix(pattern);
        for (const std::string& key : listed) {
            if (!key.starts_with(prefix)) {
                FAIL("pattern " << shown(pattern) << " has not the prefix " << shown(prefix));
            }
        }
    }
    CHECK(matches > patterns);
}

TEST_CASE("an escaped key matches itself alone on the server") {
    test::RedisServer server;
    auto client = server.client();
    Generator generator(20240611);
    std::set<std::string> keys;
    while (keys.size() < 300) {
        keys.insert(generator.text(k_key_bytes, 6));
    }
    for (const std::string& key : keys) {
        client.run({"SET", key, ""});
    }
    for (const std::string& key : keys) {
        CAPTURE(shown(key));
        const auto reply =
            client.command({"SCAN", "0", "MATCH", escape_glob(key), "COUNT", "100000"});
        REQUIRE(reply.elements.at(1).elements.size() == 1);
        CHECK(reply.elements[1].elements[0].text == key);
    }
}
