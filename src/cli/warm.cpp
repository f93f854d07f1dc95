#include "cli/warm.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "cli/change_options.hpp"
#include "dump/sql_schema.hpp"
#include "keyspace/policy.hpp"
#include "redis/error.hpp"
#include "redis/server_info.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_sample_keys = 5;
constexpr std::size_t k_sample_bytes = 60;
constexpr std::uint64_t k_records_between_progress = 256;
// An idle connection may be closed by the server or on the way.
constexpr milliseconds k_idle_before_check{1'000};

std::string target_name(const ServerAddress& server) {
    if (server.db == 0) return server.name();
    return server.name() + (server.socket_path.empty() ? "/" : "?db=") + std::to_string(server.db);
}

/// --policy's rules come first, then those of the context's policy.
TtlChoice ttl_choice(const WarmOptions& options, const Settings& settings) {
    std::vector<KeyPolicy> policies;
    for (const std::string& file : {options.policy_file, settings.policy_file}) {
        if (!file.empty()) policies.push_back(read_key_policy(file));
    }
    TtlChoice choice(options.ttl, std::move(policies), options.jitter);
    if (options.jitter != 0 && !choice.may_expire()) {
        throw Error(ExitCode::usage, "--jitter shortens a time to live, and there is none",
                    "give --ttl or --policy too");
    }
    return choice;
}

Guards protection(const WarmOptions& options, const Settings& settings) {
    ChangeOptions change;
    change.protect = options.protect;
    change.policy_file = options.policy_file;
    return make_change_rules(change, settings).guards;
}

std::string type_name(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "hash";
        case EncodeAs::list:
            return "list";
        case EncodeAs::set:
            return "set";
        case EncodeAs::zset:
            return "zset";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "string";
}

/// At most so many bytes, and no half of a character.
std::string_view beginning(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

Warm::Warm(Context& ctx, const WarmOptions& options)
    : m_ctx(ctx),
      m_options(options),
      m_ttl(ttl_choice(options, ctx.settings)),
      m_guards(protection(options, ctx.settings)) {
    options.rows.check();
    if (std::count(options.files.begin(), options.files.end(), "-") > 1) {
        throw Error(ExitCode::usage, "stdin can be read only once, but - is given twice");
    }
    for (const std::string& file : options.files) open(file);
    m_summary.target = target_name(ctx.settings.address);
    m_summary.dry_run = options.dry_run;
    if (!options.reject_file.empty()) {
        m_reject_file = std::make_unique<RejectFile>(options.reject_file);
    }
}

// A file that is not there should stop the command before anything is written. Regular files are
// closed again, for there may be more of them than a process can hold open.
void Warm::open(const std::string& file) {
    Source source = Source::open(file);
    const auto bytes = source.size();
    m_summary.datasets.push_back({source.name()});
    m_inputs.push_back({file, bytes, {}});
    if (!bytes || file == "-") m_inputs.back().opened.emplace(std::move(source));
    if (m_inputs.size() == 1) m_bytes_total = 0;
    m_bytes_total = m_bytes_total && bytes ? std::optional(*m_bytes_total + *bytes) : std::nullopt;
}

ExitCode Warm::run() {
    if (!m_options.dry_run && !connect()) return ExitCode::ok;
    m_start = m_ctx.now();
    m_progress = m_ctx.progress("warming", "records");
    try {
        load();
        m_summary.complete = true;
    } catch (const Interrupted&) {
        m_interrupted = true;
    } catch (const Error& error) {
        m_failure = error;
    } catch (const std::bad_alloc&) {
        m_failure = Error(ExitCode::local_io, "out of memory");
    }
    settle();
    m_progress->clear();
    m_summary.elapsed = std::chrono::duration_cast<milliseconds>(m_ctx.now() - m_start);
    return finish();
}

/// False if the server is out of reach and that is to be no error.
bool Warm::connect() {
    try {
        m_client = m_ctx.connect();
    } catch (const Error& error) {
        const bool unavailable =
            error.code() == ExitCode::unreachable || error.code() == ExitCode::refused;
        if (m_options.if_unavailable == IfUnavailable::fail || !unavailable) throw;
        warn(std::string(error.what()) +
             "; nothing was written, and --if-unavailable skip makes that no error");
        if (writes_json()) write_summary();  // a script parses it whatever it says
        return false;
    }
    const ServerInfo& server = m_client->server();
    if (server.role == "replica" && server.info.text("slave_read_only") == "1") {
        throw refusal(Reply::make_error("READONLY the server is a read-only replica"), "write keys",
                      server);
    }
    m_writer = std::make_unique<KeyWriter>(*m_client);
    return true;
}

// --- reading ------------------------------------------------------------------------------------

void Warm::load() {
    for (std::size_t i = 0; i < m_inputs.size(); ++i) {
        Input& input = m_inputs[i];
        m_dataset = &m_summary.datasets[i];
        load(input.opened ? std::move(*input.opened) : Source::open(input.path));
        m_bytes_before += input.bytes.value_or(0);
    }
    if (m_gatherer) write_gathered();
    settle();
    stop_if_writer_stopped();
    if (m_reject_file) m_reject_file->flush();
}

void Warm::load(Source source) {
    source.on_wait([this, &source] { wait_for_input(source); });
    ReaderOptions reading{.format = m_options.format, .lone_object = m_options.rows.lone_object()};
    reading.sql = m_options.sql;
    const auto reader = open_reader(source, reading);
    m_table = nullptr;
    m_dataset->format = reader->format_name();
    prepare(reader->shape());
    read(source, *reader);
    settle();
    stop_if_writer_stopped();
    if (!reader->warning().empty()) {
        warn(source.name() + ": " + std::string(reader->warning()));
    }
    if (m_dataset->records == 0) m_ctx.note(source.name() + ": there are no records in it");
}

// What the rows become depends on what they are, which is known only now.
void Warm::prepare(RecordShape shape) {
    if (m_options.rows.gathers()) {
        if (!m_gatherer) m_gatherer.emplace(m_options.rows, shape);
        if (m_gatherer->shape() != shape) {
            throw Error(ExitCode::bad_input,
                        "rows and the members of a JSON object cannot be gathered together");
        }
    } else if (!m_maker || m_shape != shape) {
        m_maker.emplace(m_options.rows, shape);
    }
    m_shape = shape;
}

// The rows of different tables are different things: to take both, both are to be named.
void Warm::check_table(const RecordReader& reader) {
    const SqlTable* table = reader.table();
    if (table == m_table || !m_options.sql.tables.empty()) return;
    if (m_table != nullptr) {
        throw Error(ExitCode::bad_input,
                    "the dump has rows of several tables, " + m_table->full_name() + " and " +
                        table->full_name(),
                    "--table NAME chooses one");
    }
    m_table = table;
}

void Warm::read(Source& source, RecordReader& reader) {
    while (true) {
        if (stop_signal() != 0) throw Interrupted{};
        const Next next = reader.next();
        if (next == Next::end) return;
        if (next == Next::record && m_options.where && !m_options.where->matches(reader.record())) {
            continue;
        }
        ++m_dataset->records;
        if (m_dataset->records % k_records_between_progress == 0) show_progress(source);
        if (next == Next::bad_row) {
            ++m_dataset->rejected;
            reject(source, reader.bad_row().line, reader.bad_row().reason);
            continue;
        }
        check_table(reader);
        const Record& record = reader.record();
        if (m_gatherer ? m_gatherer->add(record, m_why)
                       : m_maker->make(record, m_key, m_value, m_why)) {
            if (!m_gatherer) write(m_key, m_value, record.line());
            stop_if_writer_stopped();
        } else {
            ++m_dataset->rejected;
            reject(source, record.line(), m_why);
        }
    }
}

void Warm::reject(const Source& source, std::uint64_t line, const std::string& reason) {
    ++m_rejected;
    if (m_reject_file) m_reject_file->add(source.name(), line, reason);
    const std::string message = fmt::format("{}:{}: {}", source.name(), line, reason);
    if (m_rejected > m_options.max_errors) {
        throw Error(ExitCode::bad_input, message,
                    m_options.max_errors == 0
                        ? "--max-errors N goes on past N such rows, --reject-file keeps them"
                        : fmt::format("that is more than --max-errors {}", m_options.max_errors));
    }
    if (m_rejected > k_rejects_shown) return;
    warn("rejected: " + message);
}

void Warm::show_progress(const Source& source) {
    std::optional<double> fraction;
    if (m_bytes_total) {
        fraction = static_cast<double>(m_bytes_before + source.offset()) /
                   static_cast<double>(*m_bytes_total);
    }
    m_progress->update(fraction, m_summary.records(), m_ctx.now());
}

// Waiting for a dump must neither hold back what has been read nor let replies lie about, and it
// must end at a signal.
void Warm::wait_for_input(const Source& source) {
    settle();
    const auto begin = m_ctx.now();
    while (true) {
        if (stop_signal() != 0) throw Interrupted{};
        pollfd fds[] = {{source.fd(), POLLIN, 0}, {signal_wake_fd(), POLLIN, 0}};
        if (::poll(fds, 2, -1) > 0 && fds[0].revents != 0) break;
    }
    if (m_ctx.now() - begin > k_idle_before_check) check_connection();
}

void Warm::check_connection() {
    if (m_client && m_client->call({"PING"}).is_broken()) m_client->reconnect();
}

// --- writing ------------------------------------------------------------------------------------

void Warm::write(std::string_view key, const Encoded& value, std::uint64_t line) {
    ++m_summary.keys;
    const auto ttl = m_ttl.for_key(key);
    if (!ttl && !m_warned_of_no_ttl) {
        m_warned_of_no_ttl = true;
        warn(m_ttl.may_expire()
                 ? fmt::format("'{}' will never expire, nor will others for which the "
                               "policy has no ttl; --ttl sets one",
                               key)
                 : "the keys will never expire; --ttl sets a time to live");
    }
    if (m_options.dry_run) {
        m_summary.tally.bytes += key.size() + value.bytes();
        if (m_summary.sample.size() < k_sample_keys) keep_sample(key, value, ttl);
        return;
    }
    m_writer->write({.key = key,
                     .value = value,
                     .ttl = ttl,
                     .if_exists = m_options.if_exists,
                     .is_protected = m_guards.is_protected(key),
                     .line = line});
}

void Warm::write_gathered() {
    if (stop_signal() != 0) throw Interrupted{};
    if (const std::uint64_t replaced = m_gatherer->replaced(); replaced != 0) {
        warn(fmt::format("{} {} replaced by a later one with the same {}", format_count(replaced),
                         replaced == 1 ? "record was" : "records were",
                         *m_options.rows.collect_by));
    }
    if (m_ctx.now() - m_start > k_idle_before_check) check_connection();
    for (std::size_t i = 0; i < m_gatherer->keys(); ++i) {
        if (stop_signal() != 0) throw Interrupted{};
        m_gatherer->get(i, m_key, m_value);
        write(m_key, m_value, 0);
        stop_if_writer_stopped();
    }
}

void Warm::keep_sample(std::string_view key, const Encoded& value,
                       std::optional<milliseconds> ttl) {
    std::string head;
    for (const std::string_view part : value.parts) {
        if (head.size() >= k_sample_bytes) break;
        head += (head.empty() ? "" : " ");
        head += beginning(part, k_sample_bytes);
    }
    m_summary.sample.push_back(
        {std::string(key), type_name(value.as), ttl, key.size() + value.bytes(), std::move(head)});
}

/// Waits for the replies; what is new in the tally belongs to the dataset at hand.
void Warm::settle() {
    if (!m_writer) return;
    m_writer->settle();
    const WriteTally& tally = m_writer->tally();
    if (m_dataset != nullptr) {
        m_dataset->written += tally.written - m_summary.tally.written;
        m_dataset->skipped += tally.skipped - m_summary.tally.skipped;
    }
    m_summary.tally = tally;
}

void Warm::stop_if_writer_stopped() {
    if (!m_writer || !m_writer->stopped()) return;
    settle();
    const Error& reason = *m_writer->stopped();
    std::string message = reason.what();
    std::string hint = reason.hint();
    if (m_writer->out_of_memory()) {
        message += memory_figures();
        hint = "free memory, raise maxmemory or choose a policy that evicts";
    }
    if (m_writer->stopped_line() != 0) {
        message += fmt::format("; stopped at {}:{}", m_dataset->file, m_writer->stopped_line());
    }
    throw Error(reason.code(), message, hint);
}

std::string Warm::memory_figures() {
    const Reply reply = m_client->call({"INFO", "memory"});
    const InfoFields info(reply.is_text() ? reply.text : "");
    const auto used = info.integer("used_memory");
    const auto most = info.integer("maxmemory");
    if (!used || !most) return "";
    return fmt::format(
        " (it uses {} of {}, and its policy is {})", format_size(static_cast<std::uint64_t>(*used)),
        format_size(static_cast<std::uint64_t>(*most)), info.text("maxmemory_policy"));
}

}  // namespace cachectl
