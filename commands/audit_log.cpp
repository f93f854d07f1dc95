// audit-log: whether the chain of an audit log is whole.
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>

#include "audit_log/verify.hpp"
#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "output/document.hpp"
#include "output/escape.hpp"
#include "output/plain_fields.hpp"
#include "util/named_error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

struct AuditLogOptions {
    std::string action;
    std::string file;
    FormatChoice output;
};

std::string count_of(std::uint64_t n, const char* one) {
    return fmt::format("{} {}{}", format_count(n), one, n == 1 ? "" : "s");
}

void write_sentences(const AuditLogCheck& check, const std::string& file, Writer& out) {
    const std::string name = escape_for_terminal(file);
    if (check.broken) {
        out.write(fmt::format("{}: {}\n", name, escape_for_terminal(check.broken->message)));
        out.write(fmt::format("the {} before it {} whole\n", count_of(check.lines, "line"),
                              check.lines == 1 ? "is" : "are"));
    } else {
        out.write(fmt::format("{} is whole: {}, {}\n", name, count_of(check.lines, "line"),
                              count_of(check.runs, "run")));
    }
    for (const UnfinishedRun& run : check.unfinished) {
        out.write(fmt::format(
            "line {}: {} began at {} and has no end here: it is still at work, or was killed\n",
            run.line, escape_for_terminal(run.command), escape_for_terminal(run.at)));
    }
    if (!check.last_digest.empty() && !check.broken) {
        out.write(fmt::format("SHA-256 of the last line: {}\n", check.last_digest));
    }
}

void write_json(const AuditLogCheck& check, const std::string& file, JsonWriter& json) {
    json.begin_object();
    json.bytes_field("file", file);
    json.field("whole", !check.broken);
    json.field("lines", check.lines);
    json.field("runs", check.runs);
    json.key("broken");
    if (check.broken) {
        json.begin_object();
        json.field("line", check.broken->line);
        json.field("kind", name_of(check.broken->kind));
        json.field("message", std::string_view(check.broken->message));
        json.end_object();
    } else {
        json.value(nullptr);
    }
    json.key("unfinished");
    json.begin_array();
    for (const UnfinishedRun& run : check.unfinished) {
        json.begin_object();
        json.field("line", run.line);
        json.field("run", std::string_view(run.run));
        json.field("at", std::string_view(run.at));
        json.field("command", std::string_view(run.command));
        json.end_object();
    }
    json.end_array();
    json.key("last_sha256");
    if (check.last_digest.empty()) {
        json.value(nullptr);
    } else {
        json.value(std::string_view(check.last_digest));
    }
    json.end_object();
}

ExitCode run_audit_log(Context& ctx, const AuditLogOptions& options) {
    const AuditLogCheck check = check_audit_log(options.file);
    const Format format = options.output.resolve(ctx.out_terminal);
    const auto text = [&] { write_sentences(check, options.file, ctx.out); };
    const auto json = [&](JsonWriter& to) { write_json(check, options.file, to); };
    const auto fields = [&] { write_plain_fields(ctx.out, json); };
    const bool as_fields = plain_as(options.output) == PlainAs::fields;
    write_document(
        ctx.out, format,
        {.table = text, .lines = as_fields ? std::function<void()>(fields) : text, .json = json});
    if (!check.broken) {
        return ExitCode::ok;
    }
    if (is_json(format)) {  // a script reads there why it failed
        throw NamedError({ExitCode::no, fmt::format("{}: {}", options.file, check.broken->message)},
                         "audit-log-broken");
    }
    return ExitCode::no;
}

void add_audit_log(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<AuditLogOptions>();
    syntax.description(
        "Verify an audit log, which --audit-log of the commands that change, or a context's "
        "\"audit_log\", writes: whether each line is as it was written, and follows the line that "
        "it followed then. The first line that does not is named, as changed, torn (cut off while "
        "it was written, as by a crash), missing or reordered, and the exit code is 1.\n\n"
        "Runs that have begun and not ended are told: they are still at work, or were killed. That "
        "is no break.\n\n"
        "Each line has the SHA-256 of the line before, and its own. Who can write to the file can "
        "write all of it anew, or cut off its last lines: a copy of the last line's SHA-256 that "
        "is kept elsewhere shows that, as does a file that can only be appended to (chattr +a).");
    Option& verb = add_word_option(
        syntax, "ACTION", options->action,
        [](const std::string& word) {
            return word == "verify" ? std::optional(word) : std::nullopt;
        },
        {"verify"}, "", "What to do: verify");
    verb.required();
    add_text_option(syntax, "FILE", options->file, "", "The audit log").required();
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson},
                       OutputOf::summary);
    syntax.footer(
        "Examples:\n"
        "  cachectl audit-log verify /var/log/cachectl.jsonl\n"
        "      whether it is whole, and which runs have no end\n"
        "  cachectl audit-log verify audit.jsonl --json | jq -r .last_sha256\n"
        "      what to keep elsewhere\n");
    action = [options](Context& ctx) { return run_audit_log(ctx, *options); };
}

}  // namespace

Command audit_log_command() {
    return {"audit-log", "Tools", "Verify that an audit log is as it was written",
            Command::Needs::nothing, add_audit_log};
}

}  // namespace cachectl
