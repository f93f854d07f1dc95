// du's table on terminals of several widths, with names of every kind.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "support/text.hpp"
#include "usage/report.hpp"
#include "util/text.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

void add(Usage& usage, const std::string& name, int keys, std::uint64_t bytes, bool expires) {
    for (int i = 0; i < keys; ++i) {
        KeyFacts facts;
        facts.key = name + ":" + std::to_string(i);
        facts.size_bytes = bytes;
        if (expires) {
            facts.ttl = 60s;
        }
        usage.add(facts);
    }
}

void fill(Usage& usage) {
    add(usage, "tmp:export:2026-11-28", 900, 70'000, false);
    add(usage, "会话:用户", 300, 9'000, true);
    add(usage, "🎉party", 40, 20'000, true);
    add(usage, "odd\x1b[2J\n\xff", 10, 500, false);
    add(usage, "a-very-long-name-of-a-namespace-that-somebody-thought-of-in-a-hurry", 5, 700'000,
        true);
    for (int i = 0; i < 30; ++i) {
        add(usage, "small" + std::string(1, char('a' + i % 26)) + std::string(i / 26, 'x'), 1, 50,
            true);
    }
}

std::string screen(std::size_t columns, bool sampled, Glyphs glyphs = Glyphs::unicode) {
    Usage usage({});
    fill(usage);
    if (sampled) {
        SampleOutcome sample;
        sample.drawn = usage.total().keys;
        sample.population = 2'000;
        usage.scale(sample);
    }
    UsageReport report{.usage = usage, .server = "cache.internal:6379 db 0", .by = "namespace"};
    report.used_bytes = 400'000'000;
    report.max_bytes = 500'000'000;
    report.keys_bytes = 90'000'000'000;
    report.elapsed = 300ms;
    report.exact_takes = 6s;
    report.largest = {{{"user:index", 5'000'000, {}}, "hash", 100'000},
                      {{"ramq:codes:all\x1b[31m", 4'000'000, 1h}, "string", 4'000'000}};
    std::string text;
    Writer out(text);
    write_usage_table(out, {.columns = columns, .glyphs = glyphs, .paint = {}}, report);
    out.flush();
    return text;
}

}  // namespace

TEST_CASE("no line is wider than the terminal, and no name sends it anything") {
    for (const std::size_t columns : {60, 80, 100, 160}) {
        for (const bool sampled : {false, true}) {
            const std::string text = screen(columns, sampled);
            CAPTURE(columns);
            CAPTURE(text);
            std::size_t from = 0;
            while (from < text.size()) {
                const std::size_t end = text.find('\n', from);
                const std::string line = text.substr(from, end - from);
                // A command is to be copied: it is not broken.
                CHECK((display_width(line) <= columns || line.starts_with("next: ")));
                from = end + 1;
            }
            CHECK(text.find('\x1b') == std::string::npos);
            CHECK(text.find('\xff') == std::string::npos);
            CHECK(text.find("会话") != std::string::npos);
        }
    }
}

/// On one line, for sentences that go on in another.
std::string unwrapped(std::string text) {
    replace_all(text, "\n  ", " ");
    return text;
}

TEST_CASE("what the table says") {
    const std::string text = screen(100, false);
    CAPTURE(text);
    CHECK(text.find("1,285 keys") != std::string::npos);
    CHECK(text.find("└ export:2026-11-28") != std::string::npos);
    CHECK(text.find("and 15 more with") != std::string::npos);
    CHECK(text.find("user:index") != std::string::npos);
    CHECK(text.find("100,000") != std::string::npos);
    CHECK(text.find("next: cachectl expire 'tmp:*' --cap 1h --jitter 20% --dry-run") !=
          std::string::npos);
    const std::string sampled = unwrapped(screen(100, true));
    CHECK(sampled.find("LARGEST KEYS MET") != std::string::npos);
    CHECK(sampled.find("--exact looks at all, in about 6s at normal pace") != std::string::npos);
    CHECK(sampled.find("more in use than the sample accounts for") != std::string::npos);
    CHECK(sampled.find("±") != std::string::npos);
}

TEST_CASE("a terminal without other characters gets none") {
    const std::string text = screen(80, false, Glyphs::ascii);
    CHECK(text.find("█") == std::string::npos);
    CHECK(text.find("└") == std::string::npos);
    CHECK(text.find("####") != std::string::npos);
}

namespace {

std::string drawn(const UsageReport& report, std::size_t columns = 100) {
    std::string text;
    Writer out(text);
    write_usage_table(out, {.columns = columns, .glyphs = Glyphs::ascii, .paint = {}}, report);
    out.flush();
    return text;
}

UsageReport bare(const Usage& usage) {
    return {.usage = usage, .server = "h:6379 db 0", .by = "namespace"};
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Without sizes, as of a user who may not ask for them.
void add_unsized(Usage& usage, const std::string& name, int keys) {
    for (int i = 0; i < keys; ++i) {
        KeyFacts facts;
        facts.key = name + ":" + std::to_string(i);
        usage.add(facts);
    }
}

}  // namespace

TEST_CASE("an empty database is one line") {
    const Usage usage({});
    CHECK(drawn(bare(usage)) == "h:6379 db 0, 0 keys\n");
}

TEST_CASE("where no size is known the keys are what counts") {
    Usage usage({});
    for (int i = 0; i < 30; ++i) {
        add_unsized(usage, "n" + std::string(static_cast<std::size_t>(i) + 1, 'x'), 40 - i);
    }
    UsageReport report = bare(usage);
    report.max_bytes = 0;
    const std::string text = drawn(report);
    CAPTURE(text);
    CHECK_FALSE(says(text, "MEMORY"));
    CHECK_FALSE(says(text, "allowed"));
    CHECK_FALSE(says(text, "next: "));
    CHECK_FALSE(says(text, "is not known"));
    CHECK(says(text, "of the keys"));

    SampleOutcome sample;
    sample.drawn = usage.total().keys;
    sample.population = 2 * sample.drawn;
    usage.scale(sample);
    report.keys_bytes = 90'000'000'000;
    const std::string sampled = unwrapped(drawn(report));
    CHECK(says(sampled, "drawn by lot"));
    CHECK_FALSE(says(sampled, "±"));
    CHECK_FALSE(says(sampled, "more in use"));
}

TEST_CASE("some sizes that are not known are counted") {
    Usage usage({});
    add(usage, "a", 10, 100, true);
    add_unsized(usage, "b", 3);
    CHECK(says(drawn(bare(usage)), "the size of 3 keys is not known"));
}

TEST_CASE("what is written to a file is as wide as it likes to be") {
    const std::string text = screen(0, true, Glyphs::ascii);
    CHECK(says(text, "AVG KEY"));
    CHECK(says(text, "95 %"));
    CHECK(says(text, "####"));
}

TEST_CASE("one namespace, and a narrow terminal, have no strip") {
    Usage usage({});
    add(usage, "only", 10, 100, true);
    const std::string one = drawn(bare(usage));
    CHECK_FALSE(says(one, "##\n"));
    add(usage, "other", 10, 100, true);
    CHECK(says(drawn(bare(usage)), "## ####"));
    CHECK_FALSE(says(drawn(bare(usage), 39), "## ####"));
}

TEST_CASE("what a sample explains is no gap") {
    Usage usage({});
    add(usage, "a", 50, 1'000, true);
    SampleOutcome sample;
    sample.drawn = 50;
    sample.population = 100;
    usage.scale(sample);
    UsageReport report = bare(usage);
    CHECK_FALSE(says(drawn(report), "more in use"));
    report.keys_bytes = 100'000;
    CHECK_FALSE(says(drawn(report), "more in use"));
    report.keys_bytes = 100'000'000;
    CHECK(says(drawn(report), "more in use"));
    report.of_all = false;
    CHECK_FALSE(says(drawn(report), "more in use"));
}

TEST_CASE("what is next is of a namespace that grows, and of nothing else") {
    const auto next = [](const std::string& name, int keys, bool expires, const char* by) {
        Usage usage({});
        add(usage, name, keys, 1'000, expires);
        UsageReport report = bare(usage);
        report.by = by;
        return says(drawn(report), "next: cachectl expire");
    };
    CHECK(next("a", 5, false, "namespace"));
    CHECK_FALSE(next("a", 5, false, "type"));
    CHECK_FALSE(next("a", 5, true, "namespace"));
    CHECK_FALSE(next("a", 1, false, "namespace"));
    CHECK_FALSE(next("", 5, false, "namespace"));
    CHECK_FALSE(next("17", 5, false, "namespace"));
    CHECK_FALSE(next("(x", 5, false, "namespace"));
}

TEST_CASE("a key of an unknown type, and large keys that do not stand out") {
    Usage usage({});
    add(usage, "a", 10, 1'000, true);
    UsageReport report = bare(usage);
    report.largest = {{{"big", 5'000, {}}, "", {}}, {{"small", 1, {}}, "set", 1}};
    const std::string text = drawn(report);
    CAPTURE(text);
    CHECK(says(text, "LARGEST KEYS"));
    CHECK(says(text, "big"));
    CHECK_FALSE(says(text, "small"));
    report.largest = {{{"small", 1, {}}, "set", 1}};
    CHECK_FALSE(says(drawn(report), "LARGEST KEYS"));
}
