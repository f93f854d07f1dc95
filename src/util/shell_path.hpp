// A file's path as an argument of a command that can be pasted.
#pragma once

#include <string>
#include <string_view>

#include "util/text.hpp"

namespace cachectl {

/// As one word of a shell, which no command takes for an option.
inline std::string shell_path(std::string_view path) {
    return shell_word_if_needed((path.starts_with('-') ? "./" : "") + std::string(path));
}

}  // namespace cachectl
