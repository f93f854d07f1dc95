// Python's pickles: a program for a machine that can call anything. It is never run: its texts and
// numbers are told in the order in which they stand there.
#pragma once

#include <string_view>

#include "values/node.hpp"

namespace cachectl {

struct Pickle {
    DecodeEnd end = DecodeEnd::no;
    unsigned protocol = 0;
    /// An array of texts, bytes and numbers; what would be imported is a remark: "os.system".
    Node found;
};

/// Protocols 2 to 5 by their mark, 0 by the ways it usually begins.
Pickle read_pickle(std::string_view bytes, const NodeBounds& bounds);

}  // namespace cachectl
