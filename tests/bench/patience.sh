# shellcheck shell=bash
# What another client waits meanwhile, and how much of the server's time the work takes. Writes
# the plot latency.svg beside this script.
# shellcheck disable=SC2154 # common.sh sets them

plots=()
waits() { # NAME COMMAND
    local cpu begin end name=$1 samples
    samples=$folder/samples.${#plots[@]}
    populate
    sleep 1 # the server frees what was there before in the background
    cpu=$(server_cpu)
    begin=$(date +%s.%N)
    bash -c "exec $2" >/dev/null 2>"$folder/stderr" &
    local pid=$! p50 p99 longest
    read -r p50 p99 longest < <(peer latency "$socket" "$pid" "$samples")
    wait "$pid" || cat "$folder/stderr" >&2
    end=$(date +%s.%N)
    awk -v name="$name" -v a="$begin" -v b="$end" -v cpu="$cpu" -v now="$(server_cpu)" \
        -v p50="$p50" -v p99="$p99" -v longest="$longest" \
        'BEGIN {printf "| %s | %.2f s | %.0f %% | %s ms | %s ms | %s ms |\n", name, b - a,
                100 * (now - cpu) / (b - a), p50, p99, longest}'
    plots+=("$name" "$samples")
}

echo "| beside | it takes | server's CPU | GET p50 | p99 | longest |"
echo "|---|---|---|---|---|---|"
waits "nothing" "sleep 2"
waits "redis-cli --scan" "redis-cli -s $socket --scan"
waits "SCAN COUNT 1000 loop in C" "peer scan $socket"
waits "redis-cli KEYS" "redis-cli -s $socket keys '*'"
waits "cachectl keys --pace full" "cachectl -s $socket keys --pace full"
waits "cachectl keys" "cachectl -s $socket keys"
waits "cachectl keys --pace gentle" "cachectl -s $socket keys --pace gentle"
waits "cachectl keys -l" "cachectl -s $socket keys -l"
waits "cachectl invalidate 'user:1*'" "cachectl -s $socket invalidate --yes 'user:1*'"
peer plot "${plots[@]}" >latency.svg
