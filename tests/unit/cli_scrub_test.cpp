#include "cli/scrub.hpp"

#include <doctest/doctest.h>

#include "util/secrets.hpp"

using namespace cachectl;

namespace {

using Words = std::vector<std::string>;

struct Fixture {
    Fixture() { forget_secrets(); }
    ~Fixture() { forget_secrets(); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "passwords are masked in whichever form they are typed") {
    CHECK(masked_words({"keys", "-a", "pw", "x"}) == Words{"keys", "-a", "***", "x"});
    CHECK(masked_words({"-apw", "-0apw", "--password=pw"}) ==
          Words{"-a***", "-0a***", "--password=***"});
    CHECK(masked_words({"--password", "pw", "--user", "ada:pw", "--user=ada:pw"}) ==
          Words{"--password", "***", "--user", "ada:***", "--user=ada:***"});
    CHECK(masked_words({"-a"}) == Words{"-a"});
}

TEST_CASE_FIXTURE(Fixture, "a URL's login is masked, and a key with an '@' is not") {
    remember_typed("redis://ada:pw@cache:6379/1?x=y");
    CHECK(masked_words({"-u", "redis://ada:pw@cache:6379/1?x=y", "user:ada@cache.example"}) ==
          Words{"-u", "redis://ada:***@cache:6379/1?***", "user:ada@cache.example"});
}

TEST_CASE_FIXTURE(Fixture, "a password of the run is masked wherever it stands") {
    remember_secret("correct-horse");
    CHECK(masked_words({"keys:correct-horse:*"}) == Words{"keys:***:*"});
}
