// What the three shells offer for words that only a file, the configuration or a server knows.
#include <doctest/doctest.h>

#include <stdlib.h>

#include <filesystem>
#include <optional>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace cachectl::test;

namespace {

using Strings = std::vector<std::string>;

constexpr const char* k_bash = R"(
source "$0/cachectl.bash"
COMP_WORDS=(cachectl "$@")
COMP_CWORD=$#
_cachectl
printf '%s\n' "${COMPREPLY[@]}")";

// The script's own functions, with what zsh calls them by when Tab is pressed.
constexpr const char* k_zsh = R"(
compdef() { }
compset() { before=${PREFIX%"${PREFIX##*,}"}; PREFIX=${PREFIX##*,} }
compadd() { for word in "${@[2,-1]}"; do [[ $word != $PREFIX* ]] || print -r -- "$before$word"; done }
source "$0/_cachectl"
words=("${@[1,-2]}")
PREFIX=${@[-1]}
case $words[-1] in
--table) _cachectl_tables ;;
--columns) _cachectl_columns ;;
--context) _cachectl_contexts ;;
keys) _cachectl_keys ;;
du) _cachectl_namespaces ;;
esac)";

constexpr const char* k_fish = R"(
source $argv[1]/cachectl.fish
complete -C "cachectl $(string join ' ' -- $argv[2..-2]) $argv[-1]" | string split -f1 \t)";

/// What each shell offers for the last of the words, which is the same in all.
Strings offered(const TempDir& home, const std::string& url, const Strings& words) {
    const std::string program = cachectl_binary();
    const std::string folder = CACHECTL_SOURCE_DIR "/completions";
    const Strings environment = {
        "env",
        "PATH=" + std::filesystem::path(program).parent_path().string() + ':' + getenv("PATH"),
        "HOME=" + home.path().string(), "CACHECTL_URL=" + url, "CACHECTL_COMPLETE_KEYS=1"};
    const Strings shells[] = {{"bash", "--norc", "--noprofile", "-c", k_bash, folder},
                              {"zsh", "-f", "-c", k_zsh, folder},
                              {"fish", "--no-config", "-c", k_fish, folder}};
    std::optional<Strings> first;
    for (const Strings& shell : shells) {
        Strings argv = environment;
        argv.insert(argv.end(), shell.begin(), shell.end());
        argv.insert(argv.end(), words.begin(), words.end());
        const ProcessResult run = run_process(std::move(argv));
        CAPTURE(shell.front());
        CHECK(run.err.empty());
        Strings lines = sorted_lines(run.out);
        std::erase(lines, "");
        CHECK(lines == first.value_or(lines));
        first = lines;
    }
    return *first;
}

}  // namespace

TEST_CASE("tables and columns of a dump, contexts, keys and namespaces") {
    const RedisServer server;
    RespClient redis = server.client();
    for (const char* key : {"course:1", "course:1:title", "corner", "user:2"}) {
        redis.run({"SET", key, "v"});
    }
    const TempDir home;
    std::filesystem::create_directories(home.path() / ".config/cachectl");
    home.file(".config/cachectl/config.json",
              R"({"contexts": {"prod": {"url": "redis://h"}, "test": {"url": "redis://t"}}})");
    const std::string dump = home.file("dump.sql",
                                       "CREATE TABLE `course` (`id` int, `price` decimal(10,2));\n"
                                       "INSERT INTO `course` VALUES (1, 2.5);\n"
                                       "CREATE TABLE `tenant` (`id` int);\n"
                                       "INSERT INTO `tenant` VALUES (1);\n");
    const auto offer = [&](const Strings& words) {
        return offered(home, "unix://" + server.socket_path(), words);
    };
    CHECK(offer({"warm", dump, "--table", "co"}) == Strings{"course"});
    CHECK(offer({"warm", dump, "--table", ""}) == Strings{"course", "tenant"});
    CHECK(offer({"warm", dump, "--columns", ""}) == Strings{"id", "price"});
    CHECK(offer({"warm", dump, "--columns", "id,p"}) == Strings{"id,price"});
    CHECK(offer({"keys", "--context", "pr"}) == Strings{"prod"});
    CHECK(offer({"keys", "course:1"}) == Strings{"course:1", "course:1:title"});
    CHECK(offer({"du", "co"}) == Strings{"course"});
    CHECK(offer({"keys", "gone"}).empty());
}
