// What is read out of keys' names: the program that they belong to, their namespace, their shape.
#include <optional>
#include <string>

#include "audit/shape_pattern.hpp"
#include "fuzz/target.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/namespaces.hpp"
#include "keyspace/neighbour_names.hpp"
#include "keyspace/temporary_key.hpp"
#include "redis/slot.hpp"
#include "usage/shape.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

bool is_of(const NeighbourPattern& pattern, std::string_view key) {
    const auto literal_at = [&](std::size_t at) {
        const std::string_view rest = pattern.glob.substr(at);
        return rest.substr(0, rest.find_first_of("*?[\\"));
    };
    if (!key.starts_with(literal_at(0)) || !glob_match(pattern.glob, key)) {
        return false;
    }
    // A short text behind a star ends with the key's first ':', see neighbour_table.cpp.
    const std::string_view behind = literal_at(1);
    if (pattern.glob.starts_with('*') && behind.size() < 24 &&
        !key.substr(0, key.find(':')).ends_with(behind.substr(0, behind.find(':')))) {
        return false;
    }
    if (pattern.tail == NeighbourTail::anything) {
        return true;
    }
    std::string_view literal = pattern.glob.substr(0, pattern.glob.size() - 1);
    literal.remove_prefix(literal.rfind('*') + 1);
    return is_made_id(key.substr(key.find(literal) + literal.size()));
}

/// Without an order that makes it fast.
void check_neighbour(std::string_view key) {
    bool sure = false;
    bool likely = false;
    for (const NeighbourKind& kind : neighbour_table()) {
        for (const NeighbourPattern& pattern : kind.sure) {
            sure |= is_of(pattern, key);
        }
        for (const NeighbourPattern& pattern : kind.likely) {
            likely |= is_of(pattern, key);
        }
    }
    const auto found = NeighbourNames::all().match(key);
    expect(found.has_value() == (sure || likely), "every pattern is found");
    expect(!found || found->sure == sure, "a sure pattern is found first");
}

void check_namespace(std::string_view key) {
    const auto name = namespace_of(key, ":");
    expect(name.has_value() == (key.find(':') != std::string_view::npos), "the delimiter divides");
    if (!name) {
        return;
    }
    try {
        expect(glob_match(namespace_pattern(*name, ":"), key), "a namespace has its keys");
    } catch (const Error&) {
        expect(name->empty() || has_glob_characters(*name), "a namespace is a pattern's beginning");
    }
}

void check_shape(std::string_view key) {
    std::string joined;
    std::string pattern;
    const auto segments = split_key(key, ":", 8);
    expect(!segments.empty() && segments.size() <= 8, "segments are bounded");
    for (const std::string_view segment : segments) {
        joined.append(joined.empty() && segment.data() == key.data() ? "" : ":").append(segment);
        pattern.append(segment.data() == key.data() ? "" : ":").append(segment_pattern(segment));
        fold_segment(segment);
    }
    expect_same(joined, key, "segments are the key");
    expect(key.empty() || glob_match(pattern, key), "a key's pattern matches it");
    expect(is_utf8(pattern), "a pattern can be written to a policy");
    expect(may_match(pattern, {pattern, false}, ":"), "a pattern may match its own keys");
}

}  // namespace

void fuzz_key_names(std::string_view input) {
    const std::string_view key = input.substr(0, input.find('\n'));
    check_neighbour(key);
    check_namespace(key);
    check_shape(key);
    // To find one may take thousands of tries.
    if (slot_of(key) % 64 == 0) {
        const std::string name = temporary_key(key, ".cachectl-0123456789abcdef");
        expect(name != key && slot_of(name) == slot_of(key), "a temporary key is beside its key");
    }
    is_temporary_key(key);
}

}  // namespace cachectl
