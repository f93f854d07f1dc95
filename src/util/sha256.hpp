// SHA-256, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace cachectl {

class Sha256 {
public:
    /// Throws std::runtime_error where OpenSSL has no SHA-256.
    Sha256();
    ~Sha256();
    Sha256(Sha256&& other) noexcept;
    Sha256& operator=(Sha256&& other) noexcept;

    void add(std::string_view bytes);
    /// 64 hexadecimal digits, of all that was added so far.
    [[nodiscard]] std::string hex() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace cachectl
