#include "util/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_mask = "***";
// A shorter secret may be a part of any word.
constexpr std::size_t k_long_secret = 8;
// A server that cuts what it repeats shows no less than this of it.
constexpr std::size_t k_telling_prefix = 12;

struct Typed {
    std::string text;
    std::string shown;
};

struct KnownSecret {
    std::vector<std::string> forms;  // of all secrets, the longest first
    std::vector<std::string> secrets;
    std::vector<Typed> typed;
};

KnownSecret& known() {
    static KnownSecret all;
    return all;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <typename Encode>
std::string encoded(std::string_view text, Encode encode) {
    std::string result;
    for (const char c : text) {
        result += encode(c);
    }
    return result;
}

/// As Redis quotes arguments (sdscatrepr).
std::string quoted(char c) {
    switch (c) {
        case '\\':
        case '"':
            return {'\\', c};
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        case '\a':
            return "\\a";
        case '\b':
            return "\\b";
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
}

bool is_unreserved(char c) { return is_word(c) || c == '-' || c == '.' || c == '~'; }

std::vector<std::string> forms_of(std::string_view secret) {
    const auto byte = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)); };
    std::vector<std::string> forms = {
        std::string(secret),
        // Error replies have no line ends.
        encoded(secret, [](char c) { return c == '\r' || c == '\n' ? ' ' : c; }),
        encoded(secret, quoted),
        encoded(secret, [&](char c) { return fmt::format("{:02x}", byte(c)); }),
        encoded(secret, [&](char c) { return fmt::format("{:02X}", byte(c)); }),
        encoded(secret,
                [&](char c) {
                    return is_unreserved(c) ? std::string(1, c) : fmt::format("%{:02X}", byte(c));
                }),
        encoded(secret,
                [&](char c) {
                    return is_unreserved(c) ? std::string(1, c) : fmt::format("%{:02x}", byte(c));
                }),
        base64(secret),
    };
    return forms;
}

/// How much of `form` stands at the beginning of `text`, if that is enough to be masked.
std::size_t masked_length(std::string_view text, std::string_view form) {
    const auto ends = std::mismatch(form.begin(), form.end(), text.begin(), text.end());
    const auto common = static_cast<std::size_t>(ends.first - form.begin());
    return common == form.size() || common >= k_telling_prefix ? common : 0;
}

std::string mask(std::string_view text, const std::string& form) {
    std::string result;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = masked_length(text.substr(at), form);
        const std::size_t end = at + length;
        const bool is_part = (at > 0 && is_word(text[at - 1]) && is_word(form.front())) ||
                             (end < text.size() && is_word(text[end]) && is_word(form.back()));
        if (length == 0 || (form.size() < k_long_secret && is_part)) {
            result += text[at++];
            continue;
        }
        result += k_mask;
        at = end;
    }
    return result;
}

/// "WRONGPASS ": what an error reply begins with, in capitals.
std::size_t code_length(std::string_view text) {
    const std::size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return end != std::string_view::npos && end != 0 && text[end] == ' ' ? end : 0;
}

}  // namespace

void remember_secret(std::string_view secret) {
    auto& [forms, secrets, typed] = known();
    if (secret.empty() || std::find(secrets.begin(), secrets.end(), secret) != secrets.end()) {
        return;
    }
    secrets.emplace_back(secret);
    for (std::string& form : forms_of(secret)) {
        if (std::find(forms.begin(), forms.end(), form) == forms.end()) {
            forms.push_back(std::move(form));
        }
    }
    std::stable_sort(forms.begin(), forms.end(), [](const std::string& a, const std::string& b) {
        return a.size() > b.size();
    });
}

std::string mask_secrets(std::string_view text) {
    const std::size_t code = code_length(text);
    std::string rest(text.substr(code));
    for (const std::string& form : known().forms) {
        rest = mask(rest, form);
    }
    return std::string(text.substr(0, code)) + rest;
}

void remember_typed(std::string_view word) {
    std::vector<Typed>& typed = known().typed;
    const std::size_t scheme = word.find("://");
    const std::string_view rest = scheme == word.npos ? word : word.substr(scheme + 3);
    if (const std::size_t at = rest.rfind('@'); at != rest.npos && at != 0) {
        const std::string_view login = rest.substr(0, at + 1);  // "USER:PASSWORD@"
        const std::size_t colon = login.find(':');
        const std::string_view secret = colon == login.npos ? login : login.substr(colon);
        typed.push_back({std::string(secret), colon == login.npos ? "***@" : ":***@"});
    }
    if (scheme == word.npos) {
        return;
    }
    if (const std::size_t query = rest.find('?'); query + 1 < rest.size() && query != rest.npos) {
        typed.push_back({std::string(rest.substr(query)), "?***"});
    }
}

std::string mask_typed(std::string text) {
    for (const Typed& typed : known().typed) {
        replace_all(text, typed.text, typed.shown);
    }
    // The same password at another place too: "--confirm PASSWORD".
    for (const std::string& secret : known().secrets) {
        replace_all(text, '\'' + secret + '\'', "'***'");
    }
    return text;
}

void forget_secrets() { known() = {}; }

}  // namespace cachectl
