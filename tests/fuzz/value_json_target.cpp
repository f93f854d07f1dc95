// JSON of a cache: what another parser takes is JSON for us, and the other way round.
#include <nlohmann/json.hpp>

#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "util/text.hpp"
#include "values/json_value.hpp"

namespace cachectl {

namespace {

/// Numbers that a double cannot hold, and halves of surrogate pairs, are JSON by its grammar alone.
bool is_beyond_grammar(std::string_view input) {
    return !is_utf8(input) || input.size() > 300 || input.find('\\') != std::string_view::npos ||
           input.find_first_of("eE") != std::string_view::npos;
}

}  // namespace

void fuzz_value_json(std::string_view input) {
    expect_good_decoder(decode_json, input);
    const std::size_t first = input.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    // A NUL ends the input for that other parser.
    if (first == std::string_view::npos || (input[first] != '{' && input[first] != '[') ||
        input.find('\0') != std::string_view::npos) {
        return;
    }
    const bool ours = decode_json(input, {}).end == DecodeEnd::whole;
    const bool theirs = nlohmann::json::accept(input);
    expect(ours || !theirs, "JSON is recognised");
    expect(theirs || !ours || is_beyond_grammar(input), "only JSON is called JSON");
}

}  // namespace cachectl
