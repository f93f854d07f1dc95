#include "keyspace/namespaces.hpp"

#include <doctest/doctest.h>

#include "util/error.hpp"

using namespace cachectl;
using Kind = NamespaceCount::Kind;

namespace {

template <typename Use>
Error error_of(Use use) {
    try {
        use();
    } catch (const Error& error) {
        return error;
    }
    return {ExitCode::ok, "no error"};
}

}  // namespace

TEST_CASE("a namespace is what stands before the first delimiter") {
    CHECK(namespace_of("course:1:x", ":") == "course");
    CHECK(namespace_of("course:", ":") == "course");
    CHECK(namespace_of(":x", ":") == "");
    CHECK_FALSE(namespace_of("course", ":").has_value());
    CHECK_FALSE(namespace_of("", ":").has_value());
    CHECK(namespace_of("a:b::c", "::") == "a:b");
}

TEST_CASE("a namespace as an argument becomes a pattern") {
    CHECK(namespace_pattern("course", ":") == "course:*");
    CHECK(namespace_pattern("course:", ":") == "course:*");
    CHECK(namespace_pattern("ramq:codes", ":") == "ramq:codes:*");
    CHECK(namespace_pattern("a::", ":") == "a::*");
    CHECK(namespace_pattern("a b\n", "::") == "a b\n::*");
    CHECK(namespace_pattern("a", "*") == "a\\**");
}

TEST_CASE("an empty namespace is a guard's case, glob characters a usage error") {
    const Error empty = error_of([] { namespace_pattern("", ":"); });
    CHECK(empty.code() == ExitCode::guard);
    CHECK(std::string(empty.what()) == "the namespace '' is empty; nothing was changed");
    CHECK(empty.hint() == "is a shell variable unset?");
    CHECK(error_of([] { namespace_pattern(":", ":"); }).code() == ExitCode::guard);
    for (const char* name : {"cour*", "?", "[a]", "a\\"}) {
        const Error glob = error_of([&] { namespace_pattern(name, ":"); });
        CHECK(glob.code() == ExitCode::usage);
        CHECK(std::string(glob.what()) ==
              "the namespace '" + std::string(name) + "' has one of * ? [ \\");
    }
    CHECK(error_of([] { namespace_pattern("fmp[1]", "/"); }).hint() ==
          R"(for exactly the keys that begin with these characters: )"
          R"(cachectl invalidate 'fmp\[1]/*')");
    CHECK(error_of([] { namespace_pattern("it's *", "|?"); })
              .hint()
              .ends_with(R"(cachectl invalidate 'it'\''s \*|\?*')"));
    CHECK(error_of([] { namespace_pattern("a", ""); }).code() == ExitCode::usage);
}

TEST_CASE("rows come with most keys first, then by name") {
    NamespaceCounter counter(":");
    for (const char* key : {"b:1", "c:1", "a:1", "c:2", "plain", "words", "here", ":x"}) {
        counter.add(key);
    }
    counter.add("d:1", 4);
    const auto rows = counter.rows();
    REQUIRE(rows.size() == 6);
    CHECK(rows[0].name == "d");
    CHECK(rows[0].keys == 4);
    CHECK(rows[1].kind == Kind::none);
    CHECK(rows[1].name == "(none)");
    CHECK(rows[1].keys == 3);
    CHECK(rows[2].name == "c");
    CHECK(rows[2].kind == Kind::named);
    CHECK(rows[3].name == "");
    CHECK(rows[4].name == "a");
    CHECK(rows[5].name == "b");
    CHECK(counter.total() == 12);
}

TEST_CASE("beyond the most names it counts the rest together, last") {
    NamespaceCounter counter(":", 2);
    for (const char* key : {"a:1", "b:1", "c:1", "d:1", "e:1", "a:2"}) {
        counter.add(key);
    }
    counter.add(std::string(257, 'x') + ":1");
    const auto rows = counter.rows();
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].name == "a");
    CHECK(rows[0].keys == 2);
    CHECK(rows[1].name == "b");
    CHECK(rows[2].kind == Kind::other);
    CHECK(rows[2].name == "(other)");
    CHECK(rows[2].keys == 4);
}

TEST_CASE("names too long to keep are counted as others even when there is room") {
    NamespaceCounter counter(":");
    counter.add(std::string(257, 'x') + ":1");
    counter.add(std::string(256, 'y') + ":1");
    const auto rows = counter.rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == std::string(256, 'y'));
    CHECK(rows[1].kind == Kind::other);
}

TEST_CASE("nothing counted, no rows") { CHECK(NamespaceCounter(":").rows().empty()); }

TEST_CASE("a namespace that is called as the nameless rows are is told apart from them") {
    NamespaceCounter counter(":");
    counter.add("(none):1");
    counter.add("plain", 2);
    const auto rows = counter.rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "(none)");
    CHECK(rows[0].keys == 2);
    CHECK(rows[1].name == "\\x28none)");
}
