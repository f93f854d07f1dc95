// --and-set: when the keys that a set listed are gone, they are taken out of the set, and with the
// last of them the set is gone too.
//
// The set is not deleted as such. The application may list a key while we work, and a set that is
// deleted then would lose it: a key that no tag leads to stays in the cache, stale. So the set is
// read again, and a member is taken out only if its key does not exist. Another process may write
// the key between our question and our answer to it; so after a member was taken out its key is
// asked for once more, and if it is there by now the member is put back. An application that
// writes a key first and lists it then, or does both in one transaction, finds every key that is
// there listed in the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

/// What became of a set.
struct ListingSet {
    std::string name;
    bool gone = false;
    bool was_missing = false;        // when it was to be emptied
    bool is_planned = false;         // in a dry run
    std::uint64_t members_left = 0;  // whose keys exist, as far as was seen
    std::string why;                 // it was not touched; empty: it was
};

struct EmptiedSet {
    ListingSet set;
    std::optional<Error> failure;  // what stopped it before its end
};

/// Takes out of the set what lists no key any more.
EmptiedSet empty_listing_set(Client& client, Paces& paces, const std::string& set);

/// For the summary: "the set 'tag:1' is gone too".
std::string describe(const ListingSet& set);

}  // namespace cachectl
