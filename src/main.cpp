#include "cli/app.hpp"

int main(int argc, char** argv) { return cachectl::run(argc, argv); }
