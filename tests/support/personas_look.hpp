// Products looked at: what every look at a persona has to keep to.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <string>

#include "support/json.hpp"
#include "support/personas_stage.hpp"
#include "support/text.hpp"

namespace cachectl::test {

struct LookStage : PersonaStage {
    explicit LookStage(const Persona& persona) : PersonaStage(persona) {
        fill();
        before = keyspace();
    }

    [[nodiscard]] bool lacks(const std::string& what) const {
        return persona().lacks.contains(what);
    }

    Keyspace before;
};

/// At most so many sentences to the person: hints count too.
inline bool says_little(const ProcessResult& run, std::size_t lines = 2) {
    return lines_in(run.err) <= lines;
}

inline std::string in_small_letters(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// It was refused before anything was shown, and says why.
inline void check_refused(const ProcessResult& run, const std::string& why) {
    CAPTURE(run.err);
    CHECK(run.exit_code == 4);
    CHECK(run.out.empty());
    CHECK(has(in_small_letters(run.err), in_small_letters(why)));
    CHECK(says_little(run));
}

inline nlohmann::json parsed(const ProcessResult& run) {
    CAPTURE(run.err);
    CAPTURE(run.out);
    REQUIRE(nlohmann::json::accept(run.out));
    return nlohmann::json::parse(run.out);
}

struct Look {
    const char* what;
    void (*check)(LookStage&);
};

/// Each product is looked at in each of these ways, which change nothing.
inline void look_at_each(std::span<const Look> looks) {
    for (const Persona& one : personas()) {
        CAPTURE(one.name);
        LookStage stage(one);
        for (const Look& look : looks) {
            const std::string what = look.what;
            CAPTURE(what);
            look.check(stage);
        }
        CHECK(stage.keyspace() == stage.before);
        if (stage.lacks("partitions")) {
            CHECK(stage.strange_cursors() == 0);
        }
    }
}

}  // namespace cachectl::test
