# shellcheck shell=bash
# The same walk with and without TLS, over TCP on the loopback.
# shellcheck disable=SC2154 # common.sh sets them

cert=$folder/server.pem
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$folder/server.key" -out "$cert" 2>/dev/null
plain_port=$(free_port)
tls_port=$(free_port)
redis config set port "$plain_port" tls-cert-file "$cert" tls-key-file "$folder/server.key" \
    tls-ca-cert-file "$cert" tls-auth-clients no tls-port "$tls_port"

compare_head
populate
compare "list all keys over TLS, \`--pace full\`; the same over TCP" true \
    "cachectl -p $plain_port keys --pace full" \
    "cachectl -p $tls_port --tls --cacert $cert keys --pace full"
compare "list all keys over TLS, \`--pace full\`; redis-cli --tls --scan" true \
    "redis-cli -p $tls_port --tls --cacert $cert --scan" \
    "cachectl -p $tls_port --tls --cacert $cert keys --pace full"
redis config set tls-port 0 port 0
