// How a warm run reads its files, and hands on what becomes of their rows.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <iterator>

#include "dump/json_text.hpp"
#include "dump/sql/options.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "warm/rows/option_text.hpp"
#include "warm/table_check.hpp"
#include "warm/warm.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_records_between_progress = 256;

/// What is for the tables of an SQL dump is not to be ignored for other rows.
void check_no_tables(const DatasetOptions& options, const Source& source,
                     const RecordReader& reader) {
    if (options.tables.empty() && !options.needs_tables) {
        return;
    }
    throw options.located(OptionError(
        ExitCode::usage,
        option(options.tables.empty() ? "schema" : "table") +
            fmt::format(" is for SQL dumps, and {} is {}", source.name(), reader.format_name()),
        "if it is an SQL dump all the same, say " + option("format") + " sql"));
}

/// "NAME":"text","NAME_base64":"bytes": of a value that is not UTF-8.
std::string bytes_members(const std::string& name, std::string_view bytes) {
    std::string text;
    Writer writer(text);
    JsonWriter json(writer, JsonLayout::compact);
    json.begin_object();
    json.bytes_field(name, bytes);
    json.end_object();
    writer.flush();
    return text.substr(1, text.rfind('}') - 1);
}

/// The row as it was read, as JSON; empty if a name in it cannot be JSON.
std::string row_text(const Record& record) {
    std::string row = "{";
    for (std::size_t i = 0; i < record.size(); ++i) {
        row += i == 0 ? "" : ",";
        std::string value;
        if (!append_json(record.value(i), value)) {
            row += bytes_members(record.name(i), record.value(i).text);
        } else if (append_json_string(record.name(i), row)) {
            row.append(":").append(value);
        } else {
            return {};
        }
    }
    return row += '}';
}

}  // namespace

void Warm::load() {
    for (std::size_t i = 0; i < m_consumers.size(); ++i) {
        load(i, m_inputs.next());
        for (const Consumer& consumer : m_consumers[i]) {
            if (!is_read_later(*consumer.dataset, i)) {
                write_gathered(consumer);
            }
        }
    }
}

bool Warm::is_read_later(const Dataset& dataset, std::size_t input) const {
    const auto reads = [&dataset](const Consumer& consumer) {
        return consumer.dataset == &dataset;
    };
    return std::any_of(m_consumers.begin() + static_cast<std::ptrdiff_t>(input) + 1,
                       m_consumers.end(), [&](const auto& consumers) {
                           return std::any_of(consumers.begin(), consumers.end(), reads);
                       });
}

void Warm::load(std::size_t index, Source source) {
    source.set_unpack_limits(m_options.unpack);
    source.on_wait([this, &source] { wait_for_input(source); });
    source.on_fill([this, &source] {
        if (stop_signal() != 0) {
            throw Interrupted{};
        }
        show_progress(source);
    });
    load_rows(source, m_plan.inputs[index].reading, m_consumers[index]);
}

void Warm::load_rows(Source& source, const ReaderOptions& reading,
                     const std::vector<Consumer>& consumers) {
    const auto reader = open_reader(source, reading);
    for (const Consumer& consumer : consumers) {
        consumer.counts->format = reader->format_name();
        consumer.counts->has_tables = reader->has_tables();
        if (!reader->has_tables()) {
            check_no_tables(consumer.dataset->options(), source, *reader);
        }
        consumer.dataset->begin_file(reader->shape());
        consumer.dataset->check_header(reader->header());
    }
    read(source, *reader, consumers);
    m_inputs.finish(source);
    for (const Consumer& consumer : consumers) {
        consumer.dataset->check_empty_tables(reader->known_tables());
    }
    for (const std::string& warning : reader->warnings()) {
        warn(warning);
    }
    if (m_doubt.empty()) {
        m_doubt = reader->doubt();
    }
    tell_of_no_records(source, consumers);
}

void Warm::tell_of_no_records(const Source& source, const std::vector<Consumer>& consumers) {
    for (const Consumer& consumer : consumers) {
        if (consumer.counts->has_rows) {
            continue;
        }
        const std::string table =
            consumer.counts->table.empty() ? "" : "of table '" + consumer.counts->table + "' ";
        const std::uint64_t filtered = consumer.counts->filtered;
        m_ctx.note(source.name() +
                   (filtered == 0
                        ? ": there are no records " + table + "in it"
                        : fmt::format(": of its {} {} {}none meets --where", format_count(filtered),
                                      filtered == 1 ? "record" : "records", table)));
    }
}

