// The encoding of a dump's text, if it is not UTF-8: the C library's iconv converts it.
#pragma once

#include <string>
#include <string_view>

#include "dump/sql/dialect.hpp"

namespace cachectl {

class SqlEncoding {
public:
    SqlEncoding() = default;
    ~SqlEncoding();
    SqlEncoding(const SqlEncoding&) = delete;
    SqlEncoding& operator=(const SqlEncoding&) = delete;

    /// `name` is what the database calls it. False if it is not known, if a quote or a
    /// backslash may be half of a character in it, or if the C library cannot convert it; what was
    /// set stays then.
    bool set(std::string_view name, SqlDialect dialect);
    [[nodiscard]] const std::string& name() const noexcept { return m_name; }
    /// Is it another than UTF-8?
    [[nodiscard]] bool converts() const noexcept { return m_converts; }

    /// Appends the text in UTF-8; false if it is none in this encoding.
    bool append(std::string_view text, std::string& out);

private:
    void close() noexcept;

    std::string m_name;
    bool m_converts = false;
    bool m_whole = false;  // MySQL's latin1: CP1252, and for bytes without a character there C1's
    void* m_iconv = nullptr;  // an iconv_t
};

bool is_ascii(std::string_view text) noexcept;

}  // namespace cachectl
