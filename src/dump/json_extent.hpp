// Where a JSON value ends, found without parsing it and however it is cut into pieces: what lets
// an array or an object of many gigabytes be read one element at a time.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

namespace cachectl {

class JsonExtent {
public:
    static constexpr std::size_t k_max_depth = 1024;

    enum class Result {
        complete,    // length() is the value's length
        more,        // it does not end in the text seen so far
        mismatched,  // at length() a bracket closes what it did not open: there is no telling
    };

    /// `text` begins with the value's first byte, which is no whitespace; it goes on with whatever
    /// follows. After `more`, call again with the same text, longer. Of a bare number or word,
    /// `more` at the end of the input means that it ends there.
    Result scan(std::string_view text);
    /// After `more`: how many bytes at the beginning of `text` are not needed any more. From now
    /// on the text is without them, and length() counts from there.
    std::size_t forget(std::string_view text) noexcept;
    /// For the next value.
    void reset() noexcept;

    [[nodiscard]] std::size_t length() const noexcept { return m_position; }
    /// After `more`: does the text end inside a string?
    [[nodiscard]] bool in_string() const noexcept { return m_in_string; }

private:
    bool skip_string(std::string_view text);
    void open(bool brace);
    bool close(bool brace);

    std::size_t m_position = 0;
    std::size_t m_string_begin = 0;  // behind the opening quote
    bool m_in_string = false;
    std::size_t m_depth = 0;
    std::bitset<k_max_depth> m_braces;  // which levels are {}; deeper ones are only counted
};

}  // namespace cachectl
