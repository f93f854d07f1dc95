#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "redis/error_reply.hpp"
#include "redis/login.hpp"
#include "redis/server_away.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

Reply lost_reply(Loss::Cause cause) {
    Reply reply;
    reply.type = Reply::Type::lost;
    reply.text = "connection closed";
    reply.loss = std::make_shared<const Loss>(Loss{cause, ""});
    return reply;
}

struct Checked {
    Checked() {
        address.host = "h";
        const Reply ok = Reply::make_status("OK");
        replies = {ok, ok, ok, ok, ok};
    }
    /// "no error", or what is said, with the hint behind a '|'.
    [[nodiscard]] std::string error() const {
        try {
            check_login(address, replies, server);
        } catch (const Error& error) {
            return error.what() + (error.hint().empty() ? "" : " | " + error.hint());
        }
        return "no error";
    }

    ServerAddress address;
    LoginReplies replies;
    ServerInfo server;
};

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Checked, "who hangs up at once may want TLS") {
    CHECK(error() == "no error");
    for (const Loss::Cause cause : {Loss::Cause::closed, Loss::Cause::io_failed}) {
        replies.hello = replies.info = lost_reply(cause);
        CHECK(says(error(), "if it wants TLS"));
    }
    address.tls = true;
    CHECK_FALSE(says(error(), "if it wants TLS"));
    address.tls = false;
    replies.hello = lost_reply(Loss::Cause::timed_out);
    CHECK_FALSE(says(error(), "if it wants TLS"));
    CHECK_THROWS_AS(check_login(address, replies, server), ServerAway);
}

TEST_CASE_FIXTURE(Checked, "who refuses the login and hangs up has said why before") {
    address.password = "p";
    replies.auth = Reply::make_error("WRONGPASS invalid username-password pair");
    replies.hello = replies.info = lost_reply(Loss::Cause::closed);
    CHECK(says(error(), "WRONGPASS"));
    CHECK_THROWS_AS(check_login(address, replies, server), LoginRefused);
}

TEST_CASE_FIXTURE(Checked, "a password where none is set is no reason to stay out") {
    address.password = "p";
    replies.auth = Reply::make_error("ERR Client sent AUTH, but no password is set");
    CHECK(error() == "no error");
    address.user = "default";
    CHECK(error() == "no error");
    address.user = "ada";
    CHECK(says(error(), "no password is set"));
    address.user.clear();
    replies.hello = lost_reply(Loss::Cause::closed);
    CHECK(says(error(), "no password is set"));
}

TEST_CASE_FIXTURE(Checked, "a database that is not to be had") {
    address.db = 7;
    replies.select = Reply::make_error("ERR DB index is out of range");
    CHECK(says(error(), "cannot select database 7 on h:6379"));
    CHECK_FALSE(says(error(), "|"));
    server.mode = "cluster";
    CHECK(says(error(), "cluster-databases of the nodes says how many there are"));
    replies.select = Reply::make_error("ERR SELECT is not allowed in cluster mode");
    CHECK(says(error(), "this cluster has database 0 alone"));
    replies.select = Reply::make_error("NOPERM this user has no permissions to run 'select'");
    CHECK(says(error(), "cannot select database 7"));
    replies.select = Reply::make_status("OK");
    server.mode.clear();
    server.name = "kvrocks";
    CHECK(says(error(), "Kvrocks has one database"));
    address.db = 0;
    CHECK(error() == "no error");
}
