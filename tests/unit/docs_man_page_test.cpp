#include "docs/man_page.hpp"

#include <doctest/doctest.h>

#include <set>

#include "commands/commands.hpp"
#include "config/settings.hpp"
#include "docs/roff.hpp"
#include "util/text.hpp"

using namespace cachectl;

namespace {

CommandOutline small_command() {
    CommandOutline command;
    command.name = "look";
    command.summary = "Look at one key";
    command.description = {"Look. See `man x`, e.g. now. .so it is.", "More."};
    command.needs = Command::Needs::server;
    command.arguments = {
        {.names = {"KEY"}, .value_name = "KEY", .description = "The key", .required = true}};
    command.options = {
        {.names = {"--last"}, .description = "The last group", .group = "Other"},
        {.names = {"-n", "--limit"},
         .value_name = "N",
         .description = "At most so many",
         .group = "Output"},
    };
    command.examples = {{"cachectl look 'a-b'", "one key"}};
    return command;
}

std::string page_between(const std::string& page, const std::string& begin,
                         const std::string& end) {
    const std::size_t from = page.find(".SH " + begin + '\n');
    const std::size_t to = page.find(".SH " + end + '\n');
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    return page.substr(from, to - from);
}

}  // namespace

TEST_CASE("roff: nothing in a text is taken for markup") {
    CHECK(escape_roff("plain") == "plain");
    CHECK(escape_roff("--no-ttl") == "\\-\\-no\\-ttl");
    CHECK(escape_roff("a\\b") == "a\\eb");
    CHECK(escape_roff(".so /etc/passwd") == "\\&.so /etc/passwd");
    CHECK(escape_roff("'br `x` ^~\"") == "\\(aqbr \\(gax\\(ga \\(ha\\(ti\\(dq");
    CHECK(escape_roff("caf\xc3\xa9 \xf0\x9f\x98\x80") == "caf\\[u00E9] \\[u1F600]");
    CHECK(escape_roff("A,B,\xe2\x80\xa6") == "A,B,...");
    CHECK(escape_roff("\xff") == "\\[uFFFD]");
}

TEST_CASE("roff: text is filled, a sentence a line, and no line becomes a request") {
    RoffPage page("x", "1", "x 1", "m");
    const std::size_t head = page.text().size();
    page.paragraph("One. Two `b c`. Three, e.g. this.");
    CHECK(page.text().substr(head) == ".PP\nOne.\nTwo \\fBb c\\fP.\nThree, e.g. this.\n");

    RoffPage wrapped("x", "1", "x 1", "m");
    const std::string a(77, 'a');
    const std::string b(70, 'b');
    wrapped.paragraph(a + " .so etc. " + b + " i.e. " + a);
    CHECK(wrapped.text().substr(head) ==
          ".PP\n" + a + "\n\\&.so etc. " + b + "\ni.e.\\&\n" + a + "\n");
}

TEST_CASE("roff: code keeps its lines") {
    RoffPage page("x", "1", "x 1", "m");
    page.heading("CODE");
    const std::size_t head = page.text().size();
    page.code("{\n  \"a\": 1\n\n.}\n");
    CHECK(page.text().substr(head) == ".RS 4\n.nf\n{\n  \\(dqa\\(dq: 1\n\n\\&.}\n.fi\n.RE\n");
}

TEST_CASE("the page of a command") {
    CHECK(command_page(small_command()) ==
          R"(.\" Generated from the command tree; changes belong there, then run ./dev docs
.TH CACHECTL\-LOOK 1 "" ")" +
              page_source() + R"(" "User Commands"
.nh
.ad l
.SH NAME
cachectl\-look \- look at one key
.SH SYNOPSIS
\fBcachectl look\fP [OPTION...] KEY
.SH DESCRIPTION
Look.
See \fBman x\fP, e.g. now. .so it is.
.PP
More.
.SH OPTIONS
.TP
\fIKEY\fP
The key.
.SS Output
.TP
\fB\-n\fP, \fB\-\-limit\fP \fIN\fP
At most so many.
.SS Other
.TP
\fB\-\-last\fP
The last group.
.PP
Options of every command, for the connection above all, are in
\fBcachectl\fP(1).
.SH EXIT STATUS
0 when done.
\fBcachectl\fP(1) lists the other values; they are the same for every command.
.SH EXAMPLES
One key:
.PP
.RS 4
.nf
cachectl look \(aqa\-b\(aq
.fi
.RE
.SH SEE ALSO
\fBcachectl\fP(1),
\fBcachectl\-config\fP(5),
\fBcachectl\-health\fP(5),
\fBcachectl\-manifest\fP(5),
\fBcachectl\-policy\fP(5),
\fBcachectl\-cluster\fP(7),
\fBcachectl\-patterns\fP(7),
\fBcachectl\-undo\fP(7),
\fBcachectl\-warming\fP(7)
)");
}

TEST_CASE("ENVIRONMENT has every variable that the settings are read from") {
    std::set<std::string> documented;
    for (const DocumentedVariable& variable : documented_variables()) {
        documented.emplace(variable.name);
    }
    std::set<std::string> read;
    resolve_settings({}, [&](const std::string& name) -> std::optional<std::string> {
        read.insert(name);
        return std::nullopt;
    });
    CHECK(read.size() >= 8);
    for (const std::string& name : read) {
        CAPTURE(name);
        CHECK(documented.contains(name));
    }
}

TEST_CASE("cachectl(1) names every command and every exit code") {
    const auto tree = build_command_tree(command_table());
    const std::string page = program_page(outline_of(*tree), command_table());
    const std::string commands = page_between(page, "COMMANDS", "OPTIONS");
    for (const Command& command : command_table()) {
        CAPTURE(command.name);
        std::string name(command.name);
        replace_all(name, "-", "\\-");
        CHECK(commands.find("\\-" + name + "\\fP(1)\n") != std::string::npos);
    }
    const std::string status = page_between(page, "EXIT STATUS", "EXAMPLES");
    for (const int code : {0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143}) {
        CHECK(status.find("\\fB" + std::to_string(code) + "\\fP\n") != std::string::npos);
    }
}
