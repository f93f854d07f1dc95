#include "change/plan_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

struct Planned {
    Planned() {
        plan.command = "invalidate";
        plan.options = {{"PATTERN", {"a:*"}}};
        plan.target = "h:6379 db 0";
        plan.servers = {"0123"};
        plan.made_at = WallTime(1'000s);
        plan.valid_until = WallTime(2'000s);
    }
    [[nodiscard]] std::string read(const std::string& file) const {
        return said([&] { PlanFile opened(file); });
    }
    [[nodiscard]] std::string changed(const std::string& from, const std::string& to) const {
        std::string text = to_text(plan);
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        const std::string file = dir.file("changed", text);
        std::filesystem::permissions(file, std::filesystem::perms(0600));
        return read(file);
    }
    static std::string said(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            return error.what() + (error.hint().empty() ? "" : " | " + error.hint());
        }
        return "no error";
    }

    test::TempDir dir;
    std::string path = dir.path() / "a.plan";
    Plan plan;
};

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Planned, "a plan never takes the place of a file") {
    write_plan(path, plan);
    CHECK(read(path) == "no error");
    CHECK(says(said([&] { write_plan(path, plan); }), "| a plan never overwrites"));
    const std::string nowhere = dir.path() / "no" / "such";
    const std::string said_of_nowhere = said([&] { write_plan(nowhere, plan); });
    CHECK(says(said_of_nowhere, "No such file or directory"));
    CHECK_FALSE(says(said_of_nowhere, "overwrites"));
}

TEST_CASE_FIXTURE(Planned, "what is no file of our own is not read as a plan") {
    CHECK(says(read(dir.path() / "none"), "No such file or directory"));
    CHECK(says(read("/dev/null"), "is no plan"));
    write_plan(path, plan);
    for (const int mode : {0620, 0602}) {
        ::chmod(path.c_str(), static_cast<mode_t>(mode));
        CHECK(says(read(path), "can be written by others"));
    }
    ::chmod(path.c_str(), 0600);
    const PlanFile opened(path);
    CHECK(says(read(path), "another process is carrying out"));
}

TEST_CASE_FIXTURE(Planned, "members that are not as a plan has them") {
    CHECK(changed("a:*", "b:*") == "no error");
    plan.options = {{"PATTERN", {}}};
    CHECK(says(changed("h:6379", "h:6380"), "has no value"));
    plan.options.clear();
    CHECK(says(changed("\"cachectl_plan\": \"2\"", "\"cachectl_plan\": \"9\""),
               "is of another version"));
    CHECK(says(changed("\"database\": 0", "\"database\": 99999999999"),
               "is no database of a server"));
    CHECK(says(changed("\"state\": ", "\"state\":  "), "is not as --plan wrote it"));
}

TEST_CASE_FIXTURE(Planned, "names of any bytes are read back") {
    using namespace std::string_literals;
    plan.target = "/tmp/\xff.sock";
    plan.namespaces = {{"\xac\xed\0\x05user"s, 3}, {"\xc3user", 2}, {"\xc2user", 2},
                       {"\\xc3user", 1},           {"é\n", 1},      {"(none)", 1}};
    plan.sample = {"\xac\xed\0\x05user:1"s, "\\xac:1"};
    const Plan again = parse_plan(to_text(plan), path).plan;
    CHECK(again.target == plan.target);
    CHECK(again.namespaces == plan.namespaces);
    CHECK(again.sample == plan.sample);
}

TEST_CASE_FIXTURE(Planned, "a plan with as many namespaces as it can have is read back") {
    for (std::size_t i = 0; i < Plan::k_most_namespaces; ++i) {
        std::string name = std::to_string(i);
        name.resize(256, '\x01');
        plan.namespaces.emplace_back(name, 1);
    }
    write_plan(path, plan);
    CHECK(PlanFile(path).plan().namespaces == plan.namespaces);
}

TEST_CASE_FIXTURE(Planned, "a plan is valid in its time, also for a clock that goes back") {
    write_plan(path, plan);
    const PlanFile opened(path);
    const auto at = [&](WallTime now) { return said([&] { opened.check_time(now); }); };
    CHECK(at(WallTime(1'000s)) == "no error");
    CHECK(at(WallTime(2'000s)) == "no error");
    CHECK(says(at(WallTime(2'001s)), "was valid from 1970-01-01"));
    CHECK(says(at(WallTime(999s)), "was valid from"));
}
