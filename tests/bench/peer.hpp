// What the bench needs besides cachectl: the tools of one program, `peer`.
#pragma once

#include <hiredis/hiredis.h>
#include <sys/types.h>

#include <span>
#include <string>

namespace peer {

/// Ends the program when there is no server.
redisContext* connect(const char* socket);
redisReply* checked(void* reply);

/// GETs, one a millisecond, until process `beside` ends. Prints p50, p99 and the longest in ms;
/// writes each GET as "SECONDS_SINCE_START MS" to `samples`.
int latency(const char* socket, pid_t beside, const char* samples);

/// Draws what latency() wrote as an SVG: `rows` is NAME FILE NAME FILE …
int plot(std::span<char*> rows);

/// Listens on a Unix socket and passes bytes on to another one, each `delay_ms` late in either
/// direction, until it is killed.
int relay(const char* listen_at, const char* server, int delay_ms);

}  // namespace peer
