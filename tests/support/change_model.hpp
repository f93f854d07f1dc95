// What a command that changes keys should leave behind, worked out independently of cachectl: the
// server itself says which keys a glob matches (KEYS, on some dozens of keys), and the rest is set
// arithmetic. tests/integration/change_model_test.cpp holds the real thing against it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/random_data.hpp"
#include "support/resp_client.hpp"

namespace cachectl::test {

/// A key as the server has it.
struct ModelKey {
    std::string type;
    std::string dump;                    // DUMP's bytes: the value
    std::optional<std::int64_t> ttl_ms;  // nothing: never expires
    std::int64_t size_bytes = 0;

    friend bool operator==(const ModelKey&, const ModelKey&) = default;
};
using Keyspace = std::map<std::string, ModelKey>;

Keyspace read_keyspace(RespClient& redis);

/// Some dozens of keys of all types, with glob characters, NULs, newlines and invalid UTF-8 in
/// their names; times to live of about 100, 1,000, 10,000 and 100,000 seconds, or none.
void fill_randomly(RespClient& redis, RandomData& random);

enum class Mode { invalidate, flush, set, cap, add, remove };

/// A command line, and what it asks for.
struct ChangeCase {
    Mode mode = Mode::invalidate;
    std::vector<std::string> patterns;  // or namespaces
    std::vector<std::string> listed;    // instead of patterns, if `uses_list`
    bool uses_list = false;
    std::vector<std::string> excludes, protects;
    std::string type;
    bool no_ttl = false;
    std::optional<std::int64_t> ttl_below_s, ttl_above_s, size_over;
    std::optional<std::uint64_t> limit, max_keys;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> expect;
    std::int64_t duration_s = 0;  // of --set, --cap, --add
    bool fail_if_none = false;

    [[nodiscard]] bool expires() const { return mode >= Mode::set; }
    /// Without the connection and without --yes and --dry-run; `list_path` holds the listed keys.
    [[nodiscard]] std::vector<std::string> command_line(const std::string& list_path) const;
    /// For --keys-from … --null.
    [[nodiscard]] std::string list_bytes() const;
};

ChangeCase random_case(RandomData& random, const Keyspace& keys);

/// What should come of it.
struct Expected {
    std::set<std::string> selected;   // that the filters let through
    std::set<std::string> spared;     // of these, the protected ones
    std::set<std::string> unchanged;  // of these, those that already are as asked for
    std::set<std::string> planned;    // of these, those that a run without --limit changes
    bool refused = false;             // by a guard: exit 8, nothing changed
};
Expected expected_of(const ChangeCase& change, const Keyspace& keys, RespClient& redis);

/// Whether `after` is what `before` becomes when `changed` are changed. TTLs may have run on by
/// some seconds. Else a sentence.
std::optional<std::string> difference(const ChangeCase& change, const Keyspace& before,
                                      const Keyspace& after, const std::set<std::string>& changed);

/// The keys that are gone, or have another TTL than `before` by more than the time that has passed.
std::set<std::string> changed_between(const Keyspace& before, const Keyspace& after);

}  // namespace cachectl::test
