#include "keyspace/value_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "keyspace/value_elements.hpp"
#include "output/escape.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"
#include "values/layout.hpp"
#include "values/reading.hpp"

namespace cachectl {

namespace {

struct HeadFact {
    std::string text;
    Style style = Style::plain;
};

std::string size_fact(const KeyRecord& record) {
    std::string memory;
    if (record.size_bytes) {
        memory = format_size(*record.size_bytes) + " in memory";
    }
    if (!record.encoding.empty()) {
        memory += (memory.empty() ? "" : ", ") + escape_for_terminal(record.encoding);
    }
    if (!record.length) {
        return memory;
    }
    const std::string length =
        record.type == "string" ? format_size(*record.length) : length_text(record);
    return memory.empty() ? length : length + " (" + memory + ')';
}

std::vector<HeadFact> facts_of(const KeyRecord& record) {
    std::vector<HeadFact> facts = {{escape_for_terminal(record.type)}};
    if (std::string size = size_fact(record); !size.empty()) {
        facts.push_back({std::move(size)});
    }
    if (record.ttl) {
        facts.push_back({"expires in " + format_duration(*record.ttl)});
    } else {
        facts.push_back({"never expires", Style::yellow});
    }
    if (record.idle) {
        facts.push_back({"used " + format_duration(*record.idle) + " ago"});
    }
    return facts;
}

void write_facts(Writer& out, const Display& display, const KeyRecord& record) {
    Wrapped line(display, 2);
    line.add("", escape_for_terminal(record.key), Style::bold);
    std::string_view separator = "   ";
    for (const HeadFact& fact : facts_of(record)) {
        line.add(separator, fact.text, fact.style);
        separator = ", ";
    }
    out.write(line.text());
}

void write_remark(Writer& out, const Display& display, const std::string& remark) {
    Wrapped line(display, 0);
    line.words("", remark, Style::dim);
    out.write(line.text());
}

std::string raw_hint(const KeyRecord& record) {
    return fmt::format("--raw prints the {} as they are", length_text(record));
}

/// "JSON unpacked from gzip (2.1 KiB)"
std::string what_it_is(const ValueReading& reading) {
    if (!reading.is_unpacked()) {
        return reading.name;
    }
    return fmt::format("{}, {}{}", reading.full_name(), reading.cut ? "more than " : "",
                       format_size(reading.unpacked_bytes));
}

/// What was done to the value, in one sentence.
std::string remark_of(const ValueReading& reading, const KeyRecord& record, bool shortened) {
    std::string remark = what_it_is(reading);
    if (reading.form == ValueReading::Form::found) {
        remark += ": the texts and numbers found in it; it was not run";
    } else if (reading.form == ValueReading::Form::known) {
        remark += ", not decoded";
    } else if (shortened) {
        remark += ", shown shortened";
    }
    if (record.truncated) {
        remark += fmt::format(", of the first {} that were read (--max-value 0 reads all)",
                              format_size(record.text.size()));
    }
    return remark + "; " + raw_hint(record);
}

/// Cut for the screen; whether anything was cut.
bool write_text(Writer& out, std::string_view text, std::uint64_t most) {
    const std::string_view shown =
        most == 0 ? text : whole_characters(text, static_cast<std::size_t>(most));
    out.write(escape_for_terminal(shown, Newlines::keep));
    if (!shown.ends_with('\n')) {
        out.write("\n");
    }
    return shown.size() < text.size();
}

std::optional<std::uint64_t> write_string(Writer& out, const ValueView& view,
                                          const KeyRecord& record) {
    const ValueReading reading =
        read_value(record.text, record.truncated ? Extent::beginning : Extent::whole);
    if (reading.has_tree()) {
        const LaidOut laid_out = lay_out(reading.tree, view.display);
        out.write(laid_out.text);
        write_remark(out, view.display, remark_of(reading, record, laid_out.shortened));
        return std::nullopt;
    }
    const bool known = reading.form == ValueReading::Form::known;
    if (!reading.is_unpacked() && !known) {
        // As it is, its own newline at the end too.
        const std::string_view shown =
            view.text_bytes == 0
                ? std::string_view(record.text)
                : whole_characters(record.text, static_cast<std::size_t>(view.text_bytes));
        out.write(escape_for_terminal(shown, Newlines::keep) + '\n');
        return shown.size();
    }
    // Of what is not decoded a few lines are enough to see what it is about.
    constexpr std::uint64_t k_of_known = 512;
    const bool shortened = write_text(out, reading.is_unpacked() ? reading.text : record.text,
                                      known ? k_of_known : view.text_bytes);
    write_remark(out, view.display, remark_of(reading, record, shortened));
    return std::nullopt;
}

/// "JSON in 3 elements, shown shortened; --json tells them exactly"
void remark_elements(Writer& out, const Display& display, const DecodedElements& decoded) {
    if (decoded.by_name.empty()) {
        return;
    }
    std::string remark;
    for (const auto& [name, elements] : decoded.by_name) {
        remark += fmt::format("{}{} in {} {}", remark.empty() ? "" : ", ", name,
                              format_count(elements), elements == 1 ? "element" : "elements");
    }
    remark += decoded.shortened ? ", shown shortened; " : "; ";
    write_remark(out, display, remark + "--json has the bytes as they are");
}

}  // namespace

std::optional<std::uint64_t> write_value_view(Writer& out, const ValueView& view,
                                              const KeyRecord& record) {
    write_facts(out, view.display, record);
    if (record.text.empty() && record.elements.empty()) {
        return 0;
    }
    out.write("\n");
    if (record.type == "string") {
        return write_string(out, view, record);
    }
    const DecodedElements decoded = write_elements(
        out, {.format = Format::table, .display = view.display, .escaped = true}, record);
    remark_elements(out, view.display, decoded);
    return 0;
}

}  // namespace cachectl
