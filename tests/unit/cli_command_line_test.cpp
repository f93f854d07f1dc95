#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "commands/commands.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

using Words = std::vector<std::string>;

// What a shell or a careless parser might take for something else.
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

/// An argument too.
Option* find(CommandSyntax& syntax, const std::string& name) {
    for (Option& option : syntax.options()) {
        if (option.name() == name) {
            return &option;
        }
    }
    return nullptr;
}

struct Place {
    std::string command;
    std::string option;  // "--limit" or "PATTERN"
    bool positional;
    Words forms;   // "-n", "--db"
    Words needed;  // the arguments that the command requires besides; before an argument
    Words behind;  // those behind an argument
    bool value_optional = false;
};

Option& option_at(CommandTree& tree, const Place& place) {
    Option* option = find(tree.entry_of(place.command).syntax, place.option);
    return option != nullptr ? *option : *find(tree.program, place.option);
}

std::vector<Place> all_places() {
    const auto tree = build_command_tree(command_table());
    std::vector<Place> places;
    for (CommandEntry& entry : tree->commands) {
        const auto& all = entry.syntax.options();
        Words required;
        for (const Option& option : all) {
            if (option.outline().required) {
                const auto& choices = option.outline().choices;
                required.push_back(choices.empty() ? "bash" : choices.front());
            }
        }
        for (CommandSyntax* syntax : {&tree->program, &entry.syntax}) {
            // What every command has is looked at with one of them.
            if (syntax == &tree->program && entry.command->name != "keys") {
                continue;
            }
            std::size_t met = 0;  // required arguments
            for (const Option& option : syntax->options()) {
                if (!option.takes_value()) {
                    continue;
                }
                const bool positional = option.is_argument();
                const Words forms = positional ? Words{} : option.outline().names;
                const auto here = required.begin() + static_cast<std::ptrdiff_t>(met);
                met += positional && option.outline().required ? 1 : 0;
                const auto next = required.begin() + static_cast<std::ptrdiff_t>(met);
                places.push_back({std::string(entry.command->name), option.name(), positional,
                                  forms, positional ? Words{required.begin(), here} : required,
                                  positional ? Words{next, required.end()} : Words{},
                                  !option.outline().value_if_none.empty()});
            }
        }
    }
    return places;
}

/// All ways to give that value there.
std::vector<Words> ways_to_give(const Place& place, const std::string& value) {
    if (place.positional) {
        const auto behind = [&](Words words) {
            words.insert(words.end(), place.needed.begin(), place.needed.end());
            words.push_back(value);
            words.insert(words.end(), place.behind.begin(), place.behind.end());
            return words;
        };
        if (value.size() > 1 && value.front() == '-') {
            return {behind({place.command, "--"}), behind({"--", place.command})};
        }
        return {behind({place.command}), behind({place.command, "--"})};
    }
    std::vector<Words> ways;
    for (const std::string& form : place.forms) {
        const bool may_be_a_word = !place.value_optional;
        if (may_be_a_word) {
            ways.push_back({place.command, form, value});
        }
        if (may_be_a_word && form != k_two_meanings) {
            ways.push_back({form, value, place.command});
        }
        if (form.starts_with("--")) {
            ways.push_back({place.command, form + '=' + value});
        } else if (!value.empty()) {
            ways.push_back({place.command, form + value});
        }
    }
    for (Words& words : ways) {
        words.insert(words.end(), place.needed.begin(), place.needed.end());
    }
    return ways;
}

/// Whether the option keeps its text as it is: seen with a value that nothing could change.
bool keeps_text(const Place& place) {
    const auto tree = build_command_tree(command_table());
    (void)problem_with(*tree, ways_to_give(place, "plain").front());
    return option_at(*tree, place).stored() == "plain";
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
                const std::string problem = problem_with(*tree, words);
                CAPTURE(value);
                CAPTURE(problem);
                const Option& option = option_at(*tree, place);
                REQUIRE(option.values() == Words{value});
                if (text && problem.empty()) {
                    CHECK(option.stored() == value);
                }
                // Only an empty text is refused, where it would mean that the option is not there.
                if (text && !value.empty()) {
                    CHECK(problem == "");
                }
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
        if (problem.empty()) {
            ++allowed[place.option];
        }
    }
    std::string names;
    for (const auto& [name, times] : allowed) {
        names += name + ' ';
    }
    // An empty password, port or database is checked where it is used.
    CHECK(names == "--field --null --password --value KEY NAMESPACE PATTERN ");
}

