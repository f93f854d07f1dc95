// What each step of a row's way returns, from the reader to the key and its value: the result, or
// what is wrong with the row. No exceptions: a dump may be bad in every second row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace cachectl {

/// A row that cannot be used; reading goes on behind it.
struct BadRow {
    std::string reason;
    std::uint64_t line = 0;  // set by the reader, and by Dataset::take()
    std::string text = {};   // set by the reader: the row as the file has it, or its beginning

    static constexpr std::size_t k_longest_text = std::size_t{64} << 10;
    /// The row as the file has it, without its line end.
    void keep_text(std::string_view row) {
        text = row.substr(0, std::min(row.find_last_not_of("\r\n") + 1, k_longest_text));
    }
};

/// A T, or the BadRow. Without a T: whether the row is good.
template <typename T = std::monostate>
class [[nodiscard]] RowResult {
public:
    RowResult(T value = T()) : m_value(value) {}  // NOLINT(*-explicit-*)
    RowResult(BadRow bad_row)                     // NOLINT(*-explicit-*)
        : m_bad_row(std::make_unique<BadRow>(std::move(bad_row))) {}

    /// Whether the row is good.
    [[nodiscard]] explicit operator bool() const noexcept { return !m_bad_row; }
    [[nodiscard]] const T& operator*() const noexcept { return m_value; }
    /// Only if the row is bad.
    [[nodiscard]] BadRow& bad_row() noexcept { return *m_bad_row; }
    [[nodiscard]] const BadRow& bad_row() const noexcept { return *m_bad_row; }

    friend bool operator==(const RowResult& result, const T& value) {
        return result && *result == value;
    }

private:
    T m_value{};
    std::unique_ptr<BadRow> m_bad_row;  // a good row, which most are, costs a pointer
};

}  // namespace cachectl
