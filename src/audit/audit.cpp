#include "audit/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/baseline.hpp"
#include "audit/findings.hpp"
#include "audit/report.hpp"
#include "audit/suggestion.hpp"
#include "audit/value_words.hpp"
#include "cli/key_walk.hpp"
#include "cli/target.hpp"
#include "keyspace/policy.hpp"
#include "output/document.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

/// A client, and what a walk over its keys came to.
struct AuditedKeys {
    std::unique_ptr<Client> client;
    SelectionOutcome outcome;
    std::chrono::milliseconds elapsed{0};
    std::string server;
};

bool is_of_all(const KeyOptions& keys) {
    const KeyFilter& filter = keys.filter;
    return !keys.names_any() && filter.excludes.empty() && filter.type.empty() &&
           !filter.facts_needed().any() && keys.limit == 0;
}

std::string server_text(const Context& ctx, Client& client) {
    const ServerAddress& address = ctx.settings.address;
    return describe_server(address.name(), client.masters()) +
           (client.masters() == 0 ? fmt::format(" db {}", address.db) : "");
}

using MakeSum = std::function<Sum&(Client&)>;

/// Connects, and adds each key, or those of a sample, to the sum.
AuditedKeys walk_keys(Context& ctx, const AuditOptions& options, const FactsWanted& facts,
                      const std::string& verb, const MakeSum& make_sum) {
    Selection selection = make_selection(options.keys, ctx);
    selection.facts = facts;
    apply_sample_choice(options.sample, selection);
    AuditedKeys audited;
    audited.client = ctx.connect();
    Client& client = *audited.client;
    check_sample(ctx, client, options.sample, selection);
    Sum& sum = make_sum(client);
    const auto paces = make_paces(ctx, client, options.keys.walk.pace, RateOf::walked);
    const auto began = ctx.now();
    {
        KeyWalk walk(ctx, client, *paces, std::move(selection), verb);
        audited.outcome = walk.run(sum);
        walk.clear_progress();
    }
    audited.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(ctx.now() - began);
    audited.server = server_text(ctx, client);
    return audited;
}

std::uint64_t keys_stood_for(const AuditOptions& options, const Sum& sum, std::uint64_t keys) {
    if (sum.sample() && is_of_all(options.keys)) {
        return sum.sample()->population;
    }
    return static_cast<std::uint64_t>(sum.count(keys).keys);
}

FactsWanted facts_for(const KeyPolicy& policy) {
    FactsWanted facts{.may_lack = true};
    for (const KeyRule& rule : policy.rules) {
        facts.ttl = facts.ttl || rule.ttl || rule.max_ttl;
        facts.size = facts.size || rule.max_size;
        facts.type = facts.type || !rule.type.empty();
    }
    return facts;
}

/// Whether a server evicts keys of any kind when its memory is full; nothing where it does not say.
std::optional<bool> evicts_any_key(const ServerInfo& server) {
    const std::string_view policy = server.info.text("maxmemory_policy");
    if (policy.empty()) {
        return std::nullopt;
    }
    return policy.starts_with("allkeys-") && server.info.integer("maxmemory").value_or(1) != 0;
}

/// Of each of the servers; one that does not say so is taken not to.
class Evictions {
public:
    explicit Evictions(Client& client) : m_client(client) {
        client.connect_all();
        for (const ServerNode& node : client.nodes()) {
            const auto evicts = evicts_any_key(node.client->server());
            m_known = m_known && evicts;
            m_by_node[node.client] = evicts.value_or(false);
        }
        m_any = std::any_of(m_by_node.begin(), m_by_node.end(),
                            [](const auto& node) { return node.second; });
    }

    [[nodiscard]] bool known() const { return m_known; }

    [[nodiscard]] bool may_evict(const std::string& key) const {
        if (!m_any) {
            return false;
        }
        const auto found = m_by_node.find(&m_client.home_of(key));
        return found == m_by_node.end() || found->second;
    }

private:
    Client& m_client;
    std::map<const Client*, bool> m_by_node;
    bool m_known = true;
    bool m_any = false;
};

std::vector<AuditCheck> checks_left_out(const KeyPolicy& policy, const Findings& findings,
                                        const Evictions& evictions) {
    std::vector<AuditCheck> left_out;
    if (findings.unsized() != 0) {
        left_out.push_back(AuditCheck::too_large);
    }
    if (!evictions.known() && !policy.protected_patterns().empty()) {
        left_out.push_back(AuditCheck::may_be_evicted);
    }
    return left_out;
}

void write_report(Context& ctx, const AuditReport& report, Format format) {
    write_document(ctx.out, format,
                   {.table = [&] { write_audit_table(ctx.out, ctx.out_display(), report); },
                    .lines = [&] { write_audit_rows(ctx.out, report, Format::plain); },
                    .json =
                        [&](JsonWriter& json) {
                            json.begin_object();
                            write_audit_json(json, report);
                            json.end_object();
                        },
                    .csv = [&] { write_audit_rows(ctx.out, report, Format::csv); },
                    .own =
                        [&](Format own) {
                            if (own == Format::sarif) {
                                write_audit_sarif(ctx.out, report);
                            } else if (own == Format::junit) {
                                write_audit_junit(ctx.out, report);
                            } else if (own == Format::github) {
                                write_audit_github(ctx.out, report);
                            }
                        }});
}

