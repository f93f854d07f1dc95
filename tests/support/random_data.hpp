// What breaks readers of dumps, at random but the same in every run: pieces of SQL, JSON, CSV and
// COPY within texts, any byte, numbers of any length.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

class RandomData {
public:
    explicit RandomData(std::uint32_t seed) : m_engine(seed) {}

    /// 0 … count - 1
    std::size_t below(std::size_t count);
    bool one_in(std::size_t count) { return below(count) == 0; }
    const std::string& any_of(const std::vector<std::string>& choices) {
        return choices[below(choices.size())];
    }

    /// UTF-8 without NUL, of up to `max_characters` code points.
    std::string text(std::size_t max_characters = 40);
    /// Any bytes, up to so many.
    std::string bytes(std::size_t max_bytes = 40);
    /// "-" or nothing, and 1 to `max_digits` digits without leading zeros.
    std::string integer(std::size_t max_digits);
    /// The same with up to `scale` more behind a point.
    std::string decimal(std::size_t max_digits, std::size_t scale);
    /// Like 1.25e-07, from 1e-300 to 1e+300.
    std::string floating();
    /// JSON with whitespace; nested up to `depth`.
    std::string json(int depth = 3);
    /// "2024-02-29", years 1000 to 9999.
    std::string date();
    /// "23:59:59.123456", or with fewer digits behind the point.
    std::string time(std::size_t digits = 6);

private:
    std::string number_between(int low, int high, int width);
    std::mt19937 m_engine;
};

/// Two lower-case digits a byte.
std::string to_hex(std::string_view bytes);

/// Texts that look like something else: an end of COPY, a comment, a NULL, an escape …
const std::vector<std::string>& nasty_texts();

}  // namespace cachectl::test
