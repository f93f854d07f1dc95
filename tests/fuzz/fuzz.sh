#!/usr/bin/env bash
# Runs the fuzz targets. Called by `./dev fuzz` with the folder of the programs first in PATH. The
# corpus grows under build/fuzz/corpus from run to run; an input that breaks a promise is kept under
# build/fuzz/findings, named, and the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    cat >&2 <<'USAGE'
usage: ./dev fuzz [TARGET...] [--seconds N | --hours N] [--jobs N]

Runs each target (default: all) under AddressSanitizer and UBSan, for N seconds (default 60), or for
its equal share of N hours ("1.5" is taken too), in which all are run; N of them side by side
(default 1). The last line is the total.
USAGE
    exit 2
}

seconds=60
hours=''
jobs=1
targets=()
while (($#)); do
    case $1 in
    --seconds | --jobs)
        [[ ${2-} =~ ^[1-9][0-9]{0,6}$ ]] || usage
        [[ $1 == --jobs ]] && jobs=$2 || seconds=$2
        shift
        ;;
    --hours)
        [[ ${2-} =~ ^[0-9]{1,4}(\.[0-9]+)?$ ]] || usage
        hours=$2
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
if [[ -n $hours ]]; then
    seconds=$(awk -v hours="$hours" -v jobs="$jobs" -v targets=${#targets[@]} \
        'BEGIN {share = int(hours * 3600 * jobs / targets); print share < 1 ? 1 : share}')
fi

# Short stacks of allocations and little memory that waits to be given back: most targets allocate
# and throw a lot, and are faster for it by half. What a finding needs, the program says again when
# it is given the input without these.
export ASAN_OPTIONS=${ASAN_OPTIONS-malloc_context_size=2:quarantine_size_mb=16}

dictionary() { # TARGET
    case $1 in
    sql_* | copy | recognise) echo -dict=tests/fuzz/sql.dict ;;
    json | value_json | key_template | where) echo -dict=tests/fuzz/json.dict ;;
    config | policy | manifest | plan_file | journal) echo -dict=tests/fuzz/settings.dict ;;
    reply | slot_map | sentinel | listings) echo -dict=tests/fuzz/reply.dict ;;
    info) echo -dict=tests/fuzz/info.dict ;;
    url | glob | option_values | key_names | output_text) echo -dict=tests/fuzz/words.dict ;;
    esac
}

# Bytes of an input at most: few where what is read is short, so that more inputs are tried.
longest() { # TARGET
    case $1 in
    option_values) echo 48 ;;
    glob | key_names | output_text | secrets | url) echo 192 ;;
    command_line | monitor_line | pg_array | reply | where) echo 512 ;;
    audit_log | config | journal | listings | policy | sentinel | slot_map) echo 1024 ;;
    info | key_template | manifest | plan_file | sql_lexer | sql_text | value_*) echo 2048 ;;
    *) echo 4096 ;;
    esac
}

# Its own seeds, and where whole files are read the other tests' files.
gather_seeds() { # TARGET FOLDER
    local files=("tests/data/fuzz/$1") file
    if (($(longest "$1") == 4096)); then
        for file in tests/data/*; do
            [[ $file == tests/data/fuzz ]] || files+=("$file")
        done
    fi
    mkdir -p "$2"
    cp -r "${files[@]}" "$2" # libFuzzer takes folders alone
}

# Prints the target's line, and leaves its executions in the file `runs`.
run_target() { # TARGET
    local target=$1 corpus=build/fuzz/corpus/$1 findings=build/fuzz/findings/$1
    local seeds=build/fuzz/seeds/$1 words log status=0 begin=$SECONDS
    mkdir -p "$corpus" "$findings"
    gather_seeds "$target" "$seeds"
    mapfile -t words < <(dictionary "$target")
    log=$findings/log
    "fuzz_$target" "$corpus" "$seeds" "${words[@]}" -max_total_time="$seconds" \
        -max_len="$(longest "$target")" -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=256 \
        -print_final_stats=1 -artifact_prefix="$findings/" >"$log" 2>&1 || status=$?
    awk -v target="$target" -v seconds=$((SECONDS - begin)) -v bad=$((status != 0)) \
        -v file="$findings/runs" '
        match($0, /cov: [0-9]+/) {coverage = substr($0, RSTART + 5, RLENGTH - 5)}
        /stat::number_of_executed_units/ {runs = $2}
        /^#[0-9]+/ && runs < substr($1, 2) + 0 {runs = substr($1, 2)}
        END {
            printf "%-13s %8s %12s %9s %9s\n", target, seconds, runs, coverage, bad
            print runs + 0 >file
        }' "$log"
    ((status != 0)) || return 0
    grep -aE -m 12 'what\(\)|^---|ERROR|runtime error|SUMMARY|Test unit written' "$log" >&2 ||
        tail -n 20 "$log" >&2
    echo "fuzz: $target: the whole log is in $log" >&2
    echo "fuzz: once mended, keep the input in tests/data/fuzz/$target: ./dev test runs it" >&2
    return 1
}

printf '%-13s %8s %12s %9s %9s\n' target seconds executions coverage findings
failed=0
running=0
begun=$SECONDS
for target in "${targets[@]}"; do
    if ((running == jobs)); then
        wait -n || failed=$((failed + 1))
        running=$((running - 1))
    fi
    run_target "$target" &
    running=$((running + 1))
done
for ((; running > 0; --running)); do
    wait -n || failed=$((failed + 1))
done
total=0
for target in "${targets[@]}"; do
    total=$((total + $(<"build/fuzz/findings/$target/runs")))
done
printf '%-13s %8s %12s %9s %9s\n' total $((SECONDS - begun)) "$total" '' "$failed"
((failed == 0))
