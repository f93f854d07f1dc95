// The names by which people ask for tables.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "dump/sql/schema.hpp"
#include "util/error.hpp"

namespace cachectl {

SqlTableName SqlTableName::parse(std::string_view text) {
    SqlTableName name;
    name.m_text = text;
    const auto refuse = [text]() {
        throw Error(ExitCode::usage, fmt::format("'{}' is not the name of a table", text),
                    "write it as NAME or SCHEMA.NAME, with \"…\" around a name that holds dots or "
                    "quotes");
    };
    std::size_t at = 0;
    while (true) {
        Part part{{}, at < text.size() && (text[at] == '"' || text[at] == '`')};
        if (part.exact) {
            const char quote = text[at++];
            while (at < text.size() &&
                   (text[at] != quote || text.substr(at + 1, 1) == text.substr(at, 1))) {
                part.name += text[at];
                at += text[at] == quote ? 2 : 1;
            }
            if (at++ >= text.size()) {
                refuse();
            }
        } else {
            const std::size_t end = std::min(text.find('.', at), text.size());
            part.name = text.substr(at, end - at);
            at = end;
        }
        if (part.name.empty()) {
            refuse();
        }
        name.m_parts.push_back(std::move(part));
        if (at == text.size()) {
            return name;
        }
        if (text[at++] != '.') {
            refuse();
        }
    }
}

SqlTableName SqlTableName::of(const std::vector<std::string>& path, Quotes quotes) {
    const auto is_plain = [](char c) {
        return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
    };
    SqlTableName name;
    for (const std::string& part : path) {
        const bool plain =
            quotes == Quotes::where_needed && std::all_of(part.begin(), part.end(), is_plain);
        std::string text = part;
        for (std::size_t at = 0; !plain && (at = text.find('"', at)) != std::string::npos;
             at += 2) {
            text.insert(at, 1, '"');
        }
        name.m_text += name.m_text.empty() ? "" : ".";
        name.m_text += plain ? text : '"' + text + '"';
        name.m_parts.push_back({part, !plain});
    }
    return name;
}

bool SqlTableName::matches(const std::vector<std::string>& path) const {
    return m_parts.size() <= path.size() &&
           std::equal(m_parts.rbegin(), m_parts.rend(), path.rbegin(),
                      [](const Part& part, const std::string& name) {
                          return part.exact ? part.name == name : same_sql_name(part.name, name);
                      });
}

}  // namespace cachectl
