#include "change/plan.hpp"

#include <doctest/doctest.h>

#include <string>

#include "util/error.hpp"

using namespace cachectl;

namespace {

Plan planned(std::uint64_t keys, Plan::Counts namespaces) {
    Plan plan;
    plan.keys = keys;
    plan.namespaces = std::move(namespaces);
    return plan;
}

}  // namespace

TEST_CASE("counts may differ by the share that is tolerated, rounded up") {
    const Plan plan = planned(110, {{"a", 100}, {"b", 10}});
    CHECK_FALSE(drift(plan, 110, {{"a", 100}, {"b", 10}}, 0));
    CHECK_FALSE(drift(plan, 115, {{"a", 105}, {"b", 10}}, 0.05));
    CHECK_FALSE(drift(plan, 104, {{"a", 95}, {"b", 9}}, 0.05));
    CHECK(drift(plan, 111, {{"a", 101}, {"b", 10}}, 0) ==
          "111 keys match instead of the 110 that were planned (a: 101 instead of 100)");
    CHECK(drift(plan, 116, {{"a", 106}, {"b", 10}}, 0.05));
    CHECK(drift(plan, 108, {{"a", 100}, {"b", 8}}, 0.05) ==
          "108 keys match instead of the 110 that were planned (b: 8 instead of 10)");
}

TEST_CASE("the sum may be too different where no namespace is") {
    const Plan plan = planned(10, {{"a", 5}, {"b", 5}});
    CHECK_FALSE(drift(plan, 11, {{"a", 6}, {"b", 5}}, 0.05));
    CHECK(drift(plan, 12, {{"a", 6}, {"b", 6}}, 0.05) ==
          "12 keys match instead of the 10 that were planned");
}

TEST_CASE("a namespace that is new or gone is told") {
    const Plan plan = planned(100, {{"a", 100}});
    CHECK(drift(plan, 100, {{"a", 99}, {"b", 1}}, 0.05) ==
          "100 keys match instead of the 100 that were planned (b: 1 instead of 0)");
    CHECK(drift(plan, 0, {}, 0.05) ==
          "0 keys match instead of the 100 that were planned (a: 0 instead of 100)");
    CHECK(drift(plan, 101, {{"a", 100}, {"b", 1}}, 0));
}

TEST_CASE("of many differences the first few are told") {
    Plan::Counts now;
    for (char name = 'a'; name <= 'i'; ++name) {
        now.emplace_back(std::string(1, name), 1);
    }
    const auto told = drift(planned(0, {}), 9, now, 0.05);
    REQUIRE(told);
    CHECK(told->ends_with("e: 1 instead of 0, …)"));
}

TEST_CASE("what a side has no room for by name is compared with the others, in one") {
    Plan plan = planned(2 * Plan::k_most_namespaces + 100, {});
    for (std::size_t i = 0; i < Plan::k_most_namespaces; ++i) {
        plan.namespaces.emplace_back("n" + std::to_string(i), 2);
    }
    const Plan::Counts named = plan.namespaces;
    plan.namespaces.emplace_back("(other)", 100);

    // It was met late this time, and one of the others was met before it.
    Plan::Counts now = named;
    now.back() = {"one of the others", 40};
    now.emplace_back("(other)", 62);
    CHECK_FALSE(drift(plan, plan.keys, now, 0));
    now.back().second += 7;
    CHECK(drift(plan, plan.keys + 7, now, 0.05)->ends_with("((other): 109 instead of 102)"));
    now.back().second -= 7;
    now.front().second = 0;
    CHECK(drift(plan, plan.keys - 2, now, 0.05)->ends_with("(n0: 0 instead of 2)"));

    // A side that has room for all has none of what it does not have.
    CHECK(drift(planned(2, {{"n0", 2}}), 3, {{"n0", 2}, {"a", 1}}, 0.05)
              ->ends_with("(a: 1 instead of 0)"));
    CHECK(drift(planned(2, {{"a", 2}}), plan.keys, plan.namespaces, 0.05)
              ->find("n0: 2 instead of 0") != std::string::npos);
}

TEST_CASE("a plan holds what was given but for what concerns the planning alone") {
    CommandSyntax syntax("invalidate");
    std::vector<std::string> patterns, globs;
    std::string plan, list;
    bool all = false, yes = false;
    add_text_option(syntax, "PATTERN", patterns, "", "p");
    add_text_option(syntax, "--exclude", globs, "GLOB", "e");
    add_text_option(syntax, "--plan", plan, "FILE", "p");
    add_text_option(syntax, "--keys-from", list, "FILE", "k");
    syntax.add_flag("--all", all, "a");
    syntax.add_flag("-y,--yes", yes, "y");
    for (Option& option : syntax.options()) {
        if (option.name() == "PATTERN") {
            option.set({"a*", "b*"});
        } else if (option.name() == "--plan") {
            option.set({"p.json"});
        } else if (!option.takes_value()) {
            option.set({""});
        } else if (option.name() == "--keys-from") {
            option.set({"/lists/x/../a"});
        }
    }
    const Plan::Options options = planned_options(syntax);
    const Plan::Options expected = {
        {"PATTERN", {"a*", "b*"}}, {"--keys-from", {"/lists/x/../a"}}, {"--all", {""}}};
    CHECK(options == expected);
    syntax.find("--keys-from")->set({"-"});
    CHECK_THROWS_AS(planned_options(syntax), Error);
    syntax.find("--keys-from")->set({"/a\xff"});
    CHECK_THROWS_AS(planned_options(syntax), Error);
    syntax.find("--keys-from")->set({"/dev/null"});  // no file that is the same again
    CHECK_THROWS_AS(planned_options(syntax), Error);
}
