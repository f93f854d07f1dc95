# shellcheck shell=bash
# What du costs, and whether the limits of its estimates hold the truth.
# shellcheck disable=SC2154 # common.sh sets them

# Debian's valkey-cli walks with a larger COUNT; redis-cli takes ten keys at a time.
memkeys="redis-cli -s $socket --memkeys"
for server in ../../build/servers/valkey-*/root/usr/bin/valkey-cli; do
    [[ -x $server ]] || continue
    root=${server%/usr/bin/valkey-cli}
    loader=$(find "$root" -name 'ld-linux*.so.*' | sort | head -n 1)
    libraries=$(find "$root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
    memkeys="$loader --library-path $libraries $server -s $socket --memkeys --count 1000"
done

compare_head
populate
compare "memory of every key: \`du --exact --pace full\`; $([[ $memkeys == redis-cli* ]] &&
    echo redis-cli --memkeys || echo 'valkey-cli --memkeys --count 1000')" \
    true "$memkeys" "cachectl -s $socket du --exact --pace full"

before=$(server_cpu)
runs=20
for ((i = 0; i < runs; i++)); do cachectl -s "$socket" du >/dev/null; done
awk -v before="$before" -v after="$(server_cpu)" -v runs="$runs" 'BEGIN {
    printf "\ndu of a sample: %.0f ms of the server'"'"'s CPU\n", (after - before) * 1000 / runs}'
timed "cachectl -s $socket du" | awk '{printf "du of a sample: %.3f s, %.1f MiB\n", $1, $2 / 1024}'

# Keyspaces whose sizes are of one kind, of several, and far from even.
keyspace() { # KIND
    redis flushall
    redis eval "math.randomseed(7)
        for i = 1, $((keys / 5)) do
            local size = 100
            if ARGV[1] == 'mixed' then size = i % 7 == 0 and 2000 or i % 50 end
            if ARGV[1] == 'skewed' then size = math.floor(math.exp(4 + 1.3 * math.sqrt(-2 *
                math.log(math.random())) * math.cos(6.2831853 * math.random()))) end
            redis.call('SET', (i % 10 == 0 and 'rare:' or i % 3 == 0 and 'some:' or 'most:') .. i,
                string.rep('x', size))
        end" 0 "$1"
}
bytes_of() { # JSON-FILE NAMESPACE: bytes bytes_low bytes_high
    awk -v name="$2" -F'[:,{}]+ *' 'index($0, "\"namespace\": \"" name "\"") {
        for (i = 1; i < NF; i++) if ($i ~ /^ *"bytes/) { gsub(/[" ]/, "", $i); v[$i] = $(i + 1) }
        print v["bytes"], v["bytes_low"], v["bytes_high"] }' "$1"
}
samples=${SAMPLES:-500}
echo
echo "| sizes | namespace | samples | the truth is within the limits |"
echo "|---|---|---|---|"
for kind in even mixed skewed; do
    keyspace "$kind"
    cachectl -s "$socket" du --exact --json >"$folder/exact.json"
    for ((i = 0; i < samples; i++)); do
        cachectl -s "$socket" du --json --largest 0 --pace full >"$folder/$i.json"
    done
    for name in most some rare; do
        truth=$(bytes_of "$folder/exact.json" "$name" | cut -d' ' -f1)
        for ((i = 0; i < samples; i++)); do bytes_of "$folder/$i.json" "$name"; done |
            awk -v truth="$truth" -v kind="$kind" -v name="$name" '
                {n++; within += $2 <= truth && truth <= $3}
                END {printf "| %s | %s | %d | %.1f %% |\n", kind, name, n, 100 * within / n}'
    done
    rm "$folder"/*.json
done
