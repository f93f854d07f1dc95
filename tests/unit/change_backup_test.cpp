#include "change/backup.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "change/usable_keys.hpp"
#include "rdb/payload.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

std::string dumped(const std::string& value) {
    return make_dump_payload(RdbType::string, static_cast<char>(value.size()) + value, 9);
}

SavedKey key_of(const std::string& name, const std::string& value) {
    return {.name = name, .dumped = dumped(value)};
}

struct Stage {
    Backup begin() { return {path, {}, 0, {}}; }

    /// Names and values of the file, each as often as it stands there.
    std::multimap<std::string, std::string> content(Repeated repeated = Repeated::no) {
        const RdbFile file(path);
        const UsableKeys keys(file, check_rdb(file), repeated);
        std::multimap<std::string, std::string> found;
        keys.each([&](const RdbKey& key) {
            found.emplace(key.name, file.bytes(key.value_offset + 1, key.value_bytes - 1));
            return true;
        });
        return found;
    }
    bool is_whole() { return check_rdb(RdbFile(path)).is_whole; }

    TempDir dir;
    std::string path = (dir.path() / "backup.rdb").string();
};

using Content = std::multimap<std::string, std::string>;

}  // namespace

TEST_CASE_FIXTURE(Stage, "what was added and committed is in the file, which is whole in the end") {
    Backup backup = begin();
    backup.add(key_of("a", "1"));
    backup.add(key_of("b", "2"));
    CHECK(backup.uncommitted_bytes() > 0);
    backup.commit();
    CHECK(backup.uncommitted_bytes() == 0);
    CHECK(content() == Content{{"a", "1"}, {"b", "2"}});
    CHECK_FALSE(is_whole());
    backup.changed(key_of("a", "1"));
    backup.changed({.name = "b", .dumped = {}});  // gone already
    const BackupSummary summary = backup.finish();
    CHECK(summary.keys == 2);
    CHECK(summary.is_whole);
    CHECK(summary.bytes == std::filesystem::file_size(path));
    CHECK(is_whole());
}

TEST_CASE_FIXTURE(
    Stage, "a value that was written before its key was deleted takes the saved one's place") {
    Backup backup = begin();
    backup.add(key_of("a", "old"));
    backup.add(key_of("b", "2"));
    backup.commit();
    backup.changed(key_of("a", "new"));
    backup.commit();
    // Of a run that ends here, the last one counts.
    CHECK(content().count("a") == 2);
    CHECK(content(Repeated::maybe) == Content{{"a", "new"}, {"b", "2"}});
    const BackupSummary summary = backup.finish();
    CHECK(summary.keys == 2);
    CHECK(is_whole());
    CHECK(content() == Content{{"a", "new"}, {"b", "2"}});
    CHECK(summary.bytes == std::filesystem::file_size(path));
}

TEST_CASE_FIXTURE(Stage, "a key whose expiry was changed before the key was takes its place too") {
    const auto at = [](SavedKey key, std::chrono::milliseconds end) {
        key.expires_at = end;
        return key;
    };
    const auto changed = [&](bool tells_expire_time, const SavedKey& now) {
        const TempDir other;
        Backup backup((other.path() / "b.rdb").string(), {}, 0,
                      {.tells_expire_time = tells_expire_time});
        backup.add(at(key_of("a", "1"), 100s));
        backup.commit();
        backup.changed(now);
        return backup.uncommitted_bytes() != 0;
    };
    const SavedKey key = key_of("a", "1");
    for (const bool tells : {true, false}) {
        CHECK(changed(tells, key));
        CHECK(changed(tells, at(key, 110s)));
        CHECK(changed(tells, at(key, 90s)));
        CHECK_FALSE(changed(tells, at(key, 100s)));
        // Where PTTL tells, the end is only known as well as the moment of its answer.
        CHECK(changed(tells, at(key, 100'900ms)) == tells);
        CHECK(changed(tells, at(key, 99'100ms)) == tells);
    }
}

TEST_CASE_FIXTURE(Stage, "a key that is met again is there once, as it was last") {
    Backup backup = begin();
    for (const char* value : {"1", "2", "3"}) {
        backup.add(key_of("a", value));
        backup.commit();
        backup.changed(key_of("a", value));
    }
    CHECK(backup.finish().keys == 1);
    CHECK(content() == Content{{"a", "3"}});
}

TEST_CASE_FIXTURE(Stage, "what is taken back is not in the file, whatever was written of it") {
    Backup backup = begin();
    backup.add_final(key_of("a", "1"));
    backup.begin_alone();
    RdbWriter& pieces = backup.begin_pieces({.name = "large", .dumped = {}}, RdbType::string);
    pieces.add_length(3'000'000);
    pieces.add_bytes(std::string(1'000'000, 'x'));
    backup.drop_alone();
    backup.begin_alone();
    RdbWriter& again = backup.begin_pieces({.name = "c", .dumped = {}}, RdbType::string);
    again.add_string("3");
    backup.commit_alone();
    backup.keep_alone("c");
    CHECK(backup.finish().keys == 2);
    CHECK(content() == Content{{"a", "1"}, {"c", "3"}});
    CHECK(is_whole());
}

TEST_CASE_FIXTURE(Stage, "a key that was saved and then left is not in the file") {
    Backup backup = begin();
    for (const char* value : {"1", "2"}) {
        backup.begin_alone();
        backup.add_alone(key_of("large", value));
        backup.drop_alone();
    }
    CHECK(backup.summary().keys == 0);
    backup.add(key_of("a", "1"));
    backup.begin_alone();
    backup.add_alone(key_of("large", "3"));
    backup.drop_alone();
    backup.add(key_of("b", "2"));
    CHECK(backup.finish().keys == 2);
    CHECK(content() == Content{{"a", "1"}, {"b", "2"}});
    CHECK(is_whole());
}

TEST_CASE_FIXTURE(Stage, "all can be taken back, from the first key on") {
    Backup backup = begin();
    RdbWriter& pieces = backup.begin_pieces({.name = "large", .dumped = {}}, RdbType::string);
    pieces.add_length(3'000'000);
    pieces.add_bytes(std::string(1'000'000, 'x'));
    backup.roll_back();
    backup.add(key_of("a", "1"));
    CHECK(backup.finish().keys == 1);
    CHECK(content() == Content{{"a", "1"}});
}

TEST_CASE_FIXTURE(Stage, "a backup without keys leaves no file, and none is ever overwritten") {
    {
        Backup backup = begin();
        CHECK_THROWS_AS(begin(), Error);
        CHECK(backup.finish().keys == 0);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE_FIXTURE(Stage, "an answer to DUMP that is none is not taken for a value") {
    Backup backup = begin();
    CHECK_THROWS_AS(backup.add({.name = "a", .dumped = "nonsense"}), Error);
    std::string payload = dumped("1");
    payload[1] ^= 1;
    CHECK_THROWS_AS(backup.add({.name = "a", .dumped = payload}), Error);
}
