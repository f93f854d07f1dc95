#!/usr/bin/env bash
# Whether the tests notice a mistake: single changes to the sources (a comparison turned round, a
# statement left out, another constant), one at a time, each built and tested. Called by
# `./dev mutation`. It works on a copy under build/mutation; the lines of those that no test has
# noticed are printed at the end, and the exit code is 1 if they are more than a tenth.
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
rm -rf "$work/results"
mkdir "$work/results"

# Files that are the same keep their times, so that a second run builds what has changed.
git ls-files -z | while IFS= read -r -d '' file; do
    cmp -s "$file" "$tree/$file" || cp -p --parents "$file" "$tree"
done

# A tree of tests that fail would notice everything.
compile() { ninja -C "$build" "$@" >"$work/build.log" 2>&1; }
configure() {
    cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_CXX_FLAGS_DEBUG='-O0 -g0' -DCACHECTL_UNITY=OFF
}
if ! { configure >"$work/build.log" 2>&1 && compile tests; }; then
    tail -n 20 "$work/build.log" >&2
    exit 1
fi

# What runs a folder's code against real servers.
integration_of() {
    case $1 in
    src/change) echo 'backup|change_|expire|flush|invalidate|lost_replies|members_of|plan|spread|neighbours|cluster_change|acl_batch' ;;
    src/warm) echo 'warm' ;;
    src/walk) echo 'walk_|keys|ttl|du|cluster_walk|cluster_fake_walk|cluster_migration|look|any_reply' ;;
    src/redis/cluster) echo 'cluster_' ;;
    *) echo '' ;;
    esac
}

run() { # SECONDS COMMAND...
    timeout "$@" >"$work/test.log" 2>&1 </dev/null
}
passes() { # FOLDER
    local sources=${1#src/}
    run 300 "$build/tests/unit_tests" --abort-after=1 --no-breaks \
        --source-file="*/unit/${sources//\//_}_*" &&
        run 300 "$build/tests/commands_tests" --abort-after=1 --no-breaks &&
        run 1500 ctest --test-dir "$build" --stop-on-failure --timeout 300 --parallel 2 \
            -R "^integration/($(integration_of "$1"))"
}

for folder in "${folders[@]}"; do
    passes "$folder" || {
        grep -aE 'ERROR|Failed' "$work/test.log" | head -n 10 >&2
        echo "mutation: the tests of $folder fail as they are" >&2
        exit 1
    }
done

printf '%-4s %-10s %-9s %s\n' '#' kind tests where
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
            if passes "$folder"; then verdict=survived; else verdict=noticed; fi
            printf '%-4s %-10s %-9s %s:%s: %s\n' "$total" "$kind" "$verdict" "$file" "$line" \
                "${text#"${text%%[! ]*}"}" | tee -a "$work/results/$verdict"
        fi
        cp "$file" "$tree/$file"
    done 3<"$work/mutants"
done

survived=0
[[ ! -f $work/results/survived ]] || survived=$(wc -l <"$work/results/survived")
echo
echo "$((total - survived)) of $total changes noticed; not noticed:"
cat "$work/results/survived" 2>/dev/null || true
((survived * 10 <= total))
