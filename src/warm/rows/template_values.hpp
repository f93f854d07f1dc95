// --set NAME=VALUE: names that stand for the same text in every row, in templates, keys and
// patterns. A value is taken literally wherever it comes to stand.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warm/rows/row_maker.hpp"

namespace cachectl {

class TemplateValues {
public:
    /// From "release=v42". Throws Error(usage) for a name that is none or that is set already.
    void add(std::string_view text);
    /// What a manifest says at `place`: it does not count where the name is set already.
    void add_default(const std::string& name, const std::string& value, const std::string& place);

    [[nodiscard]] std::size_t size() const { return m_values.size(); }

    /// In a template of KeyTemplate's, {name} becomes the value; the columns' names stay.
    [[nodiscard]] std::string in_template(std::string_view text);
    /// In a text that is no template, where other braces stand for themselves. Throws Error(usage)
    /// for a name that is nearly one that is set.
    [[nodiscard]] std::string in_text(std::string_view text);
    /// In a text whose braces are doubled, as those of a template are, and which has no columns.
    [[nodiscard]] std::string in_constant(std::string_view text);
    /// In a glob, where the value matches nothing but itself.
    [[nodiscard]] std::string in_pattern(std::string_view text);
    /// In all options of which keys and values are made.
    void fill(RowOptions& rows);
    /// The value of the only name there is; nothing if there are none or several.
    [[nodiscard]] std::optional<std::string> only_value();

    /// Throws Error(usage) if nothing fills a name in braces; `what` is the text that has it.
    void check_filled(const std::string& what, std::string_view text) const;
    /// Throws Error(usage), of a manifest Error(bad_input), for a name that has not been filled in
    /// anywhere: it is a slip.
    void check_used() const;

private:
    struct Value {
        std::string name;
        std::string value;
        std::string place = {};  // "warm.json:3"; empty: on the command line
        bool used = false;
    };
    enum class Braces { literal, doubled, halved };

    [[nodiscard]] const Value* find(std::string_view name) const;
    [[nodiscard]] Value* find(std::string_view name);
    void check_no_slip(std::string_view name) const;
    /// `as` makes of a value what comes to stand in the text.
    template <typename As>
    [[nodiscard]] std::string fill(std::string_view text, Braces braces, As as);

    std::vector<Value> m_values;
};

}  // namespace cachectl
