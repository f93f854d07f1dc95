#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/parsed_option.hpp"
#include "commands/commands.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

using Words = std::vector<std::string>;

// What CLI11, a shell or a careless parser might take for something else.
const Words k_hostile = {"[ab]",  "[a,b]", "[*]",       "[]", "[[ab]]", "{}",    "%%",   "",
                         "-dash", "--yes", "--",        "-",  "a,b",    "\"q\"", "'q'",  "a=b",
                         "=x",    "true",  "\xff\x9b!", " ",  "@file",  "$HOME", "a\nb", "\\"};

// Of keys a flag, of warm a text: it stands behind the command.
constexpr std::string_view k_two_meanings = "--null";

/// The result of reading the words: the message of what is wrong, or "".
std::string problem_with(CommandTree& tree, const Words& words) {
    try {
        parse_command_line(tree, words);
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

std::string name_of(const CLI::Option& option) { return option.get_name(option.get_positional()); }

CLI::Option* find(CLI::App& app, const std::string& name) {
    for (CLI::Option* option : app.get_options())
        if (name_of(*option) == name) return option;
    return nullptr;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// What the option's variable holds, byte for byte, of an option that keeps text.
std::string kept(CLI::Option& option) { return option.capture_default_str()->get_default_str(); }

struct Place {
    std::string command;
    std::string option;  // "--limit" or "PATTERN"
    bool positional;
    Words forms;   // "-n", "--db"
    Words needed;  // the argument that the command requires besides
};

CLI::Option& option_at(CommandTree& tree, const Place& place) {
    CLI::Option* option = find(*tree.app->get_subcommand(place.command), place.option);
    return option != nullptr ? *option : *find(*tree.app, place.option);
}

std::vector<Place> all_places() {
    const auto tree = build_command_tree(command_table());
    std::vector<Place> places;
    for (const CommandEntry& entry : tree->commands) {
        const auto all = entry.app->get_options();
        const bool needs = std::any_of(all.begin(), all.end(),
                                       [](const auto* option) { return option->get_required(); });
        for (CLI::App* app : {tree->app.get(), entry.app}) {
            // What every command has is looked at with one of them.
            if (app == tree->app.get() && entry.command->name != "keys") continue;
            for (CLI::Option* option : app->get_options()) {
                if (!takes_value(*option)) continue;
                Words forms;
                for (const std::string& name : option->get_snames()) forms.push_back('-' + name);
                for (const std::string& name : option->get_lnames()) forms.push_back("--" + name);
                const bool positional = option->get_positional();
                places.push_back({std::string(entry.command->name), name_of(*option), positional,
                                  forms, needs && !positional ? Words{"bash"} : Words{}});
            }
        }
    }
    return places;
}

/// All ways to give that value there.
std::vector<Words> ways_to_give(const Place& place, const std::string& value) {
    if (place.positional) {
        if (value.size() > 1 && value.front() == '-')
            return {{place.command, "--", value}, {"--", place.command, value}};
        return {{place.command, value}, {place.command, "--", value}};
    }
    std::vector<Words> ways;
    for (const std::string& form : place.forms) {
        ways.push_back({place.command, form, value});
        if (form != k_two_meanings) ways.push_back({form, value, place.command});
        if (form.starts_with("--")) {
            ways.push_back({place.command, form + '=' + value});
        } else if (!value.empty()) {
            ways.push_back({place.command, form + value});
        }
    }
    for (Words& words : ways) words.insert(words.end(), place.needed.begin(), place.needed.end());
    return ways;
}

/// Whether the option keeps its text as it is: seen with a value that nothing could change.
bool keeps_text(const Place& place) {
    const auto tree = build_command_tree(command_table());
    (void)problem_with(*tree, ways_to_give(place, "plain").front());
    return kept(option_at(*tree, place)) == "plain";
}

}  // namespace

TEST_CASE("every option and argument of every command gets what the shell gave, byte for byte") {
    std::size_t texts = 0;
    for (const Place& place : all_places()) {
        CAPTURE(place.command);
        CAPTURE(place.option);
        const bool text = keeps_text(place);
        texts += text ? 1 : 0;
        const auto tree = build_command_tree(command_table());
        for (const std::string& value : k_hostile) {
            for (const Words& words : ways_to_give(place, value)) {
                option_at(*tree, place).clear();
                for (CLI::Option* option : tree->app->get_subcommand(place.command)->get_options())
                    option->clear();
                const std::string problem = problem_with(*tree, words);
                CAPTURE(value);
                CAPTURE(problem);
                CLI::Option& option = option_at(*tree, place);
                REQUIRE(option.results() == Words{value});
                if (text && problem.empty()) CHECK(kept(option) == value);
                // Only an empty text is refused, where it would mean that the option is not there.
                if (text && !value.empty()) CHECK(problem == "");
            }
        }
    }
    CHECK(texts > 60);
}

TEST_CASE("an option is refused when its value is empty, but for those that can mean it") {
    std::map<std::string, int> allowed;
    for (const Place& place : all_places()) {
        const auto tree = build_command_tree(command_table());
        const Words words = ways_to_give(place, "").front();
        const std::string problem = problem_with(*tree, words);
        if (problem.empty()) ++allowed[place.option];
    }
    std::string names;
    for (const auto& [name, times] : allowed) names += name + ' ';
    // An empty password, port or database is checked where it is used.
    CHECK(names == "--null --password --value KEY NAMESPACE PATTERN ");
}

TEST_CASE("options of a command stand before its name too, and a name means the same everywhere") {
    std::map<std::string, bool> with_value;
    const auto names = build_command_tree(command_table());
    for (const CommandEntry& entry : names->commands) {
        for (const CLI::Option* option : entry.app->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                CAPTURE(name);
                if ("--" + name == k_two_meanings) continue;
                CHECK(with_value.try_emplace(name, takes_value(*option)).first->second ==
                      takes_value(*option));
            }
        }
    }
    const auto tree = build_command_tree(command_table());
    CHECK(problem_with(*tree, {"--json", "--limit", "5", "-l", "keys", "a"}) == "");
    CHECK(tree->command->name == "keys");
    CLI::App& keys = *tree->app->get_subcommand("keys");
    CHECK(find(keys, "--limit")->results() == Words{"5"});
    CHECK(find(keys, "PATTERN")->results() == Words{"a"});
    CHECK(problem_with(*build_command_tree(command_table()), {"--max-keys", "5", "keys"}) ==
          "keys has no option --max-keys");
    CHECK(problem_with(*build_command_tree(command_table()), {"--null", "NA", "warm"}) ==
          "--null has to stand behind the command");
    CHECK(problem_with(*build_command_tree(command_table()), {"--null", "keys"}) ==
          "--null has to stand behind the command");
}

TEST_CASE("behind -- everything is an argument, wherever it stands") {
    const auto arguments = [](const Words& words) {
        const auto tree = build_command_tree(command_table());
        CHECK(problem_with(*tree, words) == "");
        return find(*tree->app->get_subcommand("keys"), "PATTERN")->results();
    };
    CHECK(arguments({"keys", "--", "--yes", "-l"}) == Words{"--yes", "-l"});
    CHECK(arguments({"keys", "a", "--", "--", "-"}) == Words{"a", "--", "-"});
    CHECK(arguments({"--", "keys", "-l"}) == Words{"-l"});
    CHECK(arguments({"keys", "-l", "--"}).empty());
}

TEST_CASE("letters stand together, the last with its value") {
    const auto tree = build_command_tree(command_table());
    CHECK(problem_with(*tree, {"keys", "-l0n3", "x"}) == "");
    CHECK(find(*tree->app, "--db")->results() == Words{"3"});
    CHECK(tree->globals.connection.db == "3");
}

TEST_CASE("a limit is 1 or more in every command") {
    const auto problem = [](const Words& words) {
        return problem_with(*build_command_tree(command_table()), words);
    };
    const std::string keys = "--limit: a number of keys: '0' is not 1 or more";
    CHECK(problem({"keys", "--limit", "0"}) == keys);
    CHECK(problem({"ttl", "--limit=0"}) == keys);
    CHECK(problem({"invalidate", "k:*", "--yes", "--limit", "0"}) == keys);
    CHECK(problem({"expire", "k:*", "--set", "1h", "--limit", "0"}) == keys);
    CHECK(problem({"get", "k", "--limit", "0"}) ==
          "--limit: a number of elements: '0' is not 1 or more");
    CHECK(problem({"get", "k", "--limit", "all"}) == "");
    CHECK(problem({"ttl", "--summary", "--sample", "0"}) ==
          "--sample: a number of keys: '0' is not 1 or more");
}

TEST_CASE("--type takes the types of servers and of modules") {
    const auto problem = [](const std::string& type) {
        return problem_with(*build_command_tree(command_table()), {"keys", "--type", type});
    };
    for (const char* type : {"string", "stream", "vectorset", "array", "ReJSON-RL", "MBbloomCF",
                             "graphdata", "trietype0", "TSDB-TYPE"})
        CHECK(problem(type) == "");
    for (const std::string type : {"strng", "hsah", "Strings", "a-b", "[string]", "vector set"})
        CHECK(problem(type) == "--type: '" + type + "' is not a type of key");
}

TEST_CASE("what is wrong with a command line") {
    const auto problem = [](const Words& words) {
        return problem_with(*build_command_tree(command_table()), words);
    };
    CHECK(problem({"--quiet"}) == "which command? none is given");
    CHECK(problem({"kyes"}) == "unknown command 'kyes'");
    CHECK(problem({"keys", "--limt", "5"}) == "unknown option --limt");
    CHECK(problem({"keys", "-Z"}) == "unknown option -Z");
    CHECK(problem({"keys", "--limit"}) == "--limit needs a value: N");
    CHECK(problem({"keys", "--limit", "1", "--limit", "2"}) == "--limit is given twice");
    CHECK(problem({"keys", "-a", "secret", "-a", "secret"}) == "--password is given twice");
    CHECK(problem({"keys", "--askpass=secret"}) == "--askpass takes no value");
    CHECK(problem({"invalidate", "a", "--yes=false"}) == "--yes takes no value");
    CHECK(problem({"get"}) == "KEY is required");
    CHECK(problem({"get", "k", "secret"}) == "there is one argument too many");
    CHECK(problem({"get", "k", "secret", "x"}) == "there are 2 arguments too many");
    CHECK(problem({"warm", "f", "--verify", "--verify-sample", "5%"}) ==
          "--verify excludes --verify-sample");
    CHECK(problem({"keys", "--no-ttl", "--no-ttl"}) == "");
}

TEST_CASE("--help and -h with nothing behind it are for the command, or the program") {
    const auto wish = [](const Words& words) {
        const auto tree = build_command_tree(command_table());
        const ParsedLine line = parse_command_line(*tree, words);
        CHECK(line.wish == ParsedLine::Wish::help);
        return line.app->get_name();
    };
    CHECK(wish({}) == "cachectl");
    CHECK(wish({"-h"}) == "cachectl");
    CHECK(wish({"keys", "-h"}) == "keys");
    CHECK(wish({"keys", "-lh"}) == "keys");
    CHECK(wish({"--help", "get"}) == "get");
    const auto tree = build_command_tree(command_table());
    CHECK(parse_command_line(*tree, {"keys", "-V"}).wish == ParsedLine::Wish::version);
    // As the value of another option it is just that.
    CHECK(problem_with(*tree, {"invalidate", "a", "--protect", "-h"}) == "");
    CHECK(find(*tree->app->get_subcommand("invalidate"), "--protect")->results() == Words{"-h"});
}
