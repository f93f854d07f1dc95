// Arguments, environment and configuration: mistakes are told before anything is sent, passwords
// stay out of sight, and the documented order decides which server is meant.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"
#include "support/resp_client.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

FakeServer::Script with_key(const std::string& key) {
    return answer(polite_redis({{"SCAN", resp::scan_page("0", {key})}}));
}

}  // namespace

TEST_CASE("a mistyped option or command is told with the nearest, and nothing is sent") {
    FakeServer server(with_key("k"));
    struct Typo {
        std::vector<std::string> args;
        std::string message;
        std::string hint;
    };
    const Typo typos[] = {
        {{"keys", "--no-tll"}, "unknown option --no-tll", "did you mean --no-ttl?"},
        {{"keys", "--limt", "5"}, "unknown option --limt", "did you mean --limit?"},
        {{"keys", "--dryrun"}, "unknown option --dryrun", "see `cachectl --help`"},
        {{"keys", "--pasword=s3cr3t-pw"}, "unknown option --pasword", "did you mean --password?"},
        {{"kyes"}, "unknown command 'kyes'", "did you mean keys?"},
    };
    for (const Typo& typo : typos) {
        CAPTURE(typo.message);
        std::vector<std::string> args = typo.args;
        args.insert(args.end(), {"-p", std::to_string(server.port())});
        const auto run = run_cachectl(args);
        CHECK(run.exit_code == 2);
        CHECK(run.out.empty());
        CHECK(run.err == "cachectl: error: " + typo.message + "\ncachectl: " + typo.hint + "\n");
        CHECK_FALSE(has(run.err, "s3cr3t-pw"));
    }
    CHECK(server.connections() == 0);
}

TEST_CASE("wrong numbers and durations are named with their option, and nothing is sent") {
    FakeServer server(with_key("k"));
    const std::string port = std::to_string(server.port());
    struct Wrong {
        std::string option;
        std::string value;
    };
    const Wrong wrong[] = {
        {"--timeout", "10e9"},      {"--timeout", "-1"},
        {"--timeout", "5x"},        {"--timeout", "1e3"},
        {"--timeout", ""},          {"--timeout", "0"},
        {"--wait", "soon"},         {"--wait", "99999999d"},
        {"--connect-timeout", "0"}, {"--limit", "-1"},
        {"--limit", "5x"},          {"--limit", ""},
        {"--limit", "1e3"},         {"--ttl-below", "5"},
        {"--ttl-above", ""},        {"--size-over", "10XB"},
        {"--size-over", "-1"},      {"--idle-over", "99999999999999999999d"},
        {"--type", "hsah"},         {"--output", "prometheus"},
        {"--color", "sometimes"},
    };
    for (const Wrong& value : wrong) {
        CAPTURE(value.option);
        CAPTURE(value.value);
        const auto run = run_cachectl({"keys", "-p", port, value.option, value.value});
        CHECK(run.exit_code == 2);
        CHECK(run.out.empty());
        CHECK(has(run.err, "cachectl: error: "));
        CHECK((has(run.err, value.option) || has(run.err, "-o: ")));
        CHECK(has(run.err, value.value));
    }
    for (const std::string bad_port : {"0", "65536", "-1", "6379x", "", "1e3"}) {
        CAPTURE(bad_port);
        const auto run = run_cachectl({"keys", "-p", bad_port});
        CHECK(run.exit_code == 2);
        CHECK(has(run.err, "-p"));
    }
    for (const std::string bad_db : {"-1", "1.5", "x", "99999999999"}) {
        CAPTURE(bad_db);
        CHECK(run_cachectl({"keys", "-p", port, "-n", bad_db}).exit_code == 2);
    }
    CHECK(server.connections() == 0);
}

TEST_CASE("options that exclude each other are refused") {
    FakeServer server(with_key("k"));
    const std::string port = std::to_string(server.port());
    CHECK(run_cachectl({"keys", "-p", port, "-s", "/tmp/x.sock"}).exit_code == 2);
    CHECK(run_cachectl({"keys", "-p", port, "-a", "s3cr3t-pw", "--askpass"}).exit_code == 2);
    CHECK(run_cachectl({"invalidate", "k", "--yes", "-p", port, "--null"}).exit_code == 2);
    CHECK(server.connections() == 0);
}

