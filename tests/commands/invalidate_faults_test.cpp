// invalidate where the server refuses, goes away or is busy, and where a signal ends it.
#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "support/temp_dir.hpp"
#include "util/signals.hpp"

using namespace cachectl::test;
using cachectl::Reply;

TEST_CASE("one key of a batch that the user may not touch does not save the others") {
    FakeClient client = shared_cache();
    client.keys["course:3"] = {};
    client.on("UNLINK", [&](const FakeClient::Args& args) {
        for (std::size_t i = 1; i < args.size(); ++i) {
            if (args[i] == "course:2") {
                return Reply::make_error("NOPERM No permissions to access a key");
            }
        }
        for (std::size_t i = 1; i < args.size(); ++i) {
            client.keys.erase(args[i]);
        }
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes"});
    CHECK(run.code == 5);
    CHECK(
        without_time(run.out).starts_with("deleted 2 of 3 keys on 127.0.0.1:6379 in T\n"
                                          "  1 key refused by the server\n"));
    CHECK(run.err ==
          "cachectl: warning: not permitted to change 'course:2'\n"
          "cachectl: warning: the server says: NOPERM No permissions to access a key\n"
          "cachectl: error: 1 key could not be changed\n"
          "cachectl: the user's ACL key patterns (~PATTERN) do not cover these keys\n");
    CHECK(client.count("UNLINK") == 4);
}

TEST_CASE("a server that refuses every deletion is named, with its remedy") {
    struct Refusal {
        const char* reply;
        const char* says;
    };
    for (const Refusal& refusal : {
             Refusal{"NOPERM User app has no permissions to run the 'unlink' command", "+unlink"},
             Refusal{"MISCONF Redis is configured to save RDB snapshots", "rdb_last_bgsave_status"},
             Refusal{"READONLY You can't write against a read only replica.", "replica"},
             Refusal{"ERR unknown command 'UNLINK'", "--allow-del"},
         }) {
        FakeClient client = shared_cache();
        client.on("UNLINK",
                  [&](const FakeClient::Args&) { return Reply::make_error(refusal.reply); });
        const RunResult run = run_with(client, {"invalidate", "course:*", "--yes"});
        CAPTURE(refusal.reply);
        CHECK(run.code == 4);
        CHECK(run.err.find("nothing was changed") != std::string::npos);
        CHECK(run.err.find(refusal.says) != std::string::npos);
        CHECK(without_time(run.out).starts_with("deleted 0 of the 2 keys seen so far on"));
    }
}

TEST_CASE("a read-only replica is refused before anything is sent, with its master") {
    FakeClient client = shared_cache();
    client.info.role = "replica";
    client.info.info = cachectl::InfoFields(
        "role:slave\r\nmaster_host:10.0.0.9\r\nmaster_port:6380\r\nslave_read_only:1\r\n");
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes"});
    CHECK(run.code == 4);
    CHECK(run.err ==
          "cachectl: error: cannot delete keys: READONLY the server is a read-only replica\n"
          "cachectl: this is a replica; its master is 10.0.0.9:6380\n");
    CHECK(client.lines().empty());
    CHECK(run_with(client, {"invalidate", "course:*", "--dry-run"}).code == 0);
}

TEST_CASE("an error in mid-work stops it, and the summary says how far it came") {
    FakeClient client;
    for (int i = 0; i < 1'500; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = {};
    }
    client.on("UNLINK", [&](const FakeClient::Args& args) {
        return client.count("UNLINK") == 2
                   ? Reply::make_error("READONLY You can't write against a read only replica.")
                   : Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    const RunResult run =
        run_with(client, {"invalidate", "k:*", "--yes", "--expect", "1500", "--pace", "full"});
    CHECK(run.code == 5);
    CHECK(without_time(run.out) ==
          "deleted 500 of 1,500 keys on 127.0.0.1:6379 in T\n"
          "  500 keys refused by the server\n"
          "  500 keys not attempted\n"
          "  not complete\n"
          "\n"
          "NAMESPACE  KEYS\n"
          "k           500\n");
    CHECK(run.err.find("run the same command again to go on") != std::string::npos);
}

TEST_CASE("a lost reply makes its keys unknown, and it is not sent again") {
    FakeClient client = shared_cache();
    client.on("UNLINK", [](const FakeClient::Args&) {
        return broken_reply(Reply::Type::lost, "no reply to UNLINK in 10 s");
    });
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes", "-o", "ndjson"});
    CHECK(run.code == 5);
    CHECK(client.count("UNLINK") == 1);
    CHECK(run.out.find(R"("matched":2,"deleted":0,"protected":0,"vanished":0,"failed":0,)"
                       R"("unknown":2,"not_attempted":0,)") != std::string::npos);
    CHECK(run.out.find(R"("complete":false)") != std::string::npos);
    CHECK(run.err ==
          R"({"error":{"code":5,"id":"partial","message":"cannot delete keys: no reply to UNLINK )"
          R"(in 10 s","hint":"run the same command again to go on"}})"
          "\n");
}

