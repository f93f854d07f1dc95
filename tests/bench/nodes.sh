# shellcheck shell=bash
# The same keys on one server and spread over the six masters of a cluster.
# shellcheck disable=SC2154 # common.sh sets them

warm_all() { # ADDRESS…
    cachectl "$@" warm "$folder/keys.ndjson" --key 'user:{id}' --ttl 1h --pace full --quiet >/dev/null 2>&1
}

addresses=()
for node in 1 2 3 4 5 6; do
    port=$(free_port)
    mkdir "$folder/$node"
    start redis-server --port "$port" --bind 127.0.0.1 --cluster-enabled yes --save '' \
        --dir "$folder/$node" --daemonize no
    until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done
    addresses+=("127.0.0.1:$port")
done
redis-cli --cluster create "${addresses[@]}" --cluster-yes >/dev/null
until [[ $(redis-cli -p "$port" cluster info) == *cluster_state:ok* ]]; do sleep 0.1; done

peer ndjson "$keys" >"$folder/keys.ndjson"
redis flushall
warm_all -s "$socket"
warm_all -p "$port"
rm "$folder/keys.ndjson"
compare_head
compare "list all keys of six masters, \`--pace full\`; the same keys on one server" true \
    "cachectl -s $socket keys --pace full" "cachectl -p $port keys --pace full"
compare "list all keys of six masters, normal pace; the same keys on one server" true \
    "cachectl -s $socket keys" "cachectl -p $port keys"
