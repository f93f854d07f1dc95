#include "cli/sample_choice.hpp"

#include <string>

#include "util/error.hpp"
#include "util/parse.hpp"
#include "walk/sample.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_default_sample = 10'000;
constexpr std::uint64_t k_exact_up_to = 100'000;

}  // namespace

void add_sample_choice(CommandSyntax& syntax, SampleChoice& choice) {
    constexpr const char* k_choosing = "Choosing keys";
    Option& exact = syntax.add_flag("--exact", choice.exact,
                                    "Look at every key (default: up to 100,000 keys, above that a "
                                    "sample of 10,000)");
    exact.group(k_choosing);
    add_parsed_option(
        syntax, "--sample", choice.sample,
        [](const std::string& text) { return parse_positive_count(text, "a number of keys"); }, "N",
        "Look at N keys drawn by lot (2 at least), and estimate for all")
        .group(k_choosing)
        .excludes(exact);
}

void apply_sample_choice(const SampleChoice& choice, Selection& selection) {
    const bool listed = selection.next_listed_key != nullptr;
    if (choice.sample && listed) {
        throw Error(ExitCode::usage, "--sample goes with a walk, not with a list of keys");
    }
    if (!choice.exact && !listed && selection.limit == 0) {
        selection.sample = choice.sample.value_or(k_default_sample);
        selection.sample_above = choice.sample ? 0 : k_exact_up_to;
    }
}

void check_sample(Context& ctx, Client& client, const SampleChoice& choice, Selection& selection) {
    if (selection.sample == 0) {
        return;
    }
    for (const ServerNode& node : sampled_servers(client).nodes) {
        const std::string why = Sampler::why_none_of(node.client->server());
        if (why.empty()) {
            continue;
        }
        if (choice.sample) {
            throw Error(ExitCode::refused, "cannot draw a sample of the keys: " + why,
                        "--exact looks at every key");
        }
        ctx.note("every key is looked at, because no sample can be drawn: " +
                 (node.name.empty() ? "" : node.name + ": ") + why);
        selection.sample = 0;
        return;
    }
}

}  // namespace cachectl
