#include "rdb/backup_file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::literals;
using Strings = std::vector<std::string>;

namespace {

/// Three batches: of two keys, of one, of a hash and a zset that are written in pieces.
struct Backup {
    Backup() {
        RdbWriter writer(path, {{"cachectl-target", "127.0.0.1:6379"}});
        writer.add({.name = "a"}, make_dump_payload(RdbType::string, "\1x", 9));
        writer.add({.name = "b", .expires_at = 1800000000123ms},
                   make_dump_payload(RdbType::string, "\1y", 11));
        writer.commit();
        ends.push_back(writer.bytes());
        writer.add({.database = 3, .name = "c", .idle = 100s},
                   make_dump_payload(RdbType::set_listpack, "\2lp", 12));
        writer.commit();
        ends.push_back(writer.bytes());
        writer.begin({.database = 3, .name = std::string(20'000, 'k')}, RdbType::hash);
        writer.add_length(1);
        writer.add_string("field");
        writer.add_string(std::string(70'000, 'v'));
        writer.begin({.database = 3, .name = "z", .frequency = 200}, RdbType::zset_2);
        writer.add_length(1);
        writer.add_string("member");
        writer.add_score(1.5);
        writer.commit();
        ends.push_back(writer.bytes());
        writer.finish();
        bytes = read_file(path);
    }

    TempDir dir;
    std::string path = (dir.path() / "backup.rdb").string();
    std::vector<std::uint64_t> ends;  // of the batches
    std::string bytes;
};

RdbCheck check(const std::string& bytes) {
    const TempDir dir;
    return check_rdb(RdbFile(dir.file("a.rdb", bytes)));
}

std::string complaint(const std::string& bytes) {
    try {
        check(bytes);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::bad_input);
        return std::string(error.what()).substr(std::string(error.what()).find(".rdb") + 4);
    }
    return "";
}

}  // namespace

TEST_CASE("a file begins as the servers that it is for read it") {
    const TempDir dir;
    const auto begins = [&](int version) {
        const std::string path = (dir.path() / std::to_string(version)).string();
        RdbWriter writer(path, {});
        writer.add({.name = "a"}, make_dump_payload(RdbType::string, "\1x", version));
        writer.commit();
        writer.finish();
        CHECK(check_rdb(RdbFile(path)).is_whole);
        CHECK(check_rdb(RdbFile(path)).version == version);
        return read_file(path).substr(0, 9);
    };
    CHECK(begins(9) == "REDIS0009");
    CHECK(begins(12) == "REDIS0012");
    CHECK(begins(80) == "VALKEY080");  // from Valkey 9.0 on
}

TEST_CASE_FIXTURE(Backup, "what was written is there, and its sums are right") {
    const RdbCheck found = check_rdb(RdbFile(path));
    CHECK(found.is_whole);
    CHECK(found.is_backup);
    CHECK(found.version == 12);
    CHECK(found.keys == 5);
    CHECK(found.batches == 3);
    CHECK(found.databases == std::set<std::uint64_t>{0, 3});
    CHECK(found.usable_bytes == bytes.size());
    REQUIRE(found.about.size() == 2);
    CHECK(found.about[1].name == "cachectl-target");
    CHECK(found.about[1].value == "127.0.0.1:6379");
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(Backup, "a backup that is cut is usable up to its last whole batch") {
    constexpr std::uint64_t k_keys[] = {0, 2, 3, 5};
    const std::size_t near_ends = 200;
    for (std::size_t cut = 9; cut < bytes.size(); ++cut) {
        // Within the large value each byte is like the next.
        if (cut > ends[1] + near_ends && cut + near_ends < ends[2] && cut % 1009 != 0) {
            continue;
        }
        CAPTURE(cut);
        const RdbCheck found = check(bytes.substr(0, cut));
        const auto batches = std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin();
        REQUIRE_FALSE(found.is_whole);
        REQUIRE(found.batches == static_cast<std::uint64_t>(batches));
        REQUIRE(found.keys == k_keys[batches]);
        REQUIRE(found.usable_bytes == (batches == 0 ? 0 : ends[batches - 1]));
        const bool at_end = batches != 0 && cut == ends[batches - 1];
        REQUIRE(found.why_not_whole.starts_with(at_end             ? "it lacks its end mark: "
                                                : !found.is_backup ? "it is cut at byte "
                                                                   : "it lacks its end: "));
    }
}

TEST_CASE_FIXTURE(Backup, "a byte that was changed is found, wherever it is") {
    for (std::size_t at = 9; at < bytes.size(); ++at) {
        if (at > ends[1] + 200 && at + 200 < ends[2] && at % 1009 != 0) {
            continue;
        }
        CAPTURE(at);
        std::string changed = bytes;
        changed[at] ^= 1;
        bool vouched_for = false;
        try {
            vouched_for = check(changed).is_whole;
        } catch (const Error& error) {
            REQUIRE(error.code() == ExitCode::bad_input);
        }
        REQUIRE_FALSE(vouched_for);
    }
}

TEST_CASE_FIXTURE(Backup, "batches that were taken out, or exchanged, are missed") {
    const std::string first = bytes.substr(0, ends[0]);
    const std::string second = bytes.substr(ends[0], ends[1] - ends[0]);
    const std::string third = bytes.substr(ends[1]);
    CHECK(complaint(first + third).find("batch 2 is not what its checksum was made of") !=
          std::string::npos);
    CHECK(complaint(first + second + second + third)
              .find("batch 3 is not what its checksum was made of") != std::string::npos);
}

TEST_CASE_FIXTURE(Backup, "it is made once, and never over another file") {
    try {
        const RdbWriter writer(path, {});
        FAIL("it was made again");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::local_io);
        CHECK(error.what() == "cannot make " + path + ": File exists");
        CHECK(error.hint() == "a backup never overwrites: name another file");
    }
    CHECK(read_file(path) == bytes);
}

TEST_CASE("what DUMP answers is checked before it is kept") {
    const TempDir dir;
    RdbWriter writer((dir.path() / "a.rdb").string(), {});
    std::string dumped = make_dump_payload(RdbType::string, "\1x", 9);
    dumped[1] = 2;
    CHECK_THROWS_AS(writer.add({.name = "a"}, dumped), Error);
    CHECK_THROWS_AS(writer.add({.name = "a"}, "short"), Error);
    CHECK_THROWS_AS(writer.add({.name = "a"}, ""), Error);
    CHECK(writer.keys() == 0);
}

TEST_CASE_FIXTURE(Backup, "a file that others can write is not trusted") {
    REQUIRE(::chmod(path.c_str(), 0620) == 0);
    try {
        const RdbFile file(path);
        FAIL("it was opened");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::guard);
        CHECK(error.hint() == "if you know where it comes from: chmod go-w " + path);
    }
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    constexpr uid_t k_another = 54321;
    if (::geteuid() == 0 &&
        ::chown(path.c_str(), k_another, 0) == 0) {  // only root can give it away
        CHECK_THROWS_AS(RdbFile{path}, Error);
    }
}

TEST_CASE("what is no RDB file is said so") {
    CHECK(complaint("hello") == " is no RDB file: it begins otherwise than an RDB file");
    CHECK_THROWS_AS(RdbFile("/nonexistent.rdb"), Error);
    CHECK_THROWS_AS(RdbFile("/"), Error);
}

TEST_CASE_FIXTURE(Backup, "a batch that does not fit on the disk does not count as saved") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string full = (dir.path() / "full.rdb").string();
    RdbWriter writer(full, {});
    writer.add({.name = "a"}, make_dump_payload(RdbType::string, "\1x", 9));
    std::string complaint;
    try {
        writer.commit();
    } catch (const Error& error) {
        complaint = error.what();
        CHECK(error.code() == ExitCode::local_io);
    }
    CHECK(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(complaint == "cannot write " + full + ": File too large");
    CHECK(writer.keys() == 0);
    CHECK_THROWS_WITH_AS(RdbWriter("/nonexistent/a.rdb", {}),
                         "cannot make /nonexistent/a.rdb: No such file or directory", Error);
}
