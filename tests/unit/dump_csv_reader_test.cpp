#include "dump/csv_reader.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string rows(std::string_view text) { return read_as(DumpFormat::csv, text).rows; }
std::string error(std::string_view text) { return read_as(DumpFormat::csv, text).error; }

}  // namespace

TEST_CASE("CSV: every field is text, byte for byte") {
    CHECK(rows("id,name\n1, a b \n01,tRue\n\\N,null\n") ==
          "2: id=text 1, name=text  a b \n"
          "3: id=text 01, name=text tRue\n"
          "4: id=text \\N, name=text null\n");
    CHECK(rows("a\nx\0y\n"s) == "2: a=text x\0y\n"s);
    CHECK(rows("a\ncaf\xE9\n") == "2: a=text caf\xE9\n");
}

TEST_CASE("CSV: an unquoted empty field is null, a quoted one is empty text") {
    CHECK(rows("a,b,c\n,\"\",\n") == "2: a=null, b=text, c=null\n");
}

TEST_CASE("CSV: quotes, doubled quotes, delimiters and line breaks in quotes") {
    CHECK(rows("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"\"\"\"\"\",\"line\nbreak\r\n\"\n3,4\n") ==
          "2: a=text x,y, b=text say \"hi\"\n"
          "3: a=text \"\", b=text line\nbreak\r\n\n"
          "6: a=text 3, b=text 4\n");
}

TEST_CASE("CSV: lines end with LF or CRLF, the last one with nothing") {
    CHECK(rows("a,b\r\n1,2\r\n\"3\",\"4\"\r\n5,\r\n6,7") ==
          "2: a=text 1, b=text 2\n3: a=text 3, b=text 4\n4: a=text 5, b=null\n"
          "5: a=text 6, b=text 7\n");
    CHECK(rows("a,b\n1,\"2\"") == "2: a=text 1, b=text 2\n");
    CHECK(rows("a,b\n1,") == "2: a=text 1, b=null\n");
    CHECK(rows("a,b\n") == "");
    CHECK(rows("a,b") == "");
    CHECK(rows("a,b\n1\r2,3\n") == "2: a=text 1\r2, b=text 3\n");
}

TEST_CASE("CSV: a last line without its end is told of") {
    CHECK(read_all("a,b\n1,2").warning == "in:2: the last line has no line end; was the file cut?");
    CHECK(read_all("a,b\n1,2\n").warning == "");
}

TEST_CASE("CSV: a wrong number of columns is a bad row, never shifted") {
    CHECK(rows("a,b\n1\n1,2,3\n\"1\n2\"\n1,2\n") ==
          "2: BAD it has 1 column, the header has 2\n"
          "3: BAD it has 3 columns, the header has 2\n"
          "4: BAD it has 1 column, the header has 2\n"
          "6: a=text 1, b=text 2\n");
}

TEST_CASE("CSV: misplaced quotes make a bad row, and the next line is good again") {
    CHECK(rows("a,b\n\"1\"x,2\n1,2\"\n3,4\n\"5\"\r6,7\n\"8\" ,9\n") ==
          "2: BAD text behind a closing quote\n"
          "3: BAD a quote within a field that is not quoted\n"
          "4: a=text 3, b=text 4\n"
          "5: BAD text behind a closing quote\n"
          "6: BAD text behind a closing quote\n");
}

TEST_CASE("CSV: a quote that is never closed is an error at the line where it opened") {
    const Reading reading = read_all("a,b\n1,2\n\"x\ny\",\"3\n4,5\n");
    CHECK(reading.rows == "2: a=text 1, b=text 2\n");
    CHECK(reading.error == "in:4: the quote that opens here is never closed");
}

TEST_CASE("CSV: blank lines") {
    CHECK(rows("a,b\n\n1,2\n\r\n") == "3: a=text 1, b=text 2\n");
    CHECK(rows("a\n1\n\n2\n") == "2: a=text 1\n3: a=null\n4: a=text 2\n");
}

TEST_CASE("CSV: a header that names no columns clearly is an error") {
    CHECK(error("a,,b\n1,2,3\n") == "in:1: in the header: column 2 has no name");
    CHECK(error("a,\"\"\n") == "in:1: in the header: column 2 has no name");
    CHECK(error("a,b,a\n") == "in:1: in the header: two columns are named 'a'");
    CHECK(error("a,b\"c\n") == "in:1: in the header: a quote within a field that is not quoted");
    CHECK(error("a,b\r1,2\r3,4\r") ==
          "in:1: in the header: a carriage return that ends no line; lines must end with LF or "
          "CRLF");
    CHECK(error("\"a,b\n1,2\n") == "in:1: the quote that opens here is never closed");
}

TEST_CASE("CSV: names may be quoted") {
    CHECK(rows("\"a \"\"b\"\"\",\"c,d\"\n1,2\n") == "2: a \"b\"=text 1, c,d=text 2\n");
}

TEST_CASE("TSV: as CSV, but a quote within a field is text") {
    const Reading reading =
        read_all("id\tname\n1\t5\" nail\n2\t\"a\tb\"\n\t\"\"\n3\ta,b\n4\t\"x\"y\n");
    CHECK(reading.format == "TSV");
    CHECK(reading.rows ==
          "2: id=text 1, name=text 5\" nail\n"
          "3: id=text 2, name=text a\tb\n"
          "4: id=null, name=text\n"
          "5: id=text 3, name=text a,b\n"
          "6: BAD text behind a closing quote\n");
}

TEST_CASE("CSV: a row longer than the cap is an error") {
    const ReaderOptions options{.format = DumpFormat::csv, .max_record_bytes = 100};
    const std::string text = "a\n1\n" + std::string(300, 'x') + "\n";
    CHECK(read_all(text, options, 10).error == "in:3: a row is longer than 100 bytes");
    CHECK(read_all(text, options).error == "in:3: a row is longer than 100 bytes");
    CHECK(read_all(text, {.format = DumpFormat::csv}, 10).error.empty());
}

TEST_CASE("CSV of many megabytes goes through a small window") {
    std::string text = "id,title\n";
    for (int i = 0; i < 60'000; ++i) {
        text += fmt::format("{},\"title {}\"\n", i, i);
    }
    const TextFile file(text);
    Source source(file.fd(), "in", 4096);
    const auto reader = open_reader(source);
    int records = 0;
    while (reader->next() == Next::record) {
        ++records;
    }
    CHECK(records == 60'000);
    // Recognising may look further than one read.
    CHECK(source.capacity() <= 16 * 1024);
}
