# shellcheck shell=bash
# A command that looks at one key, from its start to its end, a hundred times; over the link the
# time of connecting is left out, because the relay answers that at once.
# shellcheck disable=SC2154 # common.sh sets them

hundred() { # COMMAND
    echo "for ((i = 0; i < 100; i++)); do $1; done"
}

redis flushall
redis set user:1 v
far=$folder/far-start.sock
start peer relay "$far" "$socket" 10
until [[ -S $far ]]; do sleep 0.05; done

compare_head
compare "a hundred times \`keys KEY\`, on this machine; redis-cli get" : \
    "$(hundred "redis-cli -s $socket get user:1")" \
    "$(hundred "cachectl -s $socket keys user:1")"
compare "the same, over a round trip of 20 ms" : \
    "$(hundred "redis-cli -s $far get user:1")" \
    "$(hundred "cachectl -s $far keys user:1")"
