// Every example of README.md and of the manual pages is run, as it stands, and does what is said.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

#include "support/doc_examples.hpp"
#include "support/example_shape.hpp"
#include "support/example_stage.hpp"

using namespace cachectl::test;

namespace {

const Readme& readme() {
    static const Readme read = parse_readme(read_file(CACHECTL_SOURCE_DIR "/README.md"));
    return read;
}

/// An example that does not end with 0 by itself: it needs a person, or says otherwise.
struct Special {
    std::string_view page;     // or the beginning of its name
    std::string_view command;  // without the comment behind it
    int exit_code;
    Person person;  // types nothing: there is no terminal
    std::string_view why;
};

constexpr Person k_nobody{};
constexpr Person k_yes{"[y/N] ", "y\n", ""};
constexpr Person k_quits{"q quits", "q", ""};

constexpr std::array k_special = {
    Special{"", "cachectl invalidate 'course:*'", 0, k_yes, "asks"},
    Special{"", "cachectl invalidate 'course:*' --spread 10m", 0, k_yes, "asks"},
    Special{"", "cachectl restore courses.rdb 'course:draft:*'", 0, k_yes, "asks"},
    Special{"", "cachectl apply clear.json", 0, k_yes, "asks"},
    Special{"", "cachectl apply courses.json", 0, k_yes, "asks"},
    Special{"", "cachectl apply clear.json --tolerance 1%", 0, k_yes, "asks"},
    Special{"README",
            "cachectl -h cache.internal invalidate 'dispatches:list:*' --protect 'sess:*' "
            "--max-keys 5000",
            0, k_yes, "asks"},
    Special{"README", "cachectl -h cache.internal flush course tenant", 0, k_yes, "asks"},
    Special{"README", "cachectl -h cache.internal expire 'fleet:*' --cap 60s --jitter 20%", 0,
            k_yes, "asks"},
    Special{"", "cachectl expire '*' --all --no-ttl --set 1d --protect 'queue:*'", 0, k_yes,
            "asks"},
    Special{"",
            "cachectl flush --whole-db --protect 'sess:*' --protect 'bull:*'",
            0,
            {"Type the server's name, 127.0.0.1, to go on: ", "127.0.0.1\n", ""},
            "asks for more than a yes"},
    Special{"", "cachectl warm --manifest m.json --set release=v42 --switch c:now --sync 'c:*'", 0,
            k_yes, "asks"},
    Special{"",
            "cachectl capabilities --user deploy --askpass --json",
            0,
            {"assword", "secret\n", ""},
            "asks for the password"},
    Special{"", "cachectl stats --watch", 0, k_quits, "goes on until somebody ends it"},
    Special{"README", "cachectl -h cache.internal stats --watch", 0, k_quits, "goes on"},
    Special{"",
            "cachectl stats --watch 10s -o ndjson >> stats.ndjson",
            130,
            {"", "\x03", "stats.ndjson"},
            "goes on until Ctrl-C"},
    Special{"cachectl-audit(1)", "cachectl audit --policy keys.json", 1, k_nobody,
            "finds keys of no rule"},
    Special{"cachectl-audit(1)", "cachectl audit --policy keys.json --exact -o junit > audit.xml",
            1, k_nobody, "finds keys of no rule"},
    Special{"cachectl-audit(1)", "cachectl audit --policy keys.json -o json > known.json", 1,
            k_nobody, "finds keys of no rule"},
    Special{"cachectl-policy(5)", "cachectl audit --policy keys.json", 1, k_nobody,
            "finds what it shows"},
    Special{"cachectl-policy(5)", "cachectl audit --policy keys.json -o json > known.json", 1,
            k_nobody, "finds it again"},
    Special{"README", "cachectl flush '' --yes", 8, k_nobody, "is refused, as shown"},
};

/// What a test cannot run, and why.
struct NotRun {
    std::string_view command;
    std::string_view why;
};

constexpr std::array k_not_run = {
    NotRun{"git clone", "needs the network"},
    NotRun{"./dev ", "builds and tests all there is"},
    NotRun{"cachectl COMMAND --help", "names no command"},
    NotRun{"cachectl audit-log verify FILE", "names no file"},
    NotRun{"cachectl keys KEY", "names no key"},
};

std::string without_comment(const std::string& command) {
    std::string text = command.substr(0, command.find(" # "));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

const Special* special_for(const std::string& page, const std::string& command) {
    const std::string text = without_comment(command);
    for (const Special& row : k_special) {
        if (row.command == text && page.starts_with(row.page)) {
            return &row;
        }
    }
    return nullptr;
}

const NotRun* reason_not_to_run(const std::string& command) {
    const auto row = std::find_if(k_not_run.begin(), k_not_run.end(), [&](const NotRun& known) {
        return command.starts_with(known.command);
    });
    return row == k_not_run.end() ? nullptr : row;
}

std::string joined(const std::set<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + '\n';
    }
    return text;
}

void check_output(const ShownCommand& shown, const ExampleRun& run) {
    std::string output = run.out;
    if (shown.output.find("(exit code ") != std::string::npos) {
        output += "(exit code " + std::to_string(run.exit_code) + ")\n";
    }
    CHECK(joined(shape_of(output)) == joined(shape_of(shown.output)));
}

ExampleRun run_one(ExampleStage& stage, const ShownCommand& shown, const Special* special) {
    if (special != nullptr && !special->person.types.empty()) {
        return stage.run(shown.text, special->person);
    }
    return shown.in_transcript ? stage.run(shown.text, k_nobody) : stage.run(shown.text);
}

void run_block(ExampleStage& stage, const ExampleBlock& block) {
    stage.begin(block);
    for (const ShownCommand& shown : block.commands) {
        if (reason_not_to_run(shown.text) != nullptr) {
            continue;
        }
        const Special* special = special_for(block.page, shown.text);
        const int expected = special != nullptr ? special->exit_code : 0;
        const ExampleRun run = run_one(stage, shown, special);
        INFO(block.page << ": " << shown.text << '\n' << run.out.substr(0, 4000) << run.err);
        CHECK(run.exit_code == expected);
        if (expected == 0) {
            CHECK(run.out.find("cachectl: error") == std::string::npos);
            CHECK(run.err.find("cachectl: error") == std::string::npos);
        }
        if (!shown.output.empty()) {
            check_output(shown, run);
        }
    }
}

}  // namespace

