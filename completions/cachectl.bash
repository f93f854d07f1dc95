# bash completion for cachectl; generated from its command tree.
# Install as /usr/share/bash-completion/completions/cachectl, or: source <(cachectl completion bash)

# Offers those of the WORDS that go on from $cur.
_cachectl_words() { # WORDS
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_cachectl_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

# Those of the lines of stdin that go on from $cur.
_cachectl_lines() {
    local line
    while IFS= read -r line; do
        if [[ $line == "$cur"* ]]; then COMPREPLY+=("$(printf %q "$line")"); fi
    done
}

# The contexts of the configuration, without a server.
_cachectl_contexts() {
    _cachectl_lines < <(cachectl context list -o plain 2>/dev/null | cut -f1)
}

# What the dumps on the line have, without a server: NAME, rows, columns with types, format.
_cachectl_dumps() {
    local word files=()
    for word in "${COMP_WORDS[@]:1}"; do
        if [[ -f $word && $word != "$cur" ]]; then files+=("$word"); fi
    done
    ((${#files[@]} == 0)) || cachectl warm --list-tables -o plain -- "${files[@]}" 2>/dev/null
}

_cachectl_tables() {
    _cachectl_lines < <(_cachectl_dumps | cut -f1)
}

# Of a list, the last.
_cachectl_columns() {
    local list=${cur%"${cur##*,}"} column
    while IFS= read -r column; do
        if [[ $list$column == "$cur"* ]]; then COMPREPLY+=("$list$column"); fi
    done < <(_cachectl_dumps | cut -f3 | sed 's/, /\n/g' | cut -d' ' -f1 | sort -u)
}

# Keys of the server that the environment or the configuration names; only where
# CACHECTL_COMPLETE_KEYS is set, and for no longer than 0.1 s.
_cachectl_found() {
    if [[ -n ${CACHECTL_COMPLETE_KEYS-} && -n $cur ]]; then
        timeout 0.1 cachectl keys --limit 50 -- "$cur*" 2>/dev/null
    fi
}

_cachectl_keys() {
    _cachectl_lines < <(_cachectl_found)
}

_cachectl_namespaces() {
    _cachectl_lines < <(_cachectl_found | while IFS= read -r key; do
        key=${key#"$cur"}
        if [[ $key == *:* ]]; then echo "$cur${key%%:*}"; fi
    done | sort -u)
}

_cachectl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' only_arguments='' word i
    COMPREPLY=()
    # --option=value comes as three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi

    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
        --) only_arguments=yes ;;
        -h | --host | -p | --port | -s | --socket | -n | --db | -u | --url | -a | --password | --user | --password-file | --cluster | --node-map | --cacert | --cacertdir | --cert | --cert-key | --sni | --sentinel | --master-name | --sentinel-tls | --sentinel-user | --sentinel-password-file | --read-from | --connect-timeout | --timeout | --wait | --context | --config | --progress | --color)
            i=$((i + 1))
            if [[ ${COMP_WORDS[i]} == = ]]; then i=$((i + 1)); fi
            ;;
        apply | audit | audit-log | capabilities | completion | context | diff | du | expire | flush | get | health | hot | invalidate | keys | restore | snapshot | stats | ttl | wait | warm)
            if [[ -z $command ]]; then command=$word; fi
            ;;
        esac
    done

    if [[ -z $only_arguments ]]; then
        case $command,$prev in
        apply,--tolerance | apply,--confirm | audit,--delimiter | audit,--sample | audit,--exclude | audit,--ttl-below | audit,--ttl-above | audit,--idle-over | audit,--size-over | audit,--members-of | audit,--limit | audit,--max-rate | audit,--max-latency | audit,--max-pause | diff,--sample | diff,--max-rate | diff,--max-latency | diff,--max-pause | du,--sample | du,--delimiter | du,--exclude | du,--ttl-below | du,--ttl-above | du,--idle-over | du,--size-over | du,--members-of | du,--limit | du,--max-rate | du,--max-latency | du,--max-pause | du,--depth | du,--largest | expire,--exclude | expire,--ttl-below | expire,--ttl-above | expire,--idle-over | expire,--size-over | expire,--members-of | expire,--limit | expire,--max-rate | expire,--max-latency | expire,--max-pause | expire,--set | expire,--cap | expire,--add | expire,--jitter | expire,--confirm | expire,--max-keys | expire,--expect | expire,--protect | expire,--delimiter | expire,--valid | flush,--exclude | flush,--max-rate | flush,--max-latency | flush,--max-pause | flush,--confirm | flush,--max-keys | flush,--expect | flush,--protect | flush,--delimiter | flush,--valid | flush,--spread | get,--field | get,--index | get,--max-value | get,--limit | health,--interval | health,--mute | hot,--exclude | hot,--interval | hot,--monitor | hot,--limit | hot,--max-rate | hot,--max-latency | hot,--max-pause | invalidate,--exclude | invalidate,--ttl-below | invalidate,--ttl-above | invalidate,--idle-over | invalidate,--size-over | invalidate,--members-of | invalidate,--limit | invalidate,--max-rate | invalidate,--max-latency | invalidate,--max-pause | invalidate,--confirm | invalidate,--max-keys | invalidate,--expect | invalidate,--protect | invalidate,--delimiter | invalidate,--valid | invalidate,--spread | keys,--exclude | keys,--ttl-below | keys,--ttl-above | keys,--idle-over | keys,--size-over | keys,--members-of | keys,--limit | keys,--max-rate | keys,--max-latency | keys,--max-pause | restore,--exclude | restore,--max-rate | restore,--max-latency | restore,--max-pause | restore,--confirm | restore,--max-keys | restore,--expect | restore,--protect | restore,--delimiter | snapshot,--sample | snapshot,--delimiter | snapshot,--exclude | snapshot,--ttl-below | snapshot,--ttl-above | snapshot,--idle-over | snapshot,--size-over | snapshot,--members-of | snapshot,--limit | snapshot,--max-rate | snapshot,--max-latency | snapshot,--max-pause | snapshot,--depth | stats,--watch | stats,--interval | ttl,--exclude | ttl,--ttl-below | ttl,--ttl-above | ttl,--idle-over | ttl,--size-over | ttl,--members-of | ttl,--limit | ttl,--max-rate | ttl,--max-latency | ttl,--max-pause | ttl,--timeline | ttl,--sample | wait,--min | wait,--hit-ratio | wait,--replica-lag | wait,--within | warm,--rows | warm,--delimiter | warm,--header | warm,--types | warm,--null | warm,--max-unpacked | warm,--key | warm,--value | warm,--collect-by | warm,--group | warm,--max-memory | warm,--ttl | warm,--jitter | warm,--refresh-below | warm,--protect | warm,--verify-sample | warm,--max-keys | warm,--expect | warm,--set | warm,--confirm | warm,--max-errors | warm,--max-rate | warm,--max-latency | warm,--max-pause)
            return
            ;;
        apply,-o | apply,--output | audit-log,-o | audit-log,--output | context,-o | context,--output | expire,-o | expire,--output | flush,-o | flush,--output | get,-o | get,--output | invalidate,-o | invalidate,--output | restore,-o | restore,--output | wait,-o | wait,--output)
            _cachectl_words 'table plain json ndjson markdown'
            return
            ;;
        apply,--audit-log | audit,--policy | audit,--baseline | audit,--keys-from | du,--keys-from | du,--to | expire,--keys-from | expire,--policy | expire,--plan | expire,--backup | expire,--audit-log | flush,--policy | flush,--plan | flush,--backup | flush,--audit-log | health,--policy | health,--to | invalidate,--keys-from | invalidate,--policy | invalidate,--plan | invalidate,--backup | invalidate,--audit-log | keys,--keys-from | restore,--keys-from | restore,--repair | restore,--policy | restore,--audit-log | snapshot,--keys-from | stats,--to | ttl,--keys-from | warm,--files-from | warm,--manifest | warm,--policy | warm,--backup | warm,--reject-file | warm,--journal | warm,--audit-log)
            _cachectl_files
            return
            ;;
        audit,--type | du,--type | expire,--type | invalidate,--type | keys,--type | snapshot,--type | ttl,--type)
            _cachectl_words 'string list set zset hash stream'
            return
            ;;
        audit,--pace | diff,--pace | du,--pace | expire,--pace | flush,--pace | hot,--pace | invalidate,--pace | keys,--pace | restore,--pace | snapshot,--pace | ttl,--pace | warm,--pace)
            _cachectl_words 'gentle normal full'
            return
            ;;
        audit,--walk | du,--walk | expire,--walk | flush,--walk | invalidate,--walk | keys,--walk | snapshot,--walk | ttl,--walk)
            _cachectl_words 'auto plain partitioned'
            return
            ;;
        audit,-o | audit,--output)
            _cachectl_words 'table plain json ndjson csv sarif junit github markdown'
            return
            ;;
        capabilities,-o | capabilities,--output)
            _cachectl_words 'table plain json markdown'
            return
            ;;
        diff,-o | diff,--output | hot,-o | hot,--output | keys,-o | keys,--output | ttl,-o | ttl,--output | warm,-o | warm,--output)
            _cachectl_words 'table plain json ndjson csv markdown'
            return
            ;;
        du,--by)
            _cachectl_words 'namespace type ttl encoding node slot rule'
            return
            ;;
        du,-o | du,--output)
            _cachectl_words 'table plain json ndjson csv prometheus folded ncdu markdown'
            return
            ;;
        health,--fail-on)
            _cachectl_words 'warn crit'
            return
            ;;
        health,-o | health,--output)
            _cachectl_words 'table plain json nagios prometheus markdown'
            return
            ;;
        hot,--method)
            _cachectl_words 'hotkeys slot-stats freq idle'
            return
            ;;
        keys,--sort)
            _cachectl_words 'size ttl idle name'
            return
            ;;
        stats,-o | stats,--output)
            _cachectl_words 'table plain json ndjson csv prometheus markdown'
            return
            ;;
        wait,--keys | warm,--collect | warm,--sync | warm,--switch)
            _cachectl_keys
            return
            ;;
        warm,--format)
            _cachectl_words 'json ndjson csv tsv sql'
            return
            ;;
        warm,--as)
            _cachectl_words 'json string hash list set zset'
            return
            ;;
        warm,--columns | warm,--where)
            _cachectl_columns
            return
            ;;
        warm,--table)
            _cachectl_tables
            return
            ;;
        warm,--dialect)
            _cachectl_words 'auto postgres mysql sqlite generic'
            return
            ;;
        warm,--binary)
            _cachectl_words 'base64 hex raw'
            return
            ;;
        warm,--if-exists)
            _cachectl_words 'skip overwrite refresh update'
            return
            ;;
        warm,--if-unavailable)
            _cachectl_words 'skip fail'
            return
            ;;
        *,-h | *,--host | *,-p | *,--port | *,-n | *,--db | *,-u | *,--url | *,-a | *,--password | *,--user | *,--node-map | *,--sni | *,--sentinel | *,--master-name | *,--sentinel-user | *,--connect-timeout | *,--timeout | *,--wait)
            return
            ;;
        *,-s | *,--socket | *,--password-file | *,--cacert | *,--cacertdir | *,--cert | *,--cert-key | *,--sentinel-password-file | *,--config)
            _cachectl_files
            return
            ;;
        *,--cluster | *,--sentinel-tls)
            _cachectl_words 'auto on off'
            return
            ;;
        *,--read-from)
            _cachectl_words 'replica'
            return
            ;;
        *,--context)
            _cachectl_contexts
            return
            ;;
        *,--progress)
            _cachectl_words 'auto plain none'
            return
            ;;
        *,--color)
            _cachectl_words 'auto always never'
            return
            ;;
        esac
    fi

    local options=
    case $command in
    apply) options='--tolerance --dry-run -y --yes --confirm -o --output --json --audit-log' ;;
    audit) options='--policy --baseline --suggest --delimiter --exact --sample --exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique -o --output --json' ;;
    audit-log) options='-o --output --json' ;;
    capabilities) options='-o --output --json' ;;
    completion) options='' ;;
    context) options='-o --output --json' ;;
    diff) options='--exact --sample --pace --max-rate --max-latency --max-pause -o --output --json' ;;
    du) options='--exact --sample --delimiter --exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique --by --depth --largest -o --output --json --to' ;;
    expire) options='--exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique --set --cap --add --remove --jitter --dry-run -y --yes --confirm --max-keys --expect --protect --policy --delimiter --fail-if-none -o --output --json --retry-unknown --partial --plan --valid --backup --allow-slow-dump --all --include-neighbours --audit-log' ;;
    flush) options='--whole-db --all-dbs --exclude --pace --max-rate --max-latency --max-pause --walk --unique --dry-run -y --yes --confirm --max-keys --expect --protect --policy --delimiter --fail-if-none -o --output --json --retry-unknown --partial --plan --valid --backup --allow-slow-dump --spread --include-neighbours --allow-del --audit-log' ;;
    get) options='--field --index --max-value --limit --raw -o --output --json' ;;
    health) options='--interval --policy --mute --fail-on --no-keys --all -o --output --json --to' ;;
    hot) options='--exclude --method --interval --monitor --limit --pace --max-rate --max-latency --max-pause -o --output --json' ;;
    invalidate) options='--exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique --and-set --dry-run -y --yes --confirm --max-keys --expect --protect --policy --delimiter --fail-if-none -o --output --json --retry-unknown --partial --plan --valid --backup --allow-slow-dump --spread --all --include-neighbours --allow-del --audit-log' ;;
    keys) options='--exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique -l --long --sort --count -o --output --json' ;;
    restore) options='--exclude --keys-from -0 --null --print0 --escaped --list --replace --allow-eviction --repair --any-version --pace --max-rate --max-latency --max-pause --dry-run -y --yes --confirm --max-keys --expect --protect --policy --delimiter --fail-if-none -o --output --json --audit-log' ;;
    snapshot) options='--exact --sample --delimiter --exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique --depth' ;;
    stats) options='--watch --interval -o --output --json --to' ;;
    ttl) options='--exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from -0 --null --print0 --escaped --members-of --limit --pace --max-rate --max-latency --max-pause --walk --unique --summary --timeline --sample -o --output --json' ;;
    wait) options='--keys --min --hit-ratio --replica-lag --ready --within -o --output --json' ;;
    warm) options='--files-from --manifest --list-tables --format --rows --delimiter --header --types --null --max-unpacked --key --as --value --columns --where --collect --collect-by --group --max-memory --table --dialect --binary --no-backslash-escapes --ttl --jitter --if-exists --refresh-below --protect --policy --allow-eviction --verify --verify-sample --partial --max-keys --expect --fail-if-none --dry-run --set --sync --switch --backup --allow-slow-dump -y --yes --confirm --allow-del --max-errors --reject-file --resume --journal --if-unavailable --pace --max-rate --max-latency --max-pause -o --output --json --audit-log' ;;
    esac
    if [[ -z $only_arguments && $cur == -* ]]; then
        _cachectl_words "$options --help -V --version -h --host -p --port -s --socket -n --db -u --url -a --password --user --askpass --password-file --cluster --node-map --tls --cacert --cacertdir --cert --cert-key --sni --insecure --sentinel --master-name --sentinel-tls --sentinel-user --sentinel-password-file --read-from --connect-timeout --timeout --wait --context --config --quiet --progress --no-progress --csv-safe --color"
        return
    fi

    case $command in
    '') _cachectl_words 'apply audit audit-log capabilities completion context diff du expire flush get health hot invalidate keys restore snapshot stats ttl wait warm' ;;
    audit) _cachectl_keys ;;
    audit-log) if [[ $prev == audit-log ]]; then _cachectl_words 'verify'; else _cachectl_files; fi ;;
    completion) _cachectl_words 'bash zsh fish' ;;
    context) _cachectl_words 'list show check' ;;
    du) _cachectl_namespaces ;;
    expire) _cachectl_keys ;;
    flush) _cachectl_namespaces ;;
    get) _cachectl_keys ;;
    hot) _cachectl_keys ;;
    invalidate) _cachectl_keys ;;
    keys) _cachectl_keys ;;
    restore) if [[ $prev == restore ]]; then _cachectl_files; else _cachectl_keys; fi ;;
    snapshot) if [[ $prev == snapshot ]]; then _cachectl_files; else _cachectl_namespaces; fi ;;
    stats) _cachectl_words 'overview memory keyspace sizes commands clients slow latency replication all' ;;
    ttl) _cachectl_keys ;;
    wait) _cachectl_keys ;;
    warm) _cachectl_files ;;
    esac
}

complete -F _cachectl cachectl
