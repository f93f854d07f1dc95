// The manifest of a warm run: many datasets, said in one JSON file instead of on command lines.
// What it may say, cachectl-manifest(5) tells people.
#pragma once

#include <string>
#include <string_view>

#include "warm/plan.hpp"

namespace cachectl {

/// Reads the file. Error(bad_input, "FILE:LINE: …") for any mistake in it, and if it cannot be
/// read.
/// Its templates are filled with `values`, and with what it sets itself.
WarmPlan read_manifest(const std::string& path, const TemplateValues& values = {});

/// The same for text that is already here. `path` is what messages call it; the files that it
/// names are relative to its folder.
WarmPlan parse_manifest(std::string_view text, const std::string& path,
                        const TemplateValues& values = {});

}  // namespace cachectl
