#include "util/secrets.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

struct Forgotten {
    Forgotten() { forget_secrets(); }
    ~Forgotten() { forget_secrets(); }
};

}  // namespace

TEST_CASE_FIXTURE(Forgotten, "what a server repeats of a password is masked") {
    CHECK(mask_secrets("ERR unknown command 'AUTH', with args beginning with: 'hunter2secret' ") ==
          "ERR unknown command 'AUTH', with args beginning with: 'hunter2secret' ");
    remember_secret("hunter2secret");
    CHECK(mask_secrets("ERR unknown command 'AUTH', with args beginning with: 'hunter2secret' ") ==
          "ERR unknown command 'AUTH', with args beginning with: '***' ");
    CHECK(mask_secrets("ERR xhunter2secrethunter2secrety") == "ERR x******y");
}

TEST_CASE_FIXTURE(Forgotten, "also in the forms that servers and proxies write it in") {
    remember_secret("p\"w\n@\xe9/1 end");
    CHECK(mask_secrets("ERR 'p\"w\n@\xe9/1 end'") == "ERR '***'");
    CHECK(mask_secrets("ERR 'p\"w @\xe9/1 end'") == "ERR '***'");
    CHECK(mask_secrets("ERR \"p\\\"w\\n@\\xe9/1 end\"") == "ERR \"***\"");
    CHECK(mask_secrets("ERR p%22w%0A%40%E9%2F1%20end") == "ERR ***");
    CHECK(mask_secrets("ERR p%22w%0a%40%e9%2f1%20end") == "ERR ***");
    CHECK(mask_secrets("ERR 7022770a40e92f3120656e64.") == "ERR ***.");
    CHECK(mask_secrets("ERR 7022770A40E92F3120656E64.") == "ERR ***.");
    CHECK(mask_secrets("ERR cCJ3CkDpLzEgZW5k!") == "ERR ***!");
}

TEST_CASE_FIXTURE(Forgotten, "a password that is cut off is masked as far as it goes") {
    remember_secret("abcdefghijklmnopqrstuvwxyz");
    CHECK(mask_secrets("ERR args: 'abcdefghijklmnop' ") == "ERR args: '***' ");
    CHECK(mask_secrets("ERR abcdefg") == "ERR abcdefg");
}

TEST_CASE_FIXTURE(Forgotten, "a short password counts as a word, and never as the error's code") {
    remember_secret("no");
    CHECK(mask_secrets("ERR no such user 'no', not known") == "ERR *** such user '***', not known");
    remember_secret("NOPERM");
    CHECK(mask_secrets("NOPERM User NOPERM may not") == "NOPERM User *** may not");
    remember_secret("");
    CHECK(mask_secrets("") == "");
}

TEST_CASE_FIXTURE(Forgotten, "of a URL that was typed at a wrong place the secrets are not shown") {
    CHECK(mask_typed("cannot read redis://u:pw@h/0") == "cannot read redis://u:pw@h/0");
    remember_typed("--config=redis://u:pw@h/0?password=other");
    CHECK(mask_typed("cannot read redis://u:pw@h/0?password=other: No such file") ==
          "cannot read redis://u:***@h/0?***: No such file");
    remember_typed("sesame@h");
    CHECK(mask_typed("no context 'sesame@h'") == "no context '***@h'");
    remember_typed("plain");
    CHECK(mask_typed("'plain' is not known") == "'plain' is not known");
}

TEST_CASE_FIXTURE(Forgotten, "a password at a second place is not shown either") {
    remember_secret("pw");
    CHECK(mask_typed("the server is not 'pw'; pw") == "the server is not '***'; pw");
}
