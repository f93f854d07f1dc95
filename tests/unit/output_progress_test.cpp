#include "output/progress.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

const Progress::TimePoint k_start{1h};

Display wide(std::size_t columns, Glyphs glyphs = Glyphs::unicode) {
    return {.columns = columns, .glyphs = glyphs, .paint = {}};
}

/// What one update draws, two seconds after the start.
std::string drawn(const Display& display, std::optional<double> fraction, std::uint64_t count) {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, display, "deleting", "keys", k_start);
    progress.update(fraction, count, k_start + 2s);
    return std::string(text);  // a copy: the line is cleared at the end
}

std::string line(std::string_view text) { return "\r" + std::string(text) + "\x1b[K"; }

}  // namespace

TEST_CASE("the line has a bar, the fraction, the count, the rate and the time left") {
    CHECK(drawn(wide(100), 0.47, 470'112) ==
          line("deleting  ███████████▎               47 %  470,112 keys  235k/s  ETA 3s"));
    CHECK(drawn(wide(100, Glyphs::ascii), 0.5, 1000) ==
          line("deleting  ############               50 %  1,000 keys  500/s  ETA 2s"));
}

TEST_CASE("work that is measured in bytes tells their rate too") {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, wide(100), "warming", "records", k_start);
    progress.update(0.5, 470'112, k_start + 2s, 100 * 1024 * 1024);
    CHECK(text == line("warming  ████████████               50 %  470,112 records  235k/s  50.0 "
                       "MiB/s  ETA 2s"));
    text.clear();
    progress.update(std::nullopt, 470'112, k_start + 4s, 100 * 1024 * 1024);
    CHECK(text == line("warming  470,112 records  118k/s  25.0 MiB/s"));
}

TEST_CASE("a search tells what it has found besides what it has looked at") {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, wide(100), "listing", "looked at", k_start);
    progress.update(0.5, 188'000, k_start + 4s, std::nullopt, 3);
    CHECK(text ==
          line("listing  ████████████               50 %  188,000 looked at  3 found  47k/s  "
               "ETA 4s"));
}

TEST_CASE("a window that is made narrower gets narrower lines") {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
    std::size_t columns = 100;
    progress.follow_width([&] { return columns; });
    progress.update(0.5, 1'000, k_start + 2s);
    columns = 30;
    text.clear();
    progress.update(0.6, 1'200, k_start + 4s);
    CHECK(text == line("deleting   60 %  1,200 keys"));
}

TEST_CASE("100 % is said only at the end, and then nothing is left to wait for") {
    CHECK(drawn(wide(100), 0.9999, 10) ==
          line("deleting  ███████████████████████▉   99 %  10 keys  5/s  ETA 1s"));
    CHECK(drawn(wide(100), 1, 10) ==
          line("deleting  ████████████████████████  100 %  10 keys  5/s"));
    CHECK(drawn(wide(100), 1.7, 10) ==
          line("deleting  ████████████████████████  100 %  10 keys  5/s"));
}

TEST_CASE("where there is no end in sight there is no bar and no ETA") {
    CHECK(drawn(wide(100), std::nullopt, 4200) == line("deleting  4,200 keys  2.1k/s"));
    CHECK(drawn(wide(100), 0, 0) == line("deleting                              0 %  0 keys  0/s"));
    CHECK(drawn(wide(100), 1e-9, 1) ==
          line("deleting  ▏                           0 %  1 keys  0/s"));
}

TEST_CASE("on a narrow terminal first the bar gets shorter, then the last figures go") {
    CHECK(drawn(wide(56), 0.5, 1000) ==
          line("deleting  █████▌        50 %  1,000 keys  500/s  ETA 2s"));
    CHECK(drawn(wide(48), 0.5, 1000) == line("deleting   50 %  1,000 keys  500/s  ETA 2s"));
    CHECK(drawn(wide(40), 0.5, 1000) == line("deleting   50 %  1,000 keys  500/s"));
    CHECK(drawn(wide(20), 0.5, 1000) == line("deleting   50 %"));
    CHECK(drawn(wide(6), 0.5, 1000) == line("delet"));
    CHECK(drawn(wide(1), 0.5, 1000) == line(""));
}

TEST_CASE("work that is soon over draws nothing") {
    std::string text;
    Writer err(text);
    {
        Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
        progress.update(0.5, 10, k_start + 199ms);
        progress.clear();
    }
    CHECK(text == "");
}

TEST_CASE("the line is drawn at most ten times a second") {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
    int draws = 0;
    for (int ms = 0; ms < 2000; ++ms) {
        text.clear();
        progress.update(ms / 2000.0, static_cast<std::uint64_t>(ms), k_start + ms * 1ms);
        draws += text.empty() ? 0 : 1;
    }
    CHECK(draws == 18);  // from 200 ms on, each 100 ms
}

TEST_CASE("rate and ETA are those of the last five seconds") {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
    for (int s = 1; s <= 10; ++s) {
        progress.update(0.01 * s, 100U * s, k_start + s * 1s);
    }
    for (int s = 1; s <= 5; ++s) {
        text.clear();
        progress.update(0.1 + 0.1 * s, 1000U + 1000U * s, k_start + (10 + s) * 1s);
    }
    CHECK(text == line("deleting  ██████████████▍            60 %  6,000 keys  1.0k/s  ETA 4s"));
}

TEST_CASE("a walk that starts again shows no negative rate") {
    std::string text;
    Writer err(text);
    Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
    progress.update(0.5, 1000, k_start + 10s);
    progress.update(0.6, 1200, k_start + 16s);
    text.clear();
    progress.update(0.25, 900, k_start + 17s);
    CHECK(text == line("deleting  ██████                     25 %  900 keys  0/s"));
}

TEST_CASE("clearing takes the line away once, and the next update draws it again") {
    std::string text;
    Writer err(text);
    {
        Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
        progress.update(std::nullopt, 10, k_start + 1s);
        text.clear();
        progress.clear();
        CHECK(text == "\r\x1b[K");
        progress.clear();
        CHECK(text == "\r\x1b[K");
        text.clear();
        progress.update(std::nullopt, 20, k_start + 2s);
        CHECK(text == line("deleting  20 keys  10/s"));
        text.clear();
    }
    CHECK(text == "\r\x1b[K");
}

TEST_CASE("a progress without a terminal draws nothing") {
    Progress progress;
    progress.update(0.5, 10, k_start + 10s);
    progress.clear();
}

TEST_CASE("the work goes on when stderr cannot be written to") {
    const int fd = ::open("/dev/full", O_WRONLY);
    REQUIRE(fd >= 0);
    {
        Writer err(fd);
        Progress progress(err, Progress::Form::drawn, wide(100), "deleting", "keys", k_start);
        CHECK_NOTHROW(progress.update(0.5, 10, k_start + 1s));
        CHECK_NOTHROW(progress.update(0.6, 10, k_start + 2s));
        CHECK_NOTHROW(progress.clear());
    }
    ::close(fd);
}

TEST_CASE("in a log there is a line every 30 seconds, and it stays") {
    std::string text;
    Writer err(text);
    {
        Progress progress(err, Progress::Form::log, wide(40), "deleting", "keys", k_start);
        progress.update(0.05, 100, k_start + 29s);
        CHECK(text.empty());
        progress.update(0.25, 3000, k_start + 30s);
        progress.update(0.3, 3600, k_start + 59s);
        progress.update(0.5, 12'000, k_start + 60s);
        progress.clear();
    }
    CHECK(text ==
          "cachectl: deleting, 25 %, 3,000 keys, 100/s, ETA 1m 30s\n"
          "cachectl: deleting, 50 %, 12,000 keys, 300/s, ETA 1m\n");
}
