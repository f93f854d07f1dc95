// What stops a warm run, with the name by which scripts know it.
#pragma once

#include "util/named_error.hpp"

namespace cachectl {

struct WarmStop : NamedError {
    using NamedError::NamedError;
};

}  // namespace cachectl
