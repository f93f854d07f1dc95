#include "warm/list_tables.hpp"

#include <fmt/format.h>
#include <poll.h>

#include "dump/sql/table_list.hpp"
#include "output/csv.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/table.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

struct Interrupted {};

struct FileTables {
    std::string file;
    std::string dialect;
    std::vector<SqlTable> tables;
};

void check_signal() {
    if (stop_signal() != 0) throw Interrupted{};
}

void wait_for_input(const Source& source) {
    pollfd fds[] = {{source.fd(), POLLIN, 0}, {signal_wake_fd(), POLLIN, 0}};
    do {
        check_signal();
    } while (::poll(fds, 2, -1) <= 0 || fds[0].revents == 0);
}

std::vector<FileTables> read(Context& ctx, const WarmOptions& options) {
    ReaderOptions reading = options.reading;
    reading.sql.tables = options.dataset.tables;
    Inputs inputs;
    for (const std::string& file : options.files) inputs.add(file);
    const auto progress = ctx.progress("reading", "MiB");
    std::vector<FileTables> files;
    for (std::size_t i = 0; i < options.files.size(); ++i) {
        Source source = inputs.next();
        source.set_unpack_limits(options.unpack);
        source.on_wait([&source] { wait_for_input(source); });
        source.on_fill([&] {
            check_signal();
            constexpr std::uint64_t k_mib = 1024 * 1024;
            progress->update(inputs.fraction(source), inputs.bytes_read(source) / k_mib, ctx.now());
        });
        TableList list = list_tables_of(source, reading);
        files.push_back({source.name(), std::move(list.dialect), std::move(list.tables)});
        inputs.finish(source);
        progress->clear();
        if (files.back().tables.empty()) ctx.note(source.name() + ": there are no tables in it");
    }
    return files;
}

/// "numeric(10,2)", or "-" where the dump does not tell.
std::string type_of(const SqlColumn& column) {
    return column.declared.empty() ? "-" : column.declared;
}

// One table, its columns one below the other.
void draw(Context& ctx, const std::vector<FileTables>& files) {
    std::vector<Column> columns = {{"TABLE"}, {"ROWS", ColumnKind::right}, {"COLUMN"}, {"TYPE"}};
    if (files.size() > 1) columns.insert(columns.begin(), {"FILE"});
    Table table(ctx.out, ctx.out_look(), std::move(columns));
    for (const FileTables& file : files) {
        for (const SqlTable& sql : file.tables) {
            std::vector<Cell> begin = {sql.full_name(), format_count(sql.rows)};
            if (files.size() > 1) begin.insert(begin.begin(), file.file);
            std::vector<Cell> blank(begin.size(), Cell(""));
            const auto row = [&](const std::string& name, const std::string& type) {
                begin.insert(begin.end(), {name, type});
                table.row(std::move(begin));
                begin = blank;
            };
            for (const SqlColumn& column : sql.columns) row(column.name, type_of(column));
            if (sql.columns.empty()) row("", "");
        }
    }
    table.finish();
    for (const FileTables& file : files) {
        ctx.out.write(
            fmt::format("{} was read as {}\n", escape_for_terminal(file.file), file.dialect));
    }
}

// One line a table: its name, its rows, its columns, what its file was read as.
void write_lines(Context& ctx, const std::vector<FileTables>& files) {
    const auto shown = [&ctx](const std::string& text) {
        return ctx.out_terminal.attached ? escape_for_terminal(text) : text;
    };
    for (const FileTables& file : files) {
        for (const SqlTable& table : file.tables) {
            if (files.size() > 1) ctx.out.write(shown(file.file) + '\t');
            ctx.out.write(fmt::format("{}\t{}\t", shown(table.full_name()), table.rows));
            for (const SqlColumn& column : table.columns) {
                ctx.out.write((&column == table.columns.data() ? "" : ", ") + shown(column.name) +
                              (column.declared.empty() ? "" : " " + shown(column.declared)));
            }
            ctx.out.write('\t' + file.dialect + '\n');
        }
    }
}

void write_csv(Context& ctx, const std::vector<FileTables>& files) {
    CsvWriter csv(ctx.out);
    const auto row = [&csv](std::initializer_list<std::string_view> fields) {
        for (const std::string_view field : fields) csv.field(field);
        csv.end_row();
    };
    row({"file", "table", "rows", "column", "type", "format"});
    for (const FileTables& file : files) {
        for (const SqlTable& table : file.tables) {
            const std::string name = table.full_name();
            const std::string rows = std::to_string(table.rows);
            for (const SqlColumn& column : table.columns) {
                row({file.file, name, rows, column.name, column.declared, file.dialect});
            }
            if (table.columns.empty()) row({file.file, name, rows, "", "", file.dialect});
        }
    }
}

void write_json(const FileTables& file, JsonWriter& json) {
    for (const SqlTable& table : file.tables) {
        json.begin_object();
        json.bytes_field("file", file.file);
        json.field("format", file.dialect);
        json.bytes_field("table", table.full_name());
        json.field("rows", table.rows);
        json.key("columns");
        json.begin_array();
        for (const SqlColumn& column : table.columns) {
            json.begin_object();
            json.bytes_field("name", column.name);
            json.field("type", column.declared.empty()
                                   ? std::optional<std::string_view>()
                                   : std::optional<std::string_view>(column.declared));
            json.field("generated", column.generated);
            json.end_object();
        }
        json.end_array();
        json.end_object();
    }
}

void write(Context& ctx, const std::vector<FileTables>& files, Format format) {
    if (format == Format::json || format == Format::ndjson) {
        JsonWriter json(ctx.out, format == Format::json ? JsonLayout::lines : JsonLayout::compact);
        if (format == Format::json) json.begin_array();
        for (const FileTables& file : files) write_json(file, json);
        if (format == Format::json) json.end_array();
    } else if (format == Format::csv) {
        write_csv(ctx, files);
    } else if (format == Format::plain) {
        write_lines(ctx, files);
    } else {
        draw(ctx, files);
    }
    ctx.out.flush();
}

}  // namespace

ExitCode list_tables(Context& ctx, const WarmOptions& options) {
    try {
        write(ctx, read(ctx, options), options.output.resolve(ctx.out_terminal));
    } catch (const Interrupted&) {
        return stopped_exit_code();
    }
    return ExitCode::ok;
}

}  // namespace cachectl
