#include "change/report.hpp"

#include <fmt/format.h>

#include <functional>

#include "output/document.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void write_to_stdout(Context& ctx, const ChangeSummary& summary, const ReportOptions& options) {
    const auto text = [&](SummaryStyle how) {
        return [&, how] { write_summary(summary, how, ctx.out, ctx.out_display()); };
    };
    const auto json = [&](JsonWriter& to) { write_summary(summary, to); };
    const auto fields = [&] { write_plain_fields(ctx.out, json); };
    const bool as_fields = options.plain == PlainAs::fields;
    write_document(ctx.out, options.format,
                   {.table = text(SummaryStyle::table),
                    .lines = as_fields ? std::function<void()>(fields) : text(SummaryStyle::plain),
                    .json = json});
    ctx.out.flush();
}

// What has been done must be told, if not on stdout then on stderr.
void write_somewhere(Context& ctx, const ChangeSummary& summary, const ReportOptions& options) {
    try {
        write_to_stdout(ctx, summary, options);
    } catch (const ClosedPipe&) {
        write_summary(summary, SummaryStyle::plain, ctx.err, ctx.err_display());
    } catch (const Error&) {
        write_summary(summary, SummaryStyle::plain, ctx.err, ctx.err_display());
        throw;
    }
}

void tell_large_keys(Context& ctx, const ChangeTally& tally) {
    for (const std::string& key : tally.large_keys) {
        ctx.warn(fmt::format("'{}' is too large for DEL, which would hold the server", key));
    }
    if (tally.too_large > tally.large_keys.size()) {
        ctx.warn(
            fmt::format("and {} more", format_count(tally.too_large - tally.large_keys.size())));
    }
}

void tell_refused_keys(Context& ctx, const ChangeTally& tally, std::uint64_t unreadable) {
    if (tally.refused_keys.empty()) {
        return;
    }
    for (const std::string& key : tally.refused_keys) {
        ctx.warn(fmt::format("not permitted to change '{}'", key));
    }
    const std::uint64_t refused = tally.failed - tally.too_large - tally.unsaved - unreadable;
    if (refused > tally.refused_keys.size()) {
        ctx.warn(fmt::format("and {} more", format_count(refused - tally.refused_keys.size())));
    }
    ctx.warn("the server says: " + tally.refusal);
}

bool has_begun(const ChangeTally& tally) { return tally.changed != 0 || tally.unknown != 0; }

Error complete_failure(const Error& failure, bool began, const std::string& go_on) {
    if (!began) {
        return {failure.code(), failure.what() + std::string("; nothing was changed"),
                failure.hint()};
    }
    // Whoever knew that it is partial knew also what to do.
    if (failure.code() == ExitCode::partial && !failure.hint().empty()) {
        return failure;
    }
    // A disk that is full is told as such: what could not be saved was not changed.
    return {failure.code() == ExitCode::local_io ? ExitCode::local_io : ExitCode::partial,
            failure.what(), failure.hint().empty() ? go_on : failure.hint() + "; " + go_on};
}

}  // namespace

std::optional<Error> change_error(const ChangeSummary& summary, const std::string& go_on,
                                  const std::optional<Error>& failure) {
    const ChangeTally& tally = summary.tally;
    const bool began = has_begun(tally);
    if (failure) {
        return complete_failure(*failure, began, go_on);
    }
    const std::uint64_t left = tally.failed + tally.unknown + tally.not_attempted;
    if (left == 0) {
        return std::nullopt;
    }
    const char* keys = left == 1 ? "key" : "keys";
    if (left == tally.unknown) {
        return Error(ExitCode::partial,
                     fmt::format("what became of {} {} is not known", format_count(left), keys));
    }
    return Error(began ? ExitCode::partial : ExitCode::refused,
                 fmt::format("{} {} could not be changed", format_count(left), keys),
                 hint_at(tally.refusal));
}

void tell_refused(Context& ctx, const ChangeSummary& summary) {
    tell_refused_keys(ctx, summary.tally, summary.unreadable);
    tell_large_keys(ctx, summary.tally);
}

ExitCode report_change(Context& ctx, const ChangeSummary& summary, const ReportOptions& options,
                       const std::optional<Error>& failure) {
    ctx.note_summary([&](JsonWriter& to) { write_summary(summary, to); });
    write_somewhere(ctx, summary, options);
    const ChangeTally& tally = summary.tally;
    tell_refused(ctx, summary);
    if (stop_signal() != 0 && !summary.complete) {
        ctx.note(has_begun(tally) ? "interrupted; " + options.go_on
                                  : "interrupted; nothing was changed");
        return stopped_exit_code();
    }
    if (const auto error = change_error(summary, options.go_on, failure)) {
        throw Error(*error);
    }
    const bool found_none = summary.matched == tally.vanished;
    if (!found_none || options.fail_if_none == FailIfNone::no) {
        return ExitCode::ok;
    }
    if (is_json(options.format)) {  // a script reads there why it failed
        throw Error(ExitCode::no, "no key matches");
    }
    return ExitCode::no;
}

}  // namespace cachectl
