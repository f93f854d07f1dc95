// du's table on terminals of several widths, with names of every kind.
#include <doctest/doctest.h>

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
