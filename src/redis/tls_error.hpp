// What OpenSSL says when TLS does not work, in words that name what is wrong and what helps.
#pragma once

#include <string>

struct ssl_st;
struct x509_store_ctx_st;

namespace cachectl {

struct TlsFailure {
    std::string what;  // "its certificate expired on 2024-05-01 12:00:00Z"
    std::string remedy;
};

/// Of a certificate that the verification has just rejected. `expected` is the name or address
/// that it should have been for.
TlsFailure certificate_failure(x509_store_ctx_st* verification, const std::string& expected);

/// Of a handshake, a read or a write that failed with `result`; takes the errors of this thread.
TlsFailure connection_failure(const ssl_st* connection, int result, int system_error);

/// OpenSSL's own reason for what this thread has just failed to do, without its codes.
std::string library_reason();

}  // namespace cachectl
