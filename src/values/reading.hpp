// What a value is, underneath: what an application has packed and encoded, read as far as that is
// certain. Nothing of it is ever executed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/node.hpp"

namespace cachectl {

/// All of the value that is at hand, or only its beginning.
enum class Extent { whole, beginning };

struct ValueReading {
    enum class Form {
        text,    // UTF-8 without NUL
        binary,  // no format that is known
        known,   // known by its mark, and not decoded
        tree,    // decoded: see `tree`
        found,   // not decoded: `tree` has the texts and numbers found in it
    };
    Form form = Form::text;
    std::vector<std::string> packings;  // that were taken off, outermost first: "gzip"
    std::string id;                     // for programs: "text", "json", "msgpack", "python-pickle"
    std::string name;                   // for people: "JSON", "Python pickle, protocol 4"
    Node tree;
    std::string text;  // what was unpacked, if anything was, and no tree came of it
    std::uint64_t unpacked_bytes = 0;
    bool cut = false;  // it goes on: the input did, or the bound of unpacking was reached

    [[nodiscard]] bool is_unpacked() const { return !packings.empty(); }
    [[nodiscard]] bool has_tree() const { return form == Form::tree || form == Form::found; }
    /// "JSON unpacked from gzip"
    [[nodiscard]] std::string full_name() const;
    /// "gzip+json"
    [[nodiscard]] std::string ids() const;
};

/// Unpacks at most twice, each time at most 1 MiB; `bounds` are those of the tree.
ValueReading read_value(std::string_view bytes, Extent extent, const NodeBounds& bounds = {});

}  // namespace cachectl
