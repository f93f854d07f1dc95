// What a command prints as one whole that is not a list of rows: a summary, a histogram, a key. The
// one place that chooses by the format; what can be rows goes through output/rows.
#pragma once

#include <functional>

#include "output/format.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// How a document is written in each form. A form that is not there is not offered: nothing is
/// written.
struct Document {
    std::function<void()> table = {};
    std::function<void()> lines = {};
    std::function<void(JsonWriter&)> json = {};
    std::function<void()> csv = {};
    std::function<void()> prometheus = {};
    std::function<void(Format)> own = {};  // the formats of single commands
};

/// In the form that `format` asks for; a JSON value is given the format's layout.
void write_document(Writer& out, Format format, const Document& document);

}  // namespace cachectl
