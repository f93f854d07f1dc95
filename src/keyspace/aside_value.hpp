// A large value on its way into a server. One command for the whole would hold the server for as
// long as it takes: the value is built up under another name, a slice at a time, and takes the
// place of its key when it is complete, so that nobody ever sees half of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"

namespace cachectl {

class AsideValue {
public:
    /// `suffix` as for temporary_key(). The client has to outlive it, and nobody else may send
    /// transactions to it meanwhile.
    AsideValue(Client& client, std::string_view key, std::string_view suffix);

    /// Nothing if transactions work on this name. Where MULTI is refused, what should have been
    /// queued behind it would be executed at once; and what cannot be taken away again had better
    /// not be built.
    [[nodiscard]] std::optional<Reply> check_transactions();

    /// Nothing if all was taken, else why not: nothing of the key has been changed. `add_slices`
    /// calls add() for each slice, in the order of the value, and returns what that has told; it is
    /// called again where the server refused one of them only for now.
    [[nodiscard]] std::optional<Reply> build(
        const std::function<std::optional<Reply>()>& add_slices);
    /// VERB name WORDS …: RPUSH, SADD, HSET, ZADD or APPEND. Nothing if all is well so far: on a
    /// single server several slices are on their way at once. Each should cost the server no more
    /// than others can wait.
    [[nodiscard]] std::optional<Reply> add(std::string_view verb,
                                           std::span<const std::string_view> words);

    struct Placing {
        bool replaces = false;         // what is there; it is freed by another thread of the
                                       // server, which RENAME would not do on all of them
        std::string_view expiry = {};  // PEXPIRE or PEXPIREAT; empty: the key never expires
        std::string_view time = {};    // of the expiry
        /// Asked before the value takes its place: its time is over.
        std::function<bool()> is_over = {};
        /// Looks at the key, whose place the value takes only if it says so and nobody has touched
        /// the key since.
        std::function<bool(Client& server)> is_wanted = {};
    };
    struct Placed {
        enum class Fate {
            placed,
            exists,    // the key is there, and was left as it is
            expired,   // the time of the value is over
            unwanted,  // by `is_wanted`
            restless,  // others write to the key, whenever it is looked at
            interrupted,
            refused,
        };
        Fate fate;
        Reply refusal = {};  // or what else came instead of an answer; `lost`: it may be there
    };
    /// If the value is complete: the server may have evicted some of it, or another server have
    /// taken over that lacks some.
    [[nodiscard]] Placed place(const Placing& placing);

    /// Takes it away again.
    void remove();

private:
    using Command = std::vector<std::string_view>;

    /// Of the slices that are on their way, and have been.
    struct Flow {
        std::size_t bytes = 0;
        std::int64_t length = 0;            // that the value has by the server's answers
        std::optional<Reply> failure = {};  // the first one

        void take(Reply reply, std::optional<std::int64_t> length_by_now);
    };

    [[nodiscard]] std::optional<std::int64_t> length_with(std::string_view verb,
                                                          std::span<const std::string_view> words);
    [[nodiscard]] Reply begin(const Command& slice);
    [[nodiscard]] std::optional<Placed> try_to_place(Client& server, const Placing& placing);
    [[nodiscard]] std::optional<Placed> look(Client& server, const Placing& placing);
    [[nodiscard]] Placed take_exec(const Placing& placing, const Reply& exec) const;
    [[nodiscard]] std::vector<Command> commands_of(const Placing& placing) const;
    [[nodiscard]] Reply transact(Client& server, const std::vector<Command>& commands) const;
    [[nodiscard]] Reply transact_patiently(const std::vector<Command>& commands) const;

    Client& m_client;
    std::string m_key;
    std::string m_name;
    std::size_t m_most_bytes_on_their_way;
    std::string m_verb;
    std::int64_t m_sent = 0;  // elements, or bytes of a string
    std::shared_ptr<Flow> m_flow;
};

}  // namespace cachectl
