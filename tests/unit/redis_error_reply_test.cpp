#include "redis/error_reply.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

Error refused(const std::string& text, const ServerInfo& server = {}) {
    return refusal(Reply::make_error(text), "delete keys", server);
}

}  // namespace

TEST_CASE("an error reply is told by its first word, whatever follows") {
    struct Row {
        const char* text;
        ExitCode code;
    };
    for (const Row& row :
         {Row{"NOAUTH Authentication required.", ExitCode::unreachable},
          Row{"NOAUTH HELLO must be called with the client already authenticated",
              ExitCode::unreachable},
          Row{"WRONGPASS invalid username-password pair or user is disabled.",
              ExitCode::unreachable},
          Row{"DENIED Redis is running in protected mode", ExitCode::unreachable},
          Row{"NOPERM whatever", ExitCode::refused},
          Row{"LOADING Valkey is loading the dataset in memory", ExitCode::refused},
          Row{"BUSY Redis is busy running a script.", ExitCode::refused},
          Row{"OOM command not allowed when used memory > 'maxmemory'.", ExitCode::refused},
          Row{"READONLY You can't write against a read only replica.", ExitCode::refused},
          Row{"MISCONF Errors writing to the AOF file: No space left on device", ExitCode::refused},
          Row{"MASTERDOWN Link with MASTER is down", ExitCode::refused},
          Row{"NOREPLICAS Not enough good replicas to write.", ExitCode::refused},
          Row{"CLUSTERDOWN The cluster is down", ExitCode::refused},
          Row{"ERR anything else", ExitCode::refused}, Row{"", ExitCode::refused}}) {
        CAPTURE(row.text);
        const Error error = refused(row.text);
        const std::string text = row.text;
        CHECK(error.code() == row.code);
        CHECK(std::string(error.what()) ==
              "cannot delete keys: " + text.substr(0, text.find_last_not_of('.') + 1));
    }
    CHECK(refused("OOM x").hint() == "the server has reached maxmemory");
    CHECK(refused("ERR x").hint().empty());
    CHECK(refused("OOMPH x").hint().empty());
}

TEST_CASE("the reason for which a transaction was given up is an error by itself") {
    const Error denied = refused(
        "EXECABORT Transaction discarded because of: NOPERM this user has no permissions to run "
        "the 'exec' command");
    CHECK(denied.hint() == "the user lacks the ACL rule +exec");
    CHECK(refused("EXECABORT Transaction discarded because of: OOM x").hint() ==
          "the server has reached maxmemory");
    CHECK(refused("EXECABORT Transaction discarded because of previous errors.").hint().empty());
}

TEST_CASE("NOPERM names the ACL rule that is missing, as each version words it") {
    CHECK(refused("NOPERM User bob has no permissions to run the 'scan' command").hint() ==
          "the user lacks the ACL rule +scan");
    CHECK(refused("NOPERM this user has no permissions to run the 'memory|usage' command or its "
                  "subcommand")
              .hint() == "the user lacks the ACL rule +memory|usage");
    CHECK(refused("NOPERM User bob has no permissions to access one of the keys used as arguments")
              .hint() == "the user's ACL key patterns (~PATTERN) do not cover these keys");
    CHECK(refused("NOPERM No permissions to access a key").hint() ==
          "the user's ACL key patterns (~PATTERN) do not cover these keys");
    CHECK(refused("NOPERM").hint() == "see ACL LOG on the server for the missing rule");
    CHECK(refused("NOPERM it's so").hint() == "see ACL LOG on the server for the missing rule");
}

TEST_CASE("LOADING says how long, READONLY where the master is") {
    ServerInfo server;
    server.info = InfoFields("loading_eta_seconds:12\n");
    const Error loading = refused("LOADING Redis is loading", server);
    CHECK(std::string(loading.what()) ==
          "cannot delete keys: LOADING Redis is loading (about 12 s left)");
    CHECK(loading.hint() == "--wait 60s waits until it has loaded");
    server.info = InfoFields("master_host:10.0.0.1\nmaster_port:6380\n");
    CHECK(refused("READONLY x", server).hint() == "this is a replica; its master is 10.0.0.1:6380");
    CHECK(refused("READONLY x").hint() == "this is a replica; changes go to its master");
}

TEST_CASE("what is no error reply is a server out of reach") {
    Error error = refusal({Reply::Type::lost, 0, "no reply to SCAN in 10 s", {}}, "walk", {});
    CHECK(error.code() == ExitCode::unreachable);
    CHECK(std::string(error.what()) == "cannot walk: no reply to SCAN in 10 s");
    error = refusal(Reply::make_integer(1), "walk", {});
    CHECK(error.code() == ExitCode::unreachable);
    CHECK(std::string(error.what()) == "cannot walk: a reply of the wrong kind");
}

