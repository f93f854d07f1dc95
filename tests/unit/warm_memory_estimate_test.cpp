// The estimate beside what servers of five versions say: used_memory before and after as many keys
// were written to an empty database, divided by their number.
#include "warm/memory/estimate.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <deque>

using namespace cachectl;

namespace {

ServerInfo server(const char* name, const char* version) {
    ServerInfo info;
    info.name = name;
    info.version = version;
    return info;
}

/// A value of `parts` elements or pairs, all texts of `size` bytes.
struct Made {
    Made(EncodeAs as, std::size_t size, int parts) {
        value.as = as;
        for (int i = 0; i < parts; ++i) {
            if (as == EncodeAs::hash) {
                add(fmt::format("field{:03}", i));
            }
            if (as == EncodeAs::zset) {
                add(fmt::format("{}.5", i));
            }
            std::string text = as == EncodeAs::string ? "" : fmt::format("{}_", i);
            text.resize(size, 'v');
            add(std::move(text));
        }
    }
    void add(std::string text) { value.parts.push_back(texts.emplace_back(std::move(text))); }

    std::deque<std::string> texts;
    Encoded value;
};

struct Measured {
    EncodeAs as;
    std::size_t key_size, value_size;
    int parts;
    bool expires;
    int keys;
    /// Redis 7.0.15, Redis 8.0.2, Valkey 8.0.1, Valkey 8.1.1, Valkey 9.1.2; bytes a key.
    std::array<double, 5> bytes;
};

const Measured k_measured[] = {
    {EncodeAs::string, 10, 5, 1, false, 20000, {96, 102, 87, 66, 47}},
    {EncodeAs::string, 10, 20, 1, true, 20000, {161, 161, 144, 93, 93}},
    {EncodeAs::string, 20, 44, 1, true, 20000, {193, 186, 177, 126, 125}},
    {EncodeAs::string, 20, 45, 1, true, 20000, {209, 209, 193, 142, 125}},
    {EncodeAs::string, 20, 100, 1, true, 20000, {257, 257, 241, 190, 189}},
    {EncodeAs::string, 20, 200, 1, true, 20000, {369, 369, 353, 302, 301}},
    {EncodeAs::string, 40, 500, 1, true, 20000, {673, 673, 657, 622, 621}},
    {EncodeAs::string, 80, 60, 1, true, 20000, {273, 273, 257, 205, 206}},
    {EncodeAs::string, 20, 1000, 1, false, 20000, {1117, 1124, 1108, 1087, 1087}},
    {EncodeAs::string, 20, 5000, 1, true, 20000, {5265, 5265, 5249, 5117, 5197}},
    {EncodeAs::hash, 20, 20, 2, true, 5000, {225, 225, 209, 158, 158}},
    {EncodeAs::hash, 20, 100, 2, true, 5000, {561, 561, 545, 478, 494}},
    {EncodeAs::hash, 20, 6, 8, true, 1250, {305, 307, 289, 238, 237}},
    {EncodeAs::hash, 20, 64, 8, true, 1250, {785, 787, 769, 718, 717}},
    {EncodeAs::hash, 20, 100, 8, true, 1250, {1553, 1555, 1537, 1374, 1389}},
    {EncodeAs::hash, 20, 20, 30, true, 333, {1161, 1175, 1151, 1101, 1102}},
    {EncodeAs::hash, 20, 100, 30, true, 333, {5257, 5271, 5247, 4765, 4846}},
    {EncodeAs::hash, 20, 64, 120, true, 200, {10372, 10396, 10357, 10317, 10315}},
    {EncodeAs::hash, 20, 100, 300, true, 200, {54340, 54354, 54325, 43086, 42923}},
    {EncodeAs::list, 20, 20, 8, true, 1250, {433, 339, 321, 270, 269}},
    {EncodeAs::list, 20, 100, 30, true, 333, {3817, 3735, 3711, 3661, 3662}},
    {EncodeAs::list, 20, 64, 300, true, 200, {20804, 20818, 20789, 20749, 20747}},
    {EncodeAs::set, 20, 20, 8, true, 1250, {785, 339, 321, 270, 269}},
    {EncodeAs::set, 20, 64, 30, true, 333, {3817, 2199, 2175, 2125, 2126}},
    {EncodeAs::set, 20, 100, 120, true, 200, {18500, 15308, 15429, 16925, 16923}},
    {EncodeAs::zset, 20, 20, 8, true, 1250, {369, 371, 353, 302, 301}},
    {EncodeAs::zset, 20, 100, 30, true, 333, {7064, 7073, 7050, 6313, 6188}},
    {EncodeAs::zset, 20, 64, 120, true, 200, {10372, 10386, 10357, 10317, 10315}},
    {EncodeAs::zset, 20, 100, 300, true, 200, {66219, 64205, 64170, 55132, 53950}},
};

std::uint64_t estimate(const MemoryModel& model, const Measured& row) {
    const Made made(row.as, row.value_size, row.parts);
    MemoryEstimate total(model);
    for (int i = 0; i < row.keys; ++i) {
        std::string key = fmt::format("k{}", i);
        key.resize(row.key_size, 'x');
        total.add(key, made.value, row.expires);
    }
    return total.bytes();
}

}  // namespace

