#include "warm/rows/key_template.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

using Use = KeyTemplate::Use;

std::string usage_error(std::string_view text) {
    try {
        KeyTemplate::parse(text);
        return "no error";
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

std::string render(std::string_view text, const Record& record, Use use = Use::key) {
    std::string out = "old";
    const auto rendered = KeyTemplate::parse(text, use).render(record, out);
    return rendered ? out : "error: " + rendered.bad_row().reason;
}

constexpr std::string_view k_row =
    R"({"id":7,"title":"a:b c","none":null,"empty":"","on":true,"tags":["x"],"a b":1.10})"
    "\n{}\n";

}  // namespace

TEST_CASE("a template takes the columns' text") {
    const OneRecord row(k_row);
    CHECK(render("course:{id}", *row) == "course:7");
    CHECK(render("{id}", *row) == "7");
    CHECK(render("{id}:{title}:{on}:{id}", *row) == "7:a:b c:true:7");
    CHECK(render("n:{a b}", *row) == "n:1.10");
    CHECK(render("constant", *row) == "constant");
}

TEST_CASE("doubled braces are literal ones") {
    const OneRecord row(k_row);
    CHECK(render("{{{id}}}:title", *row) == "{7}:title");
    CHECK(render("{{user}}:{id}", *row) == "{user}:7");
    CHECK(render("}}{{", *row) == "}{");
}

TEST_CASE("what is wrong with a template is shown with its place") {
    CHECK(usage_error("course:{id") ==
          "bad template 'course:{id': a '{' without its '}' at character 8");
    CHECK(usage_error("course:{") ==
          "bad template 'course:{': a '{' without its '}' at character 8");
    CHECK(usage_error("a{b{c}}") == "bad template 'a{b{c}}': a '{' without its '}' at character 2");
    CHECK(usage_error("a}b") == "bad template 'a}b': a '}' without its '{' at character 2");
    CHECK(usage_error("{id}}") == "bad template '{id}}': a '}' without its '{' at character 5");
    CHECK(usage_error("x{}") == "bad template 'x{}': a {} without a column's name at character 2");
    CHECK(usage_error("") == "bad template '': it is empty");
}

TEST_CASE("a key is never made of nothing") {
    const OneRecord row(k_row);
    CHECK(render("user:{none}", *row) == "error: column 'none' is null");
    CHECK(render("user:{empty}", *row) == "error: column 'empty' is empty");
    CHECK(render("user:{tags}", *row) == "error: column 'tags' is an object or an array");
    CHECK(render("user:{nope}", *row) ==
          "error: no column 'nope' (did you mean 'none'?); there are id, title, none, empty, on, "
          "tags, a b");
}

TEST_CASE("a path goes into nested values") {
    const OneRecord row(R"({"user":{"id":7,"name":"","none":null,"o":{}},"a.b":1})"
                        "\n{}");
    CHECK(render("u:{user.id}:{a.b}", *row) == "u:7:1");
    CHECK(render("u:{user.name}", *row) == "error: column 'user.name' is empty");
    CHECK(render("u:{user.none}", *row) == "error: column 'user.none' is null");
    CHECK(render("u:{user.o}", *row) == "error: column 'user.o' is an object or an array");
    CHECK(render("u:{user.mail}", *row) == "error: no column 'user.mail'; there are user, a.b");
}

TEST_CASE("a value may be empty or nested, but not null") {
    const OneRecord row(k_row);
    CHECK(render("{empty}", *row, Use::value) == "");
    CHECK(render("tags={tags}", *row, Use::value) == "tags=[\"x\"]");
    CHECK(render("{none}", *row, Use::value) == "error: column 'none' is null");
}

TEST_CASE("the columns of a template") {
    CHECK(KeyTemplate::parse("a:{b}:{{c}}:{d}").columns() == std::vector<std::string>{"b", "d"});
    CHECK(KeyTemplate::parse("plain").columns().empty());
}

TEST_CASE("an integer is filled with zeros, as printf does it") {
    const OneRecord row(R"({"n":7,"m":-7,"t":"0042","long":123456,"minus":"-","half":1.5,)"
                        R"("on":true,"plus":"+7","empty":"","none":null,"u":{"id":3}})"
                        "\n{}");
    CHECK(render("k:{n:05}", *row) == "k:00007");
    CHECK(render("k:{m:05}", *row) == "k:-0007");
    CHECK(render("k:{t:05}:{long:05}:{n:01}", *row) == "k:00042:123456:7");
    CHECK(render("k:{u.id:03}", *row) == "k:003");
    CHECK(render("{n:05}", *row, Use::value) == "00007");
    CHECK(render("k:{half:05}", *row) ==
          "error: column 'half' is '1.5', which is no integer to fill with zeros");
    for (const char* text : {"{minus:05}", "{on:05}", "{plus:05}"}) {
        CHECK(render(text, *row).starts_with("error: column '"));
    }
    CHECK(render("{empty:05}", *row) == "error: column 'empty' is empty");
    CHECK(render("{none:05}", *row) == "error: column 'none' is null");
    CHECK(render("{empty:05}", *row, Use::value).starts_with("error: column 'empty' is ''"));
}

TEST_CASE("zeros before a number stand behind its sign, and zero has none") {
    const OneRecord row(R"({"zero":-0,"minus":-42,"long":-123456,"zeros":"-000"})"
                        "\n{}");
    CHECK(render("{zero:05}:{minus:05}:{long:05}:{zeros:02}", *row) == "00000:-0042:-123456:000");
}

TEST_CASE("a text in lower or upper case") {
    const OneRecord row(R"({"code":"Éa-B","none":null})"
                        "\n{}");
    CHECK(render("c:{code:lower}:{code:upper}:{code}", *row) == "c:éa-b:ÉA-B:Éa-B");
    CHECK(render("c:{none:lower}", *row) == "error: column 'none' is null");
    CHECK(render("c:{cod:lower}", *row) ==
          "error: no column 'cod' (did you mean 'code'?); there are code, none");
}

TEST_CASE("a column whose name ends like a format is meant where there is one") {
    const OneRecord row(R"({"a":"X","a:lower":"Y","b":{"c:05":1,"c":2},"a:b":3,":05":4})"
                        "\n{}");
    CHECK(render("{a:lower}", *row) == "Y");
    CHECK(render("{a:upper}", *row) == "X");
    CHECK(render("{b.c:05}:{b.c:06}", *row) == "1:000002");
    CHECK(render("{a:b}:{:05}:{a:b:03}", *row) == "3:4:003");
    CHECK(render("{a:5}", *row) ==
          "error: '{a:5}': '5' is no format of the column 'a'; there are 05 (or another width), "
          "lower and upper");
    for (const char* text : {"{a:0}", "{a:000}", "{a:0100}", "{a:Lower}", "{a:05d}", "{a:}"}) {
        CHECK(render(text, *row).find("is no format of the column 'a'") != std::string::npos);
    }
    const KeyTemplate key = KeyTemplate::parse("{a:lower}:{b:c}:{n:05}");
    CHECK(key.columns() == std::vector<std::string>{"a", "b:c", "n"});
    CHECK(key.columns([](const std::string& name) { return name == "a:lower"; }) ==
          std::vector<std::string>{"a:lower", "b:c", "n"});
}

TEST_CASE("a template of one column takes any name") {
    const OneRecord row("{\"{x}\":\"v\"}\n{}");
    std::string out;
    REQUIRE(KeyTemplate::of_column("{x}").render(*row, out));
    CHECK(out == "v");
}

TEST_CASE("a message about a missing column lists a few of those there are") {
    const OneRecord row("a,b,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,10\n");
    CHECK(missing_column(*row, "id") ==
          "no column 'id'; there are d, i, a, b, c, e, f, g and 2 more");
}

TEST_CASE("of many columns the message names the nearest") {
    const OneRecord row("a,b,c,d,e,f,g,h,title_fr,title_en\n1,2,3,4,5,6,7,8,9,10\n");
    CHECK(missing_column(*row, "title_em") ==
          "no column 'title_em' (did you mean 'title_en'?); there are title_en, title_fr, e, a, b, "
          "c, d, f and 2 more");
}
