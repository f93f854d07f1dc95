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
rm "$folder/records.ndjson" "$folder/records.resp"