TEST_CASE("the examples of README.md") {
    ExampleStage stage(readme());
    CHECK(readme().blocks.size() > 10);
    for (const ExampleBlock& block : readme().blocks) {
        run_block(stage, block);
    }
}

TEST_CASE("the examples of the manual pages") {
    ExampleStage stage(readme());
    const auto blocks = man_examples();
    CHECK(blocks.size() > 60);
    for (const ExampleBlock& block : blocks) {
        run_block(stage, block);
    }
}

TEST_CASE("examples whose text tells of another end have it") {
    ExampleStage stage(readme());
    stage.begin({"README, A minute's tour", {}});  // none of these keys is there yet
    const auto code = [&](const char* command) { return stage.run(command).exit_code; };
    CHECK(code("cachectl invalidate 'course:*' --yes --expect 1..5000") == 8);
    CHECK(code("cachectl invalidate 'stale:*' --yes --fail-if-none") == 1);
    CHECK(code("cachectl flush \"$NS\" --yes") == 8);
    CHECK(code("cachectl invalidate \"$NS*\" --yes") == 8);
    CHECK(code("cachectl wait 'course:*' --min 1000 --within 10ms") == 1);

    CHECK(code("cachectl audit --suggest > keys.json") == 0);
    CHECK(code("cachectl audit --policy keys.json -o json > known.json") == 0);
    CHECK(code("cachectl warm courses.ndjson --key 'tenant:new:{id}'") == 0);
    CHECK(code("cachectl audit --policy keys.json --baseline known.json") == 1);
}

TEST_CASE("each JSON block of README.md is a file that an example reads") {
    const std::set<std::string> read_by_examples = {"contexts", "keys", "policy"};
    CHECK(readme().json.size() == read_by_examples.size());
    for (const std::string& text : readme().json) {
        CAPTURE(text);
        REQUIRE(text.starts_with("{\""));
        CHECK(read_by_examples.contains(text.substr(2, text.find('"', 2) - 2)));
    }
}

TEST_CASE("what is said about single examples is about some that exist") {
    std::vector<ExampleBlock> blocks = man_examples();
    blocks.insert(blocks.end(), readme().blocks.begin(), readme().blocks.end());
    std::set<const void*> met;
    for (const ExampleBlock& block : blocks) {
        for (const ShownCommand& shown : block.commands) {
            met.insert(special_for(block.page, shown.text));
            met.insert(reason_not_to_run(shown.text));
        }
    }
    for (const Special& row : k_special) {
        INFO(row.page << ": " << row.command);
        CHECK(met.contains(&row));
    }
    for (const NotRun& row : k_not_run) {
        INFO(row.command);
        CHECK(met.contains(&row));
    }
}
