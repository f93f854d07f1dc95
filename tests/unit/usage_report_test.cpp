#include "usage/report.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "support/text.hpp"

using namespace cachectl;
using cachectl::test::has;

namespace {

void add(Usage& usage, const std::string& key, std::optional<std::uint64_t> bytes) {
    KeyFacts facts;
    facts.key = key;
    facts.size_bytes = bytes;
    usage.add(facts);
}

void draw_by_lot(Usage& usage) {
    SampleOutcome sample;
    sample.drawn = usage.total().keys;
    sample.population = 100 * sample.drawn;
    usage.scale(sample);
}

UsageReport report_of(const Usage& usage) {
    return {.usage = usage, .server = "h:6379 db 0", .by = "namespace"};
}

std::string written(const std::function<void(Writer&)>& write) {
    std::string text;
    Writer out(text);
    write(out);
    out.flush();
    return text;
}

std::string folded(const Usage& usage) {
    return written([&](Writer& out) { write_usage_folded(out, report_of(usage)); });
}

std::string ncdu(const Usage& usage) {
    return written([&](Writer& out) { write_usage_ncdu(out, report_of(usage), 1'700'000'000); });
}

std::string prometheus(const Usage& usage) {
    return written([&](Writer& out) { write_usage_prometheus(out, report_of(usage)); });
}

std::string json(const UsageReport& report) {
    return written([&](Writer& out) {
        JsonWriter json(out, JsonLayout::compact);
        json.begin_object();
        write_usage_json(json, report);
        json.end_object();
    });
}

}  // namespace

TEST_CASE("names of frames have nothing in them that would end a frame or a line") {
    Usage usage({});
    add(usage, "a;b c\n\x7f:x", 7);
    add(usage, ":y", 5);
    add(usage, "b:z", 3);
    CHECK(folded(usage) == "a_b_c\\x0a\\x7f;x 7\n(empty);y 5\nb;z 3\n");
    CHECK(has(ncdu(usage), "\"name\":\"(empty)\""));
}

TEST_CASE("names of frames cannot send a terminal anything, and are UTF-8") {
    Usage usage({});
    add(usage,
        "\xc2\x9b"
        "2J:\u202ea",
        7);
    add(usage, "\xff:x", 5);
    add(usage, "\u00e9:x", 3);
    CHECK(folded(usage) == "\\xc2\\x9b2J;\\xe2\\x80\\xaea 7\n\\xff;x 5\n\u00e9;x 3\n");
}

TEST_CASE("keys that end where others go on are a line, and a file, of their own") {
    Usage usage({});
    add(usage, "a:b", 7);
    add(usage, "a:b:c", 5);
    const std::string text = ncdu(usage);
    CAPTURE(text);
    CHECK(has(text, R"({"name":"h:6379 db 0"})"));
    CHECK(has(folded(usage), "a;b;c 5\n"));
}

TEST_CASE("where no size is known, shares are of the keys, and sizes are not told") {
    Usage usage({});
    add(usage, "a:1", {});
    add(usage, "a:2", {});
    add(usage, "b:1", {});
    UsageReport report = report_of(usage);
    const std::string text = json(report);
    CHECK(has(text, R"("bytes":null)"));
    CHECK(has(text, R"("share":0.6666)"));
    CHECK(has(written([&](Writer& out) { write_usage_rows(out, report, Format::csv); }),
              "a,,,,2,2,2,2,0.666667"));
    CHECK_FALSE(has(prometheus(usage), "cachectl_du_bytes{"));
}

TEST_CASE("keys without memory have shares too, and no keys are no share") {
    Usage nothing({});
    CHECK(has(json(report_of(nothing)), R"("keys":0)"));
    CHECK(has(json(report_of(nothing)), R"("namespaces":[])"));
    Usage usage({});
    add(usage, "a:1", 0);
    add(usage, "b:1", 0);
    CHECK(has(json(report_of(usage)), R"("share":0.5)"));
}

TEST_CASE("of a sample the limits, and how many keys were looked at") {
    Usage usage({});
    for (int i = 0; i < 50; ++i) {
        add(usage, "a:" + std::to_string(i), static_cast<std::uint64_t>(100 + i));
    }
    CHECK(has(json(report_of(usage)), R"("sample_keys":null)"));
    CHECK_FALSE(has(json(report_of(usage)), "keys_low"));
    CHECK(has(prometheus(usage), "cachectl_du_sample_keys 50"));
    draw_by_lot(usage);
    CHECK(has(json(report_of(usage)), R"("sample_keys":50)"));
    CHECK(has(json(report_of(usage)), "keys_low"));
    CHECK(has(json(report_of(usage)), "bytes_high"));
    CHECK(has(prometheus(usage), "cachectl_du_sample_keys 50"));
}

TEST_CASE("series are of the largest two hundred namespaces, and one of the rest") {
    Usage usage({});
    for (int i = 0; i < 300; ++i) {
        add(usage,
            "n" + std::string(1, static_cast<char>('a' + i % 26)) +
                std::string(static_cast<std::size_t>(i) / 26, 'x') + ":k",
            static_cast<std::uint64_t>(1'000 - i));
    }
    add(usage, "(rest):is a name too", 1'000);
    const std::string text = prometheus(usage);
    CHECK(has(text, R"(cachectl_du_keys{namespace="na"} 1)"));
    const std::string rest = "cachectl_du_keys{namespace=\"(rest)\"} ";
    REQUIRE(has(text, rest));
    CHECK_FALSE(has(text.substr(text.find(rest) + 1), rest));
}

TEST_CASE("of the largest keys what is known") {
    Usage usage({});
    add(usage, "a:1", 7);
    UsageReport report = report_of(usage);
    report.largest = {{{"known", 9, std::chrono::milliseconds(5)}, "hash", 3},
                      {{"bare", 8, {}}, "", {}}};
    const std::string text = json(report);
    CHECK(has(text, R"("type":"hash","elements":3,"ttl_ms":5)"));
    CHECK(has(text, R"("type":null,"elements":null,"ttl_ms":null)"));
}
