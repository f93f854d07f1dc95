#include "change/usable_keys.hpp"

#include <doctest/doctest.h>

#include <map>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using cachectl::test::TempDir;

TEST_CASE("of names that stand in a file more than once the last counts, however many are held") {
    const TempDir dir;
    const std::string path = (dir.path() / "cut.rdb").string();
    {
        RdbWriter writer(path, {{std::string(k_aux_backup), "1"}});
        for (int round = 0; round < 3; ++round) {
            for (int key = 0; key < 40; key += round + 1) {
                const std::string value = std::string("\2") + char('a' + round) + "x";
                writer.add({.name = "key:" + std::to_string(key)},
                           make_dump_payload(RdbType::string, value, 9));
            }
            writer.commit();
        }
    }
    const RdbFile file(path);
    for (const std::uint64_t at_once : {1U, 7U, 1'000U}) {
        CAPTURE(at_once);
        const UsableKeys keys(file, check_rdb(file), Repeated::maybe, at_once);
        CHECK(keys.keys() == 40);
        std::map<std::string, std::string> found;
        keys.each([&](const RdbKey& key) {
            CHECK(found.emplace(key.name, file.bytes(key.value_offset, key.value_bytes)).second);
            return true;
        });
        REQUIRE(found.size() == 40);
        CHECK(found.at("key:1").find('a') != std::string::npos);
        CHECK(found.at("key:2").find('b') != std::string::npos);
        CHECK(found.at("key:6").find('c') != std::string::npos);
    }
}
