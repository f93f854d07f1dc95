#include "health/measuring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "redis/error_reply.hpp"
#include "util/text.hpp"

namespace cachectl::measure {

namespace {

std::uint64_t whole_number(double value) {
    constexpr double k_most = 1e18;
    return static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, k_most)));
}

}  // namespace

double Needed::number(const char* field) {
    const auto value = m_node.info().number(field);
    const bool is_told = value && *value >= 0;
    if (!is_told && m_missing.empty()) {
        m_missing = field;
    }
    return is_told ? *value : 0;
}

double Needed::growth(const char* field) {
    const double after = number(field);
    const auto before = m_node.before.server.info.number(field);
    return before && *before <= after ? after - *before : 0;
}

Measurement Needed::unknown() const {
    const std::string& product = m_node.after.server.name;
    return Measurement::unknown(
        fmt::format("{} does not tell {}", product.empty() ? "the server" : product, m_missing));
}

Measurement uncounted(const NodeEvidence& node, std::string_view what) {
    const std::string& was = node.before.server.run_id;
    const std::string& is = node.after.server.run_id;
    if (!was.empty() && !is.empty() && was != is) {
        return Measurement::unknown(
            "another process than at the first reading answers by now, and counts anew");
    }
    if (!node.before.answered()) {
        return Measurement::unknown("there was no answer at the first reading");
    }
    return Measurement::unknown(fmt::format("the server does not tell {}, or was restarted", what));
}

double figure(const NodeEvidence& node, const char* field) {
    return node.info().number(field).value_or(0);
}

const Reply* told(const NodeEvidence& node, std::string_view command) {
    const auto found = node.replies.find(command);
    const bool is_told = found != node.replies.end() && !found->second.is_error() &&
                         !found->second.is_broken() && !found->second.is_nil();
    return is_told ? &found->second : nullptr;
}

std::string why_not(const Reply& reply, std::string_view command, const ServerInfo& server) {
    const Error why = refusal(reply, fmt::format("ask {}", command), server);
    return why.hint().empty() ? std::string(why.what()) : why.hint();
}

Measurement untold(const NodeEvidence& node, std::string_view command) {
    const auto found = node.replies.find(command);
    if (found == node.replies.end()) {
        return Measurement::unknown(fmt::format("{} was not asked", command));
    }
    return Measurement::unknown(why_not(found->second, command, node.after.server));
}

std::optional<Measurement> untold_figures(const NodeEvidence& node) {
    const std::optional<Error>& failure = node.after.failure;
    if (!failure || failure->code() != ExitCode::refused) {
        return std::nullopt;
    }
    const std::string what = failure->what();
    for (const char* passing : {": LOADING", ": BUSY"}) {
        if (what.find(passing) != std::string::npos) {
            return std::nullopt;
        }
    }
    return Measurement::unknown(fmt::format("{} does not tell its figures: {}", node.name(),
                                            failure->hint().empty() ? what : failure->hint()));
}

std::optional<Measurement> untold_figures(const HealthEvidence& all) {
    for (const NodeEvidence& node : all.nodes) {
        if (auto untold = untold_figures(node)) {
            return untold;
        }
    }
    return std::nullopt;
}

std::optional<std::string> config(const NodeEvidence& node, std::string_view name) {
    const Reply* reply = told(node, fmt::format("CONFIG GET {}", name));
    if (reply == nullptr || reply->elements.size() < 2 || !reply->elements[1].is_text()) {
        return std::nullopt;
    }
    return reply->elements[1].text;
}

bool is_master(const NodeEvidence& node) { return node.after.server.role != "replica"; }

std::string bytes_text(double bytes) { return format_size(whole_number(bytes)); }

std::string count_text_of(double count) { return format_count(whole_number(count)); }

std::string seconds_text(double seconds) {
    constexpr double k_most = 1e9;
    return format_duration(
        std::chrono::milliseconds(std::llround(std::clamp(seconds, 0.0, k_most) * 1'000)));
}

std::string counted(double count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count_text_of(count), std::llround(count) == 1 ? one : many);
}

}  // namespace cachectl::measure
