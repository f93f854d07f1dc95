#include "warm/piecewise.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

using Words = std::vector<std::string>;

struct Made : Encoded {
    Made(EncodeAs kind, std::vector<std::string_view> texts) {
        as = kind;
        parts = std::move(texts);
    }
};

Reply number(std::int64_t n) { return Reply::make_integer(n); }
Reply texts(const Words& all) {
    std::vector<Reply> elements;
    for (const std::string& one : all) {
        elements.push_back(one == "nil" ? Reply{} : Reply::make_string(one));
    }
    return Reply::make_array(std::move(elements));
}
Reply numbers(const std::vector<std::int64_t>& all) {
    std::vector<Reply> elements;
    for (const std::int64_t one : all) {
        elements.push_back(number(one));
    }
    return Reply::make_array(std::move(elements));
}
const Reply k_unknown_command = Reply::make_error("ERR unknown command 'X'");

std::string line(PiecewiseComparison& comparison) {
    std::string line;
    for (const std::string_view word : comparison.next_command("k")) {
        line += (line.empty() ? "" : " ") + std::string(word);
    }
    return line;
}

}  // namespace

TEST_CASE("of a hash the fields are asked for by name, and their times to live") {
    PiecewiseRights rights;
    const Made value(EncodeAs::hash, {"f", "1", "g", "2", "f", "3"});
    PiecewiseComparison same(value, rights);
    CHECK(line(same) == "MEMORY USAGE k SAMPLES 0");
    CHECK(same.judge(number(200)) == Existing::to_be_read);
    CHECK(line(same) == "HMGET k f g");
    CHECK(same.judge(texts({"3", "2"})) == Existing::to_be_read);
    CHECK(line(same) == "HPTTL k FIELDS 2 f g");
    CHECK(same.judge(numbers({-1, -1})) == Existing::stays);

    PiecewiseComparison expiring(value, rights);
    CHECK(expiring.judge(number(200)) == Existing::to_be_read);
    CHECK(expiring.judge(texts({"3", "2"})) == Existing::to_be_read);
    CHECK(expiring.judge(numbers({-1, 5'000})) == Existing::replaced);

    for (const Words& found : {Words{"1", "2"}, {"3", "nil"}}) {
        PiecewiseComparison other(value, rights);
        CHECK(other.judge(number(200)) == Existing::to_be_read);
        CHECK(other.judge(texts(found)) == Existing::replaced);
    }
    PiecewiseComparison lost(value, rights);
    CHECK(lost.judge({Reply::Type::lost, 0, "", {}}) == Existing::unknown);
}

TEST_CASE("what is far larger than the value is not read") {
    PiecewiseRights rights;
    for (const EncodeAs as : {EncodeAs::hash, EncodeAs::list}) {
        const Made value(as, {"f", "1"});
        PiecewiseComparison comparison(value, rights);
        CHECK(comparison.judge(number(100'000'000)) == Existing::replaced);
    }
}

TEST_CASE("what a server does not know is asked once") {
    PiecewiseRights rights;
    const Made value(EncodeAs::hash, {"f", "1"});
    PiecewiseComparison first(value, rights);
    CHECK(first.judge(Reply::make_error("NOPERM no permissions to run the 'memory' command")) ==
          Existing::to_be_read);
    CHECK(line(first) == "HMGET k f");
    CHECK(first.judge(texts({"1"})) == Existing::to_be_read);
    CHECK(first.judge(k_unknown_command) == Existing::stays);
    PiecewiseComparison second(value, rights);
    CHECK(line(second) == "HMGET k f");
    CHECK(second.judge(texts({"1"})) == Existing::stays);
    const Made set(EncodeAs::set, {"a"});
    PiecewiseComparison old_server(set, rights);
    CHECK(old_server.judge(k_unknown_command) == Existing::replaced);
}

TEST_CASE("members are asked for by name, and the order counts for lists only") {
    PiecewiseRights rights;
    const Made set(EncodeAs::set, {"a", "b", "a"});
    PiecewiseComparison members(set, rights);
    CHECK(line(members) == "SMISMEMBER k a b");
    CHECK(members.judge(numbers({1, 1})) == Existing::stays);
    CHECK(PiecewiseComparison(set, rights).judge(numbers({1, 0})) == Existing::replaced);

    const Made zset(EncodeAs::zset, {"1.50", "a"});
    PiecewiseComparison scores(zset, rights);
    CHECK(line(scores) == "ZMSCORE k a");
    CHECK(scores.judge(texts({"1.5"})) == Existing::stays);
    CHECK(PiecewiseComparison(zset, rights).judge(texts({"1.6"})) == Existing::replaced);
    CHECK(PiecewiseComparison(zset, rights).judge(texts({"nil"})) == Existing::replaced);

    const Made list(EncodeAs::list, {"a", "b"});
    PiecewiseComparison elements(list, rights);
    CHECK(elements.judge(number(100)) == Existing::to_be_read);
    CHECK(line(elements) == "LRANGE k 0 1");
    CHECK(elements.judge(texts({"b", "a"})) == Existing::replaced);
}

TEST_CASE("pieces are bounded in number and in bytes") {
    PiecewiseRights rights;
    std::vector<std::string> names;
    for (int i = 0; i < 1'000; ++i) {
        names.push_back(std::to_string(i));
    }
    const Made many(EncodeAs::set, {names.begin(), names.end()});
    PiecewiseComparison comparison(many, rights);
    CHECK(comparison.next_command("k").size() == 2 + PiecewiseComparison::k_most_parts);
    CHECK(comparison.judge(numbers(std::vector<std::int64_t>(512, 1))) == Existing::to_be_read);
    CHECK(comparison.next_command("k").size() == 2 + 1'000 - 512);
    CHECK(comparison.judge(numbers(std::vector<std::int64_t>(488, 1))) == Existing::stays);

    const std::string large(200'000, 'x');
    const Made few(EncodeAs::list, {large, large, "a"});
    PiecewiseComparison bytes(few, rights);
    CHECK(bytes.judge(number(400'200)) == Existing::to_be_read);
    CHECK(line(bytes) == "LRANGE k 0 0");
}

TEST_CASE("a string is compared in pieces of 256 KiB") {
    PiecewiseRights rights;
    const std::string first(PiecewiseComparison::k_most_bytes, 'x');
    const std::string whole = first + first + "end";
    const Made value(EncodeAs::json, {whole});
    PiecewiseComparison same(value, rights);
    CHECK(line(same) == "GETRANGE k 0 262143");
    CHECK(same.judge(Reply::make_string(first)) == Existing::to_be_read);
    CHECK(line(same) == "GETRANGE k 262144 524287");
    CHECK(same.judge(Reply::make_string(first)) == Existing::to_be_read);
    CHECK(line(same) == "GETRANGE k 524288 524290");
    CHECK(same.judge(Reply::make_string("end")) == Existing::stays);
    PiecewiseComparison other(value, rights);
    CHECK(other.judge(Reply::make_string(first + "y")) == Existing::replaced);
    PiecewiseComparison gone(value, rights);
    CHECK(gone.judge(Reply::make_string("")) == Existing::replaced);
    PiecewiseComparison refused(value, rights);
    CHECK(refused.judge(Reply::make_error("LOADING x")) == Existing::unknown);
}
