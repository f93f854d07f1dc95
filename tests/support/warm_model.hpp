// What `warm` should leave behind, worked out from the rows before any format has written them down
// and without its code. tests/integration/warm_model_test.cpp holds the real thing against it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/change_model.hpp"
#include "support/warm_formats.hpp"

namespace cachectl::test {

/// Text with columns in it: 'course:{id}'.
struct ModelTemplate {
    struct Part {
        std::string literal;
        std::optional<std::size_t> column;  // its value follows the literal
    };
    std::vector<Part> parts;

    [[nodiscard]] std::string text(const std::vector<std::string>& columns) const;
};

struct ModelCondition {
    enum class Kind { equal, unequal, at_least, is_true, null, not_null };
    std::size_t column = 0;
    Kind kind = Kind::equal;
    std::string value;  // a text, or for at_least a whole number

    [[nodiscard]] std::string text(const std::vector<std::string>& columns) const;
};

struct ModelDataset {
    std::optional<ModelTemplate> key, group, value;
    std::string collect;  // the key; empty: it does not collect
    std::optional<std::size_t> collect_by;
    std::string as;  // empty: nothing is said
    std::vector<std::size_t> columns;
    std::vector<ModelCondition> where;
    std::optional<std::int64_t> ttl_s;
    int jitter_percent = 0;
    enum class IfExists { skip, overwrite, refresh, update };
    IfExists if_exists = IfExists::skip;
    static constexpr std::int64_t k_refresh_below_s = 2'000;

    /// A later row of a key, or what is to be empty, replaces what is there.
    [[nodiscard]] bool overwrites() const {
        return if_exists == IfExists::overwrite || if_exists == IfExists::update;
    }
    [[nodiscard]] bool gathers() const { return group || !collect.empty(); }
    /// Options without their dashes and their values.
    [[nodiscard]] std::map<std::string, std::string> options(
        const std::vector<std::string>& column_names) const;
};

/// A rule of a key policy: its pattern is the prefix and a star.
struct ModelRule {
    std::string prefix;
    std::optional<std::int64_t> ttl_s, max_ttl_s;
    std::optional<std::uint64_t> max_size;
    bool is_protected = false;
};

enum class Interruption { none, signal, cut };

struct WarmCase {
    WarmFormat format;
    std::vector<WrittenFile> files;
    std::vector<ModelDataset> datasets;  // several: they are a manifest's
    bool uses_manifest = false, uses_stdin = false, is_packed = false;
    std::vector<ModelRule> policy;      // none: there is none
    std::string unknown_keys;           // what the policy says of them
    std::vector<std::string> protects;  // prefixes
    std::uint64_t max_errors = 0;
    bool keeps_rejected = false, verifies = false, fails_if_none = false;
    std::optional<std::uint64_t> max_keys;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> expect;
    std::string sync;       // --sync: a prefix; empty: not said
    std::string switch_to;  // --switch: a key, set to k_release; empty: not said
    static constexpr const char* k_release = "r42";
    Interruption interruption = Interruption::none;
    /// What the interrupted try reads instead of `files`; none: the same.
    std::vector<WrittenFile> files_before;
    bool restarts = false;  // the server comes back with what it had before that try

    [[nodiscard]] std::string policy_json() const;
    /// With one dataset for each of `datasets`, whose file is `path`.
    [[nodiscard]] std::string manifest_json(const std::string& path) const;
    /// What is said on the command line besides files, manifest, policy, journal and connection.
    [[nodiscard]] std::vector<std::string> words() const;
};

WarmCase random_warm_case(RandomData& random);

/// A value in a form of its own, that can be compared and printed.
struct ModelValue {
    std::string type;  // as TYPE says
    bool is_json = false;
    std::string shown;  // same_json() of JSON, else the bytes; of the other types all parts
    std::optional<std::int64_t> ttl_ms;
    int jitter_percent = 0;
};

/// A row in the file of rejected ones.
struct RejectedModelRow {
    std::size_t file = 0;
    std::size_t line = 0;
    std::string json;  // in the form of same_json(); empty where there is none

    bool operator==(const RejectedModelRow&) const = default;
};

struct WarmExpected {
    int exit_code = 0;
    bool is_complete = true;
    std::uint64_t records = 0, keys = 0, written = 0, skipped = 0, duplicates = 0, rejected = 0,
                  filtered = 0, protected_keys = 0;
    std::map<std::string, ModelValue> values;  // of all keys that were written
    std::set<std::string> deleted;             // by --sync
    bool keeps_pointer = false;  // as is found when it is written: a dry run does not know
    std::vector<RejectedModelRow> bad;
};

/// `existing` are the keys of the server before.
WarmExpected expected_of(const WarmCase& warm, const Keyspace& existing);

/// As the server has it; JSON only where it should be.
std::string shown_value(RespClient& redis, const std::string& key, const std::string& type,
                        bool is_json);

/// Keys that the run makes, and whatever else may be there: of all types, with and without a time
/// to live.
void fill_for_warm(RespClient& redis, RandomData& random, const WarmCase& warm);

}  // namespace cachectl::test
