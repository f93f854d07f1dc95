# shellcheck shell=bash
# A cache in trouble: a million keys at maxmemory, of which a namespace without TTLs grows, a cron
# job that calls KEYS, a report that runs long scripts, a key that is used all the time, and a
# replica that has stopped. To be sourced; it is at $socket until the shell ends. KEYS=N makes it
# smaller.

keys=${KEYS:-1000000}
folder=$(mktemp -d)
socket=$folder/redis.sock
started=()
finish() {
    ((${#started[@]} == 0)) || kill -CONT "${started[@]}" 2>/dev/null || true
    ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder" || exit 1

redis() { redis-cli -s "$socket" "$@"; }

free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); redis-cli -p "$port" ping >/dev/null 2>&1; do :; done
    echo "$port"
}

await() { # WHAT COMMAND...
    local what=$1
    shift
    for _ in {1..200}; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "incident: $what did not come about" >&2
    exit 1
}

# --- the servers, and what is in the cache --------------------------------------------------------

port=$(free_port)
redis-server --port "$port" --bind 127.0.0.1 --unixsocket "$socket" --dir "$folder" --save '' \
    --enable-debug-command yes --slowlog-log-slower-than 10000 --logfile "$folder/redis.log" &
started+=("$!")
await 'a server' redis ping
# SCRIPTs of 100,000 keys each, so that none is a part of the incident.
fill() { # NAME KEYS BYTES TTL-MS
    local from
    for ((from = 0; from < $2; from += 100000)); do
        redis eval 'for i = tonumber(ARGV[2]), tonumber(ARGV[3]) - 1 do
                redis.call("SET", ARGV[1] .. i, string.rep("x", ARGV[4]), "PX", ARGV[5] + i % 1000)
            end' 0 "$1" "$from" $((from + 100000 < $2 ? from + 100000 : $2)) "$3" "$4" >/dev/null
    done
}
fill sess: $((keys * 6 / 10)) 100 86400000
fill cache:page: $((keys * 2 / 10)) 100 7200000
fill dispatch:list: $((keys / 10)) 60 300000
redis eval 'for i = 1, tonumber(ARGV[1]) do
        redis.call("SET", "tmp:export:2026-11-28:row" .. i, string.rep("t", 700))
    end
    redis.call("SET", "ramq:codes:all", string.rep("r", 4000000), "EX", 3600)
    redis.call("SET", "dashboard:metrics:v3", string.rep("m", 900))
    return 1' 0 $((keys / 10)) >/dev/null
redis slowlog reset >/dev/null
redis config resetstat >/dev/null

replica_socket=$folder/replica.sock
replica_port=$(free_port)
redis-server --port "$replica_port" --bind 127.0.0.1 --unixsocket "$replica_socket" --dir "$folder" \
    --save '' --dbfilename replica.rdb --replicaof "127.0.0.1 $port" --repl-diskless-load swapdb \
    --logfile "$folder/replica.log" &
replica=$!
started+=("$replica")
link_is_up() { redis-cli -s "$replica_socket" info replication | grep -q 'master_link_status:up'; }
await 'a replica' link_is_up

used=$(redis info memory | awk -F: '/^used_memory:/ {print int($2)}')
redis config set maxmemory $((used - 100000)) maxmemory-policy allkeys-lru >/dev/null

# --- what goes wrong ------------------------------------------------------------------------------

kill -STOP "$replica"
{
    echo 'CLIENT SETNAME exporter'
    i=0
    while sleep 0.02; do
        for _ in {1..40}; do
            echo "SET tmp:export:2026-11-28:more$((i += 1)) $(printf '%0700d' 0)"
        done
    done
} 2>/dev/null | redis-cli -s "$socket" >/dev/null 2>&1 &
started+=("$!")
{
    echo 'CLIENT SETNAME cron-legacy'
    while sleep 1; do echo 'KEYS sess:0000*'; done
} 2>/dev/null | redis-cli -s "$socket" >/dev/null 2>&1 &
started+=("$!")
{
    echo 'CLIENT SETNAME reporting'
    while sleep 1.5; do
        echo 'EVAL "local s = 0 for i = 1, 8000000 do s = s + i end return s" 0'
    done
} 2>/dev/null | redis-cli -s "$socket" >/dev/null 2>&1 &
started+=("$!")
{
    echo 'CLIENT SETNAME app'
    while sleep 0.005; do echo 'GET dashboard:metrics:v3'; done
} 2>/dev/null | redis-cli -s "$socket" >/dev/null 2>&1 &
started+=("$!")

