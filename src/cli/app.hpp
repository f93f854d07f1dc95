// From argv to an exit code: parse, run, and turn whatever went wrong into one message.
#pragma once

namespace cachectl {

int run(int argc, char** argv);

}  // namespace cachectl
