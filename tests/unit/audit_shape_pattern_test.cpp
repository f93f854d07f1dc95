#include "audit/shape_pattern.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "keyspace/glob.hpp"

using namespace cachectl;

TEST_CASE("an id becomes a star, what is special in a pattern is escaped") {
    const std::pair<const char*, const char*> cases[] = {
        {"42", "*"},
        {"user-42", "user-*"},
        {"{42}", "{*}"},
        {"{tenant-7}", "{tenant-*}"},
        {"users", "users"},
        {"a*b", "a\\*b"},
        {"[x]", "\\[x]"},
        {"v3", "v3"},
        {"2026-11-28", "*"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"\xff\xfe", "??"},
        {"<n>", "<n>"},
        {"", ""},
    };
    for (const auto& one : cases) {
        const std::string segment = one.first;
        CAPTURE(segment);
        CHECK(segment_pattern(segment) == one.second);
        CHECK((glob_match(segment_pattern(segment), segment) || segment.empty()));
    }
}

TEST_CASE("which shapes a pattern may match") {
    struct Case {
        const char* pattern;
        Shape shape;
        bool may;
    };
    const Case cases[] = {
        {"user:*:cart", {"user:*"}, false},  // a user's id has no delimiter
        {"user:*", {"user:*:cart"}, true},   // but a star takes them all
        {"user:*:cart", {"user:*", true}, true},
        {"user:*", {"user:*"}, true},
        {"a:b", {"a:*"}, true},
        {"a:b", {"a:c"}, false},
        {"*:b", {"x:*"}, true},
        {"*", {"a:b:c"}, true},
        {"a\\*", {"ab"}, false},
        {"a?", {"a*"}, true},
        {"??", {"ab"}, true},
        {"user-*", {"user-*"}, true},
        {"x*y", {"x*z"}, false},
    };
    for (const Case& one : cases) {
        CAPTURE(one.pattern);
        CAPTURE(one.shape.pattern);
        CHECK(may_match(one.pattern, one.shape, ":") == one.may);
    }
}
