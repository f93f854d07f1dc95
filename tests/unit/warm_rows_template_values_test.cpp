#include "warm/rows/template_values.hpp"

#include <doctest/doctest.h>

#include "keyspace/glob.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

TemplateValues values_of(const std::vector<std::string>& texts) {
    TemplateValues values;
    for (const std::string& text : texts) {
        values.add(text);
    }
    return values;
}

}  // namespace

TEST_CASE("a value is literal wherever it comes to stand") {
    TemplateValues values = values_of({"release=v{4}*?[2]\\"});
    CHECK(values.in_template("c:{release}:{id}") == "c:v{{4}}*?[2]\\:{id}");
    CHECK(values.in_text("c:{release}:{id}") == "c:v{4}*?[2]\\:{id}");
    CHECK(values.in_pattern("c:{release}:*") == "c:v{4}\\*\\?\\[2]\\\\:*");
    CHECK(glob_match(values.in_pattern("c:{release}:*"), "c:v{4}*?[2]\\:7"));
    CHECK_FALSE(glob_match(values.in_pattern("c:{release}:*"), "c:v{4}xx2\\:7"));
}

TEST_CASE("a value with another name in braces is not filled again") {
    TemplateValues values = values_of({"a={b}", "b={a}"});
    CHECK(values.in_text("{a}{b}") == "{b}{a}");
    CHECK(values.in_template("{a}{b}") == "{{b}}{{a}}");
}

TEST_CASE("doubled braces of a template stay, a hash tag of a text is filled") {
    TemplateValues values = values_of({"r=v42"});
    CHECK(values.in_template("{{r}}:{{{r}}}") == "{{r}}:{{v42}}");
    CHECK(values.in_text("{{r}}:all") == "{v42}:all");
}

TEST_CASE("what is no name in braces stays as it is") {
    TemplateValues values = values_of({"r=v42"});
    for (const char* text : {"", "{", "}", "{r", "r}", "{ r}", "{R}", "{}", "{r{", "{id}{"}) {
        CAPTURE(text);
        CHECK(values.in_text(text) == text);
        CHECK(values.in_template(text) == text);
        CHECK(values.in_pattern(text) == text);
    }
    CHECK(values.in_text("{{r}") == "{v42");
}

TEST_CASE("what is set is NAME=VALUE, once") {
    for (const char* text : {"", "r", "=v", "r=", "a b=c", "{r}=v", "r.x=1", "r:05=1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(values_of({text}), Error);
    }
    CHECK_THROWS_AS(values_of({"r=1", "r=1"}), Error);
    TemplateValues values = values_of({"r=a=b "});
    CHECK(values.in_text("{r}") == "a=b ");
}

TEST_CASE("a name that is filled in nowhere is a slip, of a manifest bad input") {
    TemplateValues values = values_of({"release=v42", "relase=v43"});
    (void)values.in_text("c:{release}");
    CHECK_THROWS_WITH(values.check_used(),
                      "--set: 'relase' is set, but there is no {relase} to be filled in");
    (void)values.in_pattern("{relase}");
    values.check_used();
    values.add_default("release", "v1", "m.json:2");
    CHECK(values.in_text("{release}") == "v42");
    values.add_default("env", "prod", "m.json:3");
    try {
        values.check_used();
        FAIL("nothing thrown");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::bad_input);
        CHECK(std::string(error.what()) ==
              "m.json:3: 'env' is set, but there is no {env} to be filled in");
    }
}

TEST_CASE("a name in braces that is nearly one that is set is a slip, others are hash tags") {
    TemplateValues values = values_of({"release=v42", "r=1"});
    CHECK_THROWS_WITH((void)values.in_text("c:{relese}:all"), "nothing fills {relese}");
    CHECK_THROWS_WITH((void)values.in_pattern("c:{releases}:*"), "nothing fills {releases}");
    CHECK(values.in_text("{codes}:{t}") == "{codes}:{t}");
}

TEST_CASE("constants are filled") {
    TemplateValues values = values_of({"release=v42"});
    RowOptions rows;
    rows.columns = {"id", "source"};
    rows.columns[1].constant = {ValueKind::text, "of {release}"};
    values.fill(rows);
    CHECK(rows.columns[1].constant->text == "of v42");
}

TEST_CASE("in a constant a brace is doubled, as in a template") {
    TemplateValues values = values_of({"release=v{42}"});
    RowOptions rows;
    rows.columns = {"source"};
    const auto filled = [&](const std::string& text) {
        rows.columns[0].constant = {ValueKind::text, text};
        values.fill(rows);
        return rows.columns[0].constant->text;
    };
    CHECK(filled("{release}") == "v{42}");
    CHECK(filled("{{release}}") == "{release}");
    CHECK(filled("{{{release}}}") == "{v{42}}");
    CHECK(filled("a {single} and }") == "a {single} and }");
}

TEST_CASE("rows know which of their columns are values") {
    TemplateValues values = values_of({"release=v42", "env=prod"});
    RowOptions rows;
    rows.key = "{env}:{id}";
    rows.value = "{title} of {release}";
    values.fill(rows);
    CHECK(*rows.key == "prod:{id}");
    CHECK(*rows.value == "{title} of v42");
    CHECK(rows.filled == std::vector<std::string>{"env", "release"});
}
