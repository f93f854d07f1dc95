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
        -h | --host | -p | --port | -s | --socket | -n | --db | -u | --url | -a | --password | --user | --password-file | --connect-timeout | --timeout | --wait | --context | --config | --color)
            i=$((i + 1))
            if [[ ${COMP_WORDS[i]} == = ]]; then i=$((i + 1)); fi
            ;;
        completion | keys)
            if [[ -z $command ]]; then command=$word; fi
            ;;
        esac
    done

    if [[ -z $only_arguments ]]; then
        case $command,$prev in
        keys,--exclude | keys,--ttl-below | keys,--ttl-above | keys,--idle-over | keys,--size-over | keys,--limit)
            return
            ;;
        keys,--type)
            _cachectl_words 'string list set zset hash stream'
            return
            ;;
        keys,--keys-from)
            _cachectl_files
            return
            ;;
        keys,-o | keys,--output)
            _cachectl_words 'table plain json ndjson csv'
            return
            ;;
        *,-h | *,--host | *,-p | *,--port | *,-n | *,--db | *,-u | *,--url | *,-a | *,--password | *,--user | *,--connect-timeout | *,--timeout | *,--wait | *,--context)
            return
            ;;
        *,-s | *,--socket | *,--password-file | *,--config)
            _cachectl_files
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
    completion) options='' ;;
    keys) options='--exclude --type --no-ttl --ttl-below --ttl-above --idle-over --size-over --keys-from --null --limit -l --long -0 --print0 -o --output --json' ;;
    esac
    if [[ -z $only_arguments && $cur == -* ]]; then
        _cachectl_words "$options --help -V --version -h --host -p --port -s --socket -n --db -u --url -a --password --user --askpass --password-file --connect-timeout --timeout --wait --context --config --quiet --no-progress --color"
        return
    fi

    case $command in
    '') _cachectl_words 'completion keys' ;;
    completion) _cachectl_words 'bash zsh fish' ;;
    esac
}

complete -F _cachectl cachectl
