# shellcheck shell=bash
# Time and memory by the number of keys.
# shellcheck disable=SC2154 # common.sh sets them

echo "| list all keys, \`--pace full\` | time | cachectl's memory |"
echo "|---|---|---|"
for factor in 1 10; do
    populate $((keys * factor))
    timed "cachectl -s $socket keys --pace full" |
        awk -v n=$((keys * factor)) '{printf "| %d keys | %.2f s | %.1f MiB |\n", n, $1, $2 / 1024}'
done
