#include "dump/row_result.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

/// The texts of the bad rows.
std::vector<std::string> bad_texts(std::string_view text, std::size_t read_bytes) {
    const TextFile file(text);
    Source source(file.fd(), "in", read_bytes);
    const auto reader = open_reader(source);
    std::vector<std::string> texts;
    while (true) {
        const auto next = reader->next();
        if (next == Next::end) {
            return texts;
        }
        if (!next) {
            texts.push_back(next.bad_row().text);
        }
    }
}

}  // namespace

TEST_CASE("a row that cannot be read has its text, whatever the format") {
    using Texts = std::vector<std::string>;
    for (const std::size_t bytes : {std::size_t{3}, Source::k_read_bytes}) {
        CAPTURE(bytes);
        CHECK(bad_texts("a,b\r\n1,2,3\r\n4,5\r\n6\r\n", bytes) == Texts{"1,2,3", "6"});
        CHECK(bad_texts("{\"a\":1}\n{\"a\":}\n[1]\n{\"a\":2}\n", bytes) ==
              Texts{"{\"a\":}", "[1]"});
        CHECK(bad_texts("[{\"a\":1},{\"a\":nul}, 3]", bytes) == Texts{"{\"a\":nul}", "3"});
        CHECK(bad_texts("CREATE TABLE t (a int, b int);\n"
                        "INSERT INTO t VALUES (1,2), (3,now()), (4,5,'x;y'), (6,7);\n",
                        bytes) == Texts{"3,now()", "4,5,'x;y'"});
        CHECK(bad_texts("CREATE TABLE public.t (a int, b int);\nCOPY public.t (a, b) FROM stdin;\n"
                        "1\t2\n3\n4\t5\n\\.\n",
                        bytes) == Texts{"3"});
    }
    const std::string row = "1,2," + std::string(100'000, 'x');
    CHECK(bad_texts("a,b\n" + row + "\n", 4096) == Texts{row.substr(0, BadRow::k_longest_text)});
}
