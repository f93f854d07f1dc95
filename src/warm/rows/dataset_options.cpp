// The part of warm/rows/dataset.hpp that checks the options.
#include <fmt/format.h>

#include "util/text.hpp"
#include "warm/rows/dataset.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

// A key that expires so soon that it is refreshed as soon as it is written would be written by
// every run: that is what overwrite is for.
void DatasetOptions::check_if_exists() const {
    if (if_exists == IfExists::refresh && !refresh_below) {
        throw OptionError(
            ExitCode::usage, option("if-exists") + " refresh needs " + option("refresh-below"),
            option("refresh-below") + " 10m: what expires within 10 minutes is written again");
    }
    if (if_exists != IfExists::refresh && refresh_below) {
        throw OptionError(ExitCode::usage, option("refresh-below") + " is for " +
                                               option("if-exists") + " refresh only");
    }
    if (!refresh_below || !ttl) {
        return;
    }
    const auto shortest = std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(ttl->count()) * (1 - jitter)));
    if (*refresh_below < shortest) {
        return;
    }
    throw OptionError(ExitCode::usage,
                      option("refresh-below") + " is not less than " + option("ttl") +
                          (jitter == 0 ? OptionText() : " shortened by " + option("jitter")) +
                          ": what has just been written would be refreshed at once",
                      option("if-exists") + " overwrite writes every key anew");
}

std::string DatasetOptions::located(const std::string& message) const {
    return place.empty() ? message : place + ": " + message;
}

Error DatasetOptions::located(const Error& error) const {
    if (place.empty()) {
        return error;
    }
    const ExitCode code = error.code() == ExitCode::usage ? ExitCode::bad_input : error.code();
    if (const auto* of_option = dynamic_cast<const OptionError*>(&error)) {
        return {code, located(of_option->message.in_manifest()),
                of_option->hint_text.in_manifest()};
    }
    return {code, located(std::string(error.what())), error.hint()};
}

}  // namespace cachectl
