# shellcheck shell=bash
# What the parts of the bench share: a server of their own, timing, and tables in Markdown.

keys=${KEYS:-1000000}
rounds=${ROUNDS:-5}
folder=$(mktemp -d)
socket=$folder/redis.sock
started=()

start() { # COMMAND…: ended with the bench
    "$@" >>"$folder/log" 2>&1 &
    started+=("$!")
}
# shellcheck disable=SC2317 # the trap calls it
end_all() {
    ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap end_all EXIT

start redis-server --port 0 --unixsocket "$socket" --dir "$folder" --save '' --daemonize no \
    --enable-debug-command yes
until redis-cli -s "$socket" ping >/dev/null 2>&1; do sleep 0.05; done

# One that nobody listens on at the moment.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); redis-cli -p "$port" ping >/dev/null 2>&1; do :; done
    echo "$port"
}

redis() { redis-cli -s "$socket" "$@" >/dev/null; }
populate() { # [N]
    redis flushall
    redis debug populate "${1:-$keys}" user 100
}

# Seconds of wall time for a command whose output goes nowhere; its peak memory in KiB.
timed() { # COMMAND
    command time -f '%e %M' -o "$folder/time" bash -c "$1" >/dev/null 2>"$folder/stderr" || {
        cat "$folder/stderr" >&2
        exit 1
    }
    cat "$folder/time"
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

compare_head() {
    echo "| work, and what it is compared with | peer | cachectl | ratio | cachectl's memory |"
    echo "|---|---|---|---|---|"
}

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
        timed "$ours" >"$folder/one"
        awk '{print $1}' "$folder/one" >>"$folder/ours"
        awk '{print $2}' "$folder/one" >>"$folder/memory"
    done
    awk -v name="$name" -v peer="$(median <"$folder/peer")" -v ours="$(median <"$folder/ours")" \
        -v memory="$(sort -n "$folder/memory" | tail -n 1)" \
        'BEGIN {printf "| %s | %.2f s | %.2f s | %.2f | %.1f MiB |\n", name, peer, ours,
                ours / peer, memory / 1024}'
}

# The server's own CPU time so far, in seconds.
server_cpu() {
    redis-cli -s "$socket" info cpu |
        awk -F: '/^used_cpu_(sys|user):/ {sum += $2} END {print sum}'
}
