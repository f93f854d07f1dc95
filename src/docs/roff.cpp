#include "docs/roff.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr char32_t k_ellipsis = 0x2026;
constexpr std::size_t k_columns = 79;  // of the source: its diffs are read

std::string escape_character(char c) {
    switch (c) {
        case '\\':
            return "\\e";
        case '-':
            return "\\-";  // a hyphen might become U+2010, which nobody can paste into a shell
        case '\'':
            return "\\(aq";
        case '`':
            return "\\(ga";
        case '^':
            return "\\(ha";
        case '~':
            return "\\(ti";
        case '"':
            return "\\(dq";
        default:
            return {c};
    }
}

std::string guard_line_start(std::string line) {
    if (!line.empty() && line.front() == '.') {
        line.insert(0, "\\&");
    }
    return line;
}

std::string escape_text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const Utf8Step step = decode_utf8(text);
        if (!step.valid) {
            out += "\\[uFFFD]";
        } else if (step.code_point < 0x80) {
            out += escape_character(text.front());
        } else if (step.code_point == k_ellipsis) {
            out += "...";  // terminals without UTF-8 would show nothing, and groff warns of it
        } else {
            out += fmt::format("\\[u{:04X}]", static_cast<std::uint32_t>(step.code_point));
        }
        text.remove_prefix(step.bytes);
    }
    return out;
}

/// `code` to bold.
std::string mark_up(std::string_view text) {
    std::string out;
    bool in_code = false;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('`', begin), text.size());
        const std::string_view part = text.substr(begin, end - begin);
        out += in_code ? RoffPage::bold(part) : escape_text(part);
        in_code = !in_code;
        begin = end + 1;
    }
    return out;
}

bool ends_sentence(std::string_view word) {
    while (word.ends_with(')') || word.ends_with("\\fP")) {
        word.remove_suffix(word.ends_with(')') ? 1 : 3);
    }
    return word.ends_with('.') || word.ends_with('?') || word.ends_with('!');
}

bool begins_sentence(std::string_view word) {
    return !word.empty() && ((word[0] >= 'A' && word[0] <= 'Z') || word.starts_with("\\fB"));
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (end > begin) {
            words.emplace_back(text.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return words;
}

}  // namespace

std::string escape_roff(std::string_view text) { return guard_line_start(escape_text(text)); }

RoffPage::RoffPage(std::string_view name, std::string_view section, std::string_view source,
                   std::string_view manual) {
    std::string title(name);
    std::transform(title.begin(), title.end(), title.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    raw(".\\\" Generated from the command tree; changes belong there, then run ./dev docs");
    // Without a date: the page is that of a version.
    raw(fmt::format(".TH {} {} \"\" \"{}\" \"{}\"", escape_roff(title), section,
                    escape_roff(source), escape_roff(manual)));
    raw(".nh");  // no hyphenation: a broken word looks like an option
    raw(".ad l");
}

void RoffPage::name(std::string_view name, std::string_view summary) {
    heading("NAME");
    // mandb and makewhatis look for the form "NAME \- SUMMARY".
    raw(escape_roff(name) + " \\- " + escape_roff(summary));
}

void RoffPage::see_also(const std::vector<std::string>& pages) {
    heading("SEE ALSO");
    for (const std::string& page : pages) {
        const std::size_t section = page.find('(');
        raw(bold(page.substr(0, section)) + escape_roff(page.substr(section)) +
            (&page == &pages.back() ? "" : ","));
    }
}

void RoffPage::heading(std::string_view title) { raw(fmt::format(".SH {}", escape_roff(title))); }

void RoffPage::subheading(std::string_view title) {
    raw(fmt::format(".SS {}", escape_roff(title)));
}

/// A heading begins one by itself.
void RoffPage::begin_paragraph() {
    if (!m_after_heading) {
        raw(".PP");
    }
}

void RoffPage::paragraph(std::string_view text) {
    begin_paragraph();
    fill(text);
}

void RoffPage::item(std::string_view roff_term, std::string_view text) {
    raw(".TP");
    raw(roff_term);
    fill(text);
}

void RoffPage::code(std::string_view lines) {
    begin_paragraph();
    raw(".RS 4");
    raw(".nf");
    for (std::size_t begin = 0; begin < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', begin), lines.size());
        raw(escape_roff(lines.substr(begin, end - begin)));
        begin = end + 1;
    }
    raw(".fi");
    raw(".RE");
}

void RoffPage::raw(std::string_view line) {
    m_text += line;
    m_text += '\n';
    m_after_heading = line.starts_with(".SH ") || line.starts_with(".SS ");
}

std::string RoffPage::bold(std::string_view text) { return "\\fB" + escape_text(text) + "\\fP"; }

std::string RoffPage::italic(std::string_view text) { return "\\fI" + escape_text(text) + "\\fP"; }

/// One sentence begins on each line, and lines are short. A line that ends in a full stop within
/// a sentence ("e.g.") is marked, or roff would take it for the sentence's end.
void RoffPage::fill(std::string_view text) {
    const std::vector<std::string> words = words_of(mark_up(text));
    std::string line;
    for (std::size_t i = 0; i < words.size(); ++i) {
        line += (line.empty() ? "" : " ") + words[i];
        const bool last = i + 1 == words.size();
        const bool sentence_ends =
            ends_sentence(words[i]) && (last || begins_sentence(words[i + 1]));
        if (last || sentence_ends || line.size() + 1 + words[i + 1].size() > k_columns) {
            if (!sentence_ends && ends_sentence(words[i])) {
                line += "\\&";
            }
            raw(guard_line_start(std::move(line)));
            line.clear();
        }
    }
}

}  // namespace cachectl
