#include "docs/completion.hpp"

namespace cachectl {

std::string_view completion_source(OptionOutline::Kind kind) {
    switch (kind) {
        case OptionOutline::Kind::context:
            return "contexts";
        case OptionOutline::Kind::table:
            return "tables";
        case OptionOutline::Kind::column:
            return "columns";
        case OptionOutline::Kind::key:
            return "keys";
        case OptionOutline::Kind::key_namespace:
            return "namespaces";
        case OptionOutline::Kind::unknown:
        case OptionOutline::Kind::choices:
        case OptionOutline::Kind::file:
            break;
    }
    return {};
}

}  // namespace cachectl
