#include "restore/value_slices.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "rdb/writer.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

using Words = std::vector<std::string>;

/// A file of one key.
class OneKey {
public:
    template <typename Write>
    OneKey(RdbType type, const Write& write) : m_file(written(type, write)) {}

    [[nodiscard]] std::vector<ValueSlice> slices() const {
        RdbReader reader = m_file.reader();
        while (reader.next() != RdbItem::key) {
        }
        std::vector<ValueSlice> all;
        ValueSlices slices(m_file, reader.key());
        while (auto slice = slices.next()) {
            all.push_back(std::move(*slice));
        }
        return all;
    }

private:
    template <typename Write>
    RdbFile written(RdbType type, const Write& write) {
        const std::string path = (m_dir.path() / "backup.rdb").string();
        RdbWriter writer(path, {});
        writer.begin({.name = "k"}, type);
        write(writer);
        writer.commit();
        writer.finish();
        return RdbFile(path);
    }

    TempDir m_dir;
    RdbFile m_file;
};

/// All words of all slices, which have to be of that verb.
Words words_of(const std::vector<ValueSlice>& slices, std::string_view verb) {
    Words words;
    for (const ValueSlice& slice : slices) {
        CHECK(slice.verb == verb);
        CHECK(slice.words.size() <= ValueSlices::k_most_words + 1);
        words.insert(words.end(), slice.words.begin(), slice.words.end());
    }
    return words;
}

}  // namespace

TEST_CASE("a string is appended in pieces of 256 KiB") {
    const std::string text(600'000, 'x');
    const auto slices =
        OneKey(RdbType::string, [&](RdbWriter& to) { to.add_string(text); }).slices();
    REQUIRE(slices.size() == 3);
    CHECK(slices[0].words == Words{text.substr(0, 262'144)});
    CHECK(slices[2].words == Words{text.substr(524'288)});
    CHECK(slices[2].bytes == 600'000 - 524'288);
}

TEST_CASE("lists, sets and hashes are built of their elements, in their order") {
    const auto add_numbers = [](RdbWriter& to, int words, int words_of_an_element) {
        to.add_length(static_cast<std::uint64_t>(words / words_of_an_element));
        for (int i = 0; i < words; ++i) {
            to.add_string("element " + std::to_string(i));
        }
    };
    for (const auto& [type, verb] :
         {std::pair(RdbType::list, "RPUSH"), std::pair(RdbType::set, "SADD"),
          std::pair(RdbType::hash, "HSET")}) {
        const int size = type == RdbType::hash ? 2 : 1;
        const auto slices =
            OneKey(type, [&](RdbWriter& to) { add_numbers(to, 1'200, size); }).slices();
        CHECK(slices.size() == 3);
        const Words words = words_of(slices, verb);
        REQUIRE(words.size() == 1'200);
        CHECK(words.front() == "element 0");
        CHECK(words.back() == "element 1199");
    }
}

TEST_CASE("a sorted set's scores come first, and exactly") {
    const auto slices = OneKey(RdbType::zset_2, [](RdbWriter& to) {
                            to.add_length(4);
                            const std::pair<const char*, double> members[] = {
                                {"a", 0.1}, {"b", -1.5e300}, {"c", 1.0 / 3}, {"d", -HUGE_VAL}};
                            for (const auto& [member, score] : members) {
                                to.add_string(member);
                                to.add_score(score);
                            }
                        }).slices();
    CHECK(words_of(slices, "ZADD") == Words{"0.10000000000000001", "a", "-1.5000000000000001e+300",
                                            "b", "0.33333333333333331", "c", "-inf", "d"});
}

TEST_CASE("a slice ends behind 256 KiB too") {
    const auto slices = OneKey(RdbType::list, [](RdbWriter& to) {
                            to.add_length(5);
                            for (int i = 0; i < 5; ++i) {
                                to.add_string(std::string(200'000, 'x'));
                            }
                        }).slices();
    REQUIRE(slices.size() == 3);
    CHECK(slices[0].words.size() == 2);
    CHECK(slices[2].words.size() == 1);
}

TEST_CASE("types that are stored as a whole are not sliced") {
    CHECK(ValueSlices::are_possible(RdbType::hash));
    CHECK_FALSE(ValueSlices::are_possible(RdbType::stream_listpacks_3));
    CHECK_FALSE(ValueSlices::are_possible(RdbType::list_quicklist_2));
    CHECK_FALSE(ValueSlices::are_possible(RdbType::hash_listpack_ex));
}
