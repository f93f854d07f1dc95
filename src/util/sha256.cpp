#include "util/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <new>

#include "util/error.hpp"

namespace cachectl {

namespace {

using ContextPtr = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;

ContextPtr make_context() {
    ContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!context) {
        throw std::bad_alloc();
    }
    return context;
}

void check(int result) {
    if (result != 1) {
        throw Error(ExitCode::local_io, "OpenSSL cannot compute SHA-256");
    }
}

}  // namespace

struct Sha256::State {
    ContextPtr context = make_context();
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
    check(EVP_DigestInit_ex(m_state->context.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&& other) noexcept = default;
Sha256& Sha256::operator=(Sha256&& other) noexcept = default;

void Sha256::add(std::string_view bytes) {
    check(EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() const {
    const ContextPtr copy = make_context();
    check(EVP_MD_CTX_copy_ex(copy.get(), m_state->context.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(copy.get(), digest.data(), &size));
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += fmt::format("{:02x}", digest.at(i));
    }
    return text;
}

}  // namespace cachectl
