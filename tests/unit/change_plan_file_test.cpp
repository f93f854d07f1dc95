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

TEST_CASE_FIXTURE(Planned, "a plan is valid in its time, also for a clock that goes back") {
    write_plan(path, plan);
    const PlanFile opened(path);
    const auto at = [&](WallTime now) { return said([&] { opened.check_time(now); }); };
    CHECK(at(WallTime(1'000s)) == "no error");
    CHECK(at(WallTime(2'000s)) == "no error");
    CHECK(says(at(WallTime(2'001s)), "was valid from 1970-01-01"));
    CHECK(says(at(WallTime(999s)), "was valid from"));
}
