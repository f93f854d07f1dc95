// Which server, as whom, with which patience: resolved from flags, environment and configuration,
// and for each value where it came from.
//
// Order: flag > environment > context in the configuration file > default 127.0.0.1:6379; but a
// context that --context names stands above the environment. Each of host, port, user, password
// and database is taken from the highest place that gives it, and:
// - A URL gives all of them at once: what it leaves out is the default, not what a lower place
//   says. Single flags stand above -u, so `-u URL -n 2` is that server's database 2.
// - User, password and database belong to the server that they were given with: where a higher
//   place names another host, socket or master, they are not used, and a warning says so.
// - Of the environment, CACHECTL_URL counts, else REDIS_URL, else REDIS_HOST, REDIS_PORT,
//   REDIS_PASSWORD and REDIS_DB, which belong together. An empty variable is as good as none.
// - What is overridden is not parsed: a broken REDIS_PORT stops nobody who says -u.
// - REDISCLI_AUTH is the password of whatever server, where nothing else gives one; as redis-cli
//   does with -u.
// - A host or a port means TCP, and takes the place of a Unix socket from a lower place; a socket
//   takes the place of host and port.
// - Sentinels take the place of host and port, and the other way round.
// - The certificates, keys and names for TLS belong to the server: a URL from a higher place puts
//   those of the context aside.
// - A context's policy, protected patterns, confirmation, audit log and pace, and that it is one of
//   production or only for looking, hold even where a flag or a variable names another server; that
//   a variable does is a warning.
// Nothing is ever read from the current directory.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config_file.hpp"
#include "redis/cluster/address.hpp"
#include "redis/tls.hpp"
#include "redis/uri.hpp"

namespace cachectl {

/// The connection flags as they were typed; resolve_settings() checks them.
struct ConnectionFlags {
    std::optional<std::string> host;                    // -h
    std::optional<std::string> port;                    // -p
    std::optional<std::string> socket;                  // -s
    std::optional<std::string> db;                      // -n
    std::optional<std::string> url;                     // -u
    std::optional<std::string> password;                // -a
    std::optional<std::string> user;                    // --user
    bool askpass = false;                               // --askpass
    std::optional<std::string> password_file;           // --password-file
    std::optional<std::string> sentinel;                // --sentinel
    std::optional<std::string> master_name;             // --master-name
    std::optional<std::string> sentinel_tls;            // --sentinel-tls
    std::optional<std::string> sentinel_user;           // --sentinel-user
    std::optional<std::string> sentinel_password_file;  // --sentinel-password-file
    std::optional<std::string> read_from;               // --read-from
    std::optional<std::string> cluster;                 // --cluster
    std::vector<std::string> node_map;                  // --node-map
    bool tls = false;                                   // --tls
    std::optional<std::string> cacert;                  // --cacert
    std::optional<std::string> cacertdir;               // --cacertdir
    std::optional<std::string> cert;                    // --cert
    std::optional<std::string> cert_key;                // --cert-key
    std::optional<std::string> sni;                     // --sni
    bool insecure = false;                              // --insecure
    std::optional<std::string> connect_timeout;         // --connect-timeout
    std::optional<std::string> timeout;                 // --timeout
    std::optional<std::string> wait;                    // --wait
    std::optional<std::string> context;                 // --context
    std::optional<std::string> config;                  // --config
};

/// Looks a variable up; absent if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// Asks a person for the password, for --askpass.
using AskPassword = std::function<std::string()>;

/// A database of the server that is not the one that is meant, and a context that guards it.
struct GuardedDatabase {
    std::string context;
    unsigned number;
};

struct Settings {
    ServerAddress address;
    /// Of a cluster: where to ask if `address` is out of reach; port 0 is that of `address`.
    std::vector<HostPort> other_hosts;
    TlsOptions tls;  // where the address asks for TLS
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds wait{0};  // for a server that is LOADING
    UseCluster cluster = UseCluster::automatic;
    NodeMap node_map;
    std::vector<std::string> connection_words;  // config/connection_words.hpp
    std::string config_file;                    // by --config; empty: the usual one
    std::string context;                        // empty: none
    unsigned context_database = 0;              // that it names, be it ours or not
    std::vector<std::string> protected_patterns;
    std::string policy_file;  // empty: none
    ConfirmMode confirm = ConfirmMode::tty;
    bool production = false;         // changes want the context's name
    bool read_only = false;          // changes are refused
    std::string audit_log;           // empty: none
    bool context_is_chosen = false;  // by --context, and not by a variable or as the default
    /// Whether the server is the one that the context names, and not another of a flag or a
    /// variable.
    bool server_is_of_context = false;
    std::vector<GuardedDatabase> other_databases;
    std::string pace;          // "gentle", "normal" or "full", by the context; empty: not said
    std::string state_folder;  // where this program keeps its state; empty: nowhere
    bool no_color = false;     // NO_COLOR is set and not empty (no-color.org)
    /// By the name of the value ("host", "port", "socket", "db", "user", "password", "context",
    /// those of flags and of what a context says): "-p", "REDIS_PORT", "context 'prod'
    /// (FILE:LINE)" or "default". Those that say nothing are not in it, but for the server's.
    std::map<std::string, std::string> sources;
    std::vector<std::string> warnings;  // for stderr; never with a password
};

/// Throws Error(usage) that names the flag, the variable, or file and line. `ask_password` is
/// called at most once, and only when `flags.askpass` is set and everything else is in order;
/// `check_glob` for what a context protects.
Settings resolve_settings(const ConnectionFlags& flags, const Environment& environment,
                          const AskPassword& ask_password = {}, const CheckGlob& check_glob = {});

/// The environment of this process.
Environment process_environment();

}  // namespace cachectl
