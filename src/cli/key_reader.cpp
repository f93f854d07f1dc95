#include "cli/key_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "keyspace/value_elements.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::optional<std::string> missing_from(const KeyRecord& record, const Shown& of) {
    if (!record.is_readable()) {
        return "the value of a " + record.type + ", a module's type, cannot be shown";
    }
    if (record.type == "string") {
        if (!of.shown || *of.shown == *record.length) {
            return std::nullopt;
        }
        return fmt::format("the first {} of {} are shown; --max-value 0 shows all",
                           format_size(*of.shown), format_size(*record.length));
    }
    if (record.unread_element_bytes) {
        return fmt::format("the elements take {} each and are not read; --max-value 0 reads them",
                           format_size(*record.unread_element_bytes));
    }
    if (record.elements.size() < record.asked_for) {
        const std::string all = record.asked_for == *record.length
                                    ? length_text(record)
                                    : format_count(record.asked_for) + " elements";
        return fmt::format("{} of {} are shown; --limit all shows all",
                           format_count(record.elements.size()), all);
    }
    return std::nullopt;
}

/// What was asked for of a key that is there, and is not.
std::optional<std::string> not_there(const KeyRecord& record, const ValueLimits& limits) {
    if (!record.missing_fields.empty()) {
        return fmt::format("no such field of {}: {}", record.key,
                           fmt::join(record.missing_fields, ", "));
    }
    if (limits.range && record.asked_for == 0) {
        return fmt::format("no such element of {}: it has {}", record.key, length_text(record));
    }
    return std::nullopt;
}

std::string no_such(const std::string& key) { return "no such key: " + key; }

}  // namespace

std::optional<KeyRecord> KeyReader::read(const std::string& key, bool streams) {
    std::unique_ptr<Progress> progress;
    std::uint64_t streamed = 0;
    ValueEvents events;
    if (streams) {
        events.on_text = [&](std::string_view text) {
            m_ctx.out.write(text);
            streamed += text.size();
        };
    }
    events.on_page = [&](const KeyRecord& record) {
        const bool is_string = record.type == "string";
        if (!progress) {
            progress = m_ctx.progress("reading", is_string ? "bytes" : "elements");
        }
        const std::uint64_t limit = is_string ? m_limits.bytes : m_limits.elements;
        const std::uint64_t all = is_string ? *record.length : record.asked_for;
        const std::uint64_t wanted =
            std::max<std::uint64_t>(1, limit == 0 ? all : std::min(limit, all));
        const std::uint64_t read =
            is_string ? streamed + record.text.size() : record.elements.size();
        progress->update(static_cast<double>(read) / static_cast<double>(wanted), read,
                         m_ctx.now());
    };
    return read_key(m_client, key, m_limits, events);
}

KeyRecord KeyReader::only(bool streams) {
    auto record = read(m_keys.front(), streams);
    const auto lacking = record ? not_there(*record, m_limits) : no_such(m_keys.front());
    if (lacking) {
        throw Error(ExitCode::no, *lacking);
    }
    return std::move(*record);
}

std::optional<KeyRecord> KeyReader::next() {
    while (m_at < m_keys.size() && stop_signal() == 0) {
        const std::string& key = m_keys[m_at++];
        std::optional<KeyRecord> record;
        try {
            record = read(key, false);
        } catch (const Error& error) {
            if (m_shown == 0) {
                throw;
            }
            m_failure = Error(ExitCode::partial, key + ": " + error.what(), error.hint());
            return std::nullopt;
        }
        const auto lacking = record ? not_there(*record, m_limits) : no_such(key);
        if (lacking) {
            m_lacking.push_back(*lacking);
        }
        if (record && !(lacking && record->elements.empty())) {
            ++m_shown;
            return record;
        }
        if (m_keys.size() == 1) {
            finish();
        }
    }
    return std::nullopt;
}

void KeyReader::finish() const {
    if (m_failure) {
        throw Error(*m_failure);
    }
    if (!m_lacking.empty()) {
        throw Error(ExitCode::no, fmt::format("{}", fmt::join(m_lacking, "; ")));
    }
}

void note_missing(Context& ctx, const KeyRecord& record, const Shown& of) {
    const std::string where = of.names_key ? record.key + ": " : "";
    if (const auto missing = missing_from(record, of)) {
        ctx.note(where + *missing);
    }
    if (record.changed) {
        ctx.note(where +
                 "it may have changed while it was read: elements may be missing or come twice");
    }
    if (record.elements_cut) {
        ctx.note(where + "long elements are cut; --max-value 0 shows them whole");
    }
}

}  // namespace cachectl
