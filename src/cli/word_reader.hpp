// The words of a command line, told apart: the command, options with their values, arguments.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"

namespace cachectl {

class WordReader {
public:
    /// The tree outlives this.
    WordReader(CommandTree& tree, std::vector<std::string> words)
        : m_tree(tree), m_words(std::move(words)) {}

    /// Reads all words; the tree's `command` is set once its name has come. Throws Error(usage).
    void read();

    /// An option as it was typed. It may stand before the command's name, and so be typed before
    /// it is known whose option it is.
    struct Typed {
        std::string name;  // "--limit", "-n"
        std::optional<std::string> value;
    };
    [[nodiscard]] const std::vector<Typed>& options() const { return m_typed; }
    [[nodiscard]] std::vector<std::string>& arguments() { return m_arguments; }
    [[nodiscard]] CommandEntry* command() const { return m_command; }
    /// Whether the line ends with "-h": that option takes a host, but with nothing behind it, it is
    /// what a newcomer types for help.
    [[nodiscard]] bool wants_help() const { return m_bare_h; }
    [[nodiscard]] bool is_empty() const { return m_words.empty(); }
    /// Which JSON the line asks for, also where read() has thrown.
    [[nodiscard]] std::optional<Format> json() const;
    /// Where to read on, as the hint of an error.
    [[nodiscard]] std::string see_help() const;

private:
    void take_for_ours();
    bool take_pattern(const std::string& name, const std::string& word);
    void read_long(const std::string& word);
    void read_letters(const std::string& word);
    void take_argument(const std::string& word);
    [[nodiscard]] std::string next_word(const std::string& name, const Option& option);
    void check_means_one(const std::string& name, bool with_value) const;
    [[nodiscard]] Option& any_option(const std::string& name) const;

    CommandTree& m_tree;
    std::vector<std::string> m_words;
    std::size_t m_at = 0;  // the word that is being read
    CommandEntry* m_command = nullptr;
    bool m_bare_h = false;
    std::vector<Typed> m_typed;
    std::vector<std::string> m_arguments;
};

}  // namespace cachectl
