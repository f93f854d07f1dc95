// Manual pages in roff, with the man(7) macros that groff and mandoc both know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// Text as roff prints it, character by character: escapes, and no macro where a line begins with
/// a dot. Characters beyond ASCII become \[uXXXX].
std::string escape_roff(std::string_view text);

/// Builds one page. Texts are plain: `code` between backticks is set bold, everything else is
/// printed as it is.
class RoffPage {
public:
    /// `section` is "1", "5" or "7"; `manual` stands at the top of the page.
    RoffPage(std::string_view name, std::string_view section, std::string_view source,
             std::string_view manual);

    /// The NAME section: "cachectl-keys" and what that is, without a full stop.
    void name(std::string_view name, std::string_view summary);
    void heading(std::string_view title);
    void subheading(std::string_view title);
    void paragraph(std::string_view text);
    /// A term and, indented, its text. The term is roff already: see bold() and italic().
    void item(std::string_view roff_term, std::string_view text);
    /// Lines that keep their breaks and are not filled.
    void code(std::string_view lines);
    /// The SEE ALSO section, of pages as "cachectl-keys(1)".
    void see_also(const std::vector<std::string>& pages);
    /// A line of roff as it is.
    void raw(std::string_view line);

    static std::string bold(std::string_view text);
    static std::string italic(std::string_view text);

    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    void begin_paragraph();
    void fill(std::string_view text);

    std::string m_text;
    bool m_after_heading = false;
};

}  // namespace cachectl
