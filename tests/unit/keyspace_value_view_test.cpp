#include "keyspace/value_view.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "output/escape.hpp"
#include "output/writer.hpp"
#include "util/text.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

KeyRecord string_of(const std::string& text) {
    KeyRecord record;
    record.key = "entity:metadata:office";
    record.type = "string";
    record.ttl = 296s;
    record.encoding = "raw";
    record.size_bytes = 712;
    record.idle = 3s;
    record.length = text.size();
    record.text = text;
    return record;
}

std::string view_of(const KeyRecord& record, std::size_t columns,
                    Painter::Color color = Painter::Color::off) {
    std::string text;
    {
        Writer out(text);
        write_value_view(out, {.display = {.columns = columns, .paint = Painter(color)}}, record);
    }
    return text;
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        widest = std::max(widest, display_width(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return widest;
}

std::string long_document() {
    std::string json = R"({"code":"office","kinder":[)";
    for (int i = 0; i < 30; ++i) {
        json += std::string(i == 0 ? "" : ",") +
                R"({"entity":"task 語🎉","ui_icon":"CheckSquare","more":[1,2,3]})";
    }
    return json + "]}";
}

}  // namespace

TEST_CASE("the first line has what is known of the key, and goes on where the terminal ends") {
    CHECK(view_of(string_of("x"), 100) ==
          "entity:metadata:office   string, 1 B (712 B in memory, raw), expires in 4m 56s, used 3s "
          "ago\n\nx\n");
    CHECK(view_of(string_of("x"), 60) ==
          "entity:metadata:office   string, 1 B (712 B in memory, raw),\n"
          "  expires in 4m 56s, used 3s ago\n\nx\n");
    KeyRecord bare = string_of("x");
    bare.ttl = {};
    bare.idle = {};
    bare.size_bytes = {};
    bare.encoding = "";
    CHECK(view_of(bare, 100).starts_with("entity:metadata:office   string, 1 B, never expires\n"));
    CHECK(view_of(bare, 100, Painter::Color::on)
              .starts_with("\x1b[1mentity:metadata:office\x1b[0m   string, 1 B, \x1b[33mnever "
                           "expires\x1b[0m\n"));
}

TEST_CASE("every width: no line is wider, nothing is harmful") {
    KeyRecord record = string_of(long_document());
    record.key = "日本:🎉:\x1b[2J";
    KeyRecord hash = record;
    hash.type = "hash";
    hash.length = hash.asked_for = 2;
    hash.text = "";
    hash.elements.push_back({.name = "語", .bytes = long_document()});
    hash.elements.push_back({.name = "b\x1b", .bytes = "\x1b[31m\xff"});
    for (const std::size_t columns : {60, 80, 100, 160}) {
        CAPTURE(columns);
        for (const KeyRecord* shown : {&record, &hash}) {
            const std::string view = view_of(*shown, columns);
            CHECK(widest_line(view) <= columns);
            CHECK(view.find('\x1b') == std::string::npos);
            CHECK(view.starts_with("日本:🎉:\\x1b[2J   "));
            CHECK(view.find("\nJSON") != std::string::npos);
        }
    }
}

TEST_CASE("what is missing is told, in one place") {
    KeyRecord record = string_of(long_document().substr(0, 200));
    record.length = 1'234'567;
    record.truncated = true;
    CHECK(
        view_of(record, 0).ends_with("JSON, shown shortened, of the first 200 B that were read "
                                     "(--max-value 0 reads all); --raw prints the 1,234,567 "
                                     "bytes as they are\n"));
    std::string text;
    Writer out(text);
    CHECK(!write_value_view(out, {}, record));
    CHECK(write_value_view(out, {.display = {}, .text_bytes = 4}, string_of("abcéf")) == 3);
    CHECK(write_value_view(out, {}, string_of("abcéf")) == 6);
}