TEST_CASE("passwords do not stay in the process list") {
    FakeServer server(silent());
    const std::string port = std::to_string(server.port());
    const std::vector<std::vector<std::string>> ways = {
        {"-a", "s3cr3t-pw"},
        {"-as3cr3t-pw"},
        {"--password", "s3cr3t-pw"},
        {"--password=s3cr3t-pw"},
        {"-la", "s3cr3t-pw"},
        {"-las3cr3t-pw"},
        {"-u", "redis://user:s3cr3t-pw@127.0.0.1:" + port},
        {"-u", "redis://:s3cr3t-pw@127.0.0.1:" + port},
        {"-u", "redis://s3cr3t-pw@127.0.0.1:" + port},
        {"-u", "redis://user:s3cr3t-pw%40x@127.0.0.1:" + port},
        {"--url=redis://user:s3cr3t-pw@127.0.0.1:" + port},
        {"-uredis://user:s3cr3t-pw@127.0.0.1:" + port},
        {"--user", "bob:s3cr3t-pw"},
        {"--user=bob:s3cr3t-pw"},
    };
    for (std::size_t i = 0; i < ways.size(); ++i) {
        CAPTURE(i);
        std::vector<std::string> args{"keys"};
        args.insert(args.end(), ways[i].begin(), ways[i].end());
        if (!has(ways[i].back(), "://")) {
            args.insert(args.end(), {"-p", port});
        }
        args.insert(args.end(), {"--connect-timeout", "10s"});
        Process process(cachectl_argv(args));
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (server.connections() <= i && std::chrono::steady_clock::now() < deadline) {
            process.pump(5ms);
        }
        REQUIRE(server.connections() == i + 1);
        const std::string line = read_file("/proc/" + std::to_string(process.pid()) + "/cmdline");
        CHECK(has(line, "keys"));
        CHECK(has(line, "--connect-timeout"));
        CHECK_FALSE(has(line, "s3cr3t-pw"));
    }
}

TEST_CASE("passwords do not stand in messages, whatever the mistake") {
    const std::vector<std::vector<std::string>> mistakes = {
        {"redis://:s3cr3t-pw@127.0.0.1", "keys"},
        {"keys", "-h", "redis://:s3cr3t-pw@127.0.0.1"},
        {"keys", "-u", "redis://:s3cr3t-pw@127.0.0.1:port"},
        {"keys", "-u", "redis://user:s3cr3t-pw/@127.0.0.1"},
        {"keys", "-u", "http://user:s3cr3t-pw@127.0.0.1"},
        {"keys", "-u", "redis://user:s3cr3t-pw@127.0.0.1:1", "--connect-timeout", "2s"},
        {"keys", "-a", "s3cr3t-pw", "-a", "s3cr3t-pw"},
        {"keys", "-a", "s3cr3t-pw", "--password-file", "/nowhere"},
        {"-a", "s3cr3t-pw", "kyes"},
        {"keys", "-a", "s3cr3t-pw", "-p", "1", "--connect-timeout", "2s"},
        {"keys", "-u", "redis://:s3cr3t-pw@127.0.0.1/0?password=s3cr3t-pw"},
        {"keys", "-password=s3cr3t-pw"},
        {"keys", "-p", "s3cr3t-pw"},
        {"keys", "-n", "s3cr3t-pw"},
        {"keys", "--askpass=s3cr3t-pw"},
        {"keys", "--password-file", "s3cr3t-pw"},
        {"keys", "-s", "redis://:s3cr3t-pw@h"},
        {"keys", "-n", "redis://:s3cr3t-pw@h/1"},
        {"keys", "--context", "redis://:s3cr3t-pw@h"},
        {"keys", "--config", "redis://:s3cr3t-pw@h"},
        {"keys", "--sni", "redis://:s3cr3t-pw@h", "--tls", "-p", "1"},
        {"keys", "--sentinel", ":s3cr3t-pw@h:1", "--master-name", "m"},
        {"keys", "--sentinel", "redis://:s3cr3t-pw@h:1", "--master-name", "m"},
        {"keys", "--node-map", "redis://:s3cr3t-pw@h:1=x"},
        {"stats", "redis://:s3cr3t-pw@h"},
        {"get", "k", "s3cr3t-pw"},
        {"invalidate", "k", "-a", "s3cr3t-pw", "--confirm", "s3cr3t-pw"},
    };
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        CAPTURE(i);
        const auto& args = mistakes[i];
        const auto run = run_cachectl(args);
        CHECK((run.exit_code == 2 || run.exit_code == 3 || run.exit_code == 8));
        CHECK_FALSE(run.err.empty());
        CAPTURE(run.err);
        CHECK_FALSE(has(run.out + run.err, "s3cr3t-pw"));
    }
    ProcessOptions options;
    options.env = {{"REDIS_URL", "redis://user:s3cr3t-pw@127.0.0.1:port"}};
    const auto run = run_cachectl({"keys"}, options);
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "REDIS_URL: "));
    CHECK_FALSE(has(run.err, "s3cr3t-pw"));
}

