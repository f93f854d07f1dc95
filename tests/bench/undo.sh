# shellcheck shell=bash
# What a backup costs beside the deletion alone, and a restoration beside the same RESTOREs.
# shellcheck disable=SC2154 # common.sh sets them

backup=$folder/backup.rdb
# shellcheck disable=SC2317 # compare calls it
populate_without_backup() {
    rm -f "$backup"
    populate
}

compare_head
populate
peer restores "$socket" >"$folder/restores.resp"
compare "delete all keys with \`--backup\`, \`--pace full\`; the same without" \
    populate_without_backup \
    "cachectl -s $socket invalidate --yes 'user:*' --pace full" \
    "cachectl -s $socket invalidate --yes 'user:*' --pace full --backup $backup"
compare "\`restore\` them, \`--pace full\`; redis-cli --pipe of ready-made RESTOREs" \
    "redis flushall" \
    "redis-cli -s $socket --pipe <$folder/restores.resp" \
    "cachectl -s $socket restore $backup --yes --pace full"
rm "$folder/restores.resp" "$backup"
