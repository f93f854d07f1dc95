// Passwords in what a peer says: the first line is one, the rest is the text, in which it stands
// once more for each byte \x01.
#include <algorithm>
#include <string>

#include "fuzz/target.hpp"
#include "util/secrets.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// So that the tests of others find none.
class OneSecret {
public:
    explicit OneSecret(std::string_view secret) {
        forget_secrets();
        remember_secret(secret);
    }
    OneSecret(const OneSecret&) = delete;
    OneSecret& operator=(const OneSecret&) = delete;
    ~OneSecret() { forget_secrets(); }
};

bool is_long_and_plain(std::string_view secret) {
    return secret.size() >= 8 && secret.find('*') == std::string_view::npos;
}

}  // namespace

void fuzz_secrets(std::string_view input) {
    const std::string secret(input.substr(0, std::min(input.find('\n'), std::size_t{64})));
    std::string text(input.substr(std::min(secret.size() + 1, input.size())));
    const OneSecret known(secret);
    if (!secret.empty() && secret.find('\x01') == std::string::npos) {
        replace_all(text, "\x01", secret);
    }
    const std::string masked = mask_secrets(text);
    if (secret.empty()) {
        expect_same(masked, text, "nothing is no secret");
    }
    // The first word in capitals is a code, by which the program decides.
    const std::size_t code =
        std::min(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), text.size());
    if (is_long_and_plain(secret)) {
        expect(masked.find(secret, code) == std::string::npos, "a secret is masked");
        const std::string quoted = mask_typed("'" + secret + "'");
        expect(quoted.find(secret) == std::string::npos, "a secret that was typed is masked");
    }
    remember_typed(text);
    mask_typed(text);
}

}  // namespace cachectl
