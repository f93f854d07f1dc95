#include "keyspace/temporary_key.hpp"

#include <doctest/doctest.h>

#include "redis/slot.hpp"

using namespace cachectl;

TEST_CASE("a temporary key has the key as its hash tag, and ends as the key does") {
    CHECK(temporary_key("k", ":tmp") == "k:{k}:tmp");
    CHECK(temporary_key("ramq:codes:all", ":tmp") == "ramq:codes:{ramq:codes:all}:tmp:all");
}

TEST_CASE("a hash tag that the key has stays the first one") {
    CHECK(temporary_key("a:{b}:c", ":tmp") == "a:{b}:tmp:c");
    CHECK(temporary_key("x:{a:b}", ":tmp") == "x:{a:b}:tmp");
}

TEST_CASE("whatever braces a key has, its temporary one is in the same slot") {
    for (const char* key :
         {"a}b", "k:a}b", "a{b", "a{}b", "k:{}:{x}", "}{", "{a}", "{{a}}", "{", "}", "a{b:c", ""}) {
        CAPTURE(key);
        const std::string name = temporary_key(key, ":tmp");
        CHECK(name != key);
        CHECK(slot_of(name) == slot_of(key));
        CHECK(name.find(":tmp") != std::string::npos);
    }
}

TEST_CASE("a temporary name is known as one, and nothing that only looks a little like it") {
    for (const char* key : {"a:b:1", "k", "", "{t}:x", "a}b", "a\n\xff:{}"}) {
        CAPTURE(key);
        CHECK(is_temporary_key(temporary_key(key, random_suffix())));
        CHECK_FALSE(is_temporary_key(key));
    }
    CHECK_FALSE(is_temporary_key("tools:cachectl:config"));
    CHECK_FALSE(is_temporary_key("tools:cachectl:0123456789abcde"));
    CHECK(is_temporary_key("a:cachectl:b:cachectl:0123456789abcdef:1"));
}
