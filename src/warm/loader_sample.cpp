// The part of warm/loader.hpp for what a dry run counts and shows of keys, and the warning of keys
// that never expire.
#include <fmt/format.h>

#include "warm/loader.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_sample_keys = 5;
constexpr std::size_t k_most_sample_keys = 20;
constexpr std::size_t k_sample_bytes = 60;

std::string type_name(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "hash";
        case EncodeAs::list:
            return "list";
        case EncodeAs::set:
            return "set";
        case EncodeAs::zset:
            return "zset";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "string";
}

/// At most `bytes` bytes, and no half of a character.
std::string_view beginning(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) {
        --bytes;
    }
    return text.substr(0, bytes);
}

}  // namespace

void WarmWriter::count_for_dry_run(const MadeKey& made, std::optional<milliseconds> ttl) {
    const std::size_t bytes = made.key.size() + made.value.bytes();
    m_summary.tally.bytes += bytes;
    made.counts.counts.bytes += bytes;
    m_estimate.add(made.key, made.value, ttl.has_value());
    if (is_sampled(made.counts)) {
        keep_sample(made, ttl);
    }
}

// Once for each dataset.
void WarmWriter::warn_of_no_ttl(const MadeKey& made) {
    const Dataset& dataset = made.dataset;
    if (!m_warned_of_no_ttl.insert(&dataset).second) {
        return;
    }
    const OptionText text =
        dataset.may_expire()
            ? fmt::format(
                  "'{}' will never expire, nor will others for which the policy has no "
                  "ttl; ",
                  made.key) +
                  option("ttl") + " sets one"
            : "the keys will never expire; " + option("ttl") + " sets a time to live";
    m_warn(dataset.options().located(OptionError(ExitCode::ok, text)).what());
}

// The first keys, and where there are several datasets a few of each.
bool WarmWriter::is_sampled(const WarmDataset& dataset) const {
    const std::size_t of_each = m_summary.datasets.size() == 1 ? k_sample_keys : 2;
    return dataset.keys <= of_each && m_summary.sample.size() < k_most_sample_keys;
}

void WarmWriter::keep_sample(const MadeKey& made, std::optional<milliseconds> ttl) {
    const Encoded& value = made.value;
    std::string head;
    bool is_cut = false;
    for (const std::string_view part : value.parts) {
        is_cut = is_cut || head.size() >= k_sample_bytes;
        if (is_cut) {
            break;
        }
        head += (head.empty() ? "" : " ");
        head += beginning(part, k_sample_bytes);
        is_cut = part.size() > k_sample_bytes;
    }
    m_summary.sample.push_back({std::string(made.key), type_name(value.as), ttl,
                                made.key.size() + value.bytes(), std::move(head), is_cut});
}

}  // namespace cachectl
