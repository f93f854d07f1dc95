#include "change/confirm.hpp"

#include <doctest/doctest.h>

#include "util/error.hpp"

using namespace cachectl;

namespace {

PlannedChange some_keys() {
    PlannedChange change;
    change.server.host = "cache.example";
    change.server.db = 2;
    change.keys = 6740;
    change.namespaces = {{"course", 6000}, {"user", 740}};
    return change;
}

PlannedChange whole_db() {
    PlannedChange change = some_keys();
    change.scope = ChangeScope::whole_db;
    return change;
}

/// Answers with `answer`, once, and keeps the question.
struct Person {
    std::optional<std::string> answer;
    std::string question;
    int asked = 0;

    Ask ask() {
        return [this](std::string_view text) {
            ++asked;
            question = text;
            return answer;
        };
    }
};

struct Outcome {
    std::string message = "went on";
    std::string hint;
    int asked = 0;
};

Outcome outcome(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal,
                std::optional<std::string> answer = std::nullopt) {
    Person person{std::move(answer), {}, 0};
    Outcome result;
    try {
        confirm(change, consent, on_terminal, person.ask());
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::guard);
        result.message = error.what();
        result.hint = error.hint();
    }
    result.asked = person.asked;
    return result;
}

}  // namespace

TEST_CASE("the question says how many keys, in which namespaces, on which server") {
    CHECK(confirmation_question(some_keys(), NameRequired::no) ==
          "About to delete 6,740 keys in database 2 on cache.example:6379.\n"
          "  course         6,000\n"
          "  user             740\n"
          "Go on? [y/N] ");
    PlannedChange one = some_keys();
    one.keys = 1;
    one.protected_keys = 1;
    one.context = "prod";
    one.namespaces.clear();
    CHECK(confirmation_question(one, NameRequired::yes) ==
          "About to delete 1 key in database 2 on cache.example:6379 (context 'prod').\n"
          "1 protected key will be spared.\n"
          "Type the context's name, prod, to go on: ");
    one.production = true;
    one.scope = ChangeScope::load;
    one.verb = "load";
    CHECK(confirmation_question(one, NameRequired::yes)
              .starts_with("About to load keys into database 2 on cache.example:6379 (production "
                           "context 'prod').\n"));
}

TEST_CASE("whole databases and servers ask for the name") {
    PlannedChange change = whole_db();
    change.namespaces.clear();
    CHECK(confirmation_question(change, NameRequired::no) ==
          "About to delete the WHOLE database 2, 6,740 keys, on cache.example:6379.\n"
          "Type the server's name, cache.example, to go on: ");
    change.scope = ChangeScope::all_dbs;
    change.server.socket_path = "/run/redis.sock";
    CHECK(confirmation_question(change, NameRequired::no) ==
          "About to delete ALL databases, 6,740 keys, on /run/redis.sock.\n"
          "Type the server's name, /run/redis.sock, to go on: ");
}

TEST_CASE("of a cluster it says that it is one") {
    PlannedChange change = some_keys();
    change.namespaces.clear();
    change.masters = 3;
    change.context = "prod";
    CHECK(confirmation_question(change, NameRequired::yes) ==
          "About to delete 6,740 keys in database 2 on the cluster of 3 masters at "
          "cache.example:6379 (context 'prod').\n"
          "Type the context's name, prod, to go on: ");
    change.scope = ChangeScope::whole_db;
    change.masters = 1;
    CHECK(confirmation_question(change, NameRequired::no)
              .starts_with("About to delete the WHOLE database 2, 6,740 keys, on the cluster of 1 "
                           "master at cache.example:6379 (context 'prod').\n"));
}

TEST_CASE("of many namespaces ten are shown") {
    PlannedChange change = some_keys();
    change.namespaces.clear();
    for (int i = 10; i < 23; ++i) {
        change.namespaces.emplace_back("ns" + std::to_string(i), 100);
    }
    const std::string question = confirmation_question(change, NameRequired::no);
    CHECK(question.find("  ns19           100\n  and 300 keys in 3 more\nGo on?") !=
          std::string::npos);
    CHECK(question.find("ns20") == std::string::npos);
}

TEST_CASE("a namespace cannot send escape sequences to the terminal") {
    PlannedChange change = some_keys();
    change.namespaces = {{"a\x1b[2J\nGo", 1}};
    const std::string question = confirmation_question(change, NameRequired::no);
    CHECK(question.find('\x1b') == std::string::npos);
    CHECK(question.find("a\\x1b[2J\\x0aGo") != std::string::npos);
}

TEST_CASE("errors are not escaped here, as what prints them does that") {
    PlannedChange change = some_keys();
    change.context = "a\x1b";
    CHECK(confirmation_question(change, NameRequired::no).find("(context 'a\\x1b')") !=
          std::string::npos);
    Consent always;
    always.name_required = NameRequired::yes;
    always.always = true;
    CHECK(outcome(change, always, OnTerminal::no).message.find("context 'a\x1b'") !=
          std::string::npos);
}