TEST_CASE("after a lost reply the walk neither goes on nor connects anew") {
    FakeClient client;
    for (int i = 0; i < 50; ++i) {
        client.keys["k:" + std::to_string(10 + i)] = {};
    }
    client.scan_page = 10;
    client.on("UNLINK", [](const FakeClient::Args&) {
        return broken_reply(Reply::Type::lost, "read: reset");
    });
    const RunResult run = run_with(client, {"invalidate", "k:*", "--yes"});
    CHECK(run.code == 5);
    CHECK(client.reconnect_calls == 0);
    CHECK(client.count("UNLINK") == 1);
    CHECK(client.count("SCAN") == 3);  // one came while the keys were weighed, one with the UNLINK
}

TEST_CASE("--retry-unknown sends it again, and says which count rests on the lost command") {
    FakeClient client = shared_cache();
    client.on("UNLINK", [&](const FakeClient::Args&) {
        // It was executed, only its reply was lost.
        if (client.reconnect_calls == 0) {
            return broken_reply(Reply::Type::lost, "connection closed");
        }
        return Reply::make_integer(0);
    });
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes", "--retry-unknown"});
    CHECK(run.code == 0);
    CHECK(client.count("UNLINK") == 2);
    CHECK(
        without_time(run.out).starts_with("deleted 2 of 2 keys on 127.0.0.1:6379 in T\n"
                                          "  2 keys counted though they were gone when the lost "
                                          "command was repeated\n"));
}

