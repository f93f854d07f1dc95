#include "warm/existing_value.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

StoredValue stored(EncodeAs as, std::vector<std::string_view> parts) {
    Encoded value;
    value.as = as;
    value.parts = std::move(parts);
    StoredValue result;
    result.assign(value);
    return result;
}

Reply number(std::int64_t n) { return Reply::make_integer(n); }
Reply text(std::string bytes) { return Reply::make_string(std::move(bytes)); }
std::string look(const StoredValue& value) {
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
    const StoredValue value = stored(EncodeAs::json, {"abc"});
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

TEST_CASE("an empty string is told from none") {
    const StoredValue value = stored(EncodeAs::string, {""});
    CHECK(look(value) == "GET k");
    CHECK(judge_look(value, text("")) == Existing::stays);
    CHECK(judge_look(value, Reply{}) == Existing::absent);
    CHECK(judge_look(value, text("x")) == Existing::replaced);
}

TEST_CASE("of anything else the parts are counted before they are read") {
    const StoredValue hash = stored(EncodeAs::hash, {"f", "1", "g", "2", "f", "3"});
    CHECK(look(hash) == "HLEN k");
    CHECK(judge_look(hash, number(0)) == Existing::absent);
    CHECK(judge_look(hash, number(2)) == Existing::to_be_read);
    CHECK(judge_look(hash, number(3)) == Existing::replaced);
    CHECK(judge_look(hash, k_wrong_type) == Existing::replaced);
    CHECK(look(stored(EncodeAs::list, {"a"})) == "LLEN k");
    CHECK(judge_look(stored(EncodeAs::list, {"a", "a"}), number(2)) == Existing::to_be_read);
    CHECK(look(stored(EncodeAs::set, {"a"})) == "SCARD k");
    CHECK(judge_look(stored(EncodeAs::set, {"a", "a"}), number(1)) == Existing::to_be_read);
    CHECK(look(stored(EncodeAs::zset, {"1", "a"})) == "ZCARD k");
    CHECK(judge_look(stored(EncodeAs::zset, {"1", "a", "2", "a"}), number(1)) ==
          Existing::to_be_read);
}
