#include "dump/csv_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>

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
    const DumpReading reading = read_all("a,b\n1,2\n\"x\ny\",\"3\n4,5\n");
    CHECK(reading.rows == "2: a=text 1, b=text 2\n");
    CHECK(reading.error == "in:4: the quote that opens here is never closed");
}

TEST_CASE("CSV: blank lines") {
    CHECK(rows("a,b\n\n1,2\n\r\n") == "3: a=text 1, b=text 2\n");
    CHECK(rows("a\n1\n\n2\n") == "2: a=text 1\n3: a=null\n4: a=text 2\n");
}

TEST_CASE("CSV: a header that names no columns clearly is an error") {
    CHECK(error("a,,b\n1,2,3\n") == "in:1: in the header: column 2 has no name");
    CHECK(read_as(DumpFormat::csv, "a,,b\n1,2,3\n").hint ==
          "without its first line (tail -n +2) --header A,B,… names the columns");
    CHECK(error(",,b\n1,2,3\n") == "in:1: in the header: column 2 has no name");
    CHECK(error(",,\n1,2,3\n") == "in:1: in the header: no column has a name");
    CHECK(error("a,b,a\n") == "in:1: in the header: two columns are named 'a'");
    CHECK(error("a,b\"c\n") == "in:1: in the header: a quote within a field that is not quoted");
    CHECK(error("a,b\r\r\n1,2\r\r\n") ==
          "in:1: in the header: a carriage return that ends no line");
    CHECK(error("\"a,b\n1,2\n") == "in:1: the quote that opens here is never closed");
}

TEST_CASE("CSV: the index of pandas and R, a first column without a name, is left out") {
    for (const char* text : {",id,n\n0,1,a\n", "\"\",\"id\",\"n\"\n\"0\",1,a\n"}) {
        CAPTURE(text);
        CHECK(rows(text) == "2: id=text 1, n=text a\n");
        CHECK(read_all(text).warning == "in:1: the first column has no name and was left out");
    }
}

TEST_CASE("CSV: columns at the end without names have no values either") {
    CHECK(rows("id,n,,\n1,a,,\n2,b,\"\",\n3,c,,x\n4,d\n") ==
          "2: id=text 1, n=text a\n3: id=text 2, n=text b\n"
          "4: BAD column 4 has a value and the header no name for it\n"
          "5: BAD it has 2 columns, the header has 4\n");
    CHECK(rows("id,n\n1,a,\n") == "2: BAD it has 3 columns, the header has 2\n");
}

TEST_CASE("CSV: the separator is what the first lines agree on") {
    const auto read = [](std::string_view text) {
        const DumpReading reading = read_all(text);
        return reading.format + ": " + reading.rows + reading.error;
    };
    CHECK(read("id;name;price,eur\n1;a;2,50\n2;b;3,75\n") ==
          "CSV with ';': 2: id=text 1, name=text a, price,eur=text 2,50\n"
          "3: id=text 2, name=text b, price,eur=text 3,75\n");
    CHECK(read("price,eur;qty,kg\n2,50;3,1\n") ==
          "CSV with ';': 2: price,eur=text 2,50, qty,kg=text 3,1\n");
    CHECK(read("id|name|last, first\n1|a|Noir, Zoe\n") ==
          "CSV with '|': 2: id=text 1, name=text a, last, first=text Noir, Zoe\n");
    CHECK(read("Last, first, middle\tid\nNoir, Zoe, M\t1\n") ==
          "TSV: 2: Last, first, middle=text Noir, Zoe, M, id=text 1\n");
    CHECK(read("id,note\n1,a;b\n2,c\n") ==
          "CSV: 2: id=text 1, note=text a;b\n3: id=text 2, note=text c\n");
    CHECK(read("id,a;b\n1,x\n2,y;z\n") ==
          "CSV: 2: id=text 1, a;b=text x\n3: id=text 2, a;b=text y;z\n");
    CHECK(read("id;note\n1;\"a,b;\nc\"\n2;d\n") ==
          "CSV with ';': 2: id=text 1, note=text a,b;\nc\n4: id=text 2, note=text d\n");
    // One broken row does not change what the others say.
    CHECK(read("a;b;c,d\n1;2;3,4\n1;2;3,4\n1;2;3,4\n1;2;3,4\n1;2,3\n") ==
          "CSV with ';': 2: a=text 1, b=text 2, c,d=text 3,4\n3: a=text 1, b=text 2, c,d=text 3,4\n"
          "4: a=text 1, b=text 2, c,d=text 3,4\n5: a=text 1, b=text 2, c,d=text 3,4\n"
          "6: BAD it has 2 columns, the header has 3\n");
}

