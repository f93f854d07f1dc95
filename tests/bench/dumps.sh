# shellcheck shell=bash
# Reading dumps of a database, DUMP_MIB each (default 1024), and what the same work costs the
# server: its CPU time for taking the writes is what a dump's reading has to stay below. All in CPU
# time, which on a machine with nothing else to do is the time it takes.
# shellcheck disable=SC2154 # common.sh sets them

mib=${DUMP_MIB:-1024}
warm="warm $folder/dump.sql --key course:{id} --ttl 1h"

# Seconds of CPU time, KiB at its peak.
costs() { # COMMAND
    command time -f '%U %S %M' -o "$folder/time" bash -c "exec $1" >"$folder/out" \
        2>"$folder/stderr" || {
        cat "$folder/stderr" >&2
        exit 1
    }
    awk '{print $1 + $2, $3}' "$folder/time"
}

reading=()
writing=()
read_dump() { # NAME TOOL
    local name=$1 round before rows cpu kib both both_kib
    dump_file "$2" "$mib" >"$folder/dump.sql"
    : >"$folder/costs"
    for ((round = 0; round < rounds; round++)); do
        costs "cachectl $warm --dry-run" >>"$folder/costs"
    done
    cpu=$(awk '{print $1}' "$folder/costs" | median)
    kib=$(awk '{print $2}' "$folder/costs" | sort -n | tail -n 1)
    redis flushall
    before=$(server_cpu)
    read -r both both_kib < <(costs "cachectl -s $socket $warm")
    rows=$(redis-cli -s "$socket" dbsize)
    reading+=("$(awk -v name="$name" -v mib="$mib" -v rows="$rows" -v cpu="$cpu" -v kib="$kib" \
        'BEGIN {printf "| %s | %d | %.0f MB/s | %.2f M rows/s | %.1f MiB |", name, rows,
                mib * 1.048576 / cpu, rows / cpu / 1e6, kib / 1024}')")
    writing+=("$(awk -v name="$name" -v server="$(server_cpu)" -v before="$before" -v cpu="$cpu" \
        -v both="$both" -v kib="$both_kib" \
        'BEGIN {server -= before
                printf "| %s | %.2f s | %.2f s | %.2f | %.2f s | %.2f | %.1f MiB |", name, server,
                cpu, cpu / server, both, both / server, kib / 1024}')")
    redis flushall
    rm "$folder/dump.sql"
}

read_dump "mysqldump, INSERTs of 16 MiB" mysql
read_dump "pg_dump, COPY" postgres
echo "| read $mib MiB of SQL, \`warm --dry-run\` | rows | bytes a second | rows a second | cachectl's memory |"
echo "|---|---|---|---|---|"
printf '%s\n' "${reading[@]}"
echo
echo "| CPU time for the same dump | server's, taking the writes | cachectl's, reading | ratio |" \
    "reading and sending | ratio | memory |"
echo "|---|---|---|---|---|---|---|"
printf '%s\n' "${writing[@]}"