TEST_CASE("--retry-unknown looks again at what the filter is about") {
    // The reply is lost, and the application has made the key anew before it could be repeated.
    for (const bool is_made_anew : {true, false}) {
        CAPTURE(is_made_anew);
        FakeClient client;
        client.keys["k:1"] = {.ttl_ms = 60'000};
        client.on("UNLINK", [&](const FakeClient::Args&) {
            client.keys.erase("k:1");
            if (is_made_anew) {
                client.keys["k:1"] = {};
            }
            return broken_reply(Reply::Type::lost, "connection closed");
        });
        const RunResult run = run_with(client, {"invalidate", "k:*", "--ttl-below", "1h", "--yes",
                                                "--retry-unknown", "-o", "ndjson"});
        const auto summary = nlohmann::json::parse(run.out);
        CHECK(client.count("UNLINK") == 1);
        CHECK(client.keys.contains("k:1") == is_made_anew);
        CHECK(run.code == (is_made_anew ? 5 : 0));
        CHECK(summary["deleted"] == (is_made_anew ? 0 : 1));
        CHECK(summary["unknown"] == (is_made_anew ? 1 : 0));
        CHECK(summary.value("presumed", 0) == (is_made_anew ? 0 : 1));
        CHECK(summary["matched"] == 1);
        CHECK(summary["complete"] == !is_made_anew);
        CHECK((run.err.find("what became of 1 key is not known") != std::string::npos) ==
              is_made_anew);
    }
}

TEST_CASE("what never left this process is sent over the next connection") {
    FakeClient client = shared_cache();
    client.on("UNLINK", [&](const FakeClient::Args& args) {
        if (client.reconnect_calls == 0) {
            return broken_reply(Reply::Type::unsent, "connection closed");
        }
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes"});
    CHECK(run.code == 0);
    CHECK(without_time(run.out).starts_with("deleted 2 of 2 keys"));
    client.reconnects = false;
    client.reconnect_calls = 0;
    client.on("UNLINK", [&](const FakeClient::Args&) {
        return broken_reply(Reply::Type::unsent, "connection closed");
    });
    const RunResult gone = run_with(client, {"invalidate", "course:*", "--yes"});
    CHECK(gone.code == 3);
    CHECK(gone.out.find("2 keys not attempted") != std::string::npos);
}

TEST_CASE("a busy server is waited for") {
    FakeClient client = shared_cache();
    int busy = 0;
    client.on("UNLINK", [&](const FakeClient::Args& args) {
        if (++busy <= 3) {
            return Reply::make_error("BUSY Redis is busy running a script.");
        }
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    CHECK(run_with(client, {"invalidate", "course:*", "--yes"}).code == 0);
    busy = -1'000'000;
    client.on("UNLINK", [&](const FakeClient::Args&) {
        return Reply::make_error("BUSY Redis is busy running a script.");
    });
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes"});
    CHECK(run.code == 4);
    CHECK(run.err.find("SCRIPT KILL") != std::string::npos);
}

TEST_CASE("Ctrl-C finishes the batch in flight and says what was done") {
    FakeClient client;
    for (int i = 0; i < 3'000; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = {};
    }
    client.on("UNLINK", [&](const FakeClient::Args& args) {
        cachectl::set_stop_signal(SIGINT);
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    const RunResult run = run_with(client, {"invalidate", "k:*", "--yes", "--max-keys", "5000",
                                            "-o", "ndjson", "--pace", "full"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    const auto summary = nlohmann::json::parse(run.out);
    const int deleted = summary["deleted"];
    CHECK(deleted >= 500);
    CHECK(deleted <= 1'000);  // with what was on its way already
    CHECK(summary["matched"] == 3'000);
    CHECK(summary["not_attempted"] == 3'000 - deleted);
    CHECK(summary["namespaces"] == nlohmann::json{{"k", deleted}});
    CHECK(summary["complete"] == false);
    CHECK(run.err == "cachectl: interrupted; run the same command again to go on\n");
}

TEST_CASE("Ctrl-C while it counts changes nothing") {
    FakeClient client = shared_cache();
    client.on("SCAN", [](const FakeClient::Args&) {
        cachectl::set_stop_signal(SIGTERM);
        return Reply::make_array({Reply::make_string("7"), Reply::make_array({})});
    });
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes", "--max-keys", "9"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 143);
    CHECK(run.err == "cachectl: interrupted; nothing was changed\n");
    CHECK(client.count("UNLINK") == 0);
}

TEST_CASE("Ctrl-C for an answer: all that was counted is not attempted") {
    FakeClient client;
    client.keys["k:1"] = client.keys["k:2"] = {};
    const RunResult run = run_with(client, {"invalidate", "k:*", "-o", "ndjson"},
                                   {.terminal = true, .answers = {"yes"}, .on_question = [] {
                                        cachectl::set_stop_signal(SIGINT);
                                    }});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(run.questions.size() == 1);
    CHECK(run.out.find(R"("matched":2,"deleted":0,"protected":0,"vanished":0,"failed":0,)"
                       R"("unknown":0,"not_attempted":2,"namespaces":{})") != std::string::npos);
    CHECK(client.keys.size() == 2);
}

TEST_CASE("stopped while it counted: nothing is called gone, and the sum adds up") {
    FakeClient client;
    for (int i = 0; i < 3'000; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = {};
    }
    const auto scan = [&](const FakeClient::Args& args) {
        if (args[1] != "0") {
            cachectl::set_stop_signal(SIGINT);
        }
        return Reply::make_array(
            {Reply::make_string("7"),
             Reply::make_array({Reply::make_string("k:1"), Reply::make_string("k:2")})});
    };
    client.on("SCAN", scan);
    const RunResult run =
        run_with(client, {"invalidate", "k:*", "--yes", "--max-keys", "9000", "-o", "ndjson"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(
        run.out.find(
            R"("matched":2,"deleted":0,"protected":0,"vanished":0,"failed":0,)"
            R"("unknown":0,"not_attempted":2,"namespaces":{},"neighbours":[],"complete":false,)") !=
        std::string::npos);
}

TEST_CASE("a run that was stopped says how far it came") {
    FakeClient client;
    for (int i = 0; i < 3'000; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = {};
    }
    client.on("SCAN", [&](const FakeClient::Args& args) {
        // The second page is asked for at a quarter of the way.
        if (args[1] != "0") {
            cachectl::set_stop_signal(SIGINT);
        }
        return Reply::make_array(
            {Reply::make_string(args[1] == "0" ? "4611686018427387904" : "0"),
             Reply::make_array({Reply::make_string("k:10000"), Reply::make_string("k:10001")})});
    });
    const RunResult run = run_with(client, {"invalidate", "k:*", "--yes"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(run.out.starts_with("deleted 0 of the 2 keys seen so far on 127.0.0.1:6379 in "));
    CHECK(run.out.find("not complete: stopped at ") != std::string::npos);
}

TEST_CASE("no right to walk is an error of the server, with the rule that is missing") {
    FakeClient client = shared_cache();
    client.on("SCAN", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User app has no permissions to run the 'scan' command");
    });
    for (const char* how : {"--yes", "--dry-run"}) {
        const RunResult run = run_with(client, {"invalidate", "course:*", how});
        CHECK(run.code == 4);
        CHECK(run.err.find("+scan") != std::string::npos);
    }
}
