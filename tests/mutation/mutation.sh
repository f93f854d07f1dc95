#!/usr/bin/env bash
# Whether the tests notice a mistake: single changes to the sources (a comparison turned round, a
# statement left out, another constant), one at a time, each built and tested. Called by
# `./dev mutation`. It works on a copy under build/mutation; those that no test has noticed are
# printed at the end, and the exit code is 1 if they are more than a tenth.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    cat >&2 <<'USAGE'
usage: ./dev mutation [FOLDER...] [--count N] [--seed N]

Makes N changes (default 100) to the sources of the folders (default: src/change src/warm src/walk
src/redis/cluster), as many in each, and says which of them the tests have not noticed.
USAGE
    exit 2
}

count=100
seed=1
folders=()
while (($#)); do
    case $1 in
    --count | --seed)
        [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage
        if [[ $1 == --count ]]; then count=$2; else seed=$2; fi
        shift
        ;;
    -*) usage ;;
    *)
        [[ -d $1 ]] || usage
        folders+=("${1%/}")
        ;;
    esac
    shift
done
((${#folders[@]})) || folders=(src/change src/warm src/walk src/redis/cluster)

work=build/mutation
tree=$work/tree
build=$work/build
mkdir -p "$tree"
: >"$work/results"

# Files that are the same keep their times, so that a second run builds what has changed.
git ls-files -z | while IFS= read -r -d '' file; do
    cmp -s "$file" "$tree/$file" || cp --parents "$file" "$tree"
done
in_order() { LC_ALL=C sort -z; }
LC_ALL=C comm -z -13 <(git ls-files -z | in_order) <(find "$tree" -type f -printf '%P\0' | in_order) |
    while IFS= read -r -d '' file; do
        rm "$tree/$file" # moved since an earlier run
    done

# A tree of tests that fail would notice everything.
compile() { ninja -C "$build" "$@" >"$work/build.log" 2>&1; }
configure() {
    cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_CXX_FLAGS_DEBUG='-O0 -g0 -D_GLIBCXX_ASSERTIONS' -DCACHECTL_UNITY=OFF
}
if ! { configure >"$work/build.log" 2>&1 && compile tests; }; then
    tail -n 20 "$work/build.log" >&2
    exit 1
fi

# What runs a folder's code against real servers, the quicker ones first.
integration_of() {
    case $1 in
    src/change) echo 'invalidate|expire|flush|backup|backup_faults|change_model|change_faults|cluster_change_faults|cluster_partial|lost_replies|plan|plan_choice|spread|members_of' ;;
    src/warm) echo 'warm|warm_faults|warm_if_exists|warm_resume|warm_model|warm_verify|warm_sync|warm_guards|warm_manifest|warm_tables|warm_resume_input|warm_large_value' ;;
    src/walk) echo 'walk_faults|walk_oracle|keys|ttl|cluster_walk|cluster_fake_walk' ;;
    src/redis/cluster) echo 'cluster|cluster_fake|cluster_nodes|cluster_partial|cluster_change_faults|cluster_loss|cluster_reshard|cluster_failover' ;;
    *) echo '' ;;
    esac
}

run() { # SECONDS COMMAND...
    timeout "$@" >"$work/test.log" 2>&1 </dev/null
}
run_units() { # FOLDER
    local sources=${1#src/}
    run 300 "$build/tests/unit_tests" --abort-after=1 --no-breaks \
        --source-file="*/unit/${sources//\//_}_*"
}
run_commands() { run 300 "$build/tests/commands_tests" --abort-after=1 --no-breaks; }
failing=none
run_integration() { # FOLDER [CTEST_ARG...]
    local folder=$1
    shift
    run 1500 ctest --test-dir "$build" --timeout 300 --parallel 2 \
        -R "^integration/($(integration_of "$folder"))\$" -E "^($failing)\$" "$@"
}

# Without optimisation a program takes more memory than some tests allow: those say nothing here.
for folder in "${folders[@]}"; do
    if ! run_units "$folder" || ! run_commands; then
        tail -n 20 "$work/test.log" >&2
        echo "mutation: the tests of $folder fail as they are" >&2
        exit 1
    fi
    run_integration "$folder" || while read -r test; do
        echo "mutation: $test fails as it is, and is left out"
        failing+="|$test"
    done < <(sed -n 's/^\t[0-9]* - \(integration[^ ]*\) .*/\1/p' "$work/test.log")
done

printf '%-4s %-10s %-11s %s\n' '#' kind 'noticed by' where
share=$(((count + ${#folders[@]} - 1) / ${#folders[@]}))
total=0
for folder in "${folders[@]}"; do
    find "$folder" -name '*.cpp' -print0 | sort -z | xargs -0 awk -f tests/mutation/mutants.awk |
        awk -v seed="$seed" 'BEGIN {srand(seed)} {printf "%.9f\t%s\n", rand(), $0}' |
        sort -n | cut -f 2- >"$work/mutants"
    made=0
    while IFS=$'\t' read -r file line kind text <&3; do
        ((made < share && total < count)) || break
        awk -v line="$line" -v text="${text//\\/\\\\}" 'NR == line {$0 = text} {print}' "$file" >"$tree/$file"
        if compile unit_tests commands_tests cachectl; then
            made=$((made + 1))
            total=$((total + 1))
            if ! run_units "$folder"; then
                by=unit
            elif ! run_commands; then
                by=commands
            elif ! run_integration "$folder" --stop-on-failure; then
                by=integration
            else
                by=none
            fi
            printf '%-4s %-10s %-11s %s:%s: %s\n' "$total" "$kind" "$by" "$file" "$line" \
                "${text#"${text%%[! ]*}"}" | tee -a "$work/results"
        fi
        cp "$file" "$tree/$file"
    done 3<"$work/mutants"
done

unnoticed=$(awk '$3 == "none"' "$work/results")
survived=$(grep -c . <<<"$unnoticed" || true)
printf '\n%s of %s changes noticed%s\n' "$((total - survived))" "$total" "${unnoticed:+; not noticed:
$unnoticed}"
((survived * 10 <= total))