TEST_CASE("CSV: the separator that a spreadsheet or the user says") {
    CHECK(read_all("sep=;\r\nid;n,m\r\n1;a,b\r\n").rows == "3: id=text 1, n,m=text a,b\n");
    CHECK(read_all("SEP=,\nid,n\n1,a\n").rows == "3: id=text 1, n=text a\n");
    ReaderOptions options;
    options.csv.delimiter = ':';
    CHECK(read_all("id:n\n1:\"a:b\"\n", options).rows == "2: id=text 1, n=text a:b\n");
    CHECK(read_all("{id:[n\n1:x\n", options).format == "CSV with ':'");
    options.csv.delimiter = '\t';
    CHECK(read_all("id\tn\n1\t\"a\"\n", options).rows == "2: id=text 1, n=text \"a\"\n");
    options.format = DumpFormat::csv;
    CHECK(read_all("id\tn\n1\t\"a\"\n", options).rows == "2: id=text 1, n=text a\n");
    CHECK(read_all("id\tn\n1\t\"a\"\n", options).format == "CSV with tabs");
    options = {.format = DumpFormat::tsv, .csv = {.delimiter = '|'}};
    CHECK(read_all("id|n\n1|\"a\n", options).rows == "2: id=text 1, n=text \"a\n");
}

TEST_CASE("CSV: blank lines before the header, and lines that end with CR alone") {
    CHECK(read_all("\n\r\nid,n\n1,a\n").rows == "4: id=text 1, n=text a\n");
    const DumpReading reading = read_all("a,b\r1,2\r\r\"x\ny\",3\r4,\r");
    CHECK(reading.rows == "2: a=text 1, b=text 2\n4: a=text x\ny, b=text 3\n5: a=text 4, b=null\n");
    CHECK(reading.warning == "in:1: its lines end with a carriage return alone");
}

TEST_CASE("CSV: a file that was cut within its last row is an error") {
    CHECK(error("a,b,c\n1,2,3\n4,5") == "in:3: the input ends in the middle of a row: was it cut?");
    CHECK(error("a,b,c\n1,2,3\n4") == "in:3: the input ends in the middle of a row: was it cut?");
    CHECK(rows("a,b,c\n1,2,3\n4,5") == "2: a=text 1, b=text 2, c=text 3\n");
    CHECK(rows("a,b,c\n4,5\n") == "2: BAD it has 2 columns, the header has 3\n");
    CHECK(read_all("a\tb\n1\tx\\ny\n2\tx\\").error ==
          "in:3: the input ends in the middle of a row: was it cut?");
}

TEST_CASE("CSV: a header that the user gives") {
    ReaderOptions options;
    options.csv.header = {"id", "n"};
    CHECK(read_all("1,a\n2,b\n", options).rows ==
          "1: id=text 1, n=text a\n2: id=text 2, n=text b\n");
    CHECK(read_all("1\ta\n2\t\\N\n", options).rows ==
          "1: id=text 1, n=text a\n2: id=text 2, n=null\n");
    CHECK(read_all("1,a,x\n", options).rows == "1: BAD it has 3 columns, the header has 2\n");
    options.csv.header = {"id"};
    CHECK(read_all("1\n2\n", options).rows == "1: id=text 1\n2: id=text 2\n");
}

