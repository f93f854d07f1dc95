// The build-only tool behind ./dev docs: writes man/ and completions/ into the folder given, and
// removes from them what it did not write.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "cli/outline.hpp"
#include "commands/commands.hpp"
#include "docs/completion.hpp"
#include "docs/man_page.hpp"
#include "docs/topics.hpp"

namespace {

namespace fs = std::filesystem;
using namespace cachectl;

using Files = std::map<fs::path, std::string>;  // contents by path

Files generate() {
    const auto tree = build_command_tree(command_table());
    const ProgramOutline outline = outline_of(*tree);
    Files files;
    files["man/cachectl.1"] = program_page(outline, command_table());
    for (const CommandOutline& command : outline.commands) {
        files["man/cachectl-" + command.name + ".1"] = command_page(command);
    }
    for (const Topic& topic : topics()) {
        files["man/" + topic.name + '.' + topic.section] = topic_page(topic);
    }
    for (const CompletionShell& shell : k_completion_shells) {
        files["completions/" + std::string(shell.file)] = shell.write(outline);
    }
    return files;
}

void write(const Files& files, const fs::path& root) {
    for (const char* folder : {"man", "completions"}) {
        fs::create_directories(root / folder);
        for (const auto& entry : fs::directory_iterator(root / folder)) {
            if (!files.contains(folder / entry.path().filename())) {
                fs::remove(entry.path());
            }
        }
    }
    for (const auto& [path, text] : files) {
        std::ofstream file(root / path, std::ios::binary);
        file << text;
        file.close();
        if (!file) {
            throw std::runtime_error("cannot write " + (root / path).string());
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: cachectl_docs FOLDER\n", stderr);
        return 2;
    }
    try {
        write(generate(), argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cachectl_docs: %s\n", error.what());
        return 1;
    }
    return 0;
}
