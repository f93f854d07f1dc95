#include "warm/rows/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "dump/json_path.hpp"
#include "dump/json_text.hpp"
#include "dump/json_value.hpp"
#include "util/error.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

namespace {

[[noreturn]] void refuse(OptionText message, OptionText hint = {}) {
    throw OptionError(ExitCode::usage, std::move(message), std::move(hint));
}

/// Redis takes a double; an infinite one it would take too, but no dump means it.
bool is_score(std::string_view text) {
    double score = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(score);
}

RowResult<> add_score(std::string_view member, const Value& member_value, const Value& score,
                      std::string_view score_name, Encoded& out) {
    if (member_value.kind == ValueKind::null) {
        return BadRow{fmt::format("column '{}' is null", member)};
    }
    if (!is_score(score.text)) {
        return BadRow{fmt::format("the score '{}' in column '{}' is not a finite number",
                                  score.text, score_name)};
    }
    out.parts.push_back(score.text);
    out.parts.push_back(member_value.text);
    return {};
}

}  // namespace

std::optional<EncodeAs> parse_encode_as(std::string_view name) noexcept {
    constexpr std::pair<std::string_view, EncodeAs> k_names[] = {
        {"json", EncodeAs::json}, {"string", EncodeAs::string}, {"hash", EncodeAs::hash},
        {"list", EncodeAs::list}, {"set", EncodeAs::set},       {"zset", EncodeAs::zset},
    };
    for (const auto& [known, as] : k_names) {
        if (name == known) {
            return as;
        }
    }
    return std::nullopt;
}

std::string_view write_verb(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "HSET";
        case EncodeAs::list:
            return "RPUSH";
        case EncodeAs::set:
            return "SADD";
        case EncodeAs::zset:
            return "ZADD";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "SET";
}

std::size_t Encoded::bytes() const noexcept {
    return std::accumulate(
        parts.begin(), parts.end(), std::size_t{0},
        [](std::size_t sum, std::string_view part) { return sum + part.size(); });
}

std::string not_utf8(std::string_view subject) {
    return fmt::format("{} is not UTF-8, so it cannot be JSON; iconv -t UTF-8 converts a file",
                       subject);
}

bool append_json(const Value& value, std::string& out) {
    return append_json(value.kind, value.text, out);
}

Encoder::Encoder(EncodeOptions options) : m_options(std::move(options)) {
    const auto& columns = m_options.columns;
    const bool entry = m_options.shape == RecordShape::entry;
    if (m_options.value_template && m_options.as != EncodeAs::string) {
        refuse(option("value") + " is for " + option("as") + " string only");
    }
    if (m_options.value_template && !columns.empty()) {
        refuse(option("value") + " and " + option("columns") + " cannot be given together");
    }
    if (entry && !columns.empty()) {
        refuse(option("columns") +
                   " picks the columns of rows, but this input is one JSON object of "
                   "key → value",
               "if the object is a record, say " + option("format") + " ndjson");
    }
    for (auto it = columns.begin(); it != columns.end(); ++it) {
        const bool twice = std::any_of(
            columns.begin(), it, [it](const auto& before) { return before.name == it->name; });
        if (twice) {
            refuse(option("columns") + " names '" + it->name + "' twice");
        }
    }
    if (m_options.as == EncodeAs::zset && !entry && columns.size() != 2) {
        refuse(option("as") + " zset needs " + option("columns") + " MEMBER,SCORE");
    }
    if (m_options.as == EncodeAs::string) {
        constexpr auto k_value = KeyTemplate::Use::value;
        if (m_options.value_template) {
            m_template = KeyTemplate::parse(*m_options.value_template, k_value);
        } else if (entry || (columns.size() == 1 && !columns.front().constant)) {
            m_template = KeyTemplate::of_column(entry ? "value" : columns.front().from, k_value);
        } else {
            refuse(option("as") + " string needs " + option("value") +
                   " TEMPLATE or one column in " + option("columns"));
        }
    }
}

/// The columns of the row at hand.
RowResult<> Encoder::select(const Record& record) {
    m_selected.clear();
    if (m_options.columns.empty()) {
        for (std::size_t i = 0; i < record.size(); ++i) {
            m_selected.push_back({record.name(i), record.value(i)});
        }
        return {};
    }
    m_scratch.resize(m_options.columns.size());
    for (const ColumnChoice& choice : m_options.columns) {
        if (auto selected = select(choice, record); !selected) {
            return selected;
        }
    }
    return {};
}

RowResult<> Encoder::select(const ColumnChoice& choice, const Record& record) {
    if (choice.constant) {
        m_selected.push_back({choice.name, {choice.constant->kind, choice.constant->text}});
        return {};
    }
    if (const Value* value = choice.whole.empty() ? nullptr : record.find(choice.whole)) {
        m_selected.push_back({choice.whole, *value});
        return {};
    }
    const auto value = find_value(record, choice.from, m_scratch[m_selected.size()]);
    if (!value) {
        return BadRow{missing_column(record, choice.from)};
    }
    m_selected.push_back({choice.name, *value});
    return {};
}