TEST_CASE("CSV: types, and what does not fit them") {
    ReaderOptions options;
    options.csv.types = parse_csv_types("i:int,x:number,b:bool,j:json");
    const std::string header = "i,x,b,j,t\n";
    CHECK(
        read_all(header + "-12,1.50,t,\"{\"\"a\"\": [1, 2]}\",1\n,,,,\n0,1e400,No,null,\n", options)
            .rows ==
        "2: i=number -12, x=number 1.50, b=boolean true, j=json {\"a\":[1,2]}, t=text 1\n"
        "3: i=null, x=null, b=null, j=null, t=null\n"
        "4: i=number 0, x=number 1e400, b=boolean false, j=null, t=null\n");
    CHECK(
        read_all(header +
                     "1.0,1,t,1,x\n007,1,t,1,x\n1,x,t,1,x\n1,1,2,1,x\n1,1,t,\"1,2\",x\n1,1,t,{,x\n"
                     "\"\",1,t,1,x\n",
                 options)
            .rows ==
        "2: BAD column 'i': '1.0' is no int\n"
        "3: BAD column 'i': '007' is no int\n"
        "4: BAD column 'x': 'x' is no number\n"
        "5: BAD column 'b': '2' is no bool\n"
        "6: BAD column 'j': '1,2' is no JSON\n"
        "7: BAD column 'j': '{' is no JSON\n"
        "8: BAD column 'i': '' is no int\n");
    CHECK(read_all("i,x,b\n1,1,1\n", options).error ==
          "in:1: --types names a column 'j'; there are i, x, b");
}

TEST_CASE("CSV: another text for null") {
    ReaderOptions options;
    options.csv.null_text = "NA";
    CHECK(read_all("a,b\nNA,\n\"NA\",\"\"\n", options).rows ==
          "2: a=null, b=text\n3: a=text NA, b=text\n");
    CHECK(read_all("a\tb\nNA\tNULL\n\\N\tx\\ty\n", options).rows ==
          "2: a=null, b=text NULL\n3: a=null, b=text x\ty\n");
}

TEST_CASE("what is said of CSV is for nothing else") {
    ReaderOptions options;
    options.csv.null_text = "NA";
    for (const char* text :
         {"[{\"a\":1}]", "{\"a\":1}\n{\"a\":2}\n", "INSERT INTO t VALUES (1,2);\n"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(read_all(text, options),
                             "--delimiter, --header, --types and --null are for CSV and TSV, and "
                             "in is neither",
                             Error);
    }
    options.format = DumpFormat::json;
    options.csv = {.header = {"a"}};
    CHECK_THROWS_AS(read_all("[]", options), Error);
}

TEST_CASE("what the user says of CSV is checked") {
    const auto mistake = [](auto parse, const std::string& text) {
        try {
            parse(text);
            return std::string("none");
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::usage);
            return std::string(error.what());
        }
    };
    CHECK(parse_csv_delimiter("\\t") == '\t');
    CHECK(parse_csv_delimiter("tab") == '\t');
    CHECK(parse_csv_delimiter("\t") == '\t');
    CHECK(parse_csv_delimiter("|") == '|');
    for (const char* text : {"", ";;", "\"", "\n", "\\", "\xC3\xA9"}) {
        CHECK(mistake(parse_csv_delimiter, text).ends_with("it must be one character"));
    }
    CHECK(mistake(parse_csv_types, "id") == "'id' is no column with its type");
    CHECK(mistake(parse_csv_types, "id:int,") == "'' is no column with its type");
    CHECK(mistake(parse_csv_types, "id:date") ==
          "'date' is not one of int, number, bool, json, text");
    CHECK(mistake(parse_csv_types, "id:int,id:text") == "it names 'id' twice");
    CHECK(parse_csv_types("a:b:int")[0].column == "a:b");
}

TEST_CASE("CSV: names may be quoted") {
    CHECK(rows("\"a \"\"b\"\"\",\"c,d\"\n1,2\n") == "2: a \"b\"=text 1, c,d=text 2\n");
}

