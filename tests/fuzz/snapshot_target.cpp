// Snapshots: what is read is written to what is read the same.
#include "usage/snapshot.hpp"

#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

void fuzz_snapshot(std::string_view input) {
    try {
        const Snapshot snapshot = parse_snapshot(input, "fuzz");
        const std::string text = to_text(snapshot);
        expect(to_text(parse_snapshot(text, "again")) == text, "a snapshot is read back");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input, "what is no snapshot is bad input");
    }
}

}  // namespace cachectl
