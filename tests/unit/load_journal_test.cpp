#include "load/journal.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using cachectl::test::read_file;
using cachectl::test::TempDir;

namespace {

ExitCode code_of(const auto& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return ExitCode::ok;
}

}  // namespace

TEST_CASE("a journal says again what was written to it") {
    const TempDir dir;
    const Journal journal((dir.path() / "made" / "on demand" / "j.json").string());
    CHECK_FALSE(journal.read());
    JournalEntry entry;
    entry.identity = "0123456789abcdef";
    entry.target = "127.0.0.1:6379/2";
    entry.run_id = "abc";
    entry.inputs = {{"a.sql", 1234, 1234, 0xdeadbeef}, {"stdin", std::nullopt, 17, 1}};
    entry.keys.add(0, 100);
    entry.keys.add(102, 103);
    entry.records = 120;
    entry.written = 90;
    entry.skipped = 11;
    journal.write(entry);
    const auto again = journal.read();
    REQUIRE(again);
    CHECK(again->identity == entry.identity);
    CHECK(again->target == entry.target);
    CHECK(again->run_id == "abc");
    CHECK(again->inputs == entry.inputs);
    CHECK(again->keys.ranges() == entry.keys.ranges());
    CHECK(again->records == 120);
    CHECK(again->written == 90);
    CHECK(again->skipped == 11);

    struct stat facts {};
    REQUIRE(::stat(journal.path().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    journal.remove();
    CHECK_FALSE(journal.read());
    journal.remove();
}

TEST_CASE("what is no journal is not taken for one") {
    const TempDir dir;
    for (const char* text : {"", "{}", "[1]", "{\"cachectl_journal\": 2}", "\xff"}) {
        const Journal journal(dir.file("j.json", text));
        CHECK(code_of([&] { (void)journal.read(); }) == ExitCode::usage);
        CHECK(read_file(journal.path()) == text);
    }
}

TEST_CASE("a journal belongs to one run at a time") {
    const TempDir dir;
    const std::string path = (dir.path() / "j.json").string();
    {
        const Journal journal(path);
        CHECK(code_of([&] { const Journal other(path); }) == ExitCode::guard);
    }
    CHECK(code_of([&] { const Journal next(path); }) == ExitCode::ok);
    CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("where no file can be made there is no journal") {
    const TempDir dir;
    const std::string file = dir.file("file", "");
    CHECK(code_of([&] { const Journal journal(file + "/j.json"); }) == ExitCode::local_io);
    const Journal journal((dir.path() / "j.json").string());
    std::filesystem::create_directory(dir.path() / "j.json");
    CHECK(code_of([&] { journal.write({}); }) == ExitCode::local_io);
}

TEST_CASE("the name of a journal tells runs apart") {
    CHECK(journal_path("/s", run_hash("a")) == "/s/warm-af63dc4c8601ec8c.json");
    CHECK(run_hash("b") != run_hash("a"));
}