TEST_CASE("on a terminal only yes is yes") {
    for (const char* answer : {"y", "Y", "yes", " YES \n"}) {
        CHECK(outcome(some_keys(), {}, OnTerminal::yes, answer).message == "went on");
    }
    for (const char* answer : {"", "n", "no", "yess", "cache.example"}) {
        CHECK(outcome(some_keys(), {}, OnTerminal::yes, answer).message ==
              "not confirmed; nothing was changed");
    }
    CHECK(outcome(some_keys(), {}, OnTerminal::yes).message ==
          "not confirmed; nothing was changed");
}

TEST_CASE("--yes spares the question") {
    Consent yes;
    yes.yes = true;
    for (const OnTerminal terminal : {OnTerminal::no, OnTerminal::yes}) {
        CHECK(outcome(some_keys(), yes, terminal).message == "went on");
        CHECK(outcome(whole_db(), yes, terminal).message == "went on");
        CHECK(outcome(whole_db(), yes, terminal).asked == 0);
    }
}

TEST_CASE("without a terminal it is refused, and nobody is asked") {
    const Outcome refused = outcome(some_keys(), {}, OnTerminal::no, "y");
    CHECK(refused.message ==
          "to delete keys must be confirmed, and there is no terminal to ask on; nothing was sent");
    CHECK(refused.hint == "add --yes, or try it with --dry-run");
    CHECK(refused.asked == 0);
}

TEST_CASE("a whole database wants the server's name typed") {
    for (const char* answer : {"cache.example", "cache.example:6379", " cache.example\n"}) {
        CHECK(outcome(whole_db(), {}, OnTerminal::yes, answer).message == "went on");
    }
    CHECK(outcome(whole_db(), {}, OnTerminal::yes, "yes").message ==
          "'yes' is not the server's name, cache.example; nothing was changed");
    CHECK(outcome(whole_db(), {}, OnTerminal::yes, "").message ==
          "not confirmed; nothing was changed");
    CHECK(outcome(whole_db(), {}, OnTerminal::yes).message == "not confirmed; nothing was changed");
}

TEST_CASE("where the context says always, yes is not enough") {
    PlannedChange change = some_keys();
    change.context = "prod";
    Consent consent;
    consent.name_required = NameRequired::yes;
    consent.always = true;
    consent.yes = true;
    consent.context_is_chosen = true;
    const Outcome refused = outcome(change, consent, OnTerminal::no);
    CHECK(refused.message ==
          "context 'prod' wants a name to delete keys, and there is no terminal to ask on; --yes "
          "is not enough; nothing was sent");
    CHECK(refused.hint == "add --confirm cache.example");
    CHECK(outcome(change, consent, OnTerminal::yes, "y").message ==
          "'y' is not the context's name, prod; nothing was changed");
    CHECK(outcome(change, consent, OnTerminal::yes, "cache.example").message ==
          "'cache.example' is not the context's name, prod; nothing was changed");
    CHECK(outcome(change, consent, OnTerminal::yes, "prod").message == "went on");
    consent.yes = false;
    CHECK(outcome(change, consent, OnTerminal::no).hint == "add --confirm cache.example");
    consent.server_name = "cache.example";
    CHECK(outcome(change, consent, OnTerminal::no).message == "went on");
}

TEST_CASE("of production --yes is enough in a script that names the context, and nowhere else") {
    PlannedChange change = some_keys();
    change.context = "prod";
    change.production = true;
    Consent consent;
    consent.name_required = NameRequired::yes;
    CHECK_FALSE(outcome(change, consent, OnTerminal::no).message == "went on");
    consent.yes = true;
    CHECK(outcome(change, consent, OnTerminal::no).message ==
          "context 'prod' is production: without a terminal to ask on, to delete keys takes --yes "
          "together with --context prod; nothing was sent");
    consent.context_is_chosen = true;
    CHECK(outcome(change, consent, OnTerminal::no).message == "went on");
    CHECK(outcome(change, consent, OnTerminal::yes, "y").asked == 1);
    CHECK(outcome(change, consent, OnTerminal::yes, "prod").message == "went on");
}

TEST_CASE("--confirm must name this server, also beside --yes") {
    Consent consent;
    consent.server_name = "cache.example:6379";
    CHECK(outcome(whole_db(), consent, OnTerminal::no).message == "went on");
    CHECK(outcome(whole_db(), consent, OnTerminal::yes).asked == 0);
    consent.server_name = "staging.example";
    consent.yes = true;
    CHECK(outcome(some_keys(), consent, OnTerminal::yes, "y").message ==
          "--confirm says 'staging.example', but the server is cache.example:6379; nothing was "
          "changed");
    consent.server_name = "";
    CHECK(outcome(some_keys(), consent, OnTerminal::yes, "y").message ==
          "--confirm says '', but the server is cache.example:6379; nothing was changed");
}

TEST_CASE("--confirm may be the context's name, where the server is the context's") {
    PlannedChange change = some_keys();
    change.context = "prod";
    Consent consent;
    consent.server_name = "prod";
    CHECK(outcome(change, consent, OnTerminal::no).message ==
          "--confirm says 'prod', but the server is cache.example:6379; nothing was changed");
    consent.server_is_of_context = true;
    CHECK(outcome(change, consent, OnTerminal::no).message == "went on");
}
