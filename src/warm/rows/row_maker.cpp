#include "warm/rows/row_maker.hpp"

#include "util/error.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

namespace {

OptionText remedy() {
    return option("key") + " 'course:{id}' makes a key of each row, " + option("collect") +
           " KEY one key of all rows, " + option("group") +
           " 'courses:{tenant_id}' one of each group";
}

[[noreturn]] void refuse_options(OptionText message, OptionText hint = {}) {
    throw OptionError(ExitCode::usage, std::move(message), std::move(hint));
}

KeyTemplate key_template(const RowOptions& options, RecordShape shape) {
    if (options.key) {
        return KeyTemplate::parse(*options.key);
    }
    if (shape == RecordShape::entry) {
        return KeyTemplate::of_column("key");
    }
    refuse_options("what shall the rows' keys be?", remedy());
}

Encoder row_encoder(const RowOptions& options, RecordShape shape) {
    const bool as_string = options.value || shape == RecordShape::entry;
    return Encoder({options.as.value_or(as_string ? EncodeAs::string : EncodeAs::json),
                    options.columns, options.value, shape});
}

}  // namespace

void RowOptions::check() const {
    if ((key ? 1 : 0) + (collect ? 1 : 0) + (group ? 1 : 0) > 1) {
        refuse_options("only one of " + option("key") + ", " + option("collect") + " and " +
                           option("group") + " can be given",
                       remedy());
    }
    if (collect_by && !collect) {
        refuse_options(option("collect-by") + " needs " + option("collect"));
    }
    if (group && (as == EncodeAs::list || as == EncodeAs::set) && columns.empty()) {
        refuse_options(option("group") + " with " + option("as") + " list or set needs " +
                           option("columns") +
                           ": which of the row's values are the "
                           "elements?",
                       option("columns") + " player; without " + option("as") +
                           " each row is an object of a JSON array");
    }
    if (collect && collect->empty()) {
        refuse_options(option("collect") + ": a key cannot be empty");
    }
    if (gathers() && value) {
        refuse_options(option("collect") + " and " + option("group") +
                       " make one value of many rows: " + option("value") + " cannot be given");
    }
    if (collect && as && *as != EncodeAs::json) {
        refuse_options(option("collect") + " makes JSON of the rows: another " + option("as") +
                           " cannot be given",
                       option("group") + " makes lists, sets, zsets and hashes of rows too");
    }
    for (const auto* text : {&key, &group}) {
        if (!*text || !KeyTemplate::parse(**text).columns().empty()) {
            continue;
        }
        refuse_options(
            "the template '" + **text + "' names no column, so that all rows would be one key",
            option("collect") + " makes one key of all rows");
    }
    if (value) {
        KeyTemplate::parse(*value, KeyTemplate::Use::value);
    }
}

LoneObject RowOptions::lone_object() const {
    return key || gathers() || value || !columns.empty() ? LoneObject::record : LoneObject::entries;
}

std::vector<std::string> RowOptions::named_columns() const {
    std::vector<std::string> names;
    for (const ColumnChoice& column : columns) {
        if (!column.constant) {
            names.push_back(column.from);
        }
    }
    for (const auto* text : {&key, &group, &value}) {
        if (!*text) {
            continue;
        }
        const auto more = KeyTemplate::parse(**text, KeyTemplate::Use::value).columns();
        names.insert(names.end(), more.begin(), more.end());
    }
    if (collect_by) {
        names.push_back(*collect_by);
    }
    return names;
}

RowMaker::RowMaker(const RowOptions& options, RecordShape shape)
    : m_key(key_template(options, shape)), m_encoder(row_encoder(options, shape)) {
    // Redis has no null: without --as it is the JSON text.
    if (shape == RecordShape::entry && !options.as && !options.value) {
        m_null_encoder.emplace(EncodeOptions{EncodeAs::json, {}, std::nullopt, shape});
    }
}

RowResult<> RowMaker::make(const Record& record, std::string& key, Encoded& value) {
    if (auto rendered = m_key.render(record, key); !rendered) {
        return rendered;
    }
    const bool null_entry = m_null_encoder && record.value(1).kind == ValueKind::null;
    return (null_entry ? *m_null_encoder : m_encoder).encode(record, value);
}

RowGatherer::RowGatherer(const RowOptions& options, RecordShape shape)
    : m_shape(shape), m_collect_key(options.collect.value_or("")) {
    const GatherOptions how{.columns = options.columns,
                            .max_bytes = options.max_memory,
                            .shape = shape,
                            .as = options.as.value_or(EncodeAs::json),
                            .memory = options.memory};
    if (options.collect) {
        m_collect.emplace(how, options.collect_by);
    } else {
        m_group.emplace(how, KeyTemplate::parse(*options.group));
    }
}

RowResult<> RowGatherer::add(const Record& record) {
    return m_collect ? m_collect->add(record) : m_group->add(record);
}

std::size_t RowGatherer::keys(OfNothing of_nothing) const {
    if (!m_collect) {
        return m_group->size();
    }
    return m_collect->records() != 0 || of_nothing == OfNothing::empty_value ? 1 : 0;
}

void RowGatherer::get(std::size_t index, std::string& key, Encoded& value) {
    if (m_group) {
        key = m_group->key(index);
        return m_group->get(index, value);
    }
    key = m_collect_key;
    value.as = EncodeAs::json;
    value.parts.assign({m_collect->value()});
}

std::uint64_t RowGatherer::replaced() const {
    return m_collect ? m_collect->duplicates() : m_group->duplicates();
}

}  // namespace cachectl
