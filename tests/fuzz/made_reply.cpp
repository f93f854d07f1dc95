#include "fuzz/made_reply.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_deepest = 8;

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

Reply scalar(std::string_view line) {
    const char type = line.empty() ? '$' : line.front();
    const std::string_view rest = line.substr(std::min<std::size_t>(line.size(), 1));
    if (type == '_') {
        return {};
    }
    if (type == ':') {
        std::int64_t number = 0;
        std::from_chars(rest.data(), rest.data() + rest.size(), number);
        return Reply::make_integer(number);
    }
    if (type == '+') {
        return Reply::make_status(std::string(rest));
    }
    if (type == '-') {
        return Reply::make_error(std::string(rest));
    }
    std::string text(type == '$' ? rest : line);
    replace_all(text, "\\n", "\n");
    return Reply::make_string(std::move(text));
}

}  // namespace

Reply made_reply(std::string_view text) {
    std::vector<std::vector<Reply>> open(1);
    const auto close = [&open] {
        Reply array = Reply::make_array(std::move(open.back()));
        open.pop_back();
        open.back().push_back(std::move(array));
    };
    while (!text.empty() && (open.size() > 1 || open.front().empty())) {
        const std::string_view line = take_line(text);
        if (line == "[" && open.size() <= k_deepest) {
            open.emplace_back();
        } else if (line == "]" && open.size() > 1) {
            close();
        } else {
            open.back().push_back(scalar(line));
        }
    }
    while (open.size() > 1) {
        close();
    }
    return open.front().empty() ? Reply() : std::move(open.front().front());
}

}  // namespace cachectl
