// What holds for every tree that a decoder of values makes.
#pragma once

#include <string_view>

#include "values/node.hpp"

namespace cachectl {

/// Harmless for a terminal: printable UTF-8 and newlines.
void expect_harmless(std::string_view text);

/// The tree is bounded, is JSON for programs, and can be laid out for every terminal.
void expect_good_tree(const Node& root, const NodeBounds& bounds);

/// Decodes all of the input, and half of it: what is whole is not whole without its end.
void expect_good_decoder(Decoded (*decode)(std::string_view, const NodeBounds&),
                         std::string_view input);

}  // namespace cachectl
