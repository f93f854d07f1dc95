#include "dump/column_choice.hpp"

namespace cachectl {

ColumnChoice ColumnChoice::parse(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        return text;
    }
    ColumnChoice choice(text.substr(0, equals));
    choice.from = text.substr(equals + 1);
    choice.whole = text;
    return choice;
}

}  // namespace cachectl
