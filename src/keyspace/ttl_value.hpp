// What a list shows as a key's time to live.
#pragma once

#include "keyspace/key_facts.hpp"
#include "output/color.hpp"
#include "output/rows.hpp"

namespace cachectl {

/// Milliseconds; nothing where it never expires, for which the field has its word; "?" where the
/// answer was none.
inline FieldValue ttl_value(const KeyFacts& key) {
    return key.unreadable && !key.ttl ? FieldValue::absent("?", Style::plain) : FieldValue(key.ttl);
}

}  // namespace cachectl
