#include "warm/reject_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("rejected rows are kept as NDJSON for the owner's eyes only") {
    const TempDir dir;
    const std::string path = dir.path() / "rejects.ndjson";
    {
        RejectFile file(path);
        file.add({.file = "a.csv", .line = 3, .reason = "column 'id' is null"});
        file.add({.file = "a.csv",
                  .line = 9,
                  .reason = "a \"quote\"",
                  .dataset = "warm.json:3",
                  .row = "{\"id\":null}"});
        file.flush();
    }
    CHECK(read_file(path) ==
          "{\"file\":\"a.csv\",\"line\":3,\"reason\":\"column 'id' is null\"}\n"
          "{\"file\":\"a.csv\",\"line\":9,\"reason\":\"a \\\"quote\\\"\","
          "\"dataset\":\"warm.json:3\",\"row\":{\"id\":null}}\n");
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("of a row that cannot be read the text is kept, bytes that are no text too") {
    const TempDir dir;
    const std::string path = dir.path() / "rejects.ndjson";
    {
        RejectFile file(path, RejectFile::Existing::refused, RejectFile::Run::dry);
        file.add({.file = "a", .line = 1, .reason = "no", .text = "1,\"x\",\xff"});
        file.flush();
    }
    CHECK(read_file(path) ==
          "{\"file\":\"a\",\"line\":1,\"reason\":\"no\",\"dry_run\":true,"
          "\"text\":\"1,\\\"x\\\",\xef\xbf\xbd\",\"text_base64\":\"MSwieCIs/w==\"}\n");
    const RejectFile again(path);  // it is that of a dry run, whatever its rows hold
}

TEST_CASE("the file of a dry run stands in nobody's way") {
    using Run = RejectFile::Run;
    for (const auto existing : {RejectFile::Existing::refused, RejectFile::Existing::continued}) {
        const TempDir dir;
        const std::string path = dir.path() / "rejects.ndjson";
        {
            RejectFile dry(path, RejectFile::Existing::refused, Run::dry);
            dry.add({.file = "a.csv", .line = 3, .reason = "no", .row = "{\"id\":null}"});
            dry.add({.file = "a.csv", .line = 4, .reason = "no"});
            dry.flush();
        }
        CHECK(read_file(path) ==
              "{\"file\":\"a.csv\",\"line\":3,\"reason\":\"no\",\"dry_run\":true,"
              "\"row\":{\"id\":null}}\n"
              "{\"file\":\"a.csv\",\"line\":4,\"reason\":\"no\",\"dry_run\":true}\n");
        {
            RejectFile real(path, existing);
            real.add({.file = "a.csv", .line = 3, .reason = "no"});
            real.flush();
        }
        CHECK(read_file(path) == "{\"file\":\"a.csv\",\"line\":3,\"reason\":\"no\"}\n");
    }
}

TEST_CASE("a real run's file is kept, whatever its rows hold") {
    const TempDir dir;
    const std::string text =
        "{\"file\":\"a\",\"line\":3,\"reason\":\"\\\",\\\"dry_run\\\":true\","
        "\"row\":{\"a\":1,\"dry_run\":true}}\n";
    const std::string path = dir.file("rejects.ndjson", text);
    CHECK_THROWS_AS(RejectFile{path}, Error);
    CHECK(read_file(path) == text);
}

TEST_CASE("without rejected rows no file is left") {
    const TempDir dir;
    const std::string path = dir.path() / "rejects.ndjson";
    { const RejectFile file(path); }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what is there already is never touched, be it a link to nowhere") {
    const TempDir dir;
    const std::string file = dir.file("rejects.ndjson", "old");
    CHECK_THROWS_WITH_AS(RejectFile{file},
                         ("cannot make " + file + ": File exists; nothing was written").c_str(),
                         Error);
    CHECK(read_file(file) == "old");

    const std::string link = dir.path() / "link";
    std::filesystem::create_symlink(dir.path() / "nowhere", link);
    CHECK_THROWS_AS(RejectFile{link}, Error);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "nowhere"));
}

TEST_CASE("a file of rejected rows is continued, and a row that it has is not repeated") {
    const TempDir dir;
    const std::string path = dir.path() / "rejects.ndjson";
    const auto add = [&path](std::uint64_t line) {
        RejectFile file(path, RejectFile::Existing::continued);
        file.add({.file = "a.csv", .line = line, .reason = "bad"});
        file.sync();
    };
    const auto text = [](int line) {
        return "{\"file\":\"a.csv\",\"line\":" + std::to_string(line) + ",\"reason\":\"bad\"}\n";
    };
    add(3);
    add(3);
    add(4);
    CHECK(read_file(path) == text(3) + text(4));
    dir.file("rejects.ndjson", text(3) + text(4).substr(0, 20));  // a run was killed here
    add(4);
    CHECK(read_file(path) == text(3) + text(4).substr(0, 20) + "\n" + text(4));
    { const RejectFile none(path, RejectFile::Existing::continued); }
    CHECK(std::filesystem::exists(path));

    {
        // Four rows of a line are told alike; a run before has told of two, and the first of these
        // is passed over.
        const RejectedRow row{.file = "b.json", .line = 1, .reason = "not an object"};
        const std::string line = "{\"file\":\"b.json\",\"line\":1,\"reason\":\"not an object\"}\n";
        dir.file("rejects.ndjson", line + line);
        RejectFile file(path, RejectFile::Existing::continued);
        file.pass(row);
        for (int i = 0; i < 3; ++i) {
            file.add(row);
        }
        file.flush();
        CHECK(read_file(path) == line + line + line + line);
    }

    const std::string other = dir.file("other", "mine\n");
    CHECK_THROWS_AS(RejectFile(other, RejectFile::Existing::continued), Error);
    CHECK(read_file(other) == "mine\n");
}

TEST_CASE("a folder that is not there is an error that names the file") {
    CHECK_THROWS_WITH_AS(RejectFile{"/no/such/folder/rejects"},
                         "cannot make /no/such/folder/rejects: No such file or directory; nothing "
                         "was written",
                         Error);
}
