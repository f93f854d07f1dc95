// Manifests of `warm`. Inputs that could name files outside of a folder that is not there are left
// out.
#include "warm/manifest.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr const char* k_path = "no-such-folder/manifest.json";

void check_plan(const WarmPlan& plan) {
    expect(!plan.datasets.empty() && !plan.inputs.empty(), "there is something to load");
    std::vector<std::string> files;
    for (const WarmPlan::Input& input : plan.inputs) {
        expect(!input.datasets.empty(), "what is read is for something");
        for (const std::size_t dataset : input.datasets) {
            expect(dataset < plan.datasets.size(), "it is for a dataset that is there");
        }
        files.push_back(input.file);
    }
    std::sort(files.begin(), files.end());
    expect(std::adjacent_find(files.begin(), files.end()) == files.end(), "a file is read once");
    expect(plan.identity({}, {}) == plan.identity({}, {}), "a plan is itself");
}

}  // namespace

void fuzz_manifest(std::string_view input) {
    if (input.find_first_of("/\\") != std::string_view::npos ||
        input.find("..") != std::string_view::npos) {
        return;
    }
    try {
        const WarmPlan plan = parse_manifest(input, k_path);
        check_plan(plan);
        const WarmPlan again = parse_manifest(input, k_path);
        expect_same(plan.identity({}, {}), again.identity({}, {}), "it says the same twice");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input, "a mistake in a manifest is bad input");
        expect(std::string_view(error.what()).starts_with("no-such-folder"),
               std::string("a mistake has its place: ") + error.what());
    }
}

}  // namespace cachectl
