#pragma once

#include <cstdint>

namespace cachectl::test {

/**
 * A TCP port of 127.0.0.1 that nobody listens on. Until this process ends it stays free for the
 * server that is told to listen there: Linux gives it to no outgoing connection, and no other
 * test is given it.
 * @throw std::runtime_error when there is none
 */
std::uint16_t free_tcp_port();

}  // namespace cachectl::test