/// What the log of a job has beside a report that only programs read.
void note_verdict(Context& ctx, const AuditReport& report) {
    std::string text = fmt::format(
        "{}{} on {}: {}", report.sampled() ? "about " : "", counted(report.keys, "key", "keys"),
        report.server,
        report.failing() == 0
            ? std::string("nothing that fails the audit")
            : counted(report.failing(), "finding fails", "findings fail") + " the audit");
    if (report.warnings() != 0) {
        text += ", " + counted(report.warnings(), "warning", "warnings");
    }
    if (report.known() != 0) {
        text += ", " + counted(report.known(), "finding", "findings") + " known from the baseline";
    }
    ctx.note(text);
}

std::string policy_file_of(const Context& ctx, const AuditOptions& options) {
    const std::string& file =
        options.policy_file.empty() ? ctx.settings.policy_file : options.policy_file;
    if (file.empty()) {
        throw Error(ExitCode::usage, "an audit goes by a key policy, and none is given",
                    "--policy FILE, or \"policy\" in the context; --suggest makes one of the keys "
                    "that there are");
    }
    return file;
}

}  // namespace

ExitCode run_audit(Context& ctx, const AuditOptions& options) {
    const KeyPolicy policy = read_key_policy(policy_file_of(ctx, options));
    std::optional<Baseline> baseline;
    if (!options.baseline.empty()) {
        baseline = Baseline::read(options.baseline);
    }
    const std::string delimiter = options.delimiter.empty() ? policy.delimiter : options.delimiter;
    std::optional<Evictions> evictions;
    Findings findings(policy, delimiter,
                      [&](const std::string& key) { return evictions->may_evict(key); });
    SummaryHead head;
    head.begin(ctx, "audit");
    const AuditedKeys audited =
        walk_keys(ctx, options, facts_for(policy), "auditing", [&](Client& client) -> Sum& {
            evictions.emplace(client);
            return findings;
        });
    AuditReport report{.policy = policy, .gathered = findings, .findings = findings.all()};
    for (Finding& finding : report.findings) {
        finding.is_known = baseline && baseline->has(finding);
    }
    std::stable_partition(report.findings.begin(), report.findings.end(),
                          [](const Finding& finding) { return finding.fails(); });
    report.head = head;
    report.server = audited.server;
    report.command = command_for(ctx.settings);
    report.delimiter = delimiter;
    report.patterns = options.keys.filter.patterns;
    report.not_checked = checks_left_out(policy, findings, *evictions);
    report.keys = keys_stood_for(options, findings, findings.keys());
    report.baseline = baseline ? std::optional(options.baseline) : std::nullopt;
    report.complete = audited.outcome.complete() && !audited.outcome.walk.interrupted;
    report.elapsed = audited.elapsed;

    const Format format = options.output.resolve(ctx.out_terminal);
    if (audited.outcome.selected != 0 || !audited.outcome.walk.failure) {
        write_report(ctx, report, format);
        if (format != Format::table && !is_json(format)) {
            note_verdict(ctx, report);
        }
    }
    if (!evictions->known() && !policy.protected_patterns().empty()) {
        ctx.warn(
            "whether protected keys may be evicted is not checked: the server does not tell "
            "its maxmemory-policy (INFO)");
    }
    const ExitCode code = finish_walk(ctx, audited.outcome);
    if (code != ExitCode::ok) {
        return code;
    }
    return report.failing() == 0 ? ExitCode::ok : ExitCode::no;
}

ExitCode run_suggestion(Context& ctx, const AuditOptions& options) {
    if (options.output.chosen) {
        throw Error(ExitCode::usage, "--suggest writes a policy, in no other format",
                    "leave out -o");
    }
    Suggestion suggestion(options.delimiter.empty() ? ":" : options.delimiter);
    const AuditedKeys audited =
        walk_keys(ctx, options, {.type = true, .ttl = true, .size = true, .may_lack = true},
                  "looking", [&](Client&) -> Sum& { return suggestion; });
    const ExitCode code = finish_walk(ctx, audited.outcome);
    if (code != ExitCode::ok) {
        return code;  // a policy made of some of the keys would refuse the others
    }
    const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(ctx.wall_now());
    const std::string of =
        suggestion.sample()
            ? fmt::format("a sample of {} of {} keys", format_count(suggestion.sample()->drawn),
                          format_count(suggestion.sample()->population))
            : counted(suggestion.keys(), "key", "keys");
    ctx.out.write(policy_text(
        suggestion, {fmt::format("Made by cachectl audit --suggest of {} on {}, {}.", of,
                                 audited.server, format_utc(now).value_or("")),
                     "It says what there is, not what should be: read it, and narrow it down.",
                     "Fields: cachectl-policy(5). Keys that match no rule: \"fail\", \"warn\" or "
                     "\"ignore\"."}));
    return ExitCode::ok;
}

}  // namespace cachectl
