// Messages about options, which are flags on the command line and members in a manifest: of one
// text that names options there are both forms, "--collect-by needs --collect" and "'collect_by'
// needs 'collect'".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "util/error.hpp"

namespace cachectl {

class OptionText {
public:
    OptionText() = default;
    /// Text without options. Not explicit, so that texts and options can be added up.
    OptionText(std::string text) { m_pieces.push_back({std::move(text), false}); }
    OptionText(std::string_view text) : OptionText(std::string(text)) {}
    OptionText(const char* text) : OptionText(std::string(text)) {}

    [[nodiscard]] std::string on_command_line() const;
    [[nodiscard]] std::string in_manifest() const;

    friend OptionText operator+(OptionText before, const OptionText& behind) {
        before.m_pieces.insert(before.m_pieces.end(), behind.m_pieces.begin(),
                               behind.m_pieces.end());
        return before;
    }
    /// By its name without dashes: "collect-by".
    friend OptionText option(std::string_view name) {
        OptionText text;
        text.m_pieces.push_back({std::string(name), true});
        return text;
    }

private:
    struct Piece {
        std::string text;
        bool is_option;
    };
    std::vector<Piece> m_pieces;
};

OptionText option(std::string_view name);

/// An error about options of a dataset: its message is that of the command line.
struct OptionError : Error {
    OptionError(ExitCode code, OptionText the_message, OptionText the_hint = {})
        : Error(code, the_message.on_command_line(), the_hint.on_command_line()),
          message(std::move(the_message)),
          hint_text(std::move(the_hint)) {}

    OptionText message;
    OptionText hint_text;
};

}  // namespace cachectl
