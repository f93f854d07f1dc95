#!/usr/bin/env bash
# Fetches servers of other versions for `./dev matrix` from Debian's own archives: FOLDER/NAME/server
# becomes a program that runs as redis-server does. Nothing is installed: each server's packages are
# unpacked beside each other with all that they depend on, libc included, so that a server of a
# newer Debian runs on this one.
set -euo pipefail

folder=${1:?usage: servers.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# name, suites to take packages from (the last wins), package, program
servers=(
    "valkey-8.0|bookworm bookworm-backports|valkey-tools/bookworm-backports|valkey-check-rdb|valkey-server"
    "valkey-8.1|trixie|valkey-tools|valkey-check-rdb|valkey-server"
    "valkey-9|trixie sid|valkey-tools/sid|valkey-check-rdb|valkey-server"
    "redis-8.0|trixie|redis-tools|redis-check-rdb|redis-server"
    "redis-newest|trixie sid|redis-tools/sid|redis-check-rdb|redis-server"
    "redict|bookworm bookworm-backports|redict-tools/bookworm-backports|redict-check-rdb|redict-server"
)

# The mirror that this machine already uses, and nothing of the machine's own package state.
# shellcheck disable=SC2016 # it is apt that fills in $(REPO_URI)
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' |
    sort -u | head -n 1)
[[ -n $mirror ]] || {
    echo "servers.sh: apt knows no archive of Debian" >&2
    exit 1
}

fetch() { # NAME SUITES PACKAGE
    local state=$folder/$1/apt suite
    mkdir -p "$state"/{lists/partial,cache/archives/partial,parts}
    : >"$state/status"
    for suite in $2; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >"$state/sources.list"
    local apt=(apt-get -q
        -o "Dir::Etc::SourceList=$state/sources.list" -o "Dir::Etc::SourceParts=$state/parts"
        -o "Dir::Etc::Preferences=/dev/null" -o "Dir::Etc::PreferencesParts=$state/parts"
        -o "Dir::State::Lists=$state/lists" -o "Dir::State::Status=$state/status"
        -o "Dir::Cache=$state/cache" -o "Debug::NoLocking=1" -o "APT::Sandbox::User="
        -o "Acquire::Languages=none")
    "${apt[@]}" update
    "${apt[@]}" -y --no-install-recommends --download-only install "$3"
}

unpack() { # NAME PROGRAM CALLED
    local root=$folder/$1/root package loader
    mkdir -p "$root"
    for package in "$folder/$1"/apt/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$root"
    done
    loader=$(find "$root" -name 'ld-linux*.so.*' | sort | head -n 1)
    local libraries
    libraries=$(find "$root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
    # The program looks at the name that it is called by.
    cat >"$folder/$1/server" <<END
#!/bin/sh
exec '$loader' --argv0 '$3' --library-path '$libraries' '$root/usr/bin/$2' "\$@"
END
    chmod +x "$folder/$1/server"
}

for server in "${servers[@]}"; do
    IFS='|' read -r name suites package program called <<<"$server"
    if [[ ! -x $folder/$name/server ]]; then
        rm -rf "${folder:?}/$name"
        fetch "$name" "$suites" "$package" >&2
        unpack "$name" "$program" "$called"
        rm -rf "$folder/$name/apt"
    fi
    "$folder/$name/server" --version >&2
done
