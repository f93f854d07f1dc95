#include "cli/app.hpp"
#include "commands/commands.hpp"

int main(int argc, char** argv) { return cachectl::run(argc, argv, cachectl::command_table()); }
