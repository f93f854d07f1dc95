// Every reader against every cut of its input and every size of read: a cut never makes a row that
// was not there, and where the reads end never makes a difference.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "dump/reader.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

struct Fixture {
    std::string file;
    ReaderOptions options;  // say the format, for what a few bytes look like is another matter
    std::string format_name;
    int records;
    /// Need the file not end with a line end? Then a cut in its last field cannot be seen; the
    /// reader warns of it.
    bool open_ended = false;
};

const Fixture k_fixtures[] = {
    {"records.json", {.format = DumpFormat::json}, "JSON array", 5},
    {"entries.json", {.format = DumpFormat::json}, "JSON object", 6},
    {"records.ndjson", {.format = DumpFormat::ndjson}, "NDJSON", 6},
    {"pretty.json", {.lone_object = LoneObject::record}, "JSON objects", 3},
    {"records.csv", {.format = DumpFormat::csv}, "CSV", 5, true},
    {"records.tsv", {.format = DumpFormat::tsv}, "TSV as COPY writes it", 4, true},
};

std::string read_file(const std::string& name) {
    std::ifstream file(std::string(CACHECTL_SOURCE_DIR) + "/tests/data/" + name, std::ios::binary);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The beginning of `rows` up to the last row.
std::string_view without_last_row(std::string_view rows) {
    if (!rows.empty()) {
        rows.remove_suffix(1);
    }
    const std::size_t end = rows.rfind('\n');
    return end == std::string_view::npos ? std::string_view() : rows.substr(0, end + 1);
}

}  // namespace

TEST_CASE("the fixtures are recognised and read whole") {
    for (const Fixture& fixture : k_fixtures) {
        CAPTURE(fixture.file);
        const DumpReading reading = read_all(read_file(fixture.file));
        CHECK(reading.error == "");
        CHECK(reading.format == fixture.format_name);
        CHECK(reading.records == fixture.records);
        CHECK(reading.rows == read_all(read_file(fixture.file), fixture.options).rows);
    }
}

TEST_CASE("where the reads end makes no difference") {
    for (const Fixture& fixture : k_fixtures) {
        CAPTURE(fixture.file);
        const std::string text = read_file(fixture.file);
        const DumpReading whole = read_all(text);
        for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
            CAPTURE(bytes);
            const DumpReading pieces = read_all(text, {}, bytes);
            REQUIRE(pieces.rows == whole.rows);
            REQUIRE(pieces.error == whole.error);
            REQUIRE(pieces.format == whole.format);
        }
    }
}

TEST_CASE("where the reads end makes no difference to what is refused either") {
    for (const std::string_view text :
         {"[{\"a\":1},{\"a\":x},\n{\"a\":1", "{\"a\":1}\n{\"a\"\n{\"a\":2}\n{\"b",
          "{\"a\":1\n{\"a\":2}\n", "{\"a\":[1}\n{\"a\":2}\n", "a,b\n1\n\"x\ny",
          "{\"a\":1,\n\"b\" 2}", "a,b\n\"1\"\r\n\"2\"\rx,1\n", "{\"k\":\"\\ud800\",\"l\":[}]}",
          "[{}]\n x"}) {
        CAPTURE(text);
        const DumpReading whole = read_all(text);
        for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
            CAPTURE(bytes);
            const DumpReading pieces = read_all(text, {}, bytes);
            REQUIRE(pieces.rows == whole.rows);
            REQUIRE(pieces.error == whole.error);
        }
    }
}

TEST_CASE("a cut never makes a row that was not there") {
    for (const Fixture& fixture : k_fixtures) {
        CAPTURE(fixture.file);
        const std::string text = read_file(fixture.file);
        const std::string whole = read_all(text, fixture.options).rows;
        for (std::size_t cut = 0; cut < text.size(); ++cut) {
            CAPTURE(cut);
            const DumpReading reading = read_all(text.substr(0, cut), fixture.options);
            if (reading.format == "JSON object" && fixture.format_name == "JSON objects") {
                REQUIRE(reading.error != "");  // the first object itself is cut
                continue;
            }
            std::string_view sound = reading.rows;
            if (fixture.open_ended && !reading.warning.empty()) {
                sound = without_last_row(sound);
            }
            if (const std::size_t bad = sound.find(": BAD"); bad != std::string_view::npos) {
                const std::size_t before = sound.rfind('\n', bad);
                sound = sound.substr(0, before == std::string_view::npos ? 0 : before + 1);
            }
            REQUIRE(whole.starts_with(sound));
        }
    }
}

TEST_CASE("a cut array or object is always seen") {
    for (const std::string file : {"records.json", "entries.json"}) {
        CAPTURE(file);
        const std::string text = read_file(file);
        const std::size_t end = text.find_last_of("]}");
        for (std::size_t cut = 0; cut <= end; ++cut) {
            CAPTURE(cut);
            REQUIRE(read_all(text.substr(0, cut)).error != "");
        }
        CHECK(read_all(text.substr(0, end + 1)).error == "");
    }
}

TEST_CASE("a cut file whose format is not said is read or refused") {
    for (const Fixture& fixture : k_fixtures) {
        CAPTURE(fixture.file);
        const std::string text = read_file(fixture.file);
        for (std::size_t cut = 0; cut < text.size(); ++cut) {
            CAPTURE(cut);
            const DumpReading reading = read_all(text.substr(0, cut));  // throws at any other error
            REQUIRE(!(reading.error.empty() && reading.format.empty()));
        }
    }
}
