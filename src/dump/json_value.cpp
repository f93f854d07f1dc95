#include "dump/json_value.hpp"

#include "dump/json_text.hpp"

namespace cachectl {

bool append_json(ValueKind kind, std::string_view text, std::string& out) {
    switch (kind) {
        case ValueKind::null:
            out += "null";
            return true;
        case ValueKind::text:
            return append_json_string(text, out);
        case ValueKind::boolean:
        case ValueKind::number:
        case ValueKind::json:
            break;
    }
    out += text;
    return true;
}

}  // namespace cachectl
