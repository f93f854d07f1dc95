#include "warm/list_tables.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dump/sql/table_list.hpp"
#include "output/document.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/rows.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

struct Interrupted {};

struct FileTables {
    std::string file;
    std::string dialect;
    std::vector<SqlTable> tables;
    std::optional<Error> failure;  // why they are not all
};

void check_signal() {
    if (stop_signal() != 0) {
        throw Interrupted{};
    }
}

void wait_for_input(const Source& source) {
    pollfd fds[] = {{source.fd(), POLLIN, 0}, {signal_wake_fd(), POLLIN, 0}};
    do {
        check_signal();
    } while (::poll(fds, 2, -1) <= 0 || fds[0].revents == 0);
}

/// Up to the first file that cannot be read to its end.
std::vector<FileTables> read(Context& ctx, const WarmOptions& options) {
    ReaderOptions reading = options.reading;
    reading.sql.tables = options.dataset.tables;
    Inputs inputs;
    for (const std::string& file : options.files) {
        inputs.add(file);
    }
    const auto progress = ctx.progress("reading", "MiB");
    std::vector<FileTables> files;
    for (std::size_t i = 0; i < options.files.size() && (i == 0 || !files.back().failure); ++i) {
        Source source = inputs.next();
        source.set_unpack_limits(options.unpack);
        source.on_wait([&source] { wait_for_input(source); });
        source.on_fill([&] {
            check_signal();
            constexpr std::uint64_t k_mib = 1024 * 1024;
            progress->update(inputs.fraction(source), inputs.bytes_read(source) / k_mib, ctx.now());
        });
        TableList list = list_tables_of(source, reading, Failure::kept);
        files.push_back({source.name(), std::move(list.dialect), std::move(list.tables),
                         std::move(list.failure)});
        inputs.finish(source);
        progress->clear();
        if (files.back().tables.empty()) {
            ctx.note(source.name() + ": there are no tables in it");
        }
    }
    return files;
}

std::optional<std::string_view> type_of(const SqlColumn& column) {
    return column.declared.empty() ? std::nullopt
                                   : std::optional<std::string_view>(column.declared);
}

/// A row for each column, one below the other.
void write_columns(const std::vector<FileTables>& files, const RowsStyle& style, Writer& out) {
    using enum Field::Kind;
    constexpr auto k_once = Field::InGroup::blank;
    Rows rows(out, style,
              {{"file", files.size() > 1 ? "FILE" : "", text, "", Style::plain, k_once},
               {"table", "TABLE", text, "", Style::plain, k_once},
               {"rows", "ROWS", count, "", Style::plain, k_once},
               {"column", "COLUMN"},
               {"type", "TYPE", text, "-"},
               {"format", ""}});
    for (const FileTables& file : files) {
        for (const SqlTable& table : file.tables) {
            const std::string name = table.full_name();
            auto group = Rows::Group::begins;
            for (const SqlColumn& column : table.columns) {
                rows.row({file.file, name, table.rows, column.name, type_of(column), file.dialect},
                         group);
                group = Rows::Group::goes_on;
            }
            if (table.columns.empty()) {
                rows.row({file.file, name, table.rows, "", "", file.dialect});
            }
        }
    }
    rows.finish();
}

void write_dialects(const std::vector<FileTables>& files, Writer& out) {
    for (const FileTables& file : files) {
        out.write(fmt::format("{} was read as {}\n", escape_for_terminal(file.file), file.dialect));
    }
}

std::string columns_in_words(const SqlTable& table) {
    std::string text;
    for (const SqlColumn& column : table.columns) {
        text += (text.empty() ? "" : ", ") + column.name +
                (column.declared.empty() ? "" : " " + column.declared);
    }
    return text;
}

/// A row for each table.
void write_lines(const std::vector<FileTables>& files, const RowsStyle& style, Writer& out) {
    Rows rows(out, style,
              {{"file", files.size() > 1 ? "FILE" : ""},
               {"table", "TABLE"},
               {"rows", "ROWS", Field::Kind::count},
               {"columns", "COLUMNS"},
               {"format", "FORMAT"}});
    for (const FileTables& file : files) {
        for (const SqlTable& table : file.tables) {
            rows.row(
                {file.file, table.full_name(), table.rows, columns_in_words(table), file.dialect});
        }
    }
    rows.finish();
}

void write_columns(const SqlTable& table, JsonWriter& json) {
    json.begin_array();
    for (const SqlColumn& column : table.columns) {
        json.begin_object();
        json.bytes_field("name", column.name);
        json.field("type", type_of(column));
        json.field("generated", column.generated);
        json.end_object();
    }
    json.end_array();
}

void write_json(const std::vector<FileTables>& files, const RowsStyle& style, Writer& out) {
    using enum Field::Kind;
    Rows rows(
        out, style,
        {{"file", "", key}, {"format"}, {"table", "", key}, {"rows", "", count}, {"columns"}});
    for (const FileTables& file : files) {
        for (const SqlTable& table : file.tables) {
            const WriteNested columns = [&table](JsonWriter& json) { write_columns(table, json); };
            rows.row({file.file, file.dialect, table.full_name(), table.rows, columns});
        }
    }
    rows.finish();
}

// JSON and plain lines have a row for each table, a table for people and CSV one for each column.
void write(Context& ctx, const std::vector<FileTables>& files, Format format) {
    const RowsStyle style{
        .format = format, .display = ctx.out_display(), .escaped = ctx.out_terminal.attached};
    const auto columns = [&] { write_columns(files, style, ctx.out); };
    write_document(ctx.out, format,
                   {.table =
                        [&] {
                            columns();
                            write_dialects(files, ctx.out);
                        },
                    .lines = [&] { write_lines(files, style, ctx.out); },
                    .json = [&](JsonWriter&) { write_json(files, style, ctx.out); },
                    .csv = columns});
    ctx.out.flush();
}

}  // namespace

ExitCode list_tables(Context& ctx, const WarmOptions& options) {
    try {
        const auto files = read(ctx, options);
        write(ctx, files, options.output.resolve(ctx.out_terminal));
        if (!files.empty() && files.back().failure) {
            throw *files.back().failure;
        }
    } catch (const Interrupted&) {
        return stopped_exit_code();
    }
    return ExitCode::ok;
}

}  // namespace cachectl
