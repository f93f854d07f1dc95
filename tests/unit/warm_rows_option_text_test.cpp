#include "warm/rows/option_text.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("a text names options as flags and as members of a manifest") {
    const OptionText text = option("collect-by") + " needs " + option("collect");
    CHECK(text.on_command_line() == "--collect-by needs --collect");
    CHECK(text.in_manifest() == "'collect_by' needs 'collect'");
    const OptionText of_a_key = "the key '--ttl' " + option("ttl");
    CHECK(of_a_key.in_manifest() == "the key '--ttl' 'ttl'");
    const OptionError error(ExitCode::usage, text, "give " + option("group"));
    CHECK(std::string(error.what()) == "--collect-by needs --collect");
    CHECK(error.hint() == "give --group");
    CHECK(OptionText().in_manifest().empty());
}