TEST_CASE("a URL given as the host is told where it belongs") {
    const auto run = run_cachectl({"keys", "-h", "redis://cache.example"});
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "-h: "));
    CHECK(has(run.err, "-u"));
}

TEST_CASE("a mistake in the configuration file is told with file and line") {
    const TempDir dir;
    const auto run_with = [&](std::string_view bytes, std::filesystem::perms mode) {
        const std::string path = dir.file("config.json", bytes);
        std::filesystem::permissions(path, mode);
        return run_cachectl({"keys", "--config", path, "--context", "prod"});
    };
    constexpr auto k_own = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
    const std::string path = (dir.path() / "config.json").string();
    const auto typo = run_with(
        "{\n  \"contexts\": {\n    \"prod\": {\n      \"ulr\": \"redis://x\"\n    }\n  }\n}\n",
        k_own);
    CHECK(typo.exit_code == 2);
    CHECK(has(typo.err, path + ":4: "));
    CHECK(has(typo.err, "ulr"));

    const auto broken = run_with("{\n  \"contexts\": {\n", k_own);
    CHECK(broken.exit_code == 2);
    CHECK(has(broken.err, path + ":"));

    const auto secret = run_with(
        "{\"contexts\": {\"prod\": {\n\"url\": \"redis://user:s3cr3t-pw@h:port\"}}}", k_own);
    CHECK(secret.exit_code == 2);
    CHECK(has(secret.err, path + ":2: "));
    CHECK_FALSE(has(secret.err, "s3cr3t-pw"));

    const auto open = run_with("{\"contexts\": {\"prod\": {\"url\": \"redis://x\"}}}",
                               k_own | std::filesystem::perms::others_write);
    CHECK(open.exit_code == 2);
    CHECK(has(open.err, path + " may be changed by others (mode 0602)"));

    const auto missing = run_cachectl({"keys", "--config", path + ".not"});
    CHECK(missing.exit_code == 2);
    CHECK(has(missing.err, path + ".not"));
}

TEST_CASE("a HOME of somebody else stops nobody who wants no context") {
    if (::geteuid() != 0) {
        return;  // only root can become somebody else
    }
    FakeServer server(with_key("k"));
    const TempDir home;  // of root alone
    ProcessOptions options;
    options.account = Account{65534, 65534};
    options.env = {{"HOME", home.path().string()}};
    // The project may lie in a folder of root's.
    namespace fs = std::filesystem;
    const TempDir everyones;
    fs::permissions(everyones.path(), fs::perms::others_exec, fs::perm_options::add);
    const std::string program = (everyones.path() / "cachectl").string();
    fs::copy_file(cachectl_binary(), program);
    fs::permissions(program, fs::perms::others_read | fs::perms::others_exec,
                    fs::perm_options::add);
    const std::string port = std::to_string(server.port());
    const auto run = run_process({program, "keys", "-p", port}, options);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k\n");
    CHECK(has(run.err, "cachectl: warning: cannot look for a configuration in " +
                           home.path().string() + "/.config/cachectl: Permission denied"));
    CHECK(run_process({program, "keys", "-p", port, "--context", "prod"}, options).exit_code == 2);
}

// A volume that is not mounted, a file that was moved: there may be rules in it.
TEST_CASE("a configuration that is a link to nothing stops the command") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "sess:1", "v"});
    const TempDir home;
    const auto folder = home.path() / ".config";
    ProcessOptions options;
    options.env = {{"HOME", home.path().string()}};
    const auto refused = [&] {
        const ProcessResult run =
            run_cachectl({"invalidate", "sess:*", "--yes", "-s", server.socket_path()}, options);
        CAPTURE(run.err);
        return run.exit_code == 2 && run.err.find("config.json: No such file") != std::string::npos;
    };
    std::filesystem::create_directories(folder / "cachectl");
    std::filesystem::create_symlink(home.path() / "gone", folder / "cachectl" / "config.json");
    CHECK(refused());
    std::filesystem::remove_all(folder / "cachectl");
    std::filesystem::create_symlink(home.path() / "gone", folder / "cachectl");
    CHECK(refused());
    std::filesystem::remove_all(folder);
    std::filesystem::create_symlink(home.path() / "gone", folder);
    CHECK(refused());
    CHECK(redis.integer({"DBSIZE"}) == 1);
    std::filesystem::remove_all(folder);
    CHECK_FALSE(refused());
}

