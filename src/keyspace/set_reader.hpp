// The members of one set or sorted set, read page by page with SSCAN or ZSCAN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyspace/element_cursor.hpp"
#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

struct SetMember {
    std::string name;
    std::string score;  // of a sorted set, as the server writes it; else empty
};

class SetReader {
public:
    enum class Kind { missing, set, sorted_set };

    /// The connection was closed: after a reconnect the reading goes on.
    struct ConnectionLost : Error {
        explicit ConnectionLost(const Error& error) : Error(error) {}
    };

    /// The set was there, and is no more, or is another kind of key: members are missing that had
    /// not been read.
    struct Gone : Error {
        explicit Gone(const Error& error) : Error(error) {}
    };

    SetReader(Client& client, Paces& paces, std::string set);

    /// Asks what the key is. Throws Error(bad_input) if it is neither, which names its type; else
    /// as next().
    Kind kind();

    /// The next members; nothing at the end, or when a signal came. Those that are there all the
    /// time come at least once each, and may come twice. Throws Error(refused) for what the server
    /// does not let us, ConnectionLost, and Gone if the key has become something else.
    std::optional<std::vector<SetMember>> next();

    /// After the end, if no signal came: throws Gone if the set went before it had been read, which
    /// looks like the end of one; else as next().
    void check_that_all_came();

    [[nodiscard]] const std::string& name() const { return m_set; }

private:
    struct Scanned {
        Reply reply;
        ReplyOrigin origin;
    };
    [[nodiscard]] Scanned scan(Kind as, const std::string& cursor, std::uint64_t count);
    [[nodiscard]] Error wrong_type();
    [[nodiscard]] Gone gone(std::string_view how) const;
    [[nodiscard]] Reply checked(Reply reply);
    void note_size(const std::vector<SetMember>& page);

    Client& m_client;
    Paces& m_paces;
    std::string m_set;
    std::optional<Kind> m_kind;
    std::optional<Kind> m_was;  // what it was when it was first seen to be there
    ElementCursor m_cursor;
    bool m_ended_with_members = false;  // so it was there when its last page was read
    std::uint64_t m_count;              // COUNT of the next page
};

}  // namespace cachectl
