#include "warm/inputs.hpp"

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;

TEST_CASE("the fraction counts the bytes of all files") {
    const test::TempDir dir;
    Inputs inputs;
    const std::string first = dir.file("a", std::string(100, 'x'));
    CHECK(inputs.add(first) == first);
    inputs.add(dir.file("b", std::string(300, 'y')));
    {
        Source source = inputs.next();
        CHECK(inputs.fraction(source) == 0.0);
        CHECK(source.fill());
        CHECK(source.window().front() == 'x');
        CHECK(inputs.fraction(source) == 0.25);
        CHECK(inputs.bytes_read(source) == 100);
        inputs.finish(source);
    }
    Source source = inputs.next();
    CHECK(inputs.fraction(source) == 0.25);
    CHECK(source.fill());
    CHECK(source.window().front() == 'y');
    CHECK(inputs.fraction(source) == 1.0);
}

TEST_CASE("of what has no size there is no fraction") {
    const test::TempDir dir;
    Inputs inputs;
    inputs.add(dir.file("a", "x"));
    inputs.add("/dev/null");
    CHECK_FALSE(inputs.fraction(inputs.next()).has_value());
}

TEST_CASE("a file that is not there is found out at once") {
    Inputs inputs;
    CHECK_THROWS_WITH_AS(inputs.add("/no/such"), "cannot open /no/such: No such file or directory",
                         Error);
}
