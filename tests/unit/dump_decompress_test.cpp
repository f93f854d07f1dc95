#include "dump/decompress.hpp"

#include <doctest/doctest.h>

#include "dump/source.hpp"
#include "support/compressed.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

struct Unpacked {
    std::string text;
    std::string error;
    std::string hint;
    ExitCode code = ExitCode::ok;
    std::uint64_t bytes_read = 0;
    std::uint64_t offset = 0;
    std::size_t capacity = 0;
};

Unpacked unpack(const std::string& packed, std::size_t read_bytes = Source::k_read_bytes,
                const UnpackLimits& limits = {}) {
    const TextFile file(packed);
    Source source(file.fd(), "in", read_bytes);
    source.set_unpack_limits(limits);
    Unpacked result;
    try {
        while (source.fill()) {
            result.text += source.window();
            source.consume(source.window().size());
        }
        CHECK_FALSE(source.fill());
        CHECK(source.size() == packed.size());
    } catch (const Error& error) {
        result.error = error.what();
        result.hint = error.hint();
        result.code = error.code();
    }
    result.bytes_read = source.bytes_read();
    result.offset = source.offset();
    result.capacity = source.capacity();
    return result;
}

std::string lines(int count = 2000) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{} {}\n", i, i * 7919 % 1013);
    }
    return text;
}

}  // namespace

TEST_CASE("gzip and zstd are unpacked, whatever the size of the reads") {
    const std::string text = lines();
    for (const std::string& packed : {gzipped(text), zstd_packed(text)}) {
        for (const std::size_t bytes : {1, 2, 3, 5, 100, 4096, 1000000}) {
            CAPTURE(bytes);
            const Unpacked result = unpack(packed, bytes);
            CHECK(result.error == "");
            CHECK(result.text == text);
            CHECK(result.bytes_read == packed.size());
            CHECK(result.offset == text.size());
            CHECK(result.capacity <= 2 * bytes + 2);
        }
    }
}

TEST_CASE("members and frames in a row are one text; zeros may follow gzip") {
    CHECK(unpack(gzipped("ab") + gzipped("") + gzipped("c")).text == "abc");
    CHECK(unpack(zstd_packed("ab") + zstd_packed("") + zstd_packed("c")).text == "abc");
    const Unpacked padded = unpack(gzipped("ab") + std::string(1000, '\0'), 7);
    CHECK(padded.error == "");
    CHECK(padded.text == "ab");
}

TEST_CASE("nothing compressed is nothing") {
    CHECK(unpack(gzipped("")).text == "");
    CHECK(unpack(gzipped("")).error == "");
    CHECK(unpack(zstd_packed("")).error == "");
    CHECK(read_all(gzipped("")).error == "cannot read in: it is empty");
}

TEST_CASE("what is cut is bad input, at every byte") {
    const std::string text = lines(300);
    for (const std::string& packed : {gzipped(text), zstd_packed(text)}) {
        const std::string name = packed[0] == '\x1f' ? "gzip" : "zstd";
        for (std::size_t cut = 4; cut < packed.size(); ++cut) {
            CAPTURE(cut);
            const Unpacked result = unpack(packed.substr(0, cut));
            REQUIRE(result.error ==
                    "cannot read in: its " + name + " data ends too early: was it cut?");
            REQUIRE(result.code == ExitCode::bad_input);
            REQUIRE(text.starts_with(result.text));
        }
        CHECK(unpack(packed + packed.substr(0, 10)).error != "");
    }
}

TEST_CASE("what is damaged is bad input") {
    std::string gzip = gzipped(lines());
    gzip[gzip.size() - 6] ^= 1;
    CHECK(unpack(gzip).error == "cannot read in: its gzip data is damaged: incorrect data check");
    CHECK(unpack(gzipped("a") + "garbage").error ==
          "cannot read in: its gzip data is damaged: incorrect header check");
    std::string zstd = zstd_packed(lines());
    zstd[zstd.size() - 1] ^= 1;
    CHECK(unpack(zstd).error ==
          "cannot read in: its zstd data is damaged: Restored data doesn't match checksum");
    CHECK(unpack(zstd_packed("a") + "garbage").code == ExitCode::bad_input);
}

TEST_CASE("a bomb is stopped by a guard") {
    const std::string bomb = zstd_packed(std::string(50 * 1024 * 1024, ' '));
    const Unpacked result = unpack(bomb);
    CHECK(result.code == ExitCode::guard);
    CHECK(result.error == "in unpacks to more than 1000 times its size: is it a bomb?");
    CHECK(result.hint == "if it is none, --max-unpacked SIZE says how large it may become");
    CHECK(result.text.size() >= 1024 * 1024);
    CHECK(result.text.size() < 10 * 1024 * 1024);
    CHECK(unpack(bomb, Source::k_read_bytes, {.max_ratio = 100000}).text.size() ==
          50 * 1024 * 1024);
    // The first MiB may be whatever it is.
    CHECK(unpack(zstd_packed(std::string(1024 * 1024, ' '))).error == "");
    const Unpacked large = unpack(gzipped(lines()), 1000, {.max_bytes = 10 * 1024});
    CHECK(large.code == ExitCode::guard);
    CHECK(large.error == "in unpacks to more than 10.0 KiB");
    CHECK(large.hint == "--max-unpacked SIZE allows more");
    CHECK(large.text.size() <= 10 * 1024);
}

TEST_CASE("what only begins like compressed data is text") {
    CHECK(unpack("(").text == "(");
    CHECK(unpack("(\xB5\x2F").text == "(\xB5\x2F");
    CHECK(unpack("\x1F\x8B").text == "\x1F\x8B");
    CHECK(unpack("(1,2)", 1).text == "(1,2)");
    CHECK(recognise_packing("") == Packing::undecided);
    CHECK(recognise_packing("\x1f\x8b\x08") == Packing::gzip);
    CHECK(recognise_packing("\x1f\x8b\x09") == Packing::none);
    CHECK(recognise_packing("[") == Packing::none);
}

TEST_CASE("every format is read from gzip and zstd") {
    for (const std::string text :
         {"[{\"a\":1}]", "a,b\n1,2\n", "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n"}) {
        CAPTURE(text);
        const DumpReading plain = read_all(text);
        REQUIRE(plain.records == 1);
        for (const std::string& packed : {gzipped(text), zstd_packed(text)}) {
            CHECK(read_all(packed).rows == plain.rows);
            CHECK(read_all(packed).format == plain.format);
            CHECK(read_all(packed, {}, 1).rows == plain.rows);
        }
    }
}

TEST_CASE("the place of a mistake is that in the unpacked text") {
    CHECK(read_all(gzipped("[{\"a\":1},\n}")).error == read_all("[{\"a\":1},\n}").error);
}
