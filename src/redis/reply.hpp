// A reply as the rest of the program sees it: owned, typed, and never silently absent.
// A command whose connection ended has a reply too: `lost` or `unsent`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cachectl {

/// Why a command has no reply, for those who must tell one cause from another.
struct Loss {
    enum class Cause {
        other,
        closed,     // the server ended the connection
        io_failed,  // the system could not read or write
        timed_out,
    };

    Cause cause = Cause::other;
    std::string server;  // the one that the reply's text names; empty if it names none
};

struct Reply {
    enum class Type {
        nil,
        integer,
        string,  // bulk string
        status,  // +OK
        array,
        error,   // the server said no; `text` is its whole message
        lost,    // sent, but the connection ended or timed out: the outcome is unknown
        unsent,  // never left this process: nothing has happened
    };

    Type type = Type::nil;
    std::int64_t integer = 0;
    std::string text;  // string, status, error; for lost and unsent the reason
    std::vector<Reply> elements;
    std::shared_ptr<const Loss> loss = nullptr;  // of some that are lost or unsent

    [[nodiscard]] bool is_nil() const { return type == Type::nil; }
    [[nodiscard]] bool is_integer() const { return type == Type::integer; }
    [[nodiscard]] bool is_text() const { return type == Type::string || type == Type::status; }
    /// The server has done what a command without a result asked for. "QUEUED" and other texts do
    /// not say so.
    [[nodiscard]] bool is_ok() const { return is_text() && text == "OK"; }
    [[nodiscard]] bool is_array() const { return type == Type::array; }
    [[nodiscard]] bool is_error() const { return type == Type::error; }
    /// The connection failed under this command.
    [[nodiscard]] bool is_broken() const { return type == Type::lost || type == Type::unsent; }

    [[nodiscard]] bool is_lost_by(Loss::Cause cause) const { return loss && loss->cause == cause; }
    /// The server that the text of a broken one names; empty if it names none.
    [[nodiscard]] std::string lost_at() const { return loss ? loss->server : std::string(); }

    /// An error reply's first word ("MOVED", "NOPERM", "ERR"), which is all of it that servers
    /// keep stable; empty for every other reply.
    [[nodiscard]] std::string_view error_prefix() const {
        if (type != Type::error) {
            return {};
        }
        return std::string_view(text).substr(0, text.find(' '));
    }

    static Reply make_integer(std::int64_t value) { return {Type::integer, value, {}, {}}; }
    static Reply make_string(std::string value) { return {Type::string, 0, std::move(value), {}}; }
    static Reply make_status(std::string value) { return {Type::status, 0, std::move(value), {}}; }
    static Reply make_error(std::string value) { return {Type::error, 0, std::move(value), {}}; }
    static Reply make_array(std::vector<Reply> value) {
        return {Type::array, 0, {}, std::move(value)};
    }
    /// `server` is the one that `why` names.
    static Reply make_unsent(std::string why, std::string server = {}) {
        Reply reply{Type::unsent, 0, std::move(why), {}};
        reply.loss = std::make_shared<const Loss>(Loss{Loss::Cause::other, std::move(server)});
        return reply;
    }
};

}  // namespace cachectl
