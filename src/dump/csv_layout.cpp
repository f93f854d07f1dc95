#include "dump/csv_layout.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

/// How the first lines look at a separator.
struct Agreement {
    char separator = '\0';
    std::size_t fields = 0;  // that the first line has
    std::size_t filled = 0;  // without those at its end that have nothing in them
    std::size_t rows = 0;    // behind it
    std::size_t agreeing = 0;

    /// A row that is broken says nothing about the others.
    [[nodiscard]] bool mostly() const { return rows != 0 && agreeing * 5 >= rows * 4; }
    [[nodiscard]] bool separates() const {
        const bool usual = separator == ',' || separator == '\t';
        return filled > 1 && (usual || agreeing != 0);
    }
    void begin(std::size_t count, std::size_t count_filled) {
        fields = count;
        filled = count_filled;
    }
    void add(std::size_t count, bool good) {
        ++rows;
        agreeing += good && count == fields ? 1 : 0;
    }
};

Agreement split_at(char separator, char line_end, const CsvSample& sample) {
    Agreement result{.separator = separator};
    CsvSplitter splitter({.delimiter = separator, .line_end = line_end});
    std::string_view text = sample.text;
    for (std::size_t lines = 0; lines < CsvSample::k_lines && !text.empty(); ++lines) {
        splitter.reset();
        if (splitter.scan(text) == CsvSplitter::Result::more) {
            const bool counts = sample.whole || result.fields == 0;
            if (!counts || !splitter.finish(text)) {
                break;
            }
        }
        const auto& fields = splitter.fields();
        if (result.fields == 0) {
            std::size_t filled = fields.size();
            while (filled > 0 && fields[filled - 1].begin == fields[filled - 1].end) {
                --filled;
            }
            result.begin(fields.size(), filled);
        } else if (!splitter.is_blank()) {
            result.add(fields.size(), splitter.fault() == nullptr);
        }
        text.remove_prefix(splitter.length());
    }
    return result;
}

/// Text with tabs has no quotes, and yet a tab within "…" separates nothing.
std::size_t count_tab_fields(std::string_view line) {
    const bool quotes = std::ranges::count(line, '"') % 2 == 0;
    bool quoted = false;
    std::size_t count = 1;
    for (const char c : line) {
        quoted ^= quotes && c == '"';
        count += !quoted && c == '\t' ? 1 : 0;
    }
    return count;
}

Agreement split_at_tabs(char line_end, const CsvSample& sample) {
    Agreement result{.separator = '\t'};
    std::string_view text = sample.text;
    for (std::size_t lines = 0; lines < CsvSample::k_lines && !text.empty(); ++lines) {
        const std::size_t end = text.find(line_end);
        if (end == std::string_view::npos && !sample.whole && result.fields != 0) {
            break;
        }
        const std::string_view line = text.substr(0, end);
        if (result.fields == 0) {
            const std::size_t filled = line.find_last_not_of("\t\r") + 1;
            result.begin(count_tab_fields(line), count_tab_fields(line.substr(0, filled)));
        } else if (!line.empty() && line != "\r") {
            result.add(count_tab_fields(line), true);
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return result;
}

}  // namespace

CsvSample sample_bytes(Source& source, std::size_t bytes) {
    bool more = true;
    while (source.window().size() < bytes && more) {
        more = source.fill();
    }
    const std::string_view window = source.window();
    return {window.substr(0, bytes), !more && window.size() <= bytes};
}

CsvSample sample_lines(Source& source) {
    bool more = true;
    std::size_t lines = 0;
    std::size_t counted = 0;
    while (more) {
        const std::string_view fresh = source.window().substr(counted);
        lines += static_cast<std::size_t>(std::ranges::count(fresh, '\n'));
        counted += fresh.size();
        if (counted >= CsvSample::k_bytes || lines > CsvSample::k_lines) {
            break;
        }
        more = source.fill();
    }
    std::string_view text = source.window().substr(0, CsvSample::k_bytes);
    std::size_t end = 0;
    for (std::size_t line = 0; line <= CsvSample::k_lines && end < text.size(); ++line) {
        end = std::min(text.find('\n', end), text.size() - 1) + 1;
    }
    const bool whole = !more && source.window().size() == end;
    return {text.substr(0, end), whole};
}

CsvPrologue find_prologue(std::string_view text) {
    CsvPrologue prologue;
    prologue.bytes = std::min(text.find_first_not_of("\r\n"), text.size());
    const std::string_view line = text.substr(prologue.bytes);
    constexpr std::string_view k_word = "sep=";
    const auto same = [](char a, char b) { return a == b || a == b - 'a' + 'A'; };
    const bool says = line.size() > k_word.size() + 1 &&
                      std::equal(k_word.begin(), k_word.end(), line.begin(),
                                 [&](char word, char c) { return same(c, word); });
    if (!says || (line[k_word.size() + 1] != '\r' && line[k_word.size() + 1] != '\n')) {
        return prologue;
    }
    prologue.separator = line[k_word.size()];
    prologue.bytes += k_word.size() + 1;
    prologue.bytes = std::min(text.find_first_not_of("\r\n", prologue.bytes), text.size());
    return prologue;
}

char find_line_end(std::string_view text) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        quoted ^= text[at] == '"';
        if (!quoted && text[at] == '\n') {
            return '\n';
        }
        if (!quoted && text[at] == '\r') {
            const std::size_t behind = text.find_first_not_of('\r', at);
            const bool alone = behind != std::string_view::npos && text[behind] != '\n';
            return alone ? '\r' : '\n';
        }
    }
    return '\n';
}

std::optional<char> find_separator(const CsvSample& sample) {
    const CsvPrologue prologue = find_prologue(sample.text);
    if (prologue.separator) {
        return prologue.separator;
    }
    const CsvSample rows{sample.text.substr(prologue.bytes), sample.whole};
    const char line_end = find_line_end(rows.text);
    // In the order in which they are meant if the lines agree on several.
    std::array found = {split_at_tabs(line_end, rows), split_at(';', line_end, rows),
                        split_at('|', line_end, rows), split_at(',', line_end, rows)};
    const auto agrees = [](const Agreement& at) { return at.separates() && at.mostly(); };
    if (const auto* best = std::ranges::find_if(found, agrees); best != found.end()) {
        return best->separator;
    }
    const auto better = [](const Agreement& a, const Agreement& b) {
        return a.agreeing != b.agreeing ? a.agreeing > b.agreeing : a.fields > b.fields;
    };
    std::ranges::stable_sort(found, better);
    const auto* best = std::ranges::find_if(found, &Agreement::separates);
    return best == found.end() ? std::nullopt : std::optional(best->separator);
}

}  // namespace cachectl
