// Globs: the first line is a pattern, the rest a key. What is matched here is what Redis' own
// function, written down once more as plainly as can be, matches.
#include "keyspace/glob.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "fuzz/target.hpp"
#include "keyspace/sparing_glob.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

/// As stringmatchlen() of Redis 7 (util.c) does it. It gives up where that would take long.
class PlainGlob {
public:
    bool match(std::string_view p, std::string_view t) {
        if (--m_steps < 0) {
            return false;
        }
        while (!p.empty() && !t.empty()) {
            if (p[0] == '*') {
                while (p.size() >= 2 && p[1] == '*') {
                    p.remove_prefix(1);
                }
                if (p.size() == 1) {
                    return true;
                }
                for (; !t.empty(); t.remove_prefix(1)) {
                    if (match(p.substr(1), t)) {
                        return true;
                    }
                }
                return false;
            }
            if (!match_one(p, t[0])) {
                return false;
            }
            t.remove_prefix(1);
            p.remove_prefix(1);
            if (t.empty()) {
                p.remove_prefix(std::min(p.find_first_not_of('*'), p.size()));
                break;
            }
        }
        return p.empty() && t.empty();
    }
    [[nodiscard]] bool gave_up() const { return m_steps < 0; }

private:
    /// Leaves `p` at the last byte of what stands for one byte.
    static bool match_one(std::string_view& p, char c) {
        if (p[0] == '[') {
            return match_class(p, c);
        }
        if (p[0] == '\\' && p.size() >= 2) {
            p.remove_prefix(1);
            return p[0] == c;
        }
        return p[0] == '?' || p[0] == c;
    }
    static bool match_class(std::string_view& p, char c) {
        p.remove_prefix(1);
        const bool negated = p.starts_with('^');
        p.remove_prefix(negated ? 1 : 0);
        bool found = false;
        while (true) {
            if (p.size() >= 2 && p[0] == '\\') {
                p.remove_prefix(1);
                found |= p[0] == c;
            } else if (p.starts_with(']')) {
                break;
            } else if (p.empty()) {
                // The caller goes on behind the last byte, of which there is none.
                p = " ";
                break;
            } else if (p.size() >= 3 && p[1] == '-') {
                const auto [low, high] =
                    std::minmax({static_cast<signed char>(p[0]), static_cast<signed char>(p[2])});
                found |= static_cast<signed char>(c) >= low && static_cast<signed char>(c) <= high;
                p.remove_prefix(2);
            } else {
                found |= p[0] == c;
            }
            p.remove_prefix(1);
        }
        return found != negated;
    }

    int m_steps = 5'000;
};

void check_pattern(std::string_view pattern) {
    glob_problem(pattern);
    is_costly(pattern);
    try {
        check_sparing_glob(std::string(pattern));
        expect(!is_catch_all(pattern) || !pattern.empty(), "an empty pattern spares nothing");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage, "a glob that is a mistake is the user's");
    }
}

}  // namespace

void fuzz_glob(std::string_view input) {
    const std::string_view pattern = input.substr(0, input.find('\n'));
    const std::string_view key = input.substr(std::min(pattern.size() + 1, input.size()));
    check_pattern(pattern);
    const bool matches = glob_match(pattern, key);
    PlainGlob plain;
    const bool as_plain = plain.match(pattern, key);
    if (!plain.gave_up() && !key.empty()) {
        expect(matches == as_plain, "it is matched as by the server");
    }
    if (matches && pattern != "*") {
        expect(key.starts_with(literal_prefix(pattern)), "what matches has the prefix");
    }
    if (is_catch_all(pattern) && !key.empty() && pattern.find('*') != std::string_view::npos &&
        pattern.find_first_not_of('*') == std::string_view::npos) {
        expect(matches, "a star matches all");
    }

    const std::string literal = escape_glob(key);
    expect(glob_match(literal, key), "what is escaped is itself");
    expect(pattern == key || !glob_match(literal, pattern), "what is escaped is nothing else");
    expect_same(literal_prefix(literal), key, "all of it is literal");
    expect(!glob_problem(literal), "what is escaped means what it says");
    expect(has_glob_characters(key) == (literal != key), "only what is special is escaped");
}

}  // namespace cachectl