TEST_CASE("the estimate is within 15 % of what servers say") {
    const ServerInfo servers[] = {server("redis", "7.0.15"), server("redis", "8.0.2"),
                                  server("valkey", "8.0.1"), server("valkey", "8.1.1"),
                                  server("valkey", "9.1.2")};
    for (const Measured& row : k_measured) {
        for (std::size_t i = 0; i < std::size(servers); ++i) {
            const double bytes = row.bytes[i] * row.keys;
            const auto estimated = static_cast<double>(estimate(MemoryModel::of(servers[i]), row));
            CAPTURE(servers[i].name);
            CAPTURE(servers[i].version);
            CAPTURE(static_cast<int>(row.as));
            CAPTURE(row.value_size);
            CAPTURE(row.parts);
            CAPTURE(row.bytes[i]);
            CAPTURE(estimated / row.keys);
            CHECK(estimated > bytes * 0.85);
            CHECK(estimated < bytes * 1.15);
        }
    }
}

// SETs of "key:N" with 100 bytes: what a master of all slots took more for them.
TEST_CASE("in a cluster slots have tables, or links, of their own") {
    struct Row {
        int keys;
        bool expires;
        /// Redis 7.0.15, Redis 8.0.2, Valkey 8.0.1, Valkey 8.1.1, Redict 7.3.6; bytes in all. 0:
        /// not measured.
        std::array<double, 5> bytes;
    };
    const Row rows[] = {
        {2'000, false, {425'296, 5'585'600, 614'880, 678'880, 543'200}},
        {2'000, true, {530'368, 5'841'616, 902'880, 1'030'720, 799'200}},
        {16'000, true, {3'895'744, 29'925'328, 5'356'128, 5'791'040, 5'224'416}},
        {50'000, true, {12'298'176, 51'312'464, 13'287'904, 12'973'248, 13'532'512}},
        {200'000, false, {40'546'752, 79'539'296, 35'506'400, 33'207'520, 0}},
        {200'000, true, {49'043'904, 90'117'744, 46'345'440, 40'957'472, 0}},
    };
    ServerInfo servers[] = {server("redis", "7.0.15"), server("redis", "8.0.2"),
                            server("valkey", "8.0.1"), server("valkey", "8.1.1"),
                            server("redict", "7.3.6")};
    const Made made(EncodeAs::string, 100, 1);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < std::size(servers); ++i) {
            if (row.bytes[i] == 0) {
                continue;
            }
            servers[i].mode = "cluster";
            MemoryEstimate estimate(MemoryModel::of(servers[i]));
            for (int key = 0; key < row.keys; ++key) {
                estimate.add(fmt::format("key:{}", key), made.value, row.expires);
            }
            const auto bytes = static_cast<double>(estimate.bytes());
            CAPTURE(servers[i].name);
            CAPTURE(servers[i].version);
            CAPTURE(row.keys);
            CAPTURE(row.expires);
            CAPTURE(bytes / row.bytes[i]);
            CHECK(bytes > row.bytes[i] * 0.85);
            CHECK(bytes < row.bytes[i] * 1.15);
        }
    }
}

TEST_CASE("slots that have keys already have their tables") {
    Encoded value;
    value.as = EncodeAs::string;
    value.parts = {"x"};
    ServerInfo redis = server("redis", "8.0.2");
    redis.mode = "cluster";
    MemoryEstimate estimate(MemoryModel::of(redis));
    for (int i = 0; i < 1000; ++i) {
        estimate.add("k", value, false);
    }
    const std::uint64_t keys = 1000 * key_memory({}, "k", value, false);
    CHECK(estimate.bytes() > keys + 960 * 2'560);
    CHECK(estimate.bytes({.keys = 400'000}) < keys + 10'000);  // a few double theirs
}

TEST_CASE("size classes") {
    CHECK(allocated_size(1) == 8);
    CHECK(allocated_size(9) == 16);
    CHECK(allocated_size(24) == 32);
    CHECK(allocated_size(128) == 128);
    CHECK(allocated_size(129) == 160);
    CHECK(allocated_size(257) == 320);
    CHECK(allocated_size(5000) == 5120);
    CHECK(allocated_size(1'000'000) == 1'048'576);
}

// sdshdr5, 8, 16, 32 and 64 of Redis' sds.h; a string that is not short has an sdshdr8 at least.
TEST_CASE("the header of a string is as long as its length wants") {
    CHECK(text_size(std::string(255, 'x')) == 3 + 255 + 1);
    CHECK(text_size(std::string(256, 'x')) == 5 + 256 + 1);
    CHECK(text_size(std::string(65'535, 'x')) == 5 + 65'535 + 1);
    CHECK(text_size(std::string(65'536, 'x')) == 9 + 65'536 + 1);
}

TEST_CASE("entries of a listpack: numbers are short, and long texts have long headers") {
    CHECK(listpack_entry_size("127") == 2);
    CHECK(listpack_entry_size("-1") == 3);
    CHECK(listpack_entry_size("4095") == 3);
    CHECK(listpack_entry_size("32767") == 4);
    CHECK(listpack_entry_size("-8388608") == 5);
    CHECK(listpack_entry_size("2147483647") == 6);
    CHECK(listpack_entry_size("9223372036854775807") == 10);
    CHECK(listpack_entry_size("9223372036854775808") == 21);  // no number of 64 bits
    CHECK(listpack_entry_size("007") == 5);                   // would be written back as 7
    CHECK(listpack_entry_size("-0") == 4);
    CHECK(listpack_entry_size("1.5") == 5);
    CHECK(listpack_entry_size("") == 2);
    CHECK(listpack_entry_size(std::string(63, 'x')) == 65);
    CHECK(listpack_entry_size(std::string(64, 'x')) == 67);
    CHECK(listpack_entry_size(std::string(200, 'x')) == 204);
    CHECK(listpack_entry_size(std::string(5000, 'x')) == 5007);
}

TEST_CASE("a number as a string takes only its object") {
    const Made number(EncodeAs::string, 0, 0);
    Encoded value;
    value.as = EncodeAs::string;
    value.parts = {"12345"};
    CHECK(key_memory({}, "k", value, false) == 32 + 8 + 16);
    value.parts = {"12345x"};
    CHECK(key_memory({}, "k", value, false) == 32 + 8 + 32);
}

TEST_CASE("a table counts with what it grows by") {
    Encoded value;
    value.as = EncodeAs::string;
    value.parts = {"x"};
    MemoryEstimate estimate;
    for (int i = 0; i < 1000; ++i) {
        estimate.add("k", value, false);
    }
    const std::size_t one = key_memory({}, "k", value, false);
    const std::uint64_t keys = 1000 * one;
    CHECK(estimate.bytes() == keys + 1024 * 8);
    CHECK(estimate.bytes({.keys = 10'000}) == keys);               // of 16,384
    CHECK(estimate.bytes({.keys = 16'000}) == keys + 16'384 * 8);  // 32,768 − 16,384
    CHECK(estimate.bytes({.keys = 10'000, .expiring = 16'000}) == keys);

    MemoryEstimate twice;
    twice.add(estimate, 2);
    CHECK(twice.keys() == 2000);
    CHECK(twice.bytes({.keys = 10'000}) == 2000 * one);
}

TEST_CASE("near a power of two the old table is there too, or the server does without a new one") {
    constexpr std::uint64_t k_much = std::uint64_t{1} << 40;
    Encoded value;
    value.as = EncodeAs::string;
    value.parts = {"x"};
    const auto estimate = [&](int count) {
        MemoryEstimate keys;
        for (int i = 0; i < count; ++i) {
            keys.add("k", value, false);
        }
        return keys;
    };
    const std::uint64_t old_table = 65'536 * 8;
    const MemoryEstimate below = estimate(65'536);
    CHECK(below.peak({}, k_much).most == below.bytes());
    CHECK(below.passing({}) == 0);
    const MemoryEstimate above = estimate(65'600);
    CHECK(above.peak({}, k_much).most == above.bytes() + old_table);
    CHECK(above.peak({}, k_much).least == above.bytes());
    CHECK(above.passing({}) == old_table);
    CHECK(estimate(1'000).passing({.keys = 70'000}) == 0);
    // Its keys and the new table are more than there is room for, its keys alone are not.
    CHECK(above.peak({}, above.bytes() - 65'000).most == above.bytes() - old_table);
    // The most is when the table has been moved, also for many keys after that.
    const MemoryEstimate moved = estimate(100'000);
    CHECK(moved.peak({}, k_much).most == moved.bytes());
    const std::uint64_t at_most = estimate(65'536 + 65'536 / 3).bytes() + old_table;
    CHECK(estimate(88'000).peak({}, k_much).most + 100 > at_most);
    CHECK(estimate(88'000).peak({}, k_much).most < at_most + 100);
    CHECK(estimate(130'000).passing({}) == old_table);  // as far as anybody knows
    CHECK(estimate(131'072).passing({}) == 0);
    // Overfull, it has to grow whatever the room is, and is there with the old one.
    const MemoryEstimate overfull = estimate(106'100);
    CHECK(overfull.peak({}, 0).least > overfull.bytes() + old_table - 10'000);
    CHECK(estimate(120'000).peak({}, 0).least == estimate(120'000).bytes());
    MemoryModel model;
    model.masters = 2;
    MemoryEstimate spread(model);
    spread.add(estimate(2 * 65'600), 1);
    CHECK(spread.passing({}) == old_table);  // of each
}

TEST_CASE("a hashtable's peak is when it has been moved, also for many keys after that") {
    constexpr std::uint64_t k_much = std::uint64_t{1} << 40;
    MemoryModel model;
    model.tables = MemoryModel::Tables::hashtable;
    Encoded value;
    value.as = EncodeAs::string;
    value.parts = {"x"};
    const auto estimate = [&](int count) {
        MemoryEstimate keys(model);
        for (int i = 0; i < count; ++i) {
            keys.add("k", value, false);
        }
        return keys;
    };
    constexpr std::uint64_t k_some = 64;  // of the value that arrives
    constexpr int k_full = 2'048 * 7;
    constexpr int k_moved = k_full + 2'048 / 3;
    constexpr std::uint64_t k_new_table = std::uint64_t{4'096} * 64;
    const MemoryEstimate full = estimate(k_full);
    const std::uint64_t old_table = full.bytes() - k_full * key_memory(model, "k", value, false);
    CHECK(full.peak({}, k_much).most < full.bytes() + k_some);
    for (const int count : {k_full + 1'000, k_full + 2'000}) {
        CAPTURE(count);
        const MemoryEstimate grown = estimate(count);
        const std::uint64_t at_most = estimate(k_moved).bytes() + old_table;
        CHECK(grown.peak({}, k_much).most <= at_most + k_some);
        CHECK(grown.peak({}, k_much).most > at_most * 99 / 100);
        CHECK(grown.peak({}, k_much).least < grown.bytes() + k_some);
        // The server lets it grow only where there is room for both tables.
        CHECK(grown.peak({}, full.bytes() + k_new_table - 1).most < grown.bytes());
    }
    const MemoryEstimate twice = estimate(2 * k_full);
    CHECK(twice.peak({}, k_much).most < twice.bytes() + k_some);
}

TEST_CASE("a large string is there twice while it arrives, a small one is not") {
    const std::string text(3'000'000, 'x');
    Encoded value;
    value.as = EncodeAs::json;
    value.parts = {text};
    MemoryEstimate large;
    large.add("k", value, true);
    constexpr std::uint64_t k_much = std::uint64_t{1} << 40;
    CHECK(large.peak({}, k_much).least > 2 * allocated_size(text.size()));
    CHECK(large.peak({}, k_much).least < 2 * allocated_size(text.size()) + 500);
    CHECK(large.bytes() < allocated_size(text.size()) + 500);
    value.parts = {std::string_view(text).substr(0, 10'000)};
    MemoryEstimate small;
    small.add("k", value, true);
    CHECK(small.peak({}, k_much).least == small.bytes());
    // What is twice as large as the part of it that was seen.
    MemoryEstimate scaled;
    scaled.add(large, 2, 2);
    CHECK(scaled.bytes() < allocated_size(2 * text.size()) + 500);
    CHECK(scaled.peak({}, k_much).least > 2 * allocated_size(2 * text.size()));
}

TEST_CASE("numbers of a set are as wide as the widest, and what is sent twice is there once") {
    Encoded value;
    value.as = EncodeAs::set;
    value.parts = {"1", "2", "3", "4", "2", "-32768", "32767", "1"};
    CHECK(collection_memory({}, value) == allocated_size(8 + 6 * 2));
    value.parts = {"1", "2", "3", "4", "32768"};
    CHECK(collection_memory({}, value) == allocated_size(8 + 5 * 4));
    value.parts = {"1", "2", "3", "4", "-2147483649"};
    CHECK(collection_memory({}, value) == allocated_size(8 + 5 * 8));
    value.as = EncodeAs::hash;
    value.parts = {"f", std::string_view("1234567890a"), "f", "1"};
    CHECK(collection_memory({}, value) == allocated_size(7 + 3 + 2));
}

TEST_CASE("small numbers are shared where no object needs a clock of its own") {
    Encoded value;
    value.as = EncodeAs::string;
    value.parts = {"9999"};
    ServerInfo redis = server("redis", "7.0.15");
    const auto memory = [&](const char* info) {
        redis.info = InfoFields(info);
        return key_memory(MemoryModel::of(redis), "k", value, false);
    };
    CHECK(memory("") == 32 + 8 + 16);
    CHECK(memory("maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n") == 32 + 8);
    CHECK(memory("maxmemory:9\r\nmaxmemory_policy:allkeys-lru\r\n") == 32 + 8 + 16);
    CHECK(memory("maxmemory:9\r\nmaxmemory_policy:volatile-ttl\r\n") == 32 + 8);
    value.parts = {"10000"};
    CHECK(memory("maxmemory:0\r\nmaxmemory_policy:noeviction\r\n") == 32 + 8 + 16);
}
