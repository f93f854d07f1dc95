#!/usr/bin/env bash
# Runs the fuzz targets, one after the other. Called by `./dev fuzz` with the folder of the programs
# first in PATH. The corpus grows under build/fuzz/corpus from run to run; an input that breaks a
# promise is kept under build/fuzz/findings, named, and the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    cat >&2 <<'USAGE'
usage: ./dev fuzz [TARGET...] [--seconds N]

Runs each target (default: all) for N seconds (default 60) under AddressSanitizer and UBSan.
USAGE
    exit 2
}

seconds=60
targets=()
while (($#)); do
    case $1 in
    --seconds)
        [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage
        seconds=$2
        shift
        ;;
    -*) usage ;;
    *)
        [[ -f tests/fuzz/$1_target.cpp ]] || {
            echo "fuzz: there is no target '$1'; there are: $(
                basename -s _target.cpp -a tests/fuzz/*_target.cpp | xargs)" >&2
            exit 2
        }
        targets+=("$1")
        ;;
    esac
    shift
done
((${#targets[@]})) || mapfile -t targets < <(basename -s _target.cpp -a tests/fuzz/*_target.cpp)

dictionary() {
    case $1 in
    sql_* | copy | recognise) echo -dict=tests/fuzz/sql.dict ;;
    json | value_json | key_template | where) echo -dict=tests/fuzz/json.dict ;;
    esac
}

printf '%-13s %8s %12s %9s %9s\n' target seconds executions coverage findings
failed=0
for target in "${targets[@]}"; do
    corpus=build/fuzz/corpus/$target
    findings=build/fuzz/findings/$target
    mkdir -p "$corpus" "$findings"
    seeds=("tests/data/fuzz/$target")
    for file in tests/data/*; do
        [[ $file == tests/data/fuzz ]] || seeds+=("$file")
    done
    # libFuzzer takes folders alone.
    mkdir -p "build/fuzz/seeds/$target"
    cp -r "${seeds[@]}" "build/fuzz/seeds/$target"
    mapfile -t words < <(dictionary "$target")
    log=$findings/log
    status=0
    begin=$SECONDS
    "fuzz_$target" "$corpus" "build/fuzz/seeds/$target" "${words[@]}" -max_total_time="$seconds" \
        -max_len=4096 -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1 \
        -artifact_prefix="$findings/" >"$log" 2>&1 || status=$?
    awk -v target="$target" -v seconds=$((SECONDS - begin)) -v bad=$((status != 0)) '
        match($0, /cov: [0-9]+/) {coverage = substr($0, RSTART + 5, RLENGTH - 5)}
        /stat::number_of_executed_units/ {runs = $2}
        /^#[0-9]+/ && runs < substr($1, 2) + 0 {runs = substr($1, 2)}
        END {printf "%-13s %8s %12s %9s %9s\n", target, seconds, runs, coverage, bad}' "$log"
    if ((status != 0)); then
        failed=1
        grep -aE -m 12 'what\(\)|^---|ERROR|runtime error|SUMMARY|Test unit written' "$log" >&2 || tail -n 20 "$log" >&2
        echo "fuzz: $target: the whole log is in $log" >&2
        echo "fuzz: once mended, keep the input in tests/data/fuzz/$target: ./dev test runs it" >&2
    fi
done
exit "$failed"
