# shellcheck shell=bash
# A server that is 20 ms away: a relay holds each byte for 10 ms in each direction. The other
# client is near the server, so what it waits is what the server makes it wait.
# shellcheck disable=SC2154 # common.sh sets them

far=$folder/far.sock
start peer relay "$far" "$socket" 10
until [[ -S $far ]]; do sleep 0.05; done

over_link() { # NAME COMMAND
    local round p99
    : >"$folder/seconds"
    : >"$folder/p99"
    for ((round = 0; round < rounds; round++)); do
        begin=$(date +%s.%N)
        bash -c "exec $2" >/dev/null 2>"$folder/stderr" &
        peer latency "$socket" $! "$folder/samples" >"$folder/waits"
        wait $! || cat "$folder/stderr" >&2
        end=$(date +%s.%N)
        awk -v a="$begin" -v b="$end" 'BEGIN {print b - a}' >>"$folder/seconds"
        awk '{print $2}' "$folder/waits" >>"$folder/p99"
    done
    p99=$(median <"$folder/p99")
    median <"$folder/seconds" | awk -v name="$1" -v p99="$p99" \
        '{printf "| %s | %.2f s | %.2f ms |\n", name, $1, p99}'
}

echo "| list all keys over a round trip of 20 ms | time | another client's GET, p99 |"
echo "|---|---|---|"
populate
rounds=1 over_link "SCAN COUNT 1000 loop in C" "peer scan $far"
over_link "cachectl keys \`--pace full\`" "cachectl -s $far keys --pace full --no-progress"
over_link "cachectl keys, normal pace" "cachectl -s $far keys --no-progress"