TEST_CASE("what passes by itself") {
    for (const char* text : {"BUSY x", "LOADING x", "TRYAGAIN x", "BUSY"}) {
        CAPTURE(text);
        CHECK(is_passing(Reply::make_error(text)));
    }
    for (const char* text :
         {"BUSYKEY x", "READONLY x", "ERR BUSY", "", "NOPERM x", "MASTERDOWN x"}) {
        CAPTURE(text);
        CHECK_FALSE(is_passing(Reply::make_error(text)));
    }
    CHECK_FALSE(is_passing(Reply::make_string("BUSY x")));
    CHECK_FALSE(is_passing(Reply{Reply::Type::lost, 0, "BUSY x", {}}));
}

TEST_CASE("what is denied: the command, or this key") {
    const auto denied = [](const char* text) { return denied_by(Reply::make_error(text)); };
    CHECK(denied("NOPERM this user has no permissions to run the 'pttl' command") ==
          Denied::command);
    CHECK(denied("NOPERM User bob has no permissions to run the 'object|idletime' command") ==
          Denied::command);
    CHECK(denied("NOPERM this user has no permissions to access one of the keys used as "
                 "arguments") == Denied::key);
    CHECK(denied("NOPERM No permissions to access a key") == Denied::key);
    CHECK(denied("ERR unknown command 'MEMORY', with args beginning with: 'USAGE' 'a' ") ==
          Denied::command);
    CHECK(denied("ERR Unknown subcommand or wrong number of arguments for 'IDLETIME'") ==
          Denied::command);
    for (const char* text :
         {"ERR command is not allowed", "ERR unsupported command 'OBJECT'",
          "ERR object subcommand must be dump",
          "ERR Command is not available: 'OBJECT'. See https://upstash.com for details"}) {
        CAPTURE(text);
        CHECK(denied(text) == Denied::command);
    }
    CHECK(denied("OOM command not allowed when used memory > 'maxmemory'.") == Denied::nothing);
    CHECK(denied("ERR SELECT is not allowed in cluster mode") == Denied::nothing);
    CHECK(denied("ERR no such key") == Denied::nothing);
    CHECK(denied("BUSY Redis is busy running a script") == Denied::nothing);
    CHECK(denied_by(Reply::make_string("NOPERM")) == Denied::nothing);
}

TEST_CASE("an unknown command is told with the product that lacks it") {
    ServerInfo server;
    server.name = "dragonfly";
    server.version = "df-1.27.1";
    const Error error =
        refusal(Reply::make_error("ERR unknown command `OBJECT`"), "look at keys", server);
    CHECK(error.code() == ExitCode::refused);
    CHECK(std::string(error.what()) ==
          "cannot look at keys: ERR unknown command `OBJECT` (dragonfly df-1.27.1)");
}

TEST_CASE("a reply that never came keeps the server that its text names") {
    const Error failure(ExitCode::unreachable, "cannot connect to a:1: no", "try b", "a:1");
    const Reply reply = unsent_for(failure);
    CHECK(reply.type == Reply::Type::unsent);
    CHECK(reply.text == "cannot connect to a:1: no; try b");
    CHECK(reply.lost_at() == "a:1");
    CHECK(refusal(reply, "list keys", {}).subject() == "a:1");
    CHECK(refusal(Reply::make_unsent("not connected"), "list keys", {}).subject().empty());
}

TEST_CASE("why a transaction was given up is an error reply by itself") {
    CHECK(cause_of(Reply::make_error("EXECABORT Transaction discarded because of: OOM no")).text ==
          "OOM no");
    CHECK(cause_of(Reply::make_error("EXECABORT Transaction discarded because of previous "
                                     "errors."))
              .error_prefix() == "EXECABORT");
    CHECK(cause_of(Reply::make_error("ERR because of: this")).error_prefix() == "ERR");
}

TEST_CASE("a command that the server does not have is named, once") {
    const auto said = [](const char* text, std::string_view command) {
        return std::string(refusal(Reply::make_error(text), "look", {}, command).what());
    };
    CHECK(said("ERR command is not allowed", "OBJECT FREQ") ==
          "cannot look: OBJECT FREQ: ERR command is not allowed");
    CHECK(said("ERR unknown command", "TYPE") == "cannot look: TYPE: ERR unknown command");
    CHECK(said("ERR unknown subcommand 'FREQ'. Try OBJECT HELP.", "OBJECT FREQ") ==
          "cannot look: ERR unknown subcommand 'FREQ'. Try OBJECT HELP");
    CHECK(said("ERR object subcommand must be dump", "OBJECT FREQ") ==
          "cannot look: ERR object subcommand must be dump");
    CHECK(said("ERR unknown command 'MEMORY', with args beginning with: 'USAGE' 'k' ",
               "MEMORY USAGE") == "cannot look: ERR unknown command 'MEMORY'");
    CHECK(said("NOPERM no", "TYPE") == "cannot look: NOPERM no");
}
