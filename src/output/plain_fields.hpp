// A summary as lines for `cut` and `awk`: the fields of its JSON, each as "NAME<TAB>VALUE".
#pragma once

#include <functional>

#include "output/format.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// What plain is of a command whose summary is sentences: fields if it was asked for, sentences if
/// stdout is a pipe and nothing was said.
enum class PlainAs { sentences, fields };
constexpr PlainAs plain_as(const FormatChoice& choice) {
    return choice.chosen == Format::plain ? PlainAs::fields : PlainAs::sentences;
}

/// `json` writes one object. What is nested is named "namespaces.user", an array's elements
/// "patterns.0"; null is "-". Controls in a text are escaped, so that a field is one line.
void write_plain_fields(Writer& out, const std::function<void(JsonWriter&)>& json);

}  // namespace cachectl
