// A large value on its way into a server. One command for the whole would hold the server for as
// long as it takes: the value is built up under another name, a slice at a time, and takes the
// place of its key when it is complete, so that nobody ever sees half of it.
#pragma once

#include <cstddef>
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

    /// Nothing if all is there by then, else why not. `add_slices` calls add() for each slice, in
    /// the order of the value, and returns what that has told; it is called again where the server
    /// refused one of them only for now.
    [[nodiscard]] std::optional<Reply> build(
        const std::function<std::optional<Reply>()>& add_slices);
    /// VERB name WORDS …. Nothing if all is well so far: on a single server several slices are on
    /// their way at once. Each should cost the server no more than others can wait.
    [[nodiscard]] std::optional<Reply> add(std::string_view verb,
                                           std::span<const std::string_view> words);

    /// What the key gets with its new value: {"PEXPIRE", "60000"}; empty: it never expires.
    struct Expiry {
        std::string_view verb = {};
        std::string_view time = {};
    };
    struct Placed {
        enum class Fate {
            placed,
            exists,    // the key is there, and was left as it is
            expired,   // the time of the value is over, and with it the value has gone
            unwanted,  // by `is_wanted`
            restless,  // others write to the key, whenever it is looked at
            refused,
        };
        Fate fate;
        Reply refusal = {};  // or what else came instead of an answer
    };
    /// Where the key is not there.
    [[nodiscard]] Placed place(const Expiry& expiry);
    /// Whatever is there goes: it is freed by another thread of the server, which RENAME would not
    /// do on all of them. With `is_wanted`, which looks at the key, only if it says so and nobody
    /// has touched the key since.
    using IsWanted = std::function<bool(Client& server)>;
    [[nodiscard]] Placed replace(const Expiry& expiry, const IsWanted& is_wanted = {});

    /// Takes it away again.
    void remove();

private:
    using Command = std::vector<std::string_view>;

    /// Of the slices that are on their way.
    struct Flow {
        std::size_t bytes = 0;
        std::optional<Reply> failure = {};  // the first one
    };

    [[nodiscard]] Reply begin(const Command& slice);
    [[nodiscard]] std::optional<Reply> check_complete();
    [[nodiscard]] Reply transact(Client& server, const std::vector<Command>& commands);
    [[nodiscard]] std::optional<Placed> try_to_replace(Client& server, const Expiry& expiry,
                                                       const IsWanted& is_wanted);
    [[nodiscard]] Reply watch(Client& server, bool key_too);
    [[nodiscard]] Command expiry_command(std::string_view of, const Expiry& expiry) const;
    [[nodiscard]] static std::optional<Reply> check_left(const Reply& pttl);

    Client& m_client;
    std::string m_key;
    std::string m_name;
    std::size_t m_most_bytes_on_their_way;
    std::shared_ptr<Flow> m_flow;
};

}  // namespace cachectl
