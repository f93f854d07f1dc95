#!/usr/bin/env bash
# Which part of the lines and branches of each folder the tests have run: a table out of the
# profiles in BUILD/profile. A branch is one way of a condition, as Clang counts them.
set -euo pipefail
build=${1:?BUILD}

llvm-profdata merge -sparse "$build"/profile/*.profraw -o "$build/tests.profdata"
objects=("$build/cachectl")
for kind in unit commands integration; do objects+=(-object "$build/tests/${kind}_tests"); done
llvm-cov export "${objects[@]}" -instr-profile "$build/tests.profdata" -summary-only \
    -ignore-filename-regex '/tests/|/usr/' >"$build/coverage.json"

echo "| folder | lines | run | branches | run |"
echo "|---|---|---|---|---|"
jq -r '
    def percent(part): if part.count == 0 then "-"
        else (1000 * part.covered / part.count | round / 10 | tostring) + " %" end;
    def sum(parts): {count: (parts | map(.count) | add), covered: (parts | map(.covered) | add)};
    [.data[0].files[] | {folder: (.filename | capture("/(?<f>src/[^/]+|commands)/").f // "src"),
        lines: .summary.lines, branches: .summary.branches}] |
    (group_by(.folder) | map({folder: .[0].folder, lines: sum(map(.lines)),
        branches: sum(map(.branches))})) +
    [{folder: "all", lines: sum(map(.lines)), branches: sum(map(.branches))}] | .[] |
    "| \(.folder) | \(.lines.count) | \(percent(.lines)) | \(.branches.count) | \(percent(.branches)) |"
' "$build/coverage.json"