/// Makes a record of the members or elements of the entry's value.
RowResult<> Encoder::unfold(const Record& entry) {
    const bool wants_array = m_options.as == EncodeAs::list || m_options.as == EncodeAs::set;
    const std::string_view text = entry.value(1).text;
    if (entry.value(1).kind != ValueKind::json || text.front() != (wants_array ? '[' : '{')) {
        return BadRow{wants_array ? "the value is not an array" : "the value is not an object"};
    }
    m_nested.assign(text);
    m_nested.append(Source::k_padding, '\0');
    const auto json = std::string_view(m_nested).substr(0, text.size());
    return wants_array ? m_parser.parse_array(json, entry.line(), m_unfolded)
                       : m_parser.parse_object(json, entry.line(), m_unfolded);
}

const std::string& Encoder::label(std::size_t index, std::string_view name) {
    if (index == m_labels.size()) {
        m_labels.emplace_back();
    } else if (m_labels[index].name == name && !m_labels[index].json.empty()) {
        return m_labels[index].json;
    }
    Label& label = m_labels[index];
    label.name = name;
    label.json.clear();
    label.json += append_json_string(name, label.json) ? ":" : "";
    return label.json;
}

RowResult<> Encoder::encode_json(const Record& record, Encoded& out) {
    if (m_options.columns.empty() && !record.json().empty()) {
        out.parts.push_back(record.json());
        return {};
    }
    if (auto selected = select(record); !selected) {
        return selected;
    }
    out.text.assign(1, '{');
    for (std::size_t i = 0; i < m_selected.size(); ++i) {
        const Column& column = m_selected[i];
        if (i != 0) {
            out.text += ',';
        }
        const std::string& named = label(i, column.name);
        out.text += named;
        if (named.empty() || !append_json(column.value, out.text)) {
            return BadRow{not_utf8(fmt::format("column '{}'", column.name))};
        }
    }
    out.text += '}';
    out.parts.push_back(out.text);
    return {};
}

RowResult<> Encoder::encode_hash(Encoded& out) const {
    for (const Column& column : m_selected) {
        if (column.value.kind != ValueKind::null) {
            out.parts.push_back(column.name);
            out.parts.push_back(column.value.text);
        }
    }
    if (out.parts.empty()) {
        return BadRow{"every column is null, and there is no empty hash"};
    }
    return {};
}

RowResult<> Encoder::encode_elements(Encoded& out) const {
    for (const Column& column : m_selected) {
        if (column.value.kind != ValueKind::null) {
            out.parts.push_back(column.value.text);
        }
    }
    if (out.parts.empty()) {
        return BadRow{fmt::format("every value is null, and there is no empty {}",
                                  m_options.as == EncodeAs::list ? "list" : "set")};
    }
    return {};
}

RowResult<> Encoder::encode_zset(const Record& record, Encoded& out) const {
    if (m_options.shape == RecordShape::row) {
        const Column& member = m_selected[0];
        const Column& score = m_selected[1];
        return add_score(member.name, member.value, score.value, score.name, out);
    }
    for (std::size_t i = 0; i < record.size(); ++i) {
        const Value member{ValueKind::text, record.name(i)};
        auto added = add_score(record.name(i), member, record.value(i), record.name(i), out);
        if (!added) {
            return added;
        }
    }
    if (out.parts.empty()) {
        return BadRow{"the value has no members, and there is no empty zset"};
    }
    return {};
}

RowResult<> Encoder::encode(const Record& record, Encoded& out) {
    out.as = m_options.as;
    out.parts.clear();
    const bool entry = m_options.shape == RecordShape::entry;
    if (m_options.as == EncodeAs::string) {
        auto rendered = m_template->render(record, out.text);
        out.parts.push_back(out.text);
        return rendered;
    }
    if (m_options.as == EncodeAs::json && entry) {
        out.text.clear();
        if (!append_json(record.value(1), out.text)) {
            return BadRow{not_utf8("the value")};
        }
        out.parts.push_back(out.text);
        return {};
    }
    if (m_options.as == EncodeAs::json) {
        return encode_json(record, out);
    }
    if (!entry) {
        return encode_parts(record, out);
    }
    auto unfolded = unfold(record);
    return unfolded ? encode_parts(m_unfolded, out) : std::move(unfolded);
}

RowResult<> Encoder::encode_parts(const Record& record, Encoded& out) {
    if (auto selected = select(record); !selected) {
        return selected;
    }
    switch (m_options.as) {
        case EncodeAs::hash:
            return encode_hash(out);
        case EncodeAs::zset:
            return encode_zset(record, out);
        default:
            return encode_elements(out);
    }
}

}  // namespace cachectl