void Warm::read(Source& source, RecordReader& reader, const std::vector<Consumer>& consumers) {
    std::uint64_t records = 0;
    const SqlTable* table = nullptr;
    std::vector<Consumer> consumers_of_table = consumers;
    while (true) {
        if (stop_signal() != 0) {
            throw Interrupted{};
        }
        auto next = this->next(reader, consumers);
        if (next == Next::end) {
            return;
        }
        if (++records % k_records_between_progress == 0) {
            show_progress(source);
        }
        if (reader.table() != table) {
            table = reader.table();
            consumers_of_table.clear();
            m_fails_again = true;  // if it does: the same command means the same tables
            std::copy_if(consumers.begin(), consumers.end(), std::back_inserter(consumers_of_table),
                         [&](const Consumer& consumer) { return consumer.dataset->wants(*table); });
            m_fails_again = false;
        }
        if (!next) {
            BadRow& bad = next.bad_row();
            Rejection rejection{.file = source.name(),
                                .line = bad.line,
                                .reason = std::move(bad.reason),
                                .text = std::move(bad.text)};
            for (const Consumer& consumer : consumers_of_table) {
                consumer.dataset->note_bad_row();
                consumer.counts->has_rows = true;
                rejection.rejected_by.push_back(consumer.counts);
            }
            add(std::move(rejection));
            continue;
        }
        for (const Consumer& consumer : consumers_of_table) {
            take(source, reader.record(), consumer);
        }
    }
}

// The error for a table that is not in the dump names the place in the manifest that asks for it.
RowResult<Next> Warm::next(RecordReader& reader, const std::vector<Consumer>& consumers) {
    try {
        return reader.next();
    } catch (const SqlTableError& error) {
        m_fails_again = error.code() == ExitCode::usage;
        std::vector<const DatasetOptions*> options;
        for (const Consumer& consumer : consumers) {
            options.push_back(&consumer.dataset->options());
        }
        throw located(error, options);
    }
}

void Warm::take(const Source& source, const Record& record, const Consumer& consumer) {
    auto disposition = consumer.dataset->take(record);
    if (disposition != Dataset::Disposition::passed_over) {
        consumer.counts->has_rows = true;
    }
    if (!disposition) {
        return add({.file = source.name(),
                    .line = disposition.bad_row().line,
                    .reason = std::move(disposition.bad_row().reason),
                    .dataset = consumer.dataset->options().place,
                    .row = row_text(record),
                    .rejected_by = {consumer.counts}});
    }
    switch (*disposition) {
        case Dataset::Disposition::passed_over:
            ++consumer.counts->filtered;
            return;
        case Dataset::Disposition::gathered:
            ++consumer.counts->records;
            return;
        case Dataset::Disposition::made:
            return make_key(source, record, consumer);
    }
}

void Warm::make_key(const Source& source, const Record& record, const Consumer& consumer) {
    Dataset& dataset = *consumer.dataset;
    const std::string too_large = m_writer.too_large(dataset.key(), dataset.value());
    if (!too_large.empty()) {
        // The row itself is what is too large.
        return add({.file = source.name(),
                    .line = record.line(),
                    .reason = too_large,
                    .dataset = dataset.options().place,
                    .rejected_by = {consumer.counts}});
    }
    m_events.add({dataset, *consumer.counts, dataset.key(), dataset.value(), record.line(), true});
}

void Warm::write_gathered(const Consumer& consumer) {
    if (stop_signal() != 0) {
        throw Interrupted{};
    }
    Dataset& dataset = *consumer.dataset;
    if (dataset.gathered_keys() == 0) {
        return;
    }
    if (m_ctx.now() - m_start > k_idle_before_check) {
        m_writer.check_connection();
    }
    for (std::size_t i = 0; i < dataset.gathered_keys(); ++i) {
        if (stop_signal() != 0) {
            throw Interrupted{};
        }
        dataset.make_gathered(i);
        consumer.counts->replaced_records = dataset.replaced();
        const std::string too_large = m_writer.too_large(dataset.key(), dataset.value());
        if (too_large.empty()) {
            m_events.add({dataset, *consumer.counts, dataset.key(), dataset.value(), 0, false});
        } else {
            throw Error(ExitCode::bad_input,
                        fmt::format("the value of '{}' is too large: {}", dataset.key(), too_large),
                        "--group makes several keys of the rows, --columns smaller ones");
        }
    }
    tell_of_replaced(dataset);
    dataset.drop_gathered();
}

void Warm::tell_of_replaced(const Dataset& dataset) {
    const std::uint64_t replaced = dataset.replaced();
    if (replaced == 0) {
        return;
    }
    const RowOptions& rows = dataset.options().rows;
    warn(dataset.options().located(fmt::format(
        "{} {} replaced by a later one with the same {}", format_count(replaced),
        replaced == 1 ? "record was" : "records were",
        rows.collect_by ? *rows.collect_by
                        : (rows.columns.empty() ? "name" : rows.columns.front().from))));
}

void Warm::show_progress(const Source& source) {
    m_progress->update(m_inputs.fraction(source), m_summary.records(), m_ctx.now(),
                       m_inputs.bytes_read(source));
}

// Before waiting for more of a dump, what has been read is written and the replies are taken. A
// signal ends the wait.
void Warm::wait_for_input(const Source& source) {
    m_writer.settle();
    m_writer.save_journal();
    const auto begin = m_ctx.now();
    while (true) {
        if (stop_signal() != 0) {
            throw Interrupted{};
        }
        pollfd fds[] = {{source.fd(), POLLIN, 0}, {signal_wake_fd(), POLLIN, 0}};
        if (::poll(fds, 2, -1) > 0 && fds[0].revents != 0) {
            break;
        }
    }
    if (m_ctx.now() - begin > k_idle_before_check) {
        m_writer.check_connection();
    }
}

}  // namespace cachectl
