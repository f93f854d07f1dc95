#include "support/change_runs.hpp"

#include <string_view>

namespace cachectl::test {

namespace {

/// Replaces what stands between `before` and the next of `ends`.
void blank_out(std::string& text, std::string_view before, std::string_view ends) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) {
        return;
    }
    const std::size_t from = at + before.size();
    text.replace(from, text.find_first_of(ends, from) - from, "T");
}

}  // namespace

FakeClient shared_cache() {
    FakeClient client;
    client.keys["course:1"] = {.ttl_ms = 60'000};
    client.keys["course:2"] = {.type = "hash"};
    client.keys["menu:1"] = {};
    client.keys["sess:a"] = {.ttl_ms = 3'600'000};
    return client;
}

std::string without_time(std::string summary) {
    blank_out(summary, R"("elapsed_ms":)", "}\n");
    if (summary.starts_with("deleted ") || summary.starts_with("changed ")) {
        blank_out(summary, " in ", "\n");
    }
    return summary;
}

std::vector<std::string> without_measuring(std::vector<std::string> lines) {
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("MEMORY USAGE "); });
    return lines;
}

}  // namespace cachectl::test