TEST_CASE("flag before environment before context before default") {
    FakeServer by_flag(with_key("flag"));
    FakeServer by_cachectl_url(with_key("cachectl_url"));
    FakeServer by_redis_url(with_key("redis_url"));
    FakeServer by_variables(with_key("variables"));
    FakeServer by_context(with_key("context"));
    const auto port = [](const FakeServer& server) { return std::to_string(server.port()); };
    const auto url = [&](const FakeServer& server) { return "redis://127.0.0.1:" + port(server); };

    const TempDir dir;
    const std::string config = dir.file(
        "config.json", "{\"contexts\": {\"dev\": {\"url\": \"" + url(by_context) + "\"}}}");
    std::filesystem::permissions(config, std::filesystem::perms::owner_read);

    ProcessOptions options;
    const auto keys = [&](std::vector<std::string> extra) {
        std::vector<std::string> args{"keys", "--config", config};
        args.insert(args.end(), extra.begin(), extra.end());
        const auto run = run_cachectl(args, options);
        CHECK(run.exit_code == 0);
        return run;
    };
    options.env["CACHECTL_CONTEXT"] = "dev";
    CHECK(keys({}).out == "context\n");
    options.env.erase("CACHECTL_CONTEXT");
    CHECK(keys({"--context", "dev"}).out == "context\n");

    options.env["REDIS_PORT"] = port(by_variables);
    CHECK(keys({}).out == "variables\n");
    CHECK(keys({"--context", "dev"}).out == "context\n");
    options.env["CACHECTL_CONTEXT"] = "dev";
    const auto over_context = keys({});
    CHECK(over_context.out == "variables\n");
    CHECK(has(over_context.err, "REDIS_PORT overrides the server of context 'dev'"));
    options.env.erase("CACHECTL_CONTEXT");

    options.env["REDIS_URL"] = url(by_redis_url);
    CHECK(keys({}).out == "redis_url\n");
    options.env["CACHECTL_URL"] = url(by_cachectl_url);
    CHECK(keys({}).out == "cachectl_url\n");
    CHECK(keys({"-p", port(by_flag), "--context", "dev"}).out == "flag\n");
    CHECK(keys({"-u", url(by_flag)}).out == "flag\n");

    // The default: nobody, or whoever really is there; but none of the servers above.
    const auto before = by_flag.connections() + by_context.connections();
    const auto run = run_cachectl({"keys", "--connect-timeout", "1s", "--limit", "1"});
    CHECK((run.exit_code == 0 || has(run.err, "127.0.0.1:6379")));
    CHECK(by_flag.connections() + by_context.connections() == before);
}

TEST_CASE("database and password come from the highest place that gives them") {
    RedisServer server({"--requirepass", "r1ght-pw"});
    RespClient redis = server.client();
    redis.run({"AUTH", "r1ght-pw"});
    redis.run({"SET", "zero", ""});
    redis.run({"SELECT", "2"});
    redis.run({"SET", "two", ""});
    redis.run({"SELECT", "3"});
    redis.run({"SET", "three", ""});
    const std::string url = "unix://:wr0ng-pw@" + server.socket_path() + "?db=2";
    ProcessOptions options;
    options.env = {{"REDIS_URL", url}};
    CHECK(run_cachectl({"keys"}, options).exit_code == 3);
    CHECK(run_cachectl({"keys", "-a", "r1ght-pw"}, options).out == "two\n");
    CHECK(run_cachectl({"keys", "-a", "r1ght-pw", "-n", "3"}, options).out == "three\n");
    CHECK(run_cachectl({"-n", "3", "-a", "r1ght-pw", "keys"}, options).out == "three\n");

    options.env = {{"REDISCLI_AUTH", "r1ght-pw"}, {"REDIS_DB", "2"}};
    // A variable's database is that of the server which the variables name.
    const auto other = run_cachectl({"keys", "-s", server.socket_path()}, options);
    CHECK(other.out == "zero\n");
    CHECK(has(other.err, "REDIS_DB") == false);

    const TempDir dir;
    const std::string file = dir.file("password", "r1ght-pw\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    options.env = {{"REDISCLI_AUTH", "wr0ng-pw"}};
    const auto run =
        run_cachectl({"keys", "-s", server.socket_path(), "--password-file", file}, options);
    CHECK(run.out == "zero\n");
    CHECK(run.err.empty());
}

TEST_CASE("a signal ends the wait for a password") {
    const RedisServer server;
    const TempDir dir;
    const std::string fifo = (dir.path() / "password").string();
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    Process process(cachectl_argv({"keys", "-s", server.socket_path(), "--password-file", fifo}));
    const int writer = ::open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // returns when it reads
    process.send_signal(SIGINT);
    ::close(writer);
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 130);
    CHECK(has(result.err, "interrupted"));
}
