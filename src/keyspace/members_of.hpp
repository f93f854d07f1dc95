// The keys that sets and sorted sets list, as the tags of a cache do: a list of keys that is read
// from the server while it is used.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "keyspace/set_reader.hpp"
#include "walk/key_ledger.hpp"

namespace cachectl {

class MembersOf {
public:
    explicit MembersOf(std::vector<std::string> sets);

    /// What the reading needs of whoever reads.
    struct Access {
        Client& client;
        Paces& paces;
        std::function<void()> reconnect;  // throws Error if there is no connection to be had
        std::function<void(const std::string&)> on_note;  // gets a sentence; may be empty
    };
    /// Before next(). What `access` refers to has to live until the last next().
    void read_over(Access access);

    /// The next key, each once however many sets list it; false at the end, or when a signal came.
    /// A key that is one of the sets comes last, when all of them have been read: whoever deletes
    /// it deletes the list of what is to come.
    /// Before the first, all the sets are looked at: a missing one is told and lists nothing.
    /// Throws Error(bad_input) if one is no set, Error(refused) if the server does not let us,
    /// Error(unreachable), and Error(local_io) where a long list needs a temporary file.
    bool next(std::string& key);

    /// After the end: what was lost of a set that was gone while it was read. The other sets were
    /// read nevertheless, but none of those that are keys themselves has come.
    [[nodiscard]] const std::optional<Error>& failure() const { return m_failure; }

private:
    void look_at_sets();
    [[nodiscard]] bool read_page();
    [[nodiscard]] bool is_held_back(const std::string& key);
    template <typename Work>
    auto with_connection(Work work);

    std::vector<std::string> m_sets;
    std::unique_ptr<Access> m_access;
    std::vector<SetReader> m_readers;  // of those that are there, the one being read is the last
    bool m_looked = false;
    std::vector<SetMember> m_page;
    std::size_t m_at = 0;  // of the page
    KeyLedger m_met;
    std::set<std::string> m_held;  // keys that are sets to be read
    std::optional<Error> m_failure;
};

}  // namespace cachectl
