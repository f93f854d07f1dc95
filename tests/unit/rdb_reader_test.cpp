#include "rdb/reader.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <string>
#include <vector>

#include "rdb/crc64.hpp"
#include "support/temp_dir.hpp"
#include "util/file_descriptor.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::literals;
using Strings = std::vector<std::string>;

namespace {

const std::string k_begins = "REDIS0010";

std::string little_endian(std::uint64_t number) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) {
        bytes += static_cast<char>(number >> (8 * i));
    }
    return bytes;
}

/// The end of a file, with its sum.
std::string ended(std::string text) {
    text += '\xff';
    return text + little_endian(crc64(0, text));
}

std::string text_of(const RdbKey& key) {
    std::string text = std::to_string(key.database) + " " + key.name + " " +
                       std::string(type_name(key.type)) + " " + std::to_string(key.value_bytes);
    if (key.expires_at) {
        text += " until " + std::to_string(key.expires_at->count());
    }
    if (key.idle) {
        text += " idle " + std::to_string(key.idle->count());
    }
    if (key.frequency) {
        text += " frequency " + std::to_string(*key.frequency);
    }
    return text;
}

struct Read {
    explicit Read(const std::string& bytes) {
        const TempDir dir;
        const FileDescriptor fd(::open(dir.file("a.rdb", bytes).c_str(), O_RDONLY | O_CLOEXEC));
        try {
            RdbReader reader(fd.get(), bytes.size());
            version = reader.version();
            RdbItem item = reader.next();
            for (; item != RdbItem::end; item = reader.next()) {
                items.push_back(item == RdbItem::key
                                    ? text_of(reader.key())
                                    : reader.aux().name + "=" + reader.aux().value);
            }
            sum = reader.sum();
        } catch (const RdbFault& found) {
            fault = found;
        }
    }

    int version = 0;
    Strings items;
    std::optional<RdbReader::Sum> sum;  // where the end was reached
    std::optional<RdbFault> fault;
};

/// A string of less than 64 bytes, as RDB files have it.
std::string rdb(std::string_view text) {
    return static_cast<char>(text.size()) + std::string(text);
}

/// A key behind its type, with a value behind it.
std::string key(int type, std::string_view name, std::string_view value) {
    return static_cast<char>(type) + rdb(name) + std::string(value);
}

const std::string k_after = key(0, "after", rdb("v"));

}  // namespace

TEST_CASE("keys with all that may stand before them") {
    const Read read(ended(k_begins + "\xfa" + rdb("ctime") + rdb("1") + "\xfe\0\xfb\2\1"s +
                          key(0, "a", rdb("x")) + "\xfc" + little_endian(1'800'000'000'123) +
                          key(0, "b", "\xc0\x2a") + "\xfd\0\1\0\0\xf8\x40\x64"s +
                          key(0, "c", rdb("x")) + "\xfe\3\xf9\xc8"s + key(0, "d", rdb("x"))));
    CHECK(read.version == 10);
    CHECK_FALSE(read.fault);
    CHECK(read.sum == RdbReader::Sum::right);
    CHECK(read.items == Strings{"ctime=1", "0 a string 2", "0 b string 2 until 1800000000123",
                                "0 c string 2 until 256000 idle 100",
                                "3 d string 2 frequency 200"});
}

TEST_CASE("a file of Valkey 9.0") {
    const Read read(ended("VALKEY080" + k_after));
    CHECK(read.version == 80);
    CHECK(read.items == Strings{"0 after string 2"});
}

TEST_CASE("names that are stored as numbers, or compressed") {
    const Read read(ended(k_begins + "\0\xc0\xff\1x\0\xc1\0\1\1x\0\xc2\xfe\xff\xff\xff\1x"s +
                          "\0\xc3\5\x0a\0a\xe0\0\0\1x"s));
    CHECK(read.items ==
          Strings{"0 -1 string 2", "0 256 string 2", "0 -2 string 2", "0 aaaaaaaaaa string 2"});
}

