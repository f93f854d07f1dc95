#include "usage/shape.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace cachectl;

TEST_CASE("what looks like an id is folded, and nothing else") {
    const std::pair<const char*, const char*> cases[] = {
        {"42", "<n>"},
        {"0", "<n>"},
        {"user-42", "user-<n>"},
        {"item.3", "item.<n>"},
        {"row12", "row<n>"},
        {"{42}", "{<n>}"},
        {"{tenant-7}", "{tenant-<n>}"},
        {"2026-11-28", "<date>"},
        {"20261128", "<date>"},
        {"2026-11", "<date>"},
        {"2026-11-28T10:00:00Z", "<date>"},
        {"2026-11-28 10:00", "<date>"},
        {"2026-11-28-part", "2026-11-28-part"},
        {"2026-11-28-7", "<date>"},
        {"2026-11-28_7", "<date>"},
        {"2026-11-28x", "2026-11-28x"},
        {"1999.12.31", "<date>"},
        {"2026/01/01", "<date>"},
        {"2026-13-45", "2026-13-<n>"},
        {"2026-00-10", "2026-00-<n>"},
        {"2026-13", "2026-<n>"},
        {"2026-10-00", "2026-10-<n>"},
        {"2026-10-32", "2026-10-<n>"},
        {"20261301", "<n>"},
        {"99999999", "<n>"},
        {"550e8400-e29b-41d4-a716-446655440000", "<uuid>"},
        {"550E8400-E29B-41D4-A716-446655440000", "<uuid>"},
        {"9ffd1ae121c4f26f", "<hex>"},
        {"da39a3ee5e6b4b0d3255bfef95601890afd80709", "<hex>"},
        {"deadbeefdeadbeefdeadbeef", "<hex>"},
        {"V1StGXR8_Z5jdHi6B-myT", "<id>"},
        {"V1StGXR8=Z5jdHi6B+myT/", "<id>"},
        {"V1StGXR8_Z5jdHi6B!myT", "V1StGXR8_Z5jdHi6B!myT"},
        {"1234567890-12345_67890", "1234567890-12345_<n>"},
        {"9zzzzzzzzzzzzzzzzzzzzzzzzz", "9zzzzzzzzzzzzzzzzzzzzzzzzz"},
        {"x{1", "x{1"},
        {"a1b2", "a1b2"},
        {"ab2", "ab2"},
        {"a.b.2", "a.b.<n>"},
        {"!!!2", "!!!2"},
        // Words, versions and names of codes stay.
        {"office", "office"},
        {"v3", "v3"},
        {"deadbeef", "deadbeef"},
        {"facade", "facade"},
        {"md5", "md5"},
        {"ramq", "ramq"},
        {"authentication_tokens_by_user", "authentication_tokens_by_user"},
        {"course 3.zip", "course 3.zip"},
        {"", ""},
        {"{}", "{}"},
        {"-1", "-1"},
        {"<n>", "\\x3cn>"},
        {"<", "\\x3c"},
    };
    for (const auto& one : cases) {
        CHECK_MESSAGE(fold_segment(one.first) == one.second, one.first);
    }
}

TEST_CASE("nested braces of any depth end") {
    CHECK(fold_segment(std::string(2'000, '{') + "1" + std::string(2'000, '}')).size() == 4'003);
}

TEST_CASE("a key is divided at each delimiter, and what is empty counts") {
    using Segments = std::vector<std::string_view>;
    CHECK(split_key("a:b:c", ":", 8) == Segments{"a", "b", "c"});
    CHECK(split_key("a::b", ":", 8) == Segments{"a", "", "b"});
    CHECK(split_key(":x:", ":", 8) == Segments{"", "x", ""});
    CHECK(split_key("plain", ":", 8) == Segments{"plain"});
    CHECK(split_key("", ":", 8) == Segments{""});
    CHECK(split_key("a:b:c:d", ":", 2) == Segments{"a", "b:c:d"});
    CHECK(split_key("a--b--c", "--", 8) == Segments{"a", "b", "c"});
}
