#include "redis/cluster/slot_map.hpp"

#include <doctest/doctest.h>

#include "redis/cluster/address.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

Reply number(std::int64_t n) { return Reply::make_integer(n); }
Reply text(std::string s) { return Reply::make_string(std::move(s)); }

Reply node(Reply host, std::int64_t port, std::string id) {
    return Reply::make_array({std::move(host), number(port), text(std::move(id))});
}

Reply range(std::int64_t first, std::int64_t last, std::vector<Reply> nodes) {
    std::vector<Reply> parts = {number(first), number(last)};
    for (Reply& one : nodes) {
        parts.push_back(std::move(one));
    }
    return Reply::make_array(std::move(parts));
}

const AskedNode k_asked{"id-a", {"cache.example", 7000}};

SlotMap parse(std::vector<Reply> ranges, const NodeMap& map = {}) {
    return parse_slot_map(Reply::make_array(std::move(ranges)), k_asked, map);
}

std::string error_of(std::vector<Reply> ranges, const NodeMap& map = {}) {
    try {
        parse(std::move(ranges), map);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::unreachable);
        return error.what() + (error.hint().empty() ? "" : " | " + error.hint());
    }
    return "no error";
}

}  // namespace

TEST_CASE("ranges, masters and replicas") {
    const SlotMap map =
        parse({range(0, 99, {node(text("10.0.0.1"), 7001, "id-1"), node(text("::1"), 7002, "r")}),
               range(200, 300, {node(text("10.0.0.1"), 7001, "id-1")}),
               range(100, 199, {node(text("db.example"), 7003, "id-3")})});
    REQUIRE(map.masters.size() == 2);
    CHECK(map.masters[0].id == "id-1");
    CHECK(map.masters[0].address.name() == "10.0.0.1:7001");
    CHECK(map.masters[0].slots == std::vector<SlotRange>{{0, 99}, {200, 300}});
    REQUIRE(map.masters[0].replicas.size() == 1);
    CHECK(map.masters[0].replicas[0].name() == "[::1]:7002");
    CHECK(map.masters[1].address.name() == "db.example:7003");
    CHECK(map.uncovered() == std::vector<SlotRange>{{301, 16383}});
}

TEST_CASE("a full map leaves nothing uncovered, an empty one everything") {
    CHECK(parse({range(0, 16383, {node(text("h"), 1, "i")})}).uncovered().empty());
    CHECK(parse({}).uncovered() == std::vector<SlotRange>{{0, 16383}});
}

TEST_CASE("NULL and empty hosts are that of the node that was asked") {
    const SlotMap map = parse(
        {range(0, 1, {node(Reply(), 7001, "id-1")}), range(2, 3, {node(text(""), 7002, "id-2")})});
    CHECK(map.masters[0].address.name() == "cache.example:7001");
    CHECK(map.masters[1].address.name() == "cache.example:7002");
    CHECK(map.masters[1].announced.name() == ":7002");
}

TEST_CASE("the asked node is where it was asked, whatever it announces") {
    const SlotMap map = parse({range(0, 1, {node(text("172.17.0.2"), 6379, "id-a")})});
    CHECK(map.masters[0].address.name() == "cache.example:7000");
    CHECK(map.masters[0].announced.name() == "172.17.0.2:6379");
}

TEST_CASE("a node map translates") {
    NodeMap map;
    add_to_node_map(map, "172.17.0.3:6379=127.0.0.1:7003");
    add_to_node_map(map, "?:6379=[::1]:7004");
    const SlotMap slots = parse({range(0, 1, {node(text("172.17.0.3"), 6379, "id-1")}),
                                 range(2, 3, {node(text("?"), 6379, "id-2")})},
                                map);
    CHECK(slots.masters[0].address.name() == "127.0.0.1:7003");
    CHECK(slots.masters[1].address.name() == "[::1]:7004");
}

TEST_CASE("a master without a host is named with its remedies, a replica is left out") {
    const std::string error = error_of({range(0, 1, {node(text("?"), 7001, "id-1")})});
    CHECK(error ==
          "the cluster does not tell the host of its master on port 7001 ('?') | its nodes prefer "
          "host names, and this one has none: set cluster-announce-hostname there, or give "
          "--node-map '?:7001=HOST:PORT'");
    const SlotMap map =
        parse({range(0, 1, {node(text("h"), 7001, "id-1"), node(text("?"), 7002, "id-2")})});
    CHECK(map.masters[0].replicas.empty());
}

TEST_CASE("what is not a slot map is refused") {
    const std::string start = "cache.example:7000 answers CLUSTER SLOTS with what is no slot map: ";
    CHECK(error_of({range(0, 16384, {node(text("h"), 1, "i")})}) ==
          start + "a slot that is not within 0-16383");
    CHECK(error_of({range(-1, 5, {node(text("h"), 1, "i")})}) ==
          start + "a slot that is not within 0-16383");
    CHECK(error_of({range(9, 5, {node(text("h"), 1, "i")})}) ==
          start + "a range that ends before it begins");
    CHECK(error_of({range(0, 5, {node(text("h"), -1, "i")})}) ==
          start + "a port that is not within 0-65535");
    CHECK(error_of({range(0, 5, {node(text("h"), 65536, "i")})}) ==
          start + "a port that is not within 0-65535");
    CHECK(error_of({range(0, 5, {node(text(std::string(256, 'h')), 1, "i")})}) ==
          start + "a host that cannot be one");
    CHECK(error_of({range(0, 5, {node(text("a b"), 1, "i")})}) ==
          start + "a host that cannot be one");
    CHECK(error_of({range(0, 5, {node(text(std::string("a\0b", 3)), 1, "i")})}) ==
          start + "a host that cannot be one");
    CHECK(error_of({range(0, 5, {node(number(7), 1, "i")})}) ==
          start + "a host that cannot be one");
    CHECK(error_of({range(0, 5, {})}) == start + "a range without node");
    CHECK(error_of({range(0, 5, {text("h")})}) == start + "a node without address");
    CHECK(error_of({text("0-5")}) == start + "a range without node");
    CHECK_THROWS_AS(parse_slot_map(number(1), k_asked, {}), Error);
}

TEST_CASE("a node that cannot be connected to as we are has port 0") {
    CHECK(error_of({range(0, 16383, {node(text("h"), 0, "i")})}) ==
          "the cluster has a master at h without a port for plain connections | connect with TLS "
          "to one of its nodes: --tls, or rediss:// in the URL");
    const AskedNode with_tls{"id-a", {"cache.example", 7000}, UsesTls::yes};
    const auto map = Reply::make_array({range(0, 16383, {node(text("h"), 0, "i")})});
    CHECK_THROWS_WITH_AS(parse_slot_map(map, with_tls, {}),
                         "the cluster has a master at h that announces no port for TLS", Error);
    // The one that we are connected to needs no port.
    const SlotMap own = parse({range(0, 16383, {node(text("h"), 0, "id-a")})});
    CHECK(own.masters[0].address.name() == "cache.example:7000");
}

TEST_CASE("a replica's entry that is of no use is left out") {
    const SlotMap map = parse({range(
        0, 16383,
        {node(text("h"), 7000, "i"), node(text("h"), 0, "tls"), node(text("a b"), 7001, "odd"),
         node(text("h"), -1, "odd"), text("odd"), node(text("h"), 7002, "good")})});
    REQUIRE(map.masters.size() == 1);
    REQUIRE(map.masters[0].replicas.size() == 1);
    CHECK(map.masters[0].replicas[0].name() == "h:7002");
}
