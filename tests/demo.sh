#!/usr/bin/env bash
# cachectl's main job on the data of four applications, against a private Redis that they share
# with a job queue and sessions. Needs cachectl, redis-server and redis-cli in PATH (./dev demo).
set -euo pipefail

folder=$(mktemp -d)
socket=$folder/redis.sock
server=
finish() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

redis() { redis-cli -s "$socket" "$@"; }

say() { printf '\n\n# %s\n' "$*"; }

# Shows a command as it would be typed, runs it and checks its exit status.
show() { # STATUS ARG...
    local expected=$1 status=0 arg line="cachectl -s \$SOCK"
    shift
    for arg in "$@"; do
        if [[ $arg =~ ^[A-Za-z0-9_:=.,/%+-]+$ ]]; then line+=" $arg"; else line+=" '$arg'"; fi
    done
    printf '\n$ %s\n' "$line"
    cachectl -s "$socket" "$@" || status=$?
    if ((status != expected)); then
        echo "demo: exit status $status, expected $expected" >&2
        exit 1
    fi
    if ((status != 0)); then echo "(exit status $status)"; fi
}

# What must not change: how many keys, and a checksum over their names and contents.
fingerprint() { # PATTERN
    local keys
    keys=$(redis --scan --pattern "$1" | sort)
    printf '%s keys, contents %s' "$(wc -l <<<"$keys")" \
        "$(awk '{ print "ECHO", $0; print "DUMP", $0 }' <<<"$keys" | redis |
            sha256sum | cut -c -16)"
}

start_server() {
    redis-server --port 0 --unixsocket "$socket" --unixsocketperm 700 --dir "$folder" --save '' \
        --appendonly no --maxmemory 256mb --logfile "$folder/redis.log" &
    server=$!
    for _ in {1..100}; do
        [[ $(redis ping 2>/dev/null) == PONG ]] && return
        sleep 0.05
    done
    cat "$folder/redis.log" >&2
    exit 1
}

# --- the data -----------------------------------------------------------------------------------

# A health insurer's billing codes: a reference table that the application reads whole.
make_codes() {
    awk 'BEGIN {
        split("consultation examen suture injection radiographie biopsie", act, " ")
        printf "["
        for (i = 1; i <= 6740; i++)
            printf "%s\n{\"code\":\"%05d\",\"description\":\"%s, niveau %d\",\"tarif\":%d.%02d,\"actif\":%s}",
                (i > 1 ? "," : ""), i, act[i % 6 + 1], i % 9 + 1, i % 400 + 10, i % 100,
                i % 17 ? "true" : "false"
        print "\n]"
    }' >codes.json
    awk 'BEGIN {
        for (i = 1; i <= 48; i++)
            printf "{\"name\":\"entity_%02d\",\"version\":%d,\"fields\":[\"id\",\"created_at\",\"f%d\"]}\n",
                i, i % 5 + 1, i
    }' >entities.ndjson
}

# A platform for many tenants: their settings, courses, and each one's list of dispatches.
make_tenants() {
    awk 'BEGIN {
        print "id,name,plan,active"
        for (i = 1; i <= 250; i++)
            printf "%d,\"Tenant %d, Inc.\",%s,%s\n", i, i, i % 3 ? "basic" : "pro", i % 20 ? "true" : "false"
    }' >tenants.csv
    awk 'BEGIN {
        for (i = 1; i <= 1200; i++)
            printf "{\"id\":%d,\"tenant_id\":%d,\"title\":\"Course n\\u00b0 %d\",\"hours\":%d.5}\n",
                i, i % 250 + 1, i, i % 40
    }' >courses.ndjson
    awk 'BEGIN {
        print "id,tenant_id,status,address"
        for (i = 1; i <= 5000; i++)
            printf "%d,%d,%s,\"%d Main St, Suite %d\"\n", i, i % 250 + 1,
                i % 4 ? "delivered" : "pending", i % 900 + 1, i % 30 + 1
    }' >dispatches.csv
}

# A dashboard: positions that are stale after a minute, reference lists, one page of figures.
make_dashboard() {
    awk 'BEGIN {
        printf "{"
        for (i = 1; i <= 180; i++)
            printf "%s\n\"fleet:vehicle:%d\":{\"lat\":45.%04d,\"lon\":-73.%04d,\"kmh\":%d}",
                (i > 1 ? "," : ""), i, i * 37 % 10000, i * 91 % 10000, i * 7 % 110
        print "\n}"
    }' >fleet.json
    cat >ref.json <<'EOF'
{"ref:countries": ["CA", "FR", "US"],
 "ref:vehicle_types": {"1": "van", "2": "truck", "3": "bicycle"},
 "ref:depots": [{"id": 1, "city": "Montréal"}, {"id": 2, "city": "Québec"}]}
