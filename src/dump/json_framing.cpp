#include "dump/json_framing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "dump/json_extent.hpp"
#include "dump/json_wrapper.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t k_look_ahead = std::size_t{1024} * 1024;
// One object alone may be keys and values without end, but a record with others behind it ends.
constexpr std::size_t k_longest_first_record = 4 * k_look_ahead;
constexpr std::string_view k_json_space = " \t\r\n";

/// Can this line break not stand within the object that `text` begins with? Then it ends a line
/// of NDJSON that is broken.
bool breaks_object(std::string_view text, std::size_t line_break) {
    JsonExtent extent;
    const auto result = extent.scan(text.substr(0, line_break));
    if (result != JsonExtent::Result::more) {
        return result == JsonExtent::Result::mismatched;
    }
    const std::size_t before = text.find_last_not_of(k_json_space, line_break);
    const std::size_t after = text.find_first_not_of(k_json_space, line_break);
    const bool value_ended = "{[,:"sv.find(text[before]) == std::string_view::npos;
    const bool object_begins = after != std::string_view::npos && text[after] == '{';
    return extent.in_string() || (value_ended && object_begins);
}

/// The first object, as far as it has been looked at.
struct FirstObject {
    JsonExtent::Result result;
    std::size_t length;      // of what was looked at
    std::size_t line_break;  // the first one behind its beginning, or npos

    [[nodiscard]] bool one_line() const { return line_break >= length; }
};

FirstObject look_at(Source& source, std::size_t begin, LoneObject lone_object) {
    JsonExtent extent;
    const auto text = [&] { return source.window().substr(begin); };
    auto result = extent.scan(text());
    std::size_t line_break = text().find('\n');
    const auto wanted = [&] {
        const bool open = result == JsonExtent::Result::more;
        const bool lines = lone_object == LoneObject::record || line_break != std::string::npos;
        return source.window().size() < (open && !lines ? k_longest_first_record : k_look_ahead) &&
               (open || line_break == std::string_view::npos);
    };
    while (wanted()) {
        const std::size_t seen = text().size();
        if (!source.fill()) {
            break;
        }
        if (result == JsonExtent::Result::more) {
            result = extent.scan(text());
        }
        if (line_break == std::string_view::npos) {
            line_break = text().find('\n', seen);
        }
    }
    return {result, extent.length(), line_break};
}

bool is_named_ndjson(std::string_view name) {
    for (const std::string_view packed : {".gz", ".zst"}) {
        name.remove_suffix(name.ends_with(packed) ? packed.size() : 0);
    }
    return name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

/// The first object is alone, or longer than what was looked at.
void refuse_wrapper(const Source& source, std::size_t begin, const ReaderOptions& options) {
    const bool record = options.lone_object == LoneObject::record;
    if (record && is_named_ndjson(source.name())) {
        return;
    }
    const auto rows =
        find_wrapped_rows(source.window().substr(begin),
                          record ? WrapperOf::record : WrapperOf::entries, options.record_columns);
    if (!rows) {
        return;
    }
    throw Error(ExitCode::bad_input,
                fmt::format("cannot read {}: its rows stand within another object", source.name()),
                fmt::format("--rows '{}' reads them; {}", *rows,
                            record ? "if the object is itself a record, say --format ndjson"
                                   : "if its members are keys, say --format json"));
}

DumpKind of_lone_object(const Source& source, std::size_t begin, const FirstObject& object,
                        const ReaderOptions& options) {
    refuse_wrapper(source, begin, options);
    if (options.lone_object == LoneObject::entries) {
        return DumpKind::json_object;
    }
    return object.one_line() ? DumpKind::ndjson : DumpKind::json_objects;
}

}  // namespace

std::size_t find_content(Source& source, std::size_t from) {
    while (true) {
        const std::size_t at = source.window().find_first_not_of(k_json_space, from);
        if (at != std::string_view::npos || from > k_look_ahead) {
            return at;
        }
        from = source.window().size();
        if (!source.fill()) {
            return std::string_view::npos;
        }
    }
}

DumpKind recognise_objects(Source& source, std::size_t begin, const ReaderOptions& options) {
    const FirstObject object = look_at(source, begin, options.lone_object);
    const std::string_view text = source.window().substr(begin);
    if (object.line_break < object.length && breaks_object(text, object.line_break)) {
        return DumpKind::ndjson;
    }
    if (object.result == JsonExtent::Result::mismatched) {
        const bool on_first_line = object.one_line() && object.line_break < text.size();
        return on_first_line ? DumpKind::ndjson : DumpKind::json_object;
    }
    if (object.result == JsonExtent::Result::more) {
        return of_lone_object(source, begin, object, options);
    }
    const std::size_t object_end = begin + object.length;
    const std::size_t next = find_content(source, object_end);
    if (next == std::string_view::npos) {
        return of_lone_object(source, begin, object, options);
    }
    const std::string_view between = source.window().substr(object_end, next - object_end);
    const bool same_line = between.find('\n') == std::string_view::npos;
    if (source.window()[next] == '{') {
        return object.one_line() && !same_line ? DumpKind::ndjson : DumpKind::json_objects;
    }
    return object.one_line() ? DumpKind::ndjson : DumpKind::json_object;
}

void refuse_wrapped_tables(Source& source, std::size_t begin) {
    constexpr std::string_view k_mark = "\"header\"";
    if (source.window().substr(begin, 256).find(k_mark) == std::string_view::npos) {
        return;
    }
    constexpr std::size_t k_tables_begin = std::size_t{64} * 1024;
    while (source.window().size() < k_tables_begin && source.fill()) {
    }
    const auto table = find_wrapped_table(source.window().substr(begin));
    if (!table) {
        return;
    }
    throw Error(ExitCode::bad_input,
                fmt::format("cannot read {}: it is an export of phpMyAdmin, whose rows stand "
                            "within its tables",
                            source.name()),
                fmt::format("--rows {} reads those of table '{}'", table->pointer, table->name));
}

}  // namespace cachectl
