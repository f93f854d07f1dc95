#include "support/doc_examples.hpp"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "cli/outline.hpp"
#include "commands/commands.hpp"
#include "docs/topics.hpp"

namespace cachectl::test {

namespace {

constexpr std::string_view k_prompt = "$ ";

/// A block with "$ " is a transcript; in others comments and empty lines are left out.
void add_commands(std::vector<ShownCommand>& commands, const std::string& text) {
    const bool is_transcript = text.starts_with(k_prompt);
    std::istringstream lines(text);
    bool continues = false;
    for (std::string line; std::getline(lines, line);) {
        if (continues) {
            commands.back().text += '\n' + line;
        } else if (is_transcript && line.starts_with(k_prompt)) {
            commands.push_back({line.substr(k_prompt.size()), true, ""});
        } else if (is_transcript) {
            commands.back().output += line + '\n';
            continue;
        } else if (line.empty() || line.starts_with('#')) {
            continue;
        } else {
            commands.push_back({line, false, ""});
        }
        continues = line.ends_with('\\');
    }
}

/// `cachectl …` in prose, each as a block of its own; where it is broken, lines are joined.
void add_inline(Readme& readme, const std::string& page, const std::string& prose) {
    static const std::regex code("`(cachectl [^`]*)`");
    for (std::sregex_iterator at(prose.begin(), prose.end(), code), end; at != end; ++at) {
        readme.blocks.push_back({page, {{(*at)[1], false, ""}}});
    }
}

/// Where code has an empty line, a topic has it as two blocks.
void add_topic(std::vector<ExampleBlock>& blocks, const Topic& topic) {
    const std::string page = topic.name + '(' + topic.section + ')';
    blocks.push_back({page, {}});
    std::string code;
    const auto end_code = [&] {
        add_commands(blocks.back().commands, code);
        code.clear();
    };
    for (const TopicBlock& block : topic.blocks) {
        if (block.kind == TopicBlock::Kind::code) {
            code += (code.empty() ? "" : "\n") + block.text + '\n';
            continue;
        }
        end_code();
        if (block.kind == TopicBlock::Kind::heading) {
            blocks.push_back({page, {}});
        }
    }
    end_code();
}

}  // namespace

bool ExampleBlock::names(std::string_view text) const {
    return std::any_of(commands.begin(), commands.end(), [&](const ShownCommand& shown) {
        return shown.text.find(text) != std::string::npos;
    });
}

Readme parse_readme(const std::string& text) {
    Readme readme;
    std::string page = "README", language, code, prose;
    bool in_code = false;
    std::istringstream lines(text + "\n##  \n");  // so that the last section ends too
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```") && !in_code) {
            in_code = true;
            language = line.substr(3);
            code.clear();
        } else if (line.starts_with("```")) {
            in_code = false;
            if (language.empty()) {
                readme.blocks.push_back({page, {}});
                add_commands(readme.blocks.back().commands, code);
            } else if (language == "json") {
                readme.json.push_back(code);
            } else {
                throw std::runtime_error(page + ": who runs a block of " + language + "?");
            }
        } else if (in_code) {
            code += line + '\n';
        } else if (line.starts_with("##")) {
            add_inline(readme, page, prose);
            prose.clear();
            page = "README, " + line.substr(line.find(' ') + 1);
        } else {
            prose += line + ' ';
        }
    }
    return readme;
}

std::vector<ExampleBlock> man_examples() {
    std::vector<ExampleBlock> blocks;
    const auto tree = build_command_tree(command_table());
    for (const CommandOutline& command : outline_of(*tree).commands) {
        for (const Example& example : command.examples) {
            blocks.push_back({"cachectl-" + command.name + "(1)", {{example.command, false, ""}}});
        }
    }
    for (const Topic& topic : topics()) {
        add_topic(blocks, topic);
    }
    std::erase_if(blocks, [](const ExampleBlock& block) { return block.commands.empty(); });
    return blocks;
}

std::string json_of_topic(std::string_view name) {
    for (const Topic& topic : topics()) {
        for (const TopicBlock& block : topic.blocks) {
            if (topic.name == name && block.kind == TopicBlock::Kind::json) {
                return block.text;
            }
        }
    }
    throw std::runtime_error("no JSON in " + std::string(name));
}

}  // namespace cachectl::test
