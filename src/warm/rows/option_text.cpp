#include "warm/rows/option_text.hpp"

#include <algorithm>

namespace cachectl {

std::string OptionText::on_command_line() const {
    std::string text;
    for (const Piece& piece : m_pieces) {
        text += (piece.is_option ? "--" : "") + piece.text;
    }
    return text;
}

std::string OptionText::in_manifest() const {
    std::string text;
    for (const Piece& piece : m_pieces) {
        if (!piece.is_option) {
            text += piece.text;
            continue;
        }
        std::string member = piece.text;
        std::replace(member.begin(), member.end(), '-', '_');
        text += "'" + member + "'";
    }
    return text;
}

}  // namespace cachectl
