#include "dump/sql/encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "dump/sql/escapes.hpp"

namespace cachectl {

namespace {

struct Encoding {
    std::string_view name;   // the database's
    std::string_view iconv;  // the C library's; empty: nothing is to be converted
};

/// None in which a byte below 0x80 may be the second one of a character. Of texts without a
/// character set of their own (binary, SQL_ASCII) nobody knows more than that they may be UTF-8.
constexpr std::array k_encodings = {
    Encoding{"UTF8", ""},
    Encoding{"UTF-8", ""},
    Encoding{"UNICODE", ""},
    Encoding{"UTF8MB3", ""},
    Encoding{"UTF8MB4", ""},
    Encoding{"BINARY", ""},
    Encoding{"ASCII", ""},
    Encoding{"SQL_ASCII", ""},
    Encoding{"DEFAULT", ""},
    Encoding{"LATIN1", "ISO-8859-1"},
    Encoding{"LATIN2", "ISO-8859-2"},
    Encoding{"LATIN3", "ISO-8859-3"},
    Encoding{"LATIN4", "ISO-8859-4"},
    Encoding{"LATIN5", "ISO-8859-9"},
    Encoding{"LATIN6", "ISO-8859-10"},
    Encoding{"LATIN7", "ISO-8859-13"},
    Encoding{"LATIN8", "ISO-8859-14"},
    Encoding{"LATIN9", "ISO-8859-15"},
    Encoding{"LATIN10", "ISO-8859-16"},
    Encoding{"ISO_8859_5", "ISO-8859-5"},
    Encoding{"ISO_8859_6", "ISO-8859-6"},
    Encoding{"ISO_8859_7", "ISO-8859-7"},
    Encoding{"ISO_8859_8", "ISO-8859-8"},
    Encoding{"GREEK", "ISO-8859-7"},
    Encoding{"HEBREW", "ISO-8859-8"},
    Encoding{"WIN1250", "CP1250"},
    Encoding{"WIN1251", "CP1251"},
    Encoding{"WIN1252", "CP1252"},
    Encoding{"WIN1253", "CP1253"},
    Encoding{"WIN1254", "CP1254"},
    Encoding{"WIN1255", "CP1255"},
    Encoding{"WIN1256", "CP1256"},
    Encoding{"WIN1257", "CP1257"},
    Encoding{"WIN1258", "CP1258"},
    Encoding{"WIN866", "CP866"},
    Encoding{"WIN874", "CP874"},
    Encoding{"CP1250", "CP1250"},
    Encoding{"CP1251", "CP1251"},
    Encoding{"CP1256", "CP1256"},
    Encoding{"CP1257", "CP1257"},
    Encoding{"CP850", "CP850"},
    Encoding{"CP852", "CP852"},
    Encoding{"CP866", "CP866"},
    Encoding{"KOI8R", "KOI8-R"},
    Encoding{"KOI8U", "KOI8-U"},
    Encoding{"KOI8", "KOI8-R"},
    Encoding{"TIS620", "TIS-620"},
    Encoding{"EUC_JP", "EUC-JP"},
    Encoding{"UJIS", "EUC-JP"},
    Encoding{"EUCJPMS", "EUC-JP-MS"},
    Encoding{"EUC_KR", "EUC-KR"},
    Encoding{"EUCKR", "EUC-KR"},
    Encoding{"EUC_CN", "EUC-CN"},
    Encoding{"GB2312", "EUC-CN"},
    Encoding{"EUC_TW", "EUC-TW"},
};

}  // namespace

bool is_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

SqlEncoding::~SqlEncoding() { close(); }

void SqlEncoding::close() noexcept {
    if (m_iconv != nullptr) {
        ::iconv_close(m_iconv);
        m_iconv = nullptr;
    }
}

bool SqlEncoding::set(std::string_view name, SqlDialect dialect) {
    const auto* const found =
        std::find_if(k_encodings.begin(), k_encodings.end(),
                     [name](const Encoding& one) { return is_sql_word(name, one.name); });
    if (found == k_encodings.end()) {
        return false;
    }
    const bool windows = dialect == SqlDialect::mysql && found->name == "LATIN1";
    if (!found->iconv.empty()) {
        const std::string from(windows ? "CP1252" : found->iconv);
        iconv_t opened = ::iconv_open("UTF-8", from.c_str());
        if (opened == reinterpret_cast<iconv_t>(-1)) {
            return false;
        }
        close();
        m_iconv = opened;
        m_whole = windows;
    }
    m_converts = !found->iconv.empty();
    m_name = name;
    return true;
}

bool SqlEncoding::append(std::string_view text, std::string& out) {
    if (!m_converts || is_ascii(text)) {
        out += text;
        return true;
    }
    std::string copy(text);
    char* from = copy.data();
    std::size_t left = copy.size();
    std::array<char, 4096> buffer{};
    while (left != 0) {
        char* to = buffer.data();
        std::size_t room = buffer.size();
        const std::size_t result = ::iconv(m_iconv, &from, &left, &to, &room);
        out.append(buffer.data(), buffer.size() - room);
        if (result != static_cast<std::size_t>(-1) || errno == E2BIG) {
            continue;
        }
        if (m_whole && errno == EILSEQ) {
            append_code_point(static_cast<unsigned char>(*from++), out);
            --left;
        } else {
            ::iconv(m_iconv, nullptr, nullptr, nullptr, nullptr);
            return false;
        }
    }
    return true;
}

}  // namespace cachectl
