// How a warm run ends: its summary, what failed, and the exit code.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "output/document.hpp"
#include "output/plain_fields.hpp"
#include "redis/error_reply.hpp"
#include "util/secrets.hpp"
#include "util/text.hpp"
#include "warm/stop.hpp"
#include "warm/warm.hpp"

namespace cachectl {

// A warning that nobody can read is no reason to stop half-way.
void Warm::warn(const std::string& message) {
    if (m_progress) {
        m_progress->clear();
    }
    try {
        m_ctx.warn(message);
    } catch (const ClosedPipe&) {
    } catch (const Error&) {
    }
}

bool Warm::writes_json() const { return is_json(m_options.output.resolve(m_ctx.out_terminal)); }

// What has been done must be told, if not on stdout then on stderr. Of a mistake that came before
// anything was read there is nothing to tell but itself.
void Warm::write_summary(const std::optional<Error>& error, const std::string& id) {
    if (error) {
        m_summary.error = {error->code(), id, error->what(), error->hint()};
    }
    const auto json = [this](JsonWriter& to) { cachectl::write_summary(m_summary, to); };
    m_ctx.note_summary(json);
    if (error && !m_summary.has_begun() && !m_interrupted && !writes_json()) {
        return;
    }
    const Format format = m_options.output.resolve(m_ctx.out_terminal);
    try {
        const auto text = [this] {
            cachectl::write_summary(m_summary, m_ctx.out, m_ctx.out_display());
        };
        const auto csv = [this, format] {
            write_datasets(m_summary, {.format = format}, m_ctx.out);
        };
        const auto fields = [this, json] { write_plain_fields(m_ctx.out, json); };
        const bool as_fields = plain_as(m_options.output) == PlainAs::fields;
        write_document(m_ctx.out, format,
                       {.table = text,
                        .lines = as_fields ? std::function<void()>(fields) : text,
                        .json = json,
                        .csv = csv});
        m_ctx.out.flush();
    } catch (const ClosedPipe&) {
        write_summary_to_stderr();
    } catch (const Error&) {
        write_summary_to_stderr();
        throw;
    }
}

namespace {

void write_early_error(Context& ctx, Format format, const Error& error, WarmSummary summary) {
    summary.error = {error.code(), error_id(error), mask_typed(error.what()),
                     mask_typed(error.hint())};
    JsonWriter json(ctx.out, layout_of(format));
    write_summary(summary, json);
}

}  // namespace

// Which server is meant is not known: that may be what is wrong.
void write_early_error(Context& ctx, Format format, const Error& error) {
    WarmSummary summary;
    summary.begin(ctx, "warm");
    summary.context.clear();
    summary.target.clear();
    summary.database.reset();
    write_early_error(ctx, format, error, std::move(summary));
}

void tell_early_error(Context& ctx, const WarmOptions& options, const Error& error) {
    const Format format = options.output.resolve(ctx.out_terminal);
    if (!is_json(format)) {
        return;
    }
    WarmSummary summary;
    summary.begin(ctx, "warm");
    summary.dry_run = options.dry_run;
    write_early_error(ctx, format, error, std::move(summary));
}

void Warm::write_summary_to_stderr() {
    try {
        cachectl::write_summary(m_summary, m_ctx.err, m_ctx.err_display());
        m_ctx.err.flush();
    } catch (const ClosedPipe&) {  // what remains is the exit code
    }
}

void Warm::tell_what_failed() {
    if (m_reported > k_rejects_shown && m_rejected <= m_options.max_errors) {
        warn(fmt::format("and {} more rejected", format_count(m_reported - k_rejects_shown)));
    }
    if (m_summary.evicted.value_or(0) != 0) {
        warn(fmt::format("the server evicted {} {} meanwhile, whosever they were",
                         format_count(*m_summary.evicted),
                         *m_summary.evicted == 1 ? "key" : "keys"));
    }
    if (m_summary.verification) {
        tell_differences(*m_summary.verification);
    }
    const WriteTally& tally = m_summary.tally;
    for (const std::string& key : tally.refused_keys) {
        warn(fmt::format("'{}' was refused", key));
    }
    if (tally.refused_keys.empty()) {
        return;
    }
    warn("the server says: " + tally.refusal);
}

void Warm::tell_differences(const VerifyTally& read_back) {
    for (const std::string& difference : read_back.differences) {
        warn(difference);
    }
    const std::uint64_t more = read_back.mismatched + read_back.gone - read_back.differences.size();
    if (more != 0) {
        warn(fmt::format("and {} more that differ or are gone", format_count(more)));
    }
    if (read_back.unread != 0) {
        warn("keys could not be read back: " + read_back.refusal);
    }
}

// What has been read to its end has nothing left to go on with, even if a key was refused.
void Warm::end_journal() {
    if (!m_journal || m_summary.unavailable) {
        return;
    }
    if (m_journal->resumes() || m_journal->passed() != 0) {
        WarmResumed& resumed = m_summary.resumed_from.emplace();
        resumed.keys = m_journal->passed();
        if (m_summary.duplicates_are_known) {
            resumed.duplicates = m_summary.duplicates_before;
        }
        if (const auto& before = m_journal->before()) {
            resumed.records = before->records;
            resumed.written = before->written;
            resumed.skipped = before->skipped;
            resumed.rejected = before->rejected;
        }
    }
    // A run that goes on would take a key that differs for one that is right.
    if (m_summary.complete || m_writer.found_differences() || m_fails_again) {
        m_journal->remove();
        return;
    }
    m_summary.resumable = m_journal->save_at_end(m_writer.counts_for_journal());
    if (m_summary.resumable) {
        m_summary.journal = m_journal->path();
    }
}

bool Warm::has_written() const {
    const bool released =
        (m_summary.pointer && m_summary.pointer->done) ||
        (m_summary.sync && m_summary.sync->deleted + m_summary.sync->unknown != 0);
    return m_summary.tally.written != 0 || m_summary.tally.unknown != 0 || released;
}

ExitCode Warm::finish() {
    m_summary.fit = m_writer.fit();
    m_summary.interrupted = m_interrupted;
    const std::optional<Verdict> verdict = this->verdict();
    m_summary.complete = m_summary.complete && !verdict;
    if (m_summary.unavailable) {
        m_summary.complete = false;
    }
    write_summary(verdict ? std::optional(verdict->error) : std::nullopt,
                  verdict ? verdict->id : "");
    tell_what_failed();
    if (m_interrupted) {
        m_ctx.note(verdict->error.what());
        return stopped_exit_code();
    }
    if (verdict && verdict->error.code() == ExitCode::no && !writes_json()) {
        m_ctx.note(verdict->error.what());
        return ExitCode::no;
    }
    if (verdict) {
        throw WarmStop(verdict->error, verdict->id);
    }
    return ExitCode::ok;
}

std::optional<Warm::Verdict> Warm::verdict() const {
    if (m_interrupted) {
        const bool began = has_written() || m_summary.resumable;
        const std::string what =
            began ? "interrupted; " + how_to_go_on() : "interrupted; nothing was written";
        return Verdict{{stopped_exit_code(), what}, "interrupted"};
    }
    if (m_failure) {
        const Error error = failure(has_written());
        return Verdict{error, m_failure_id.empty() ? error_id(error) : m_failure_id};
    }
    return verdict_on_keys();
}

std::optional<Warm::Verdict> Warm::verdict_on_keys() const {
    const WriteTally& tally = m_summary.tally;
    const std::uint64_t left = tally.failed + tally.unknown + tally.not_attempted;
    if (left != 0) {
        return Verdict{{has_written() ? ExitCode::partial : ExitCode::refused,
                        fmt::format("{} {} could not be written", format_count(left),
                                    left == 1 ? "key" : "keys"),
                        hint_at(tally.refusal)},
                       "keys-failed"};
    }
    if (m_summary.verification && !m_summary.verification->passed()) {
        return Verdict{{ExitCode::partial, "not every key that was written could be verified"},
                       "verify"};
    }
    const std::uint64_t duplicates = m_summary.duplicates + m_summary.duplicates_before;
    if (duplicates != 0 && duplicates + rejected_in_all() > m_options.max_errors) {
        return Verdict{
            {ExitCode::partial,
             fmt::format("{} {} that rows before had made already", format_count(duplicates),
                         duplicates == 1 ? "row made a key" : "rows made keys"),
             "--group makes one key of all its rows; --max-errors N allows so many such rows"},
            "duplicates"};
    }
    const std::uint64_t keys = m_summary.keys + (m_journal ? m_journal->passed() : 0);
    const auto& expect = m_options.writing.expect;
    if (expect && !expect->contains(keys)) {
        return Verdict{{ExitCode::guard, not_expected(*expect, keys) + what_was_written()},
                       "guard-expect"};
    }
    if (keys == 0 && m_options.fail_if_none) {
        return Verdict{{ExitCode::no, "there was no key to write"}, "none"};
    }
    return std::nullopt;
}

std::string Warm::how_to_go_on() const {
    const bool saves = m_summary.backup && m_summary.backup->keys != 0;
    return how_to_go_on_writing() + (saves ? ", with another file for --backup" : "");
}

std::string Warm::how_to_go_on_writing() const {
    if (m_summary.resumable) {
        return "go on with: cachectl warm … --resume";
    }
    const auto all_are = [this](IfExists what) {
        return std::all_of(
            m_plan.datasets.begin(), m_plan.datasets.end(),
            [what](const DatasetOptions& dataset) { return dataset.if_exists == what; });
    };
    if (all_are(IfExists::refresh) || all_are(IfExists::update)) {
        return "run the same command again to go on: it leaves what needs no writing";
    }
    return all_are(IfExists::skip) ? "run the same command again to go on: it skips what is there"
                                   : "run the same command again: it writes every key anew";
}

/// "; 2 keys had been written"; nothing in a dry run.
std::string Warm::what_was_written() const {
    if (m_options.dry_run) {
        return {};
    }
    const std::uint64_t written = m_summary.tally.written;
    return has_written() ? fmt::format("; {} {} been written", format_count(written),
                                       written == 1 ? "key had" : "keys had")
                         : "; nothing was written";
}

// Bad input, a file that unpacks to too much, and local trouble keep their codes whatever has been
// written: that is what has to be mended.
Error Warm::failure(bool began) const {
    const ExitCode code = m_failure->code();
    const std::string what = m_failure->what();
    const std::string done = what_was_written();
    if (!began) {
        return {code, what + done, m_failure->hint()};
    }
    const bool ours =
        code == ExitCode::bad_input || code == ExitCode::guard || code == ExitCode::local_io;
    if (ours) {
        std::string hint = m_failure->hint();
        // What a release was refused for is there at the next try as well.
        if (m_summary.resumable && !m_is_release_refused && !m_fails_again) {
            hint += (hint.empty() ? "" : "; ") + how_to_go_on();
        }
        return {code, what + done, hint};
    }
    if (m_fails_again) {
        return {ExitCode::partial, what + done, m_failure->hint()};
    }
    const bool stopped = code == ExitCode::interrupted || code == ExitCode::terminated;
    return {stopped ? code : ExitCode::partial, what + done,
            (m_failure->hint().empty() ? "" : m_failure->hint() + "; ") + how_to_go_on()};
}

}  // namespace cachectl
