#include "support/random_data.hpp"

#include <fmt/format.h>

namespace cachectl::test {

namespace {

const std::vector<std::string>& pieces() {
    static const std::vector<std::string> all = {"'",
                                                 "''",
                                                 "\"",
                                                 "\"\"",
                                                 "`",
                                                 "\\",
                                                 "\\\\",
                                                 "\\'",
                                                 "\\.",
                                                 "\\N",
                                                 "\\n",
                                                 "\\0",
                                                 "\n",
                                                 "\r",
                                                 "\r\n",
                                                 "\t",
                                                 "\b",
                                                 "\f",
                                                 "\v",
                                                 "\x1a",
                                                 "\x1b",
                                                 "\x01",
                                                 "\x7f",
                                                 ";",
                                                 "--",
                                                 "/*",
                                                 "*/",
                                                 "/*!",
                                                 "#",
                                                 "$$",
                                                 "$a$",
                                                 "(",
                                                 ")",
                                                 "),(",
                                                 ",",
                                                 "{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 "NULL",
                                                 "%",
                                                 "_",
                                                 "@",
                                                 " ",
                                                 "  ",
                                                 "\\u000a",
                                                 "\\012",
                                                 "X'00'",
                                                 "0x41",
                                                 "é",
                                                 "ß",
                                                 "中",
                                                 "😀",
                                                 "\u2028",
                                                 "\u00a0",
                                                 "\ufeff",
                                                 "\nGO\n",
                                                 "\nCOPY t FROM stdin;\n",
                                                 "\nINSERT INTO t VALUES(1);\n",
                                                 "\nDELIMITER ;;\n",
                                                 "\n\\.\n"};
    return all;
}

/// A code point of one to four bytes, no surrogate, no NUL.
std::string character(std::uint32_t code) {
    std::string out;
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
    return out;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (code < 0x20) {
            out += c == '\n' ? "\\n" : fmt::format("\\u{:04X}", code);
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace

std::size_t RandomData::below(std::size_t count) {
    // Not a distribution of the library: those may differ between libraries.
    return m_engine() % count;
}

std::string RandomData::text(std::size_t max_characters) {
    std::string out;
    std::size_t left = below(max_characters + 1);
    while (left > 0) {
        const std::string piece = one_in(3) ? any_of(pieces())
                                  : one_in(4)
                                      ? character(static_cast<std::uint32_t>(1 + below(0xD7FF)))
                                      : character(static_cast<std::uint32_t>(32 + below(95)));
        std::size_t characters = 0;
        for (const char c : piece) {
            characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
        }
        if (characters > left) {
            continue;
        }
        out += piece;
        left -= characters;
    }
    return out;
}

std::string RandomData::bytes(std::size_t max_bytes) {
    std::string out(below(max_bytes + 1), '\0');
    for (char& c : out) {
        c = one_in(4) ? std::string_view("\0'\"\\\n\r\x1a%_0x", 12)[below(12)]
                      : static_cast<char>(below(256));
    }
    return out;
}

std::string RandomData::integer(std::size_t max_digits) {
    std::string digits;
    for (std::size_t left = 1 + below(max_digits); left > 0; --left) {
        digits += static_cast<char>('0' + below(10));
    }
    const std::size_t zeros = digits.find_first_not_of('0');
    if (zeros == std::string::npos) {
        return "0";
    }
    return (one_in(2) ? "-" : "") + digits.substr(zeros);
}

std::string RandomData::decimal(std::size_t max_digits, std::size_t scale) {
    std::string number = integer(max_digits);
    std::size_t digits = below(scale + 1);
    number += digits > 0 ? "." : "";
    for (; digits > 0; --digits) {
        number += static_cast<char>('0' + below(10));
    }
    return number;
}

std::string RandomData::floating() {
    return fmt::format("{}e{}", decimal(1, 16), static_cast<int>(below(600)) - 300);
}

std::string RandomData::json(int depth) {
    const std::string space = one_in(3) ? any_of({" ", "\n", "\t ", "\r\n"}) : "";
    switch (below(depth > 0 ? 8 : 6)) {
        case 0:
            return any_of({"null", "true", "false"});
        case 1:
            return decimal(25, 8);
        case 2:
            return decimal(1, 5) + any_of({"e5", "E-3", "e+10"});
        case 3:
        case 4:
        case 5:
            return json_string(text(20));
        case 6: {
            std::string out = "[" + space;
            for (std::size_t left = below(4); left > 0; --left) {
                out += json(depth - 1) + (left > 1 ? "," + space : "");
            }
            return out + "]";
        }
        default: {
            std::string out = "{" + space;
            for (std::size_t left = below(4); left > 0; --left) {
                // A number before it, for names that occur twice are another matter.
                out += json_string(std::to_string(left) + text(6)) + space + ":" + space +
                       json(depth - 1) + (left > 1 ? "," : "");
            }
            return out + "}";
        }
    }
}

std::string RandomData::number_between(int low, int high, int width) {
    return fmt::format(
        "{:0{}}", low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1))), width);
}

std::string RandomData::date() {
    return number_between(1000, 9999, 4) + "-" + number_between(1, 12, 2) + "-" +
           number_between(1, 28, 2);
}

std::string RandomData::time(std::size_t digits) {
    std::string out =
        number_between(0, 23, 2) + ":" + number_between(0, 59, 2) + ":" + number_between(0, 59, 2);
    digits = below(digits + 1);
    out += digits > 0 ? "." : "";
    for (; digits > 0; --digits) {
        out += static_cast<char>('0' + below(10));
    }
    return out;
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

const std::vector<std::string>& nasty_texts() {
    static const std::vector<std::string> all = {
        "",
        " ",
        "plain",
        "it's \"quoted\" `so`",
        "tab\there nl\nhere cr\rhere crnl\r\nhere",
        "back\\slash \\n \\t \\N \\0 \\' \\\" \\\\",
        "\\",
        "'",
        "\\N",
        "NULL",
        "null",
        "\\.",
        "line1\n\\.\nline3",
        "\n",
        "\\\n",
        "$$ $a$ $1",
        "; DROP TABLE t; --",
        "-- no comment",
        "/* no comment */ /*!50000 nor this */ # nor this",
        "'),(2,'x",
        "x');\nINSERT INTO t VALUES (99,'x');\n",
        "\nCOPY t (id) FROM stdin;\n1\n\\.\n",
        "DELIMITER ;;\n;;",
        "\x01\x02\x07\x08\x0b\x0c\x1a\x1b[31m\x7f",
        "é ß 中文 😀 \u2028 \ufeff",
        "{\"a\": [1, \"\\u00e9\"]}",
        "{1,NULL,\"x\"}",
        "0x41",
        "X'41'",
        "1e5",
        "007",
        "true",
        "t",
        "NaN",
        "a,b;c|d",
        "\"\"",
        "{id}",
        "%s %_ \\% \\_",
        "E'\\n' U&'\\0041' q'[x]' N'x'",
        "\nGO\n",
        "replace('a\\nb','\\n',char(10))",
        std::string(70'000, 'x') + "'\\\n" + std::string(70'000, 'y')};
    return all;
}

}  // namespace cachectl::test
