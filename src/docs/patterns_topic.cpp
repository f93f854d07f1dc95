// cachectl-patterns(7): the globs that choose keys.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view patterns_topic() {
    return R"topic(cachectl-patterns(7): the globs that choose keys
see also: cachectl(1), cachectl-config(5), cachectl-policy(5)

# DESCRIPTION

Patterns are the globs of `SCAN` with MATCH. A pattern has to match the whole key. It works on
bytes: what is one character in UTF-8 may be several. Where cachectl matches keys itself, it does
so exactly as the server does.

: *
    Any text, also none, delimiters included.
: ?
    One byte.
: [abc]
    One of these bytes.
: [a-z]
    One byte of this range. Bytes from 0x80 on sort before ASCII.
: [^abc]
    One byte that is none of these.
: \x
    The byte x itself, also where it is one of `* ? [ \`.

There is no `{a,b}`: give several patterns, which are a union, found in one pass over the keys.

# SHELLS

A shell has globs of its own, which it replaces by the names of files, and takes backslashes away.
Single quotes keep a pattern from it:

    cachectl keys 'course:*' 'lesson:[0-9]*'

# WHAT IS REFUSED

A `[` without its `]` and a backslash at the end hardly mean what their author thinks. Commands
that only look warn of them, commands that change keys refuse them with exit status 2.

A pattern that is empty, or nothing but `*` and `?`, is refused with exit status 8 by commands
that change keys, unless `--all` is given: it is what `"$PREFIX*"` becomes where PREFIX is not
set.

Many stars in one pattern are costly for a server. One with more than four of them, or longer than
512 bytes, is matched by cachectl and not sent.

# EXAMPLES
)topic";
}

}  // namespace cachectl
