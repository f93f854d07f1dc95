// capabilities: what this server, its user and its provider allow.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/abilities.hpp"
#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "cli/target.hpp"
#include "commands/commands.hpp"
#include "output/document.hpp"
#include "output/rows.hpp"
#include "output/styled_line.hpp"
#include "stats/server_title.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

struct CommandWorks {
    std::string name;
    Works works;
};

struct Capabilities {
    ServerTitle title;
    ServerInfo server;
    Abilities abilities;
    std::vector<CommandWorks> commands;
};

/// Without those that only a cluster needs, if it is none.
std::vector<AclRight> rights_of(std::span<const AclRight> all, bool cluster) {
    std::vector<AclRight> rights;
    for (const AclRight& right : all) {
        if (cluster || right.when.find("cluster") == std::string_view::npos) {
            rights.push_back(right);
        }
    }
    return rights;
}

/// What every connection asks, as far as this one does.
std::vector<AclRight> rights_of_connection(const Context& ctx, bool cluster) {
    std::vector<AclRight> rights;
    for (const AclRight& right : connection_rights()) {
        const bool of_database = right.rule == "+select" && ctx.settings.address.db != 0;
        if (right.when.empty() || of_database ||
            (cluster && right.when.starts_with("on a cluster"))) {
            rights.push_back(right);
        }
    }
    return rights;
}

Capabilities find_capabilities(Context& ctx, Client& client) {
    Capabilities found;
    found.title = {name_of_database(ctx.settings.address), ctx.settings.context, client.masters(),
                   command_for(ctx.settings)};
    const std::vector<ServerNode> nodes = client.nodes();
    Client& server = *nodes.front().client;
    found.server = server.server();

    const bool cluster = client.masters() > 0;
    std::vector<std::pair<std::string, std::vector<AclRight>>> lists = {
        {"(connection)", rights_of_connection(ctx, cluster)}};
    for (const Command& command : command_table()) {
        if (!command.rights.empty()) {
            lists.emplace_back(command.name, rights_of(command.rights, cluster));
        }
    }
    std::set<std::string> rules;
    for (const auto& [name, rights] : lists) {
        for (const AclRight& right : rights) {
            rules.emplace(right.rule);
        }
    }
    found.abilities = probe_abilities(server, rules);
    for (const auto& [name, rights] : lists) {
        found.commands.push_back({name, works_with(found.abilities, rights)});
    }
    return found;
}

