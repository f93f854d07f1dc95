#include "walk/page_size.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::vector<Reply> names(std::size_t count, std::size_t bytes) {
    return std::vector<Reply>(count, Reply::make_string(std::string(bytes, 'n')));
}

}  // namespace

TEST_CASE("pages begin as small as names may be long, and learn") {
    ServerInfo server;
    CHECK(PageSize(server).most() == 10);  // nothing is known
    server.info = InfoFields("used_memory:100000000\nmaxmemory:0\ndb0:keys=1000\n");
    PageSize page(server);
    CHECK(page.most() == 2);  // 100 kB a key, of 256 KiB
    page.take(2, names(2, 20));
    CHECK(page.most() == 26);
    page.take(26, names(26, 20));
    page.take(262, names(262, 20));
    page.take(2'621, names(2'621, 20));
    CHECK(page.most() == 13'107);
    page.take(13'107, names(100, 100'000));  // of a filtered page few keys come, but long ones
    CHECK(page.most() < 400);
    page.take(10, names(10, 1'000'000));
    CHECK(page.most() == 1);
}

TEST_CASE("as many pages at once as stay within a slice together") {
    ServerInfo server;
    server.info = InfoFields("used_memory:100000000\nmaxmemory:0\ndb0:keys=1000\n");
    PageSize page(server);
    CHECK(page.most_at_once(2) == 1);
    page.take(2, names(2, 1'000));
    CHECK(page.most_at_once(1) == 26);
    CHECK(page.most_at_once(10) == 2);
    page.take(10, names(10, 100'000));
    CHECK(page.most_at_once(1) == 2);
    CHECK(page.most_at_once(500) == 1);
}
