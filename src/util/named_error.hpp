// The names by which scripts know errors: "id" in JSON.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

/// An error with a name of its own, closer than that of its exit code.
struct NamedError : Error {
    NamedError(const Error& error, std::string error_id) : Error(error), id(std::move(error_id)) {}

    std::string id;  // "guard-max-keys"
};

/// Of any other error, by its exit code.
inline std::string_view error_id(ExitCode code) {
    switch (code) {  // without a default, so that the compiler misses no code
        case ExitCode::ok:
            return "";
        case ExitCode::no:
            return "none";
        case ExitCode::usage:
            return "usage";
        case ExitCode::unreachable:
            return "unreachable";
        case ExitCode::refused:
            return "refused";
        case ExitCode::partial:
            return "partial";
        case ExitCode::bad_input:
            return "bad-input";
        case ExitCode::local_io:
            return "local-io";
        case ExitCode::guard:
            return "guard";
        case ExitCode::interrupted:
            return "interrupted";
        case ExitCode::terminated:
            return "terminated";
    }
    return "";
}

/// A right that the user lacks is known by the server's own word, which stands in the message, so
/// that whoever passes the error on keeps the name.
inline std::string error_id(const Error& error) {
    if (const auto* const named = dynamic_cast<const NamedError*>(&error)) {
        return named->id;
    }
    const bool lacks_right = error.code() == ExitCode::refused &&
                             std::string_view(error.what()).find(": NOPERM ") != std::string::npos;
    return lacks_right ? "noperm" : std::string(error_id(error.code()));
}

}  // namespace cachectl
