# Every single change that tests/mutation/mutation.sh may make to sources of C++, one a line:
# FILE, LINE, KIND, and the line as it is then, separated by tabs. Run as
#   awk -f mutants.awk FILE...
# Comments, strings, declarations of constants' types and the preprocessor's lines are left alone.

# The text with string and character literals, and the comment at its end, as underscores: where
# something is found in it, it is code.
function masked(text,    out, i, c, quote) {
    out = ""
    quote = ""
    for (i = 1; i <= length(text); ++i) {
        c = substr(text, i, 1)
        if (quote != "") {
            if (c == "\\") {
                out = out "_"
                ++i
            } else if (c == quote) {
                quote = ""
            }
            out = out "_"
        } else if (c == "\"" || (c == "'" && substr(text, i - 1, 1) !~ /[0-9]/)) {
            quote = c
            out = out "_"
        } else if (c == "/" && substr(text, i + 1, 1) == "/") {
            while (length(out) < length(text)) out = out "_"
            return out
        } else {
            out = out c
        }
    }
    return out
}

function mutant(kind, line) { print FILENAME "\t" FNR "\t" kind "\t" line }

# Each place in which `from` stands, once replaced by `to`.
function replace_each(kind, from, to,    start, at) {
    start = 1
    while ((at = index(substr(code, start), from)) > 0) {
        at += start - 1
        mutant(kind, substr($0, 1, at - 1) to substr($0, at + length(from)))
        start = at + length(from)
    }
}

function increment_each_number(    start, at, number) {
    start = 1
    while (match(substr(code, start), /[^A-Za-z0-9_.'][0-9]+[^A-Za-z0-9_.']/)) {
        at = start + RSTART
        number = substr(code, at, RLENGTH - 2)
        mutant("constant", substr($0, 1, at - 1) (number + 1) substr($0, at + length(number)))
        start = at + length(number)
    }
}

FNR == 1 { before = "" }
{
    code = masked($0)
    if ($0 ~ /^ *(#|\/\/|using |namespace |template|static_assert)/ || code ~ /operator/) next

    replace_each("comparison", " == ", " != ")
    replace_each("comparison", " != ", " == ")
    replace_each("comparison", " < ", " <= ")
    replace_each("comparison", " <= ", " < ")
    replace_each("comparison", " > ", " >= ")
    replace_each("comparison", " >= ", " > ")
    replace_each("condition", " && ", " || ")
    replace_each("condition", " || ", " && ")
    if (code ~ /^ *(\} else )?if \(.*\) \{$/ && code !~ /;/) {
        at = index(code, "if (") + 4
        mutant("condition", substr($0, 1, at - 1) "!(" substr($0, at, length($0) - at - 2) ")) {")
    }
    increment_each_number()
    replace_each("constant", " true", " false")
    replace_each("constant", " false", " true")
    replace_each("arithmetic", " + ", " - ")
    replace_each("arithmetic", " - ", " + ")
    replace_each("arithmetic", " += ", " -= ")

    # Whole statements: what stands before them has ended.
    if (before ~ /[{};:]$/ && code ~ /;$/) {
        is_call = code ~ /^ +[a-z_][A-Za-z0-9_:.]*(->[a-z_.]+)*\(.*\);$/ && code !~ /^ +(return|throw|co_)/
        is_assignment = code ~ /^ +[a-z_][A-Za-z0-9_.>\[\]-]* [+|-]?= .*;$/
        is_step = code ~ /^ +(\+\+|--)[^;]*;$/
        is_leaving = code ~ /^ +(return|break|continue);$/
        if (is_call || is_assignment || is_step || is_leaving) {
            match($0, /^ +/)
            mutant("statement", substr($0, 1, RLENGTH) ";")
        }
    }
    before = code
    sub(/_+$/, "", before)
    sub(/ +$/, "", before)
}