TEST_CASE("TSV: a quote is text, and nothing is quoted") {
    const DumpReading reading =
        read_all("id\tname\n1\t5\" nail\n2\t\"a\n\t\"\"\n3\ta,b\"\n4\t\"x\"y\n5\t\"a\tb\"\n");
    CHECK(reading.format == "TSV");
    CHECK(reading.rows ==
          "2: id=text 1, name=text 5\" nail\n"
          "3: id=text 2, name=text \"a\n"
          "4: id=null, name=text \"\"\n"
          "5: id=text 3, name=text a,b\"\n"
          "6: id=text 4, name=text \"x\"y\n"
          "7: BAD it has 3 columns, the header has 2\n");
}

TEST_CASE("TSV: what mysql --batch and COPY write") {
    const DumpReading mysql =
        read_all("id\ta\tb\n1\tx\\ty\tNULL\n2\t\\\\N\t\n3\tC:\\\\new\ta\\0b\n");
    CHECK(mysql.format == "TSV as mysql --batch writes it");
    CHECK(mysql.rows ==
          "2: id=text 1, a=text x\ty, b=null\n"
          "3: id=text 2, a=text \\N, b=text\n"
          "4: id=text 3, a=text C:\\new, b=text a\0b\n"s);
    const DumpReading copy = read_all("id\ta\n1\t\\N\n2\tNULL\n3\t\n4\t\\b\\f\\n\\r\\t\\v\\\\\n");
    CHECK(copy.format == "TSV as COPY writes it");
    CHECK(copy.rows ==
          "2: id=text 1, a=null\n3: id=text 2, a=text NULL\n4: id=text 3, a=text\n"
          "5: id=text 4, a=text \b\f\n\r\t\v\\\n");
    CHECK(read_all("a\\tb\tc\n1\t2\n").rows == "2: a\tb=text 1, c=text 2\n");
}

TEST_CASE("TSV: a backslash that nobody would write so is text, and so are all") {
    const DumpReading paths = read_all("id\tpath\n1\tC:\\new\n2\tC:\\Users\n3\t\n");
    CHECK(paths.format == "TSV");
    CHECK(paths.rows ==
          "2: id=text 1, path=text C:\\new\n3: id=text 2, path=text C:\\Users\n"
          "4: id=text 3, path=null\n");
    const DumpReading imdb = read_all("id\tt\n1\t\\N\n2\ta\\_b\n");
    CHECK(imdb.format == "TSV with \\N for null");
    CHECK(imdb.rows == "2: id=text 1, t=null\n3: id=text 2, t=text a\\_b\n");
    const DumpReading raw = read_all("id\tt\n1\tNULL\n2\ta\\d\n");
    CHECK(raw.format == "TSV with NULL for null");
    CHECK(raw.rows == "2: id=text 1, t=null\n3: id=text 2, t=text a\\d\n");
    ReaderOptions options;
    options.sql.escapes = SqlEscapes::none;
    CHECK(read_all("id\tp\n1\tC:\\new\n", options).rows == "2: id=text 1, p=text C:\\new\n");
    options.sql.escapes = SqlEscapes::backslash;
    CHECK(read_all("id\tp\n1\tC:\\new\n2\t\\d\n", options).rows ==
          "2: id=text 1, p=text C:\new\n"
          "3: BAD column 'p': a backslash that is no escape of TSV as mysql --batch writes it; if "
          "a backslash is text there, say --no-backslash-escapes\n");
}

TEST_CASE("TSV: what shows late is told") {
    std::string text = "id\tt\n";
    while (text.size() < 300'000) {
        text += "1\tsome text that shows nothing\n";
    }
    const auto line = std::count(text.begin(), text.end(), '\n') + 1;
    const DumpReading reading = read_all(text + "2\ta\\tb\n3\tNULL\n4\tC:\\d\n");
    CHECK(reading.format == "TSV");
    CHECK(reading.rows.ends_with(
        fmt::format("{}: id=text 2, t=text a\tb\n{}: id=text 3, t=null\n"
                    "{}: BAD column 't': a backslash that is no escape of TSV as mysql --batch "
                    "writes it; if a backslash is text there, say --no-backslash-escapes\n",
                    line, line + 1, line + 2)));
    CHECK(reading.warning ==
          fmt::format("in:{}: read as TSV as mysql --batch writes it from here on; nothing before "
                      "shows what it is",
                      line));
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
