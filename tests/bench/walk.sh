# shellcheck shell=bash
# Listing, measuring and deleting keys, on a server that is near.
# shellcheck disable=SC2154 # common.sh sets them

compare_head
populate
compare "list all keys, \`--pace full\`; SCAN COUNT 1000 loop in C" true \
    "peer scan $socket" "cachectl -s $socket keys --pace full"
compare "list all keys, normal pace; redis-cli --scan" true \
    "redis-cli -s $socket --scan" "cachectl -s $socket keys"
compare "\`keys --size-over 1GB --pace full\`: MEMORY USAGE of every key; SCAN loop" true \
    "peer scan $socket" "cachectl -s $socket keys --size-over 1GB --pace full"
compare "\`keys -l --pace full\`: type, TTL, size and idle time of every key; SCAN loop" true \
    "peer scan $socket" "cachectl -s $socket keys -l --pace full"
compare "delete a ninth by pattern, \`--pace full\`; SCAN loop, grep, xargs -n 1000 redis-cli unlink" \
    populate \
    "peer scan $socket | grep '^user:1' | xargs -n 1000 redis-cli -s $socket unlink" \
    "cachectl -s $socket invalidate --yes 'user:1*' --pace full"
