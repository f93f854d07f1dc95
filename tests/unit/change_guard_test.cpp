#include "change/guard.hpp"

#include <doctest/doctest.h>

#include "util/error.hpp"

using namespace cachectl;

namespace {

template <typename Use>
Error error_of(Use use) {
    try {
        use();
    } catch (const Error& error) {
        return error;
    }
    return {ExitCode::ok, "no error"};
}

Error check(const Guards& guards, const std::string& pattern) {
    const std::vector<std::string> patterns{"course:*", pattern};
    return error_of([&] { guards.check_patterns(patterns); });
}

}  // namespace

TEST_CASE("catch-all patterns need --all") {
    Guards guards;
    CHECK(check(guards, "user:*").code() == ExitCode::ok);
    const Error star = check(guards, "*");
    CHECK(star.code() == ExitCode::guard);
    CHECK(std::string(star.what()) == "pattern '*' would match every key it can; nothing was sent");
    CHECK(star.hint() == "\"$NS*\" becomes this when NS is unset; add --all if every key is meant");
    CHECK(std::string(check(guards, "").what()) == "a pattern is empty; nothing was sent");
    CHECK(check(guards, "**").code() == ExitCode::guard);
    CHECK(check(guards, "?*").code() == ExitCode::guard);
    guards.allow_all = AllowAll::yes;
    CHECK(check(guards, "*").code() == ExitCode::ok);
    CHECK(check(guards, "").code() == ExitCode::ok);
}

TEST_CASE("patterns that hardly mean what they say are usage errors, with --all too") {
    Guards guards;
    guards.allow_all = AllowAll::yes;
    const Error error = check(guards, "user:[ab");
    CHECK(error.code() == ExitCode::usage);
    CHECK(std::string(error.what()).starts_with("pattern 'user:[ab' has a '['"));
}

TEST_CASE("--max-keys") {
    Guards guards;
    CHECK_NOTHROW(guards.check_matched(1'000'000'000));
    guards.max_keys = 10'000;
    CHECK_NOTHROW(guards.check_matched(10'000));
    const Error error = error_of([&] { guards.check_matched(12'345); });
    CHECK(error.code() == ExitCode::guard);
    CHECK(std::string(error.what()) ==
          "12,345 keys match, more than --max-keys 10,000; nothing was changed");
    guards.max_keys = 0;
    CHECK(std::string(error_of([&] { guards.check_matched(1); }).what()) ==
          "1 key matches, more than --max-keys 0; nothing was changed");
}

TEST_CASE("--expect") {
    Guards guards;
    guards.expect = parse_count_range("10..20");
    CHECK_NOTHROW(guards.check_matched(10));
    CHECK_NOTHROW(guards.check_matched(20));
    const Error few = error_of([&] { guards.check_matched(9); });
    CHECK(few.code() == ExitCode::guard);
    CHECK(std::string(few.what()) ==
          "9 keys match, but --expect says 10 to 20; nothing was changed");
    CHECK(error_of([&] { guards.check_matched(21); }).code() == ExitCode::guard);
    guards.expect = parse_count_range("5");
    CHECK(std::string(error_of([&] { guards.check_matched(4); }).what()) ==
          "4 keys match, but --expect says 5; nothing was changed");
    guards.expect = parse_count_range("5..");
    CHECK(std::string(error_of([&] { guards.check_matched(4); }).what()) ==
          "4 keys match, but --expect says 5 or more; nothing was changed");
}

TEST_CASE("protected keys") {
    Guards guards;
    CHECK_FALSE(guards.is_protected("sess:1"));
    guards.protected_patterns = {"sess:*", "*:lock"};
    CHECK(guards.is_protected("sess:1"));
    CHECK(guards.is_protected("a:lock"));
    CHECK_FALSE(guards.is_protected("session:1"));
}
