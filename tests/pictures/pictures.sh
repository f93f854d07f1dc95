#!/usr/bin/env bash
# Draws the pictures of README from what cachectl shows on a terminal, of a cache in trouble. Needs
# cachectl, redis-server, redis-cli and tmux in PATH (./dev pictures).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/incident/stage.sh
source "$here/../incident/stage.sh"
terminal=(tmux -L "cachectl-pictures-$$")
end_terminal() {
    "${terminal[@]}" kill-server 2>/dev/null || true
    finish
}
trap end_terminal EXIT

# The sockets of a test have long names; what is shown is called as it would be in a real place.
cat >"$folder/config.json" <<END
{"contexts": {"prod": {"url": "unix://$socket"}}}
END
picture() { # NAME SECONDS ARG...
    local name=$1 seconds=$2
    shift 2
    "${terminal[@]}" new-session -d -x 100 -y 40 \
        "env PS1='\$ ' CACHECTL_CONTEXT=prod bash --norc --noprofile"
    sleep 0.5
    "${terminal[@]}" send-keys "clear; cachectl --config $folder/config.json $*" Enter
    sleep "$seconds"
    # The command that was typed, without what is ours alone; no blank lines at the end.
    "${terminal[@]}" capture-pane -e -p |
        sed -e "s|$socket|cache.internal|g; s| --config $folder/config.json||; s|^clear; ||" |
        sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' |
        awk -f "$here/svg.awk" >"$here/$name.svg"
    "${terminal[@]}" kill-server
    sleep 0.3
}
picture watch 65 stats --watch
picture du 3 du
picture timeline 5 ttl --timeline 1h --sample 20000
