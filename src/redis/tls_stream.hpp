// The bytes behind a TLS handshake that has succeeded.
#pragma once

#include <memory>

#include "redis/stream.hpp"

struct ssl_st;

namespace cachectl {

using SslPointer = std::unique_ptr<ssl_st, void (*)(ssl_st*)>;

/// `ssl` has shaken hands over `plain`.
std::unique_ptr<Stream> make_tls_stream(std::unique_ptr<Stream> plain, SslPointer ssl);

}  // namespace cachectl
