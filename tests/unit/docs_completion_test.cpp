// What the scripts offer of themselves; what only a server or a file knows: integration/completion.
#include "docs/completion.hpp"

#include <doctest/doctest.h>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;

namespace {

constexpr const char* k_script = CACHECTL_SOURCE_DIR "/completions/cachectl.bash";

constexpr const char* k_drive = R"(
source "$1" || exit
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_cachectl
for word in "${COMPREPLY[@]}"; do echo "$word"; done | LC_ALL=C sort)";

/// What bash offers for the last of the words, sorted; one a line.
std::string offered(std::vector<std::string> words, const std::string& folder = "") {
    std::vector<std::string> argv = {"bash",  "--norc", "--noprofile", "-c",
                                     k_drive, "bash",   k_script,      "cachectl"};
    argv.insert(argv.end(), words.begin(), words.end());
    test::ProcessOptions options;
    options.cwd = folder;
    const test::ProcessResult result = test::run_process(std::move(argv), options);
    CHECK(result.exit_code == 0);
    CHECK(result.err == "");
    return result.out;
}

ProgramOutline small_program() {
    ProgramOutline outline;
    outline.program.name = "cachectl";
    outline.program.options = {
        {.names = {"-h", "--host"}, .value_name = "HOST", .description = "The server's [name]"},
        {.names = {"--quiet"}, .description = "Say: nothing \\"}};
    CommandOutline& load = outline.commands.emplace_back();
    load.name = "load";
    load.summary = "Load: files";
    load.options = {{.names = {"--as"},
                     .value_name = "TYPE",
                     .description = "The type",
                     .choices = {"json", "hash"}},
                    {.names = {"--skip"},
                     .value_name = "GLOB",
                     .description = "Not these",
                     .repeatable = true}};
    load.arguments = {{.names = {"FILE"},
                       .value_name = "FILE",
                       .description = "The files",
                       .repeatable = true,
                       .required = true}};
    return outline;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("bash: commands, also behind options with values") {
    CHECK(has(offered({""}), "completion\n"));
    CHECK(offered({"ke"}) == "keys\n");
    CHECK(offered({"-h", "localhost", "--color", "=", "never", "ke"}) == "keys\n");
    CHECK(offered({"-h", "keys", "ke"}) == "keys\n");  // that keys is a host
    CHECK(offered({"keys", "comp"}) == "");
}

TEST_CASE("bash: options of the command and those of every command") {
    CHECK(offered({"keys", "--ttl-"}) == "--ttl-above\n--ttl-below\n");
    CHECK(offered({"keys", "--no-"}) == "--no-progress\n--no-ttl\n");
    CHECK(offered({"--no-"}) == "--no-progress\n");
    CHECK(offered({"keys", "--he"}) == "--help\n");
    CHECK(offered({"completion", "--ttl-"}) == "");
    CHECK(offered({"keys", "--", "--no-"}) == "");
}

TEST_CASE("bash: values of options, with and without =") {
    CHECK(offered({"keys", "-o", ""}) == "csv\njson\nmarkdown\nndjson\nplain\ntable\n");
    CHECK(offered({"keys", "--output", "=", "nd"}) == "ndjson\n");
    CHECK(offered({"keys", "--output", "="}) == "csv\njson\nmarkdown\nndjson\nplain\ntable\n");
    CHECK(offered({"keys", "--type", "s"}) == "set\nstream\nstring\n");
    CHECK(offered({"--color", "a"}) == "always\nauto\n");
    CHECK(offered({"completion", ""}) == "bash\nfish\nzsh\n");
}

TEST_CASE("bash: files where a value is one, and nothing where it cannot be known") {
    const test::TempDir dir;
    dir.file("list one.txt", "");
    dir.file("list*two", "");
    CHECK(offered({"keys", "--keys-from", "li"}, dir.path()) == "list one.txt\nlist*two\n");
    CHECK(offered({"--password-file", "list o"}, dir.path()) == "list one.txt\n");
    CHECK(offered({"keys", "--exclude", ""}, dir.path()) == "");
    CHECK(offered({"keys", "li"}, dir.path()) == "");
    CHECK(offered({"-h", ""}, dir.path()) == "");
}

TEST_CASE("bash: a command whose argument is a file") {
    const std::string script = bash_completion(small_program());
    CHECK(has(script, "\n    load) _cachectl_files ;;\n"));
    CHECK(has(script, "load,--as)\n            _cachectl_words 'json hash'\n"));
    CHECK(has(script, "\ncomplete -F _cachectl cachectl\n"));
}

TEST_CASE("zsh: specifications with what is special escaped") {
    const std::string script = zsh_completion(small_program());
    CHECK(script.starts_with("#compdef cachectl\n"));
    CHECK(has(script, "\n    '(-h --host)-h+[The server'\\''s \\[name\\]]:HOST: '\n"));
    CHECK(has(script, "\n    '(-h --host)--host=[The server'\\''s \\[name\\]]:HOST: '\n"));
    CHECK(has(script, "\n    '(--quiet)--quiet[Say\\: nothing \\\\]'\n"));
    CHECK(has(script, "\n    'load:Load\\: files'\n"));
    CHECK(has(script, "\n        '(--as)--as=[The type]:TYPE:(json hash)' \\\n"));
    CHECK(has(script, "\n        '*--skip=[Not these]:GLOB: ' \\\n"));
    CHECK(has(script, "\n        '*:FILE:_files' \\\n"));
}

TEST_CASE("fish: one line an option, quoted") {
    const std::string script = fish_completion(small_program());
    CHECK(has(script, "\nset -l commands load\ncomplete -c cachectl -f\n"));
    CHECK(script.ends_with(R"(
complete -c cachectl -n "not __fish_seen_subcommand_from $commands" -a load -d 'Load: files'
complete -c cachectl -s h -l host -x -d 'The server\'s [name]'
complete -c cachectl -l quiet -d 'Say: nothing \\'

complete -c cachectl -n '__fish_seen_subcommand_from load' -l as -x -a 'json hash' -d 'The type'
complete -c cachectl -n '__fish_seen_subcommand_from load' -l skip -x -d 'Not these'
complete -c cachectl -n '__fish_seen_subcommand_from load' -F -d 'The files'
)"));
}
