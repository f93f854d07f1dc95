#include "load/temporary_key.hpp"

#include <doctest/doctest.h>

using cachectl::temporary_key;

TEST_CASE("a temporary key begins with the key and has it as its hash tag") {
    CHECK(temporary_key("course:1", ":tmp") == "course:1{course:1}:tmp");
}

TEST_CASE("a hash tag that the key has stays the first one") {
    CHECK(temporary_key("{t7}:course", ":tmp") == "{t7}:course:tmp");
    CHECK(temporary_key("a{t7}b{x}", ":tmp") == "a{t7}b{x}:tmp");
}

TEST_CASE("a key with an open brace alone is wrapped whole") {
    CHECK(temporary_key("a{b", ":tmp") == "{a{b}:tmp");
}

TEST_CASE("where no name is in the key's slot, it is still a name of its own") {
    CHECK(temporary_key("a}b", ":tmp") == "a}b:tmp");
    CHECK(temporary_key("a{}b", ":tmp") == "a{}b:tmp");
}
