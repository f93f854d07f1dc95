# shellcheck shell=bash
# Writing as many records as there are keys.
# shellcheck disable=SC2154 # common.sh sets them

peer ndjson "$keys" >"$folder/records.ndjson"
peer resp "$keys" >"$folder/records.resp"
compare_head
compare "write as many records with TTL, \`--pace full\`; redis-cli --pipe of ready-made RESP" \
    "redis flushall" \
    "redis-cli -s $socket --pipe <$folder/records.resp" \
    "cachectl -s $socket warm $folder/records.ndjson --key 'course:{id}' --ttl 1h --pace full"

# Both sides in turn: wall time and peak memory, the median and the most of all rounds.
compare_versions() { # NAME PREPARE ARGUMENTS
    local name=$1 prepare=$2 arguments=$3 round
    : >"$folder/before"
    : >"$folder/now"
    for ((round = 0; round < rounds; round++)); do
        $prepare
        timed "'$CACHECTL_BEFORE' -s $socket $arguments" >>"$folder/before"
        $prepare
        timed "cachectl -s $socket $arguments" >>"$folder/now"
    done
    local side figures=()
    for side in before now; do
        figures+=("$(awk '{print $1}' "$folder/$side" | median)"
            "$(awk '{print $2}' "$folder/$side" | sort -n | tail -n 1)")
    done
    awk -v name="$name" -v before="${figures[0]}" -v before_kib="${figures[1]}" \
        -v now="${figures[2]}" -v now_kib="${figures[3]}" \
        'BEGIN {printf "| %s | %.2f s | %.2f s | %.2f | %.1f MiB | %.1f MiB |\n", name, before,
                now, now / before, before_kib / 1024, now_kib / 1024}'
}

# With $CACHECTL_BEFORE, the cachectl of another version, both versions are compared.
if [[ -n ${CACHECTL_BEFORE-} ]]; then
    warm="warm $folder/records.ndjson --ttl 1h --pace full"
    echo
    echo "| write as many records | before | now | ratio | memory before | memory now |"
    echo "|---|---|---|---|---|---|"
    compare_versions "as strings" "redis flushall" "$warm --key course:{id}"
    compare_versions "those that are there already" : "$warm --key course:{id}"
    compare_versions "the same, overwritten" : "$warm --key course:{id} --if-exists overwrite"
    compare_versions "as hashes" "redis flushall" "$warm --key course:{id} --as hash"
    compare_versions "a dry run" : "$warm --key course:{id} --dry-run"
    redis flushall
fi
rm "$folder/records.ndjson" "$folder/records.resp"
