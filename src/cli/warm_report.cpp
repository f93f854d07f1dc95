// How a warm run ends: its summary, what failed, and the exit code.
#include <fmt/format.h>

#include <algorithm>

#include "cli/warm.hpp"
#include "output/json.hpp"
#include "util/text.hpp"

namespace cachectl {

// A warning that nobody can read is no reason to stop half-way.
void Warm::warn(const std::string& message) {
    if (m_progress) m_progress->clear();
    try {
        m_ctx.warn(message);
    } catch (const ClosedPipe&) {
    } catch (const Error&) {
    }
}

bool Warm::writes_json() const {
    const Format format = m_options.output.resolve(m_ctx.out_terminal);
    return format == Format::json || format == Format::ndjson;
}

// What has been done must be told, if not on stdout then on stderr.
void Warm::write_summary() {
    const Format format = m_options.output.resolve(m_ctx.out_terminal);
    try {
        if (writes_json()) {
            JsonWriter json(m_ctx.out,
                            format == Format::json ? JsonLayout::lines : JsonLayout::compact);
            cachectl::write_summary(m_summary, json);
        } else if (format == Format::csv) {
            CsvWriter csv(m_ctx.out);
            cachectl::write_summary(m_summary, csv);
        } else {
            cachectl::write_summary(m_summary, m_ctx.out, m_ctx.out_look());
        }
        m_ctx.out.flush();
    } catch (const ClosedPipe&) {
        write_summary_to_stderr();
    } catch (const Error&) {
        write_summary_to_stderr();
        throw;
    }
}

void Warm::write_summary_to_stderr() {
    try {
        cachectl::write_summary(m_summary, m_ctx.err, m_ctx.err_look());
        m_ctx.err.flush();
    } catch (const ClosedPipe&) {  // what remains is the exit code
    }
}

void Warm::tell_what_failed() {
    if (m_told > k_rejects_shown && m_rejected <= m_options.max_errors) {
        warn(fmt::format("and {} more rejected", format_count(m_told - k_rejects_shown)));
    }
    const WriteTally& tally = m_summary.tally;
    for (const std::string& key : tally.refused_keys) {
        warn(fmt::format("'{}' was refused", key));
    }
    if (tally.refused_keys.empty()) return;
    warn("the server says: " + tally.refusal);
}

ExitCode Warm::finish() {
    const WriteTally& tally = m_summary.tally;
    const std::uint64_t left = tally.failed + tally.unknown + tally.not_attempted;
    m_summary.complete = m_summary.complete && left == 0;
    write_summary();
    tell_what_failed();

    const bool began = tally.written != 0 || tally.unknown != 0;
    if (m_interrupted) {
        m_ctx.note(began ? "interrupted; " + how_to_go_on() : "interrupted; nothing was written");
        return stopped_exit_code();
    }
    if (m_failure) throw failure(began);
    if (left != 0) {
        throw Error(began ? ExitCode::partial : ExitCode::refused,
                    fmt::format("{} {} could not be written", format_count(left),
                                left == 1 ? "key" : "keys"));
    }
    return ExitCode::ok;
}

std::string Warm::how_to_go_on() const {
    const bool skips = std::all_of(
        m_plan.datasets.begin(), m_plan.datasets.end(),
        [](const DatasetOptions& dataset) { return dataset.if_exists == IfExists::skip; });
    return skips ? "run the same command again to go on: it skips what is there"
                 : "run the same command again: it writes every key anew";
}

// Bad input, a file that unpacks to too much, and local trouble keep their codes whatever has been
// written: that is what has to be mended.
Error Warm::failure(bool began) const {
    const ExitCode code = m_failure->code();
    const std::string what = m_failure->what();
    if (!began) {
        return {code, m_options.dry_run ? what : what + "; nothing was written", m_failure->hint()};
    }
    const std::uint64_t written = m_summary.tally.written;
    const std::string done = fmt::format("; {} {} been written", format_count(written),
                                         written == 1 ? "key had" : "keys had");
    const bool ours =
        code == ExitCode::bad_input || code == ExitCode::guard || code == ExitCode::local_io;
    if (ours) return {code, what + done, m_failure->hint()};
    const bool stopped = code == ExitCode::interrupted || code == ExitCode::terminated;
    return {stopped ? code : ExitCode::partial, what + done,
            (m_failure->hint().empty() ? "" : m_failure->hint() + "; ") + how_to_go_on()};
}

}  // namespace cachectl
