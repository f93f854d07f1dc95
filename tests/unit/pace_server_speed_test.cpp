#include "pace/server_speed.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

using Micros = ServerSpeed::Micros;

ServerSigns signs(std::uint64_t calls, std::uint64_t usec, std::uint64_t all_usec,
                  std::optional<std::uint64_t> cpu_usec) {
    ServerSigns signs;
    signs.commands[static_cast<std::size_t>(Verb::scan)] = {calls, usec};
    signs.commands_usec = all_usec;
    signs.cpu_usec = cpu_usec;
    return signs;
}

Cost scans(unsigned calls, double each) { return VerbCost{Verb::scan, calls, calls * each}; }

/// Ten SCANs that should cost 200 each, between two looks.
void tell(ServerSpeed& speed, const ServerSigns& before, const ServerSigns& after) {
    speed.asked();
    speed.take(before);
    speed.sent(scans(10, 200));
    speed.asked();
    speed.sent(scans(1000, 200));  // these it does not know of yet
    speed.take(after);
}

}  // namespace

TEST_CASE("at first a server is taken for the reference server") {
    const ServerSpeed speed;
    CHECK_FALSE(speed.is_known());
    CHECK(speed.time_of(scans(2, 100)) == Micros(200));
}

TEST_CASE("by CPU time, shared out by what each command took") {
    ServerSpeed speed;
    // By its clock a SCAN took 4 ms, and half of all the time was another's; it used 6 ms of CPU.
    tell(speed, signs(100, 5'000, 7'000, 50'000), signs(110, 45'000, 87'000, 56'000));
    CHECK(speed.is_reported());
    CHECK(speed.factor(Verb::scan) == doctest::Approx(1.5));
    CHECK(speed.factor(Verb::unlink) == 1);  // nothing is known of it
    CHECK(speed.time_of(scans(1, 100)).count() == doctest::Approx(150));
}

TEST_CASE("by its clock where it does not tell its CPU time") {
    ServerSpeed speed;
    tell(speed, signs(100, 5'000, 7'000, {}), signs(110, 8'000, 20'000, {}));
    CHECK(speed.factor(Verb::scan) == doctest::Approx(1.65));  // and a tenth around it
}

TEST_CASE("a verb that others use more than we do tells nothing") {
    ServerSpeed speed;
    tell(speed, signs(100, 5'000, 7'000, {}), signs(300, 100'000, 200'000, {}));
    CHECK_FALSE(speed.is_reported());
    ServerSpeed half;  // a few of theirs: an average call, as often as we made one
    tell(half, signs(100, 5'000, 7'000, {}), signs(114, 9'200, 200'000, {}));
    CHECK(half.factor(Verb::scan) == doctest::Approx(1.65));
}

TEST_CASE("figures that were reset, or are too few, tell nothing") {
    ServerSpeed speed;
    tell(speed, signs(100, 5'000, 7'000, 9'000), signs(10, 2'000, 3'000, 12'000));
    CHECK_FALSE(speed.is_reported());
    speed.sent(scans(1, 200));
    speed.asked();
    speed.take(signs(11, 2'200, 3'300, 13'000));
    CHECK(speed.is_reported());  // with the thousand from before
    ServerSpeed idle;
    idle.asked();
    idle.take(signs(10, 2'000, 3'000, 12'000));
    idle.sent(scans(1, 200));
    idle.asked();
    idle.take(signs(11, 90'000, 90'000, 13'000));
    CHECK_FALSE(idle.is_reported());
}

TEST_CASE("a factor has its limits") {
    ServerSpeed speed;
    tell(speed, signs(100, 5'000, 7'000, {}), signs(110, 905'000, 1'200'000, {}));
    CHECK(speed.factor(Verb::scan) == 4);
}

TEST_CASE("by our clock: the shortest of four stretches") {
    ServerSpeed speed;
    const auto stretch = [&](double each) {
        for (int i = 0; i < 16; ++i) {
            speed.timed(scans(1, 100), Micros(each));
        }
    };
    stretch(200);
    CHECK(speed.is_known());
    CHECK_FALSE(speed.is_reported());
    CHECK(speed.factor(Verb::scan) == doctest::Approx(2));
    CHECK(speed.factor(Verb::unlink) == doctest::Approx(2));
    for (const double disturbed : {9'000, 300, 700}) {
        stretch(disturbed);
    }
    CHECK(speed.factor(Verb::scan) == doctest::Approx(2));
    stretch(300);  // slower for good
    CHECK(speed.factor(Verb::scan) == doctest::Approx(3));
    stretch(150);
    CHECK(speed.factor(Verb::scan) == doctest::Approx(1.5));
}

TEST_CASE("replies that come at once are one stretch together") {
    ServerSpeed speed;
    for (int i = 0; i < 4; ++i) {
        speed.timed(scans(1, 100), Micros(430));
        for (int j = 0; j < 3; ++j) {
            speed.timed(scans(1, 100), Micros(10));
        }
    }
    CHECK(speed.factor(Verb::scan) == doctest::Approx(1.15));
}

TEST_CASE("what is sent together may be of every verb") {
    Cost cost;
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < k_verbs; ++i) {
            cost.add({static_cast<Verb>(i), 1, 10});
        }
    }
    CHECK(cost.parts().size() == k_verbs);
    CHECK(ServerSpeed().time_of(cost).count() ==
          doctest::Approx(20 * static_cast<double>(k_verbs)));
}
