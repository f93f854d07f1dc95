#!/usr/bin/env bash
# cachectl beside what people use today, in one run, as ratios. Called by `./dev bench [PART…]`
# with the release build first in PATH; needs redis-server, redis-cli and time. A part is a script
# beside this one; without arguments all of them run. Nothing here can fail a build: figures of a
# noisy machine are for people to read.
#
# KEYS=N (default 1000000) is the size of the keyspace, ROUNDS=N (default 5) how often each side
# of a comparison runs, in turn. CACHECTL_BEFORE=PROGRAM is another version of cachectl, with which
# the part warm compares this one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=tests/bench/common.sh
source ./common.sh

parts=(start walk du patience link tls nodes size undo warm dumps)
(($# == 0)) || parts=("$@")
for part in "${parts[@]}"; do
    [[ -f $part.sh && $part != bench && $part != common ]] || {
        echo "bench: no part '$part'" >&2
        exit 2
    }
done

echo "$keys keys with 100-byte values, Redis $(redis-server --version | sed 's/.*v=\([^ ]*\).*/\1/')," \
    "$(nproc) cores, median of $rounds runs in turn"
for part in "${parts[@]}"; do
    echo
    # shellcheck source=/dev/null
    source "./$part.sh"
done
