#!/usr/bin/env bash
# Runs the integration tests on each server and ends with a table of what passed. A test that is
# about what the server does not have says "skipped: …" and counts as skipped.
set -euo pipefail

results=${1:?usage: matrix.sh FOLDER SERVER... [-- CTEST_ARG...]}
shift
servers=()
while (($#)) && [[ $1 != -- ]]; do
    servers+=("$1")
    shift
done
(($# == 0)) || shift
mkdir -p "$results"

# "Valkey 9.1.2", of "Valkey server v=9.1.2 sha=…"
name_of() { # SERVER
    "$1" --version | sed -n 's/^\([A-Za-z]*\) server v=\([^ ]*\).*/\1 \2/p'
}

# A number of the element testsuite.
total() { # FILE ATTRIBUTE
    grep -o "^[[:space:]]*$2=\"[0-9]*\"" "$1" | head -n 1 | tr -dc '0-9'
}

failed_tests() { # FILE
    sed -n 's/.*<testcase name="\([^"]*\)".* status="fail".*/\1/p' "$1" | paste -sd' '
}

table() {
    local name tests failed skipped
    printf '%-16s %7s %7s %7s  %s\n' server passed failed skipped 'what failed'
    for name in "${names[@]}"; do
        local file=$results/$name.xml
        if [[ ! -s $file ]]; then
            printf '%-16s no test was run\n' "$name"
            continue
        fi
        tests=$(total "$file" tests)
        failed=$(total "$file" failures)
        skipped=$(total "$file" skipped)
        printf '%-16s %7d %7d %7d  %s\n' "$name" $((tests - failed - skipped)) "$failed" \
            "$skipped" "$(failed_tests "$file")"
    done
}

names=()
all_passed=1
for server in "${servers[@]}"; do
    name=$(name_of "$server")
    names+=("$name")
    rm -f "$results/$name.xml"
    echo "matrix: integration tests on $name"
    CACHECTL_REDIS_SERVER=$server ctest --preset dev --no-tests=error --parallel "$(nproc)" \
        --output-junit "$results/$name.xml" -R '^integration/' "$@" || all_passed=0
done
echo
table
((all_passed))