/// "CLUSTER SLOT-STATS" for the rule "+cluster|slot-stats".
std::string command_of_rule(std::string_view rule) {
    std::string command(rule.substr(rule.starts_with('+') ? 1 : 0));
    for (char& c : command) {
        c = c == '|' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return command;
}

/// "+scan +pttl; the server does not have HOTKEYS"
std::string missing_text(const Works& works) {
    std::string text = fmt::format("{}", fmt::join(works.denied, " "));
    if (!works.absent.empty()) {
        std::vector<std::string> commands;
        std::transform(works.absent.begin(), works.absent.end(), std::back_inserter(commands),
                       command_of_rule);
        text += fmt::format("{}the server does not have {}", text.empty() ? "" : "; ",
                            fmt::join(commands, ", "));
    }
    return text;
}

void write_rows(Context& ctx, const Capabilities& found, Format format) {
    using Kind = Field::Kind;
    Field missing{"missing", "MISSING", Kind::text, ""};
    missing.overflow = Overflow::cut;
    Rows rows(
        ctx.out,
        {.format = format, .display = ctx.out_display(), .escaped = ctx.out_terminal.attached},
        {{"name", "COMMAND", Kind::text}, {"works", "WORKS", Kind::text}, missing});
    for (const CommandWorks& command : found.commands) {
        const std::string text = missing_text(command.works);
        rows.row({command.name, name_of(command.works.extent), text});
    }
    rows.finish();
}

void write_table(Context& ctx, const Capabilities& found) {
    const Display display = ctx.out_display();
    for (const std::string& line : title_lines(found.title, found.server, display,
                                               view_columns(display), context_note(found.title))) {
        ctx.out.write(line + '\n');
    }
    StyledLine user(display);
    const std::string name =
        found.abilities.user.empty() ? "a user that it does not name" : found.abilities.user;
    user.add(fmt::format(
        "user {}{}", name,
        found.abilities.tested ? "" : "; it does not say what they may: ACL DRYRUN or GETUSER"));
    ctx.out.write(user.text(0) + "\n\n");
    write_rows(ctx, found, Format::table);
    if (const std::string rules = missing_rules(found.abilities); !rules.empty()) {
        StyledLine line(display);
        line.add("all of it works with  ").add(rules, Style::bold);
        ctx.out.write("\n" + line.text(0) + '\n');
    }
}

void write_json(JsonWriter& json, const Capabilities& found) {
    const auto text = [&](const char* name, const std::string& value) {
        json.key(name);
        value.empty() ? json.value(nullptr) : json.value(std::string_view(value));
    };
    const auto list = [&](const char* name, const std::vector<std::string>& values) {
        json.key(name);
        json.begin_array();
        for (const std::string& value : values) {
            json.value(std::string_view(value));
        }
        json.end_array();
    };
    json.begin_object();
    json.key("server");
    json.begin_object();
    text("target", found.title.target);
    text("name", found.server.name);
    text("version", found.server.version);
    text("mode", found.server.mode);
    text("role", found.server.role);
    text("os", std::string(found.server.info.text("os")));
    json.end_object();
    text("user", found.abilities.user);
    json.field("tested", found.abilities.tested);
    json.key("commands");
    json.begin_array();
    for (const CommandWorks& command : found.commands) {
        json.begin_object();
        json.field("name", std::string_view(command.name));
        json.field("works", name_of(command.works.extent));
        list("denied", command.works.denied);
        list("absent", command.works.absent);
        json.end_object();
    }
    json.end_array();
    json.key("rules");
    json.begin_object();
    for (const auto& [rule, status] : found.abilities.rights) {
        json.field(rule, name_of(status));
    }
    json.end_object();
    text("acl", missing_rules(found.abilities));
    json.end_object();
}

ExitCode run_capabilities(Context& ctx, const FormatChoice& output) {
    const auto client = ctx.connect();
    client->connect_all();
    const Capabilities found = find_capabilities(ctx, *client);
    const Format format = output.resolve(ctx.out_terminal);
    write_document(ctx.out, format,
                   {.table = [&] { write_table(ctx, found); },
                    .lines = [&] { write_rows(ctx, found, Format::plain); },
                    .json = [&](JsonWriter& json) { write_json(json, found); }});
    return ExitCode::ok;
}

constexpr std::array k_capabilities_rights = {
    AclRight{"+acl|whoami", "", "it is not known what the user may"},
    AclRight{"+acl|dryrun", "on servers that have it, from Redis 7.0 on",
             "it is not known what the user may, unless `+acl|getuser` says that it is all"},
    AclRight{"+acl|getuser", "", "`+acl|dryrun` alone says what the user may"},
    AclRight{"+command|info", "", "it is not known which commands the server has"},
};

void add_capabilities(CommandSyntax& syntax, Action& action) {
    const auto output = std::make_shared<FormatChoice>();
    syntax.description(
        "Say what this server and its user allow: which cachectl commands work fully, partly or "
        "not, which ACL rules are missing for the others, and the line that grants them. Nothing "
        "is run to find out: COMMAND INFO says which commands the server has, ACL DRYRUN whether "
        "the user may run them. Where the server does not tell, that is unknown.\n\n"
        "Partly means that an option needs more, or that some column stays empty; the manual of "
        "each command lists its rules and what is missing without them. Of a cluster the first "
        "master is asked. Which keys a user may have is not looked at.");
    add_output_options(syntax, *output, {Format::table, Format::plain, Format::json});
    syntax.footer(
        "Examples:\n"
        "  cachectl capabilities\n"
        "      what does this provider let us do?\n"
        "  cachectl capabilities --user deploy --askpass --json\n"
        "      and what may the deploy user?\n");
    action = [output](Context& ctx) { return run_capabilities(ctx, *output); };
}

}  // namespace

Command capabilities_command() {
    return {"capabilities",         "Tools",          "Say what this server and its user allow",
            Command::Needs::server, add_capabilities, k_capabilities_rights};
}

}  // namespace cachectl
