#include "warm/journal.hpp"

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

JournalEntry some_entry() {
    JournalEntry entry;
    entry.identity = "0123456789abcdef";
    entry.target = "127.0.0.1:6379/2";
    entry.servers = {"abc", "def"};
    entry.blocks = {{100, 0xfedcba9876543210}, {3, 7}};
    entry.keys.add(0, 100);
    entry.keys.add(101, 102);
    entry.rewrites = true;
    entry.skipped_slots = {{0, 5}, {16'383, 16'383}};
    entry.records = 120;
    entry.written = 90;
    entry.skipped = 11;
    entry.rejected = 2;
    return entry;
}

}  // namespace

TEST_CASE("a journal says again what was written to it") {
    const TempDir dir;
    const Journal journal((dir.path() / "made" / "on demand" / "j.json").string());
    CHECK_FALSE(journal.read().exists);
    const JournalEntry entry = some_entry();
    journal.write(entry);
    journal.write(entry);
    const auto again = journal.read().entry;
    REQUIRE(again);
    CHECK(again->identity == entry.identity);
    CHECK(again->target == entry.target);
    CHECK(again->servers == entry.servers);
    CHECK(again->rewrites);
    CHECK(again->blocks == entry.blocks);
    CHECK(again->keys.ranges() == entry.keys.ranges());
    CHECK(again->skipped_slots == entry.skipped_slots);
    CHECK(again->records == 120);
    CHECK(again->written == 90);
    CHECK(again->skipped == 11);
    CHECK(again->rejected == 2);

    struct stat facts {};
    REQUIRE(::stat(journal.path().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    journal.remove();
    CHECK_FALSE(journal.read().exists);
    journal.remove();
}

TEST_CASE("a file that is no journal is refused, and stays as it is") {
    const TempDir dir;
    for (const char* text : {"{}", "[1]", "{\"cache", "id,name\n1,a\n", "\xff"}) {
        const std::string file = dir.file("j.json", text);
        CHECK(code_of([&] { const Journal journal(file); }) == ExitCode::usage);
        CHECK(read_file(file) == text);
    }
    std::filesystem::create_directory(dir.path() / "folder");
    CHECK(code_of([&] { const Journal journal((dir.path() / "folder").string()); }) ==
          ExitCode::usage);
    std::filesystem::create_symlink("j.json", dir.path() / "link");
    CHECK(code_of([&] { const Journal journal((dir.path() / "link").string()); }) ==
          ExitCode::usage);
    std::filesystem::create_symlink("nowhere", dir.path() / "dangling");
    CHECK(code_of([&] { const Journal journal((dir.path() / "dangling").string()); }) ==
          ExitCode::usage);
}

TEST_CASE("files beside the journal are not taken for its own") {
    const TempDir dir;
    const std::string path = (dir.path() / "j").string();
    const std::string lock = dir.file("j.cachectl-lock", "mine");
    CHECK(code_of([&] { const Journal journal(path); }) == ExitCode::usage);
    CHECK(read_file(lock) == "mine");
    std::filesystem::remove(lock);
    const std::string aside = dir.file("j.cachectl-new", "mine too");
    const Journal journal(path);
    CHECK(code_of([&] { journal.write(some_entry()); }) == ExitCode::usage);
    CHECK(read_file(aside) == "mine too");
}

TEST_CASE("what has become another file in the meantime is neither replaced nor removed") {
    const TempDir dir;
    const Journal journal((dir.path() / "j").string());
    const std::string file = dir.file("j", "something else");
    CHECK(code_of([&] { journal.write(some_entry()); }) == ExitCode::usage);
    journal.remove();
    CHECK(read_file(file) == "something else");
}

TEST_CASE("a file that was empty is empty again in the end") {
    const TempDir dir;
    const std::string file = dir.file("j", "");
    const Journal journal(file);
    CHECK_FALSE(journal.read().exists);
    journal.write(some_entry());
    CHECK(journal.read().entry);
    journal.remove();
    CHECK(std::filesystem::exists(file));
    CHECK(read_file(file).empty());
}

TEST_CASE("what a journal cannot say is not believed") {
    const std::string good = to_text(some_entry());
    REQUIRE(parse_journal(good));
    const auto with = [&good](const std::string& part, const std::string& instead) {
        std::string text = good;
        const auto at = text.find(part);
        REQUIRE(at != std::string::npos);
        return text.replace(at, part.size(), instead);
    };
    CHECK_FALSE(parse_journal(good.substr(0, good.size() / 2)));
    CHECK_FALSE(parse_journal(with("\"cachectl_journal\":4", "\"cachectl_journal\":3")));
    CHECK_FALSE(parse_journal(with("[[0,100],", "[[0,1000],")));  // more keys than were made
    CHECK_FALSE(parse_journal(with("[[0,100],", "[[100,0],")));
    CHECK_FALSE(parse_journal(with("[[0,100],", "[[-1,100],")));
    CHECK_FALSE(parse_journal(with("[100,\"fed", "[100000000000,\"fed")));
    CHECK_FALSE(parse_journal(with("[100,\"fed", "[0,\"fed")));
    CHECK_FALSE(parse_journal(with("fedcba9876543210", "no digest")));
    CHECK_FALSE(parse_journal(with("[16383,16383]", "[16383,99999]")));
    CHECK_FALSE(parse_journal(with("\"records\":120", "\"records\":\"many\"")));
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
}

TEST_CASE("the name of a journal tells runs apart") {
    CHECK(journal_path("/s", run_hash("a")) == "/s/warm-af63dc4c8601ec8c.json");
    CHECK(run_hash("b") != run_hash("a"));
}

TEST_CASE("journals that nobody goes on with are removed after their time, and nothing else") {
    const TempDir dir;
    const auto file = [&](const std::string& name, const std::string& text, int hours) {
        const std::string path = dir.file(name, text);
        std::filesystem::last_write_time(
            path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
        return path;
    };
    const std::string text = to_text(some_entry());
    const std::string old = file("warm-0123456789abcdef.json", text, 25);
    const std::string recent = file("warm-0123456789abcde0.json", text, 23);
    const std::string claimed = file("warm-0123456789abcde1.json", text, 25);
    const std::string other_name = file("mine-0123456789abcde.json", text, 25);
    const std::string other_text = file("warm-0123456789abcde2.json", "{}", 25);
    const Journal run(claimed);
    remove_old_journals(dir.path().string(), std::chrono::hours(24));
    CHECK_FALSE(std::filesystem::exists(old));
    for (const std::string& kept : {recent, claimed, other_name, other_text}) {
        CHECK(std::filesystem::exists(kept));
    }
    remove_old_journals((dir.path() / "nowhere").string(), std::chrono::hours(24));
}
