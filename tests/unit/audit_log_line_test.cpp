#include "audit_log/line.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "util/sha256.hpp"

using namespace cachectl;

namespace {

std::string line_with(const std::optional<std::string>& previous, std::string_view text) {
    std::string line =
        make_audit_line(previous, [text](JsonWriter& json) { json.field("event", text); });
    REQUIRE(line.back() == '\n');
    line.pop_back();
    return line;
}

}  // namespace

TEST_CASE("a line has the digest of the line before first, and its own last") {
    const std::string first = line_with(std::nullopt, "begin");
    CHECK(first.starts_with(R"({"previous":null,"event":"begin","sha256":")"));
    const std::string second = line_with(line_digest(first), "end");
    Sha256 hash;
    hash.add(first);
    CHECK(second.starts_with(R"({"previous":")" + hash.hex() + R"(","event":"end","sha256":")"));
}

TEST_CASE("what was written is read as whole, with the digest that it follows") {
    const std::string first = line_with(std::nullopt, "a\nb\x1b\xff\"}");
    CHECK(read_audit_line(first).state == AuditLine::State::whole);
    CHECK_FALSE(read_audit_line(first).previous.has_value());
    const AuditLine second = read_audit_line(line_with(line_digest(first), "end"));
    CHECK(second.state == AuditLine::State::whole);
    CHECK(second.previous == line_digest(first));
}

TEST_CASE("a line with any byte changed is not whole") {
    const std::string line = line_with(std::nullopt, "begin");
    for (std::size_t i = 0; i < line.size(); ++i) {
        for (const int bit : {1, 0x20, 0x80}) {
            std::string other = line;
            other[i] = static_cast<char>(other[i] ^ bit);
            CAPTURE(other);
            CHECK(read_audit_line(other).state != AuditLine::State::whole);
        }
    }
}

TEST_CASE("a line that was cut anywhere is known as cut") {
    const std::string line = line_with(std::nullopt, "begin");
    for (std::size_t size = 0; size < line.size(); ++size) {
        CHECK(read_audit_line(line.substr(0, size)).state == AuditLine::State::cut);
    }
}

TEST_CASE("a file is taken for an audit log by how it begins") {
    CHECK(begins_as_audit_log(""));
    CHECK(begins_as_audit_log("{\"prev"));
    CHECK(begins_as_audit_log(line_with(std::nullopt, "begin")));
    CHECK_FALSE(begins_as_audit_log("id,name\n"));
    CHECK_FALSE(begins_as_audit_log("{\"a\":1}"));
}

TEST_CASE("what is no digest is nothing that a line follows") {
    for (const std::string digest : {"abc", "0123456789abcdef"}) {
        const std::string signed_part = R"({"previous":")" + digest + '"';
        const AuditLine line =
            read_audit_line(signed_part + R"(,"sha256":")" + line_digest(signed_part) + R"("})");
        CHECK(line.state == AuditLine::State::whole);
        CHECK_FALSE(line.previous.has_value());
    }
}
