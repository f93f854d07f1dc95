#include "cli/app.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "output/writer.hpp"
#include "util/error.hpp"

namespace cachectl {

int run(int argc, char** argv) {
    Writer out(STDOUT_FILENO);
    CLI::App app{"Administer Redis and Valkey caches safely", "cachectl"};
    app.set_version_flag("-V,--version", "cachectl " CACHECTL_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForVersion& version) {
        out.write(std::string(version.what()) + '\n');
        out.flush();
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    return static_cast<int>(ExitCode::ok);
}

}  // namespace cachectl