TEST_CASE("the end of a value is found, whatever its type") {
    const std::string time = little_endian(1'800'000'000'123);
    const std::string id(16, 'i');
    const std::string group = rdb("g") + "\1\2"s;
    const std::string pending = "\1"s + id + time + "\5";
    const std::string stream = "\1"s + rdb(id) + rdb("listpack") + "\1\1\2"s;
    const std::string ids = "\1\1\0\0\1"s;  // the first, the highest deleted one, how many ever
    const struct {
        int type;
        std::string value;
        std::string name;
    } values[] = {
        {1, "\2"s + rdb("a") + "\xc0\1", "list"},
        {2, "\2"s + rdb("a") + rdb("b"), "set"},
        {3,
         "\4"s + rdb("a") + rdb("1.5") + rdb("b") + "\xfd" + rdb("c") + "\xfe" + rdb("d") + "\xff",
         "zset"},
        {4, "\1"s + rdb("a") + rdb("b"), "hash"},
        {5, "\1"s + rdb("a") + time, "zset"},
        {7, "\x81"s + time + "\1\7\2\7\3four\4" + time + "\5" + rdb("text") + "\0"s, "module"},
        {9, rdb("zipmap"), "hash"},
        {10, rdb("ziplist"), "list"},
        {11, rdb("intset"), "set"},
        {12, rdb("ziplist"), "zset"},
        {13, rdb("ziplist"), "hash"},
        {14, "\2"s + rdb("ziplist") + rdb("ziplist"), "list"},
        {15, stream + "\1" + group + pending + "\1" + rdb("c") + time + "\1" + id, "stream"},
        {16, rdb("listpack"), "hash"},
        {17, rdb("listpack"), "zset"},
        {18, "\2\1"s + rdb("plain") + "\2" + rdb("listpack"), "list"},
        {19, stream + ids + "\1" + group + "\3" + pending + "\1" + rdb("c") + time + "\1" + id,
         "stream"},
        {20, rdb("listpack"), "set"},
        {21,
         stream + ids + "\1" + group + "\3" + pending + "\1" + rdb("c") + time + time + "\1" + id,
         "stream"},
        {22, "\1"s + rdb("f") + rdb("v") + time, "hash"},
        {24, time + "\1" + "\5" + rdb("f") + rdb("v"), "hash"},
        {25, time + rdb("listpack"), "hash"},
    };
    for (const auto& one : values) {
        CAPTURE(one.type);
        const Read read(ended(k_begins + key(one.type, "k", one.value) + k_after));
        CHECK_FALSE(read.fault);
        CHECK(read.items == Strings{"0 k " + one.name + " " + std::to_string(one.value.size()),
                                    "0 after string 2"});
    }
}

TEST_CASE("what is neither a key nor of one is passed over") {
    const Read read(ended(k_begins + "\xf4\1\2\3"s + "\xf5" + rdb("code") + "\xf7\x81" +
                          little_endian(1) + "\2\1\1\7\0"s + k_after));
    CHECK_FALSE(read.fault);
    CHECK(read.items == Strings{"0 after string 2"});
}

TEST_CASE("a file that is cut is told so at every byte, and gives what was whole") {
    const std::string whole = ended(k_begins + "\xfa" + rdb("ctime") + rdb("1") +
                                    key(4, "a", "\1"s + rdb("f") + rdb("v")) + k_after);
    for (std::size_t cut = k_begins.size(); cut < whole.size(); ++cut) {
        CAPTURE(cut);
        const Read read(whole.substr(0, cut));
        REQUIRE(read.fault);
        CHECK(read.fault->is_cut);
        const Strings all{"ctime=1", "0 a hash 5", "0 after string 2"};
        CHECK(std::equal(read.items.begin(), read.items.end(), all.begin()));
    }
    CHECK(Read(whole).sum == RdbReader::Sum::right);
}

TEST_CASE("a file that was changed has another sum") {
    std::string bytes = ended(k_begins + k_after);
    bytes[bytes.size() - 10] = 'w';
    CHECK(Read(bytes).sum == RdbReader::Sum::wrong);
    CHECK(Read(k_begins + "\xff" + little_endian(0)).sum == RdbReader::Sum::none);
}

TEST_CASE("what cannot be is said, with its place") {
    const auto reason = [](const std::string& bytes) {
        const Read read(bytes);
        REQUIRE(read.fault);
        CHECK_FALSE(read.fault->is_cut);
        return std::to_string(read.fault->offset) + ": " + read.fault->reason;
    };
    CHECK(reason("SQLite format 3") == "0: it begins otherwise than an RDB file");
    CHECK(reason("REDIS00x0....") == "0: it begins otherwise than an RDB file");
    CHECK(reason("REDIS") == "0: it begins otherwise than an RDB file");
    CHECK(reason("") == "0: it is empty: whoever made it had saved nothing yet");
    CHECK(reason(k_begins + "\x63") == "10: a value of type 99, which is not known here");
    CHECK(reason(k_begins + "\0\x90"s) == "11: byte 0x90 begins no length");
    CHECK(reason(k_begins + "\0\xc4"s) == "11: a string of encoding 4");
    CHECK(reason(k_begins + "\1\1k\xc0"s) == "13: an encoding where a length should be");
    CHECK(reason(k_begins + "\0\xc3\2\5\0a"s) == "15: what is compressed cannot be unpacked");
    CHECK(reason(k_begins + key(7, "k", "\1\6")) == "14: part 6 of a module's data");
}

TEST_CASE("lengths beyond the file take no memory") {
    const Read read(k_begins + "\0\x81\x7f\xff\xff\xff\xff\xff\xff\xff"s);
    REQUIRE(read.fault);
    CHECK(read.fault->reason == "9223372036854775807 bytes wanted, 0 left");
}
