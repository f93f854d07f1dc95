#!/usr/bin/env bash
# cachectl beside what people use today, in one run, as ratios. Called by `./dev bench` with the
# release build first in PATH; needs redis-server and redis-cli. Nothing here can fail a build:
# figures of a noisy machine are for people to read.
set -euo pipefail

keys=${1:-1000000}
rounds=5
folder=$(mktemp -d)
socket=$folder/redis.sock
redis-server --port 0 --unixsocket "$socket" --dir "$folder" --save '' --daemonize no \
    --enable-debug-command yes >"$folder/log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
until redis-cli -s "$socket" ping >/dev/null 2>&1; do sleep 0.05; done

redis() { redis-cli -s "$socket" "$@" >/dev/null; }
populate() {
    redis flushall
    redis debug populate "$keys" user 100
}

# Seconds of wall time for a command whose output goes nowhere; its peak memory in KiB.
timed() { # COMMAND…
    command time -f '%e %M' -o "$folder/time" bash -c "$1" >/dev/null 2>"$folder/stderr" ||
        { cat "$folder/stderr" >&2; exit 1; }
    cat "$folder/time"
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# Both sides in turn, so that what else the machine does hits both.
compare() { # NAME PREPARE PEER CACHECTL
    local name=$1 prepare=$2 peer=$3 ours=$4 round
    : >"$folder/peer"
    : >"$folder/ours"
    : >"$folder/memory"
    for ((round = 0; round < rounds; round++)); do
        $prepare
        timed "$peer" | awk '{print $1}' >>"$folder/peer"
        $prepare
        timed "$ours" | tee >(awk '{print $2}' >>"$folder/memory") |
            awk '{print $1}' >>"$folder/ours"
    done
    sleep 0.1
    awk -v name="$name" -v peer="$(median <"$folder/peer")" -v ours="$(median <"$folder/ours")" \
        -v memory="$(sort -n "$folder/memory" | tail -n 1)" \
        'BEGIN {printf "| %s | %.2f s | %.2f s | %.2f | %.1f MiB |\n", name, peer, ours,
                ours / peer, memory / 1024}'
}

# What another client waits while the command runs.
waits() { # NAME COMMAND
    populate
    bash -c "exec $2" >/dev/null 2>&1 &
    local pid=$!
    read -r p50 p99 max < <(peer latency "$socket" "$pid")
    wait "$pid"
    echo "| $1 | $p50 ms | $p99 ms | $max ms |"
}

echo "$keys keys with 100-byte values, $(redis-server --version | awk '{print $3}'), $(nproc) cores," \
    "median of $rounds runs in turn"
echo
echo "| work, and what it is compared with | peer | cachectl | ratio | cachectl's memory |"
echo "|---|---|---|---|---|"
populate
compare "list all keys; SCAN COUNT 1000 loop in C" true \
    "peer scan $socket" "cachectl -s $socket keys"
compare "list all keys; redis-cli --scan" true \
    "redis-cli -s $socket --scan" "cachectl -s $socket keys"
compare "delete a ninth by pattern; SCAN loop, grep, xargs redis-cli unlink" populate \
    "peer scan $socket | grep '^user:1' | xargs -n 1000 redis-cli -s $socket unlink" \
    "cachectl -s $socket invalidate --yes 'user:1*'"
peer ndjson "$keys" >"$folder/records.ndjson"
peer resp "$keys" >"$folder/records.resp"
compare "write as many records with TTL; redis-cli --pipe of ready-made RESP" "redis flushall" \
    "redis-cli -s $socket --pipe <$folder/records.resp" \
    "cachectl -s $socket warm $folder/records.ndjson --key 'course:{id}' --ttl 1h"

echo
echo "| another client's GET during | p50 | p99 | longest |"
echo "|---|---|---|---|"
waits "SCAN COUNT 1000 loop in C" "peer scan $socket"
waits "cachectl keys" "cachectl -s $socket keys"
waits "cachectl invalidate 'user:1*'" "cachectl -s $socket invalidate --yes 'user:1*'"
