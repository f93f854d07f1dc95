#include "warm/existing_value.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

struct Made : Encoded {
    Made(EncodeAs kind, std::vector<std::string_view> texts) {
        as = kind;
        parts = std::move(texts);
    }
};

Reply number(std::int64_t n) { return Reply::make_integer(n); }
Reply text(std::string bytes) { return Reply::make_string(std::move(bytes)); }
std::string look(const Encoded& value) {
    std::string scratch;
    std::string line;
    for (const std::string_view word : look_command(value, "k", scratch)) {
        line += (line.empty() ? "" : " ") + std::string(word);
    }
    return line;
}

const Reply k_wrong_type = Reply::make_error("WRONGTYPE Operation against a key");

}  // namespace

TEST_CASE("what has as much time left as the limit, or less, is replaced") {
    CHECK(judge_ttl(number(-2), 1s) == Existing::absent);
    CHECK(judge_ttl(number(-1), 1s) == Existing::stays);
    CHECK(judge_ttl(number(0), 1s) == Existing::replaced);
    CHECK(judge_ttl(number(1000), 1s) == Existing::replaced);
    CHECK(judge_ttl(number(1001), 1s) == Existing::stays);
    CHECK(judge_ttl(text("1"), 1s) == Existing::unknown);
    CHECK(judge_ttl(Reply::make_error("NOPERM"), 1s) == Existing::unknown);
    CHECK(judge_ttl({Reply::Type::lost, 0, "", {}}, 1s) == Existing::unknown);
}

TEST_CASE("of a string one byte more than its value is asked for") {
    const Made value(EncodeAs::json, {"abc"});
    CHECK(look(value) == "GETRANGE k 0 3");
    CHECK(judge_look(value, text("abc")) == Existing::stays);
    CHECK(judge_look(value, text("abd")) == Existing::replaced);
    CHECK(judge_look(value, text("abcd")) == Existing::replaced);
    CHECK(judge_look(value, text("ab")) == Existing::replaced);
    CHECK(judge_look(value, text("")) == Existing::absent);
    CHECK(judge_look(value, k_wrong_type) == Existing::replaced);
    CHECK(judge_look(value, Reply::make_error("abc")) == Existing::unknown);
    CHECK(judge_look(value, {Reply::Type::unsent, 0, "abc", {}}) == Existing::unknown);
}

TEST_CASE("of a large string the length is asked for, and then its pieces") {
    const std::string large(k_most_text_read + 1, 'x');
    const Made value(EncodeAs::json, {large});
    CHECK(look(value) == "STRLEN k");
    CHECK(judge_look(value, number(262'145)) == Existing::to_be_read);
    CHECK(judge_look(value, number(262'144)) == Existing::replaced);
    CHECK(judge_look(value, number(0)) == Existing::absent);
    CHECK(judge_look(value, k_wrong_type) == Existing::replaced);
    CHECK(judge_look(value, text(large)) == Existing::unknown);
    CHECK(look(Made(EncodeAs::json, {std::string_view(large).substr(1)})) == "GETRANGE k 0 262144");
}

TEST_CASE("an empty string is told from none") {
    const Made value(EncodeAs::string, {""});
    CHECK(look(value) == "GET k");
    CHECK(judge_look(value, text("")) == Existing::stays);
    CHECK(judge_look(value, Reply{}) == Existing::absent);
    CHECK(judge_look(value, text("x")) == Existing::replaced);
}

TEST_CASE("of anything else the parts are counted before they are read") {
    const Made hash(EncodeAs::hash, {"f", "1", "g", "2", "f", "3"});
    CHECK(look(hash) == "HLEN k");
    CHECK(judge_look(hash, number(0)) == Existing::absent);
    CHECK(judge_look(hash, number(2)) == Existing::to_be_read);
    CHECK(judge_look(hash, number(3)) == Existing::replaced);
    CHECK(judge_look(hash, k_wrong_type) == Existing::replaced);
    CHECK(look(Made(EncodeAs::list, {"a"})) == "LLEN k");
    CHECK(judge_look(Made(EncodeAs::list, {"a", "a"}), number(2)) == Existing::to_be_read);
    CHECK(look(Made(EncodeAs::set, {"a"})) == "SCARD k");
    CHECK(judge_look(Made(EncodeAs::set, {"a", "a"}), number(1)) == Existing::to_be_read);
    CHECK(look(Made(EncodeAs::zset, {"1", "a"})) == "ZCARD k");
    CHECK(judge_look(Made(EncodeAs::zset, {"1", "a", "2", "a"}), number(1)) ==
          Existing::to_be_read);
}
