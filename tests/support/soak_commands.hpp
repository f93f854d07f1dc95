// Random command lines about the keys of a long run, and what each is to make of them.
#pragma once

#include <string>
#include <vector>

#include "support/random_data.hpp"
#include "support/soak_keys.hpp"

namespace cachectl::test {

struct SoakCommand {
    std::vector<std::string> words;  // without the connection
    std::string input;
    SoakChanges changes;
    std::string counted;   // the number of its summary that says how many it changed
    bool is_exact = true;  // done, that is how many changes there are; else at most so many
    SoakKeys saved = {};   // is in the backup when it is done
};

class SoakCommands {
public:
    static constexpr const char* k_prefix = "soak:";

    /// `backup` is the path for --backup. The random data outlives it.
    SoakCommands(RandomData& random, std::string backup);

    /// One that changes keys.
    SoakCommand change(const SoakKeys& keys);
    /// A command is done: what it saved can be restored.
    void done(const SoakCommand& command);

    /// All keys of a namespace, those that begin with a digit, or one.
    std::string some_pattern();
    std::string some_key();
    [[nodiscard]] static bool matches(const std::string& pattern, const std::string& key);

private:
    SoakCommand warm(const SoakKeys& keys);
    SoakCommand invalidate(const SoakKeys& keys);
    SoakCommand flush(const SoakKeys& keys);
    SoakCommand restore(const SoakKeys& keys);
    SoakCommand expire(const SoakKeys& keys);
    std::string some_namespace();
    std::int64_t some_hours();

    RandomData& m_random;
    std::string m_backup;
    SoakKeys m_saved;
};

}  // namespace cachectl::test
