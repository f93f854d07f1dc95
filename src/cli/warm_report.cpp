// How a warm run ends: its summary, what failed, and the exit code.
#include <fmt/format.h>

#include <algorithm>

#include "cli/warm.hpp"
#include "output/json.hpp"
#include "redis/error.hpp"
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
    if (m_summary.evicted.value_or(0) != 0) {
        warn(fmt::format("the server evicted {} {} meanwhile, whosever they were",
                         format_count(*m_summary.evicted),
                         *m_summary.evicted == 1 ? "key" : "keys"));
    }
    if (m_summary.verification) tell_differences(*m_summary.verification);
    const WriteTally& tally = m_summary.tally;
    for (const std::string& key : tally.refused_keys) {
        warn(fmt::format("'{}' was refused", key));
    }
    if (tally.refused_keys.empty()) return;
    warn("the server says: " + tally.refusal);
}

void Warm::tell_differences(const VerifyTally& read_back) {
    for (const std::string& difference : read_back.differences) warn(difference);
    const std::uint64_t more = read_back.mismatched + read_back.gone - read_back.differences.size();
    if (more != 0) warn(fmt::format("and {} more that differ or are gone", format_count(more)));
    if (read_back.unread != 0) warn("keys could not be read back: " + read_back.refusal);
}

// What has been read to its end has nothing left to go on with, even if a key was refused.
void Warm::end_journal() {
    if (!m_journal) return;
    if (m_summary.complete) {
        m_journal->remove();
    } else {
        m_resumable = m_journal->save_at_end(m_writer.counts_for_journal());
    }
}

ExitCode Warm::finish() {
    const WriteTally& tally = m_summary.tally;
    const std::uint64_t left = tally.failed + tally.unknown + tally.not_attempted;
    m_summary.complete = m_summary.complete && left == 0;
    write_summary();
    tell_what_failed();

    const bool began = tally.written != 0 || tally.unknown != 0;
    if (m_interrupted) {
        m_ctx.note(began || m_resumable ? "interrupted; " + how_to_go_on()
                                        : "interrupted; nothing was written");
        return stopped_exit_code();
    }
    if (m_failure) throw failure(began);
    if (left != 0) {
        throw Error(began ? ExitCode::partial : ExitCode::refused,
                    fmt::format("{} {} could not be written", format_count(left),
                                left == 1 ? "key" : "keys"),
                    hint_at(tally.refusal));
    }
    if (m_summary.verification && !m_summary.verification->passed()) {
        throw Error(ExitCode::partial, "not every key that was written could be verified");
    }
    return ExitCode::ok;
}

std::string Warm::how_to_go_on() const {
    if (m_resumable) return "go on with: cachectl warm … --resume";
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
    if (ours) {
        std::string hint = m_failure->hint();
        if (m_resumable) hint += (hint.empty() ? "" : "; ") + how_to_go_on();
        return {code, what + done, hint};
    }
    const bool stopped = code == ExitCode::interrupted || code == ExitCode::terminated;
    return {stopped ? code : ExitCode::partial, what + done,
            (m_failure->hint().empty() ? "" : m_failure->hint() + "; ") + how_to_go_on()};
}

}  // namespace cachectl