TEST_CASE("options of a command stand before its name too, and a name means the same everywhere") {
    std::map<std::string, bool> with_value;
    const auto names = build_command_tree(command_table());
    for (const CommandEntry& entry : names->commands) {
        for (const Option& option : entry.syntax.options()) {
            for (const std::string& name : option.outline().names) {
                CAPTURE(name);
                if (!name.starts_with("--") || name == k_two_meanings) {
                    continue;
                }
                CHECK(with_value.try_emplace(name, option.takes_value()).first->second ==
                      option.takes_value());
            }
        }
    }
    const auto tree = build_command_tree(command_table());
    CHECK(problem_with(*tree, {"--json", "--limit", "5", "-l", "keys", "a"}) == "");
    CHECK(tree->command->name == "keys");
    CommandSyntax& keys = tree->entry_of("keys").syntax;
    CHECK(find(keys, "--limit")->values() == Words{"5"});
    CHECK(find(keys, "PATTERN")->values() == Words{"a"});
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
        return find(tree->entry_of("keys").syntax, "PATTERN")->values();
    };
    CHECK(arguments({"keys", "--", "--yes", "-l"}) == Words{"--yes", "-l"});
    CHECK(arguments({"keys", "a", "--", "--", "-"}) == Words{"a", "--", "-"});
    CHECK(arguments({"--", "keys", "-l"}) == Words{"-l"});
    CHECK(arguments({"keys", "-l", "--"}).empty());
}

TEST_CASE("letters stand together, the last with its value") {
    const auto tree = build_command_tree(command_table());
    CHECK(problem_with(*tree, {"keys", "-l0n3", "x"}) == "");
    CHECK(find(tree->program, "--db")->values() == Words{"3"});
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
                             "graphdata", "trietype0", "TSDB-TYPE"}) {
        CHECK(problem(type) == "");
    }
    for (const std::string type : {"strng", "hsah", "Strings", "a-b", "[string]", "vector set"}) {
        CHECK(problem(type) == "--type: '" + type + "' is not a type of key");
    }
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
    CHECK(problem({"apply", "p", "secret"}) == "there is one argument too many");
    CHECK(problem({"apply", "p", "secret", "x"}) == "there are 2 arguments too many");
    CHECK(problem({"warm", "f", "--verify", "--verify-sample", "5%"}) ==
          "--verify excludes --verify-sample");
    CHECK(problem({"keys", "--no-ttl", "--no-ttl"}) == "");
}

TEST_CASE("a value that may be left out is the next word only where it begins with a digit") {
    const auto tree = build_command_tree(command_table());
    const auto parse = [&](const Words& words) {
        CHECK(problem_with(*tree, words).empty());
        return find(tree->entry_of("stats").syntax, "--watch")->values();
    };
    CHECK(parse({"stats", "--watch"}) == Words{"1s"});
    CHECK(parse({"stats", "--watch", "memory"}) == Words{"1s"});
    CHECK(find(tree->entry_of("stats").syntax, "SECTION")->values() == Words{"memory"});
    CHECK(parse({"stats", "--watch", "-o", "ndjson"}) == Words{"1s"});
    CHECK(parse({"stats", "--watch", "2s", "memory"}) == Words{"2s"});
    CHECK(parse({"stats", "--watch=2s"}) == Words{"2s"});
    CHECK(parse({"--watch", "stats"}) == Words{"1s"});
}

TEST_CASE("--help and -h with nothing behind it are for the command, or the program") {
    const auto wish = [](const Words& words) {
        const auto tree = build_command_tree(command_table());
        const ParsedLine line = parse_command_line(*tree, words);
        CHECK(line.wish == ParsedLine::Wish::help);
        return line.syntax->name();
    };
    CHECK(wish({"-h"}) == "cachectl");
    CHECK(wish({"help"}) == "cachectl");
    CHECK(wish({"help", "ttl"}) == "ttl");
    CHECK(wish({"keys", "-h"}) == "keys");
    CHECK(wish({"keys", "-lh"}) == "keys");
    CHECK(wish({"--help", "get"}) == "get");
    const auto tree = build_command_tree(command_table());
    CHECK(parse_command_line(*tree, {"keys", "-V"}).wish == ParsedLine::Wish::version);
    CHECK(parse_command_line(*tree, {}).wish == ParsedLine::Wish::first_screen);
    // As the value of another option it is just that.
    CHECK(problem_with(*tree, {"invalidate", "a", "--protect", "-h"}) == "");
    CHECK(find(tree->entry_of("invalidate").syntax, "--protect")->values() == Words{"-h"});
}
