#include "audit/baseline.hpp"

#include <string_view>

#include "util/json_file.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// `name_space` is encoded: as text if it is UTF-8, else in base64 behind an equals sign.
std::string identity(std::string_view check, const std::string* pattern,
                     const std::string& name_space) {
    std::string text(check);
    text += '\0';
    text += pattern == nullptr ? "-" : "+" + *pattern;
    text += '\0';
    return text + name_space;
}

std::string encoded(std::string_view name_space) {
    return is_utf8(name_space) ? "+" + std::string(name_space) : "=" + base64(name_space);
}

std::string identity_in(const JsonValue& finding) {
    const JsonValue& pattern = finding.at("pattern");
    const JsonValue* bytes = finding.find("namespace_base64");
    return identity(
        finding.at("rule").as_text(),
        pattern.type() == JsonValue::Type::null ? nullptr : &pattern.as_string(),
        bytes != nullptr ? "=" + bytes->as_string() : "+" + finding.at("namespace").as_string());
}

std::set<std::string> known_in(const JsonValue& root) {
    if (root.type() != JsonValue::Type::object || root.find("findings") == nullptr) {
        root.fail("is not what an audit writes: it has no findings",
                  "cachectl audit -o json > FILE makes one");
    }
    std::set<std::string> known;
    for (const JsonValue& finding : root.at("findings").as_array()) {
        known.insert(identity_in(finding));
    }
    return known;
}

}  // namespace

std::string identity_of(const Finding& finding) {
    return identity(row_of(finding.check).id,
                    finding.rule == nullptr ? nullptr : &finding.rule->pattern,
                    encoded(finding.name_space));
}

Baseline Baseline::read(const std::string& path) {
    Baseline baseline;
    baseline.m_known = known_in(read_json_file(path));
    return baseline;
}

Baseline Baseline::parse(std::string_view text, const std::string& file) {
    Baseline baseline;
    baseline.m_known = known_in(parse_json(text, file));
    return baseline;
}

}  // namespace cachectl