EOF
    cat >dashboard.json <<'EOF'
{"dashboard:metrics:v3": {"on_time": 0.967, "vehicles": 180, "alerts": []}}
EOF
}

# What is no cache: a job queue in the manner of Bull, and the sessions of people logged in.
make_queue_and_sessions() {
    awk 'BEGIN {
        for (i = 1; i <= 300; i++) {
            printf "HSET bull:jobs:%d name send-invoice data \"{\\\"invoice\\\":%d}\" attempts 0\n", i, i
            printf "LPUSH bull:jobs:wait %d\n", i
        }
        print "SET bull:jobs:id 300"
        for (i = 1; i <= 1500; i++)
            printf "SET sess:%08x%08x \"{\\\"user\\\":%d}\" EX 604800\n", i * 1400417, i * 40503, i
    }' | redis >replies
    if grep -q -i -m 1 'err\|invalid' replies; then
        echo "demo: the server refused the data: $(grep -i -m 1 'err\|invalid' replies)" >&2
        exit 1
    fi
}

# --- the demo -----------------------------------------------------------------------------------

start_server
make_codes
make_tenants
make_dashboard
make_queue_and_sessions

say "A Redis that holds a job queue and sessions; the caches beside them are cold."
queue_before=$(fingerprint 'bull:*')
sessions_before=$(fingerprint 'sess:*')
echo "job queue: $queue_before"
echo "sessions:  $sessions_before"

say "A table of 6,740 reference codes becomes one key; the entities one key each."
show 0 warm codes.json --collect 'ramq:codes:all' --ttl 1h
show 0 warm entities.ndjson --key 'entity:metadata:{name}' --ttl 300s --jitter 10%

say "Tenants and courses row by row, dispatches grouped by tenant."
show 0 warm tenants.csv --key 'tenant:{id}' --ttl 1h --jitter 10%
show 0 warm courses.ndjson --key 'course:{id}' --ttl 30m --jitter 10%
show 0 warm dispatches.csv --group 'dispatches:list:{tenant_id}' --ttl 5m

say "A dashboard's cache, TTLs from a minute to two hours."
show 0 warm fleet.json --ttl 60s
show 0 warm ref.json --ttl 2h
show 0 warm dashboard.json --ttl 5m

say "What is there?"
show 0 keys 'ref:*' 'dashboard:*' 'ramq:*' --long
show 0 keys 'tenant:*' --limit 5
show 0 get 'tenant:3'
show 0 ttl 'dashboard:*' 'ramq:*'
show 0 ttl --summary
show 0 stats

say "After a release: everything but the reference data and the fleet, as a rehearsal."
stale=('*' --all --exclude 'ref:*' --exclude 'ramq:*' --exclude 'fleet:*'
    --protect 'sess:*' --protect 'bull:*')
show 0 invalidate "${stale[@]}" --dry-run

say "The same pattern without --all is refused: an unset variable must not empty a cache."
show 8 invalidate '*' --yes

say "And now in earnest; sessions and job queue are protected."
show 0 invalidate "${stale[@]}" --yes

say "A wrong pattern takes the reference data along. It was saved before: that is undone."
ref_before=$(fingerprint 'ref:*')
show 0 invalidate 'r*' --yes --backup before.rdb
show 0 restore before.rdb --list
show 0 restore before.rdb 'ref:*' --yes
[[ $(fingerprint 'ref:*') == "$ref_before" ]] || {
    echo "demo: what was restored is not what was deleted" >&2
    exit 1
}

say "A whole namespace, planned first, then done if it is still true."
show 0 flush fleet --plan clear.json
show 0 apply clear.json
show 0 keys --exclude 'sess:*' --exclude 'bull:*'

say "Sessions and job queue, before and after:"
queue_after=$(fingerprint 'bull:*')
sessions_after=$(fingerprint 'sess:*')
printf 'job queue: %s -> %s\nsessions:  %s -> %s\n' \
    "$queue_before" "$queue_after" "$sessions_before" "$sessions_after"
[[ $queue_after == "$queue_before" && $sessions_after == "$sessions_before" ]] || {
    echo "demo: what was to be spared has changed" >&2
    exit 1
}
echo "untouched."
