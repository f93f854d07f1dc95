#!/usr/bin/env bash
# Three looks at a cache in trouble have to find all that is wrong, within 20 seconds. Needs
# cachectl, redis-server and redis-cli in PATH (./dev demo incident).
set -euo pipefail
# shellcheck source=tests/incident/stage.sh
source "$(dirname "${BASH_SOURCE[0]}")/stage.sh"
sleep 12 # it goes on for a while before somebody looks

show() { # ARG...
    # shellcheck disable=SC2016 # that is what is shown
    printf '\n$ cachectl -s $SOCK %s\n' "$*"
    cachectl -s "$socket" "$@" 2>&1 | tee -a "$folder/seen"
}
format=()
[[ -t 1 ]] || format=(-o table)
began=$(date +%s%N)
show stats "${format[@]}"
show du "${format[@]}"
show hot --interval 5s "${format[@]}"
took=$((($(date +%s%N) - began) / 1000000))

missing=()
found() { grep -q -- "$2" "$folder/seen" || missing+=("$1"); }
found 'the namespace that grows' 'tmp.*100 %'
found 'the command that caps it' "expire 'tmp:\*'"
found 'the caller of KEYS' 'cron-legacy'
found 'the script' 'EVAL'
found 'the hot key' 'dashboard:metrics:v3'
found 'evictions' 'evict'
found 'the replica that lags' 'behind\|late\|lag'
printf '\nThree looks took %d.%03d s.\n' $((took / 1000)) $((took % 1000))
if ((${#missing[@]} != 0)); then
    printf 'incident: not seen: %s\n' "${missing[@]}" >&2
    exit 1
fi
if ((took > 20000)); then
    echo 'incident: that is more than 20 s' >&2
    exit 1
fi
