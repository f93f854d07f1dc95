#include "dump/json_element.hpp"

#include <fmt/format.h>

#include "dump/json_document.hpp"
#include "dump/source.hpp"

namespace cachectl {

static_assert(Source::k_padding >= simdjson::SIMDJSON_PADDING);

namespace {

enum class Container { object, array };

}  // namespace

struct JsonElementParser::Impl {
    JsonDocument json{k_max_depth};

    RowResult<> add_member(od::field& member, Record& record) {
        const char* const value = member.value().raw_json_token().data();
        auto name = json.unescape(name_inside(member.key().raw(), value), record);
        return name ? add_value(*name, member.value(), record) : std::move(name.bad_row());
    }

    RowResult<> add_value(std::string_view name, od::value& value, Record& record) {
        const std::string_view token = value.raw_json_token();
        const char first = token.front();
        if (first == '"') {
            return add_string(name, value, token, record);
        }
        if (first == '{' || first == '[') {
            return json.add_nested(name, value, token, record);
        }
        const std::string_view word = trim_token(token);
        auto kind = JsonDocument::kind_of_word(word);
        if (!kind) {
            return std::move(kind.bad_row());
        }
        record.add(name, *kind, *kind == ValueKind::null ? std::string_view() : word);
        return {};
    }

    RowResult<> add_string(std::string_view name, od::value& value, std::string_view token,
                           Record& record) {
        auto inside = json.take_string(value, token);
        auto string = inside ? json.unescape(*inside, record) : std::move(inside);
        if (!string) {
            return std::move(string.bad_row());
        }
        record.add(name, ValueKind::text, *string);
        return {};
    }

    RowResult<> add_members(Record& record) {
        auto object = json.root().get_object();
        if (object.error() != simdjson::SUCCESS) {
            return json.bad(object.error());
        }
        for (auto field : object.value_unsafe()) {
            if (const auto error = field.error()) {
                return json.bad(error);
            }
            // By reference: a field moved out is stored in parts and loaded whole, which stalls.
            od::field&& member = std::move(field).value_unsafe();
            if (auto added = add_member(member, record); !added) {
                return added;
            }
        }
        if (const std::string* name = record.duplicate_name()) {
            return BadRow{fmt::format("two members are named {}", shown_token(*name))};
        }
        return {};
    }

    RowResult<> add_elements(Record& record) {
        auto array = json.root().get_array();
        if (array.error() != simdjson::SUCCESS) {
            return json.bad(array.error());
        }
        for (auto element : array.value_unsafe()) {
            od::value value;
            if (const auto error = std::move(element).get(value)) {
                return json.bad(error);
            }
            if (auto added = add_value({}, value, record); !added) {
                return added;
            }
        }
        return {};
    }

    RowResult<> parse(std::string_view text, Container container, Record& record) {
        if (auto opened = json.open(text); !opened) {
            return opened;
        }
        auto added = container == Container::object ? add_members(record) : add_elements(record);
        if (!added) {
            return added;
        }
        if (!json.ended()) {
            return BadRow{"more text after the record"};
        }
        record.set_json(text);
        return {};
    }

    RowResult<> parse(std::string_view text, Container container, std::uint64_t line,
                      Record& record) {
        record.begin(line, text.size());
        auto parsed = parse(text, container, record);
        if (!parsed) {
            parsed.bad_row().line = line;
        }
        return parsed;
    }
};

JsonElementParser::JsonElementParser() : m_impl(std::make_unique<Impl>()) {}
JsonElementParser::~JsonElementParser() = default;

RowResult<> JsonElementParser::parse_object(std::string_view text, std::uint64_t line,
                                            Record& record) {
    return m_impl->parse(text, Container::object, line, record);
}

RowResult<> JsonElementParser::parse_array(std::string_view text, std::uint64_t line,
                                           Record& record) {
    return m_impl->parse(text, Container::array, line, record);
}

}  // namespace cachectl
