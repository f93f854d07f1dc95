// The configuration file: contexts by name, each a server and the rules that hold there.
//
//   {
//     "default_context": "dev",              // optional
//     "contexts": {
//       "prod": {
//         "url": "redis://cache.example:6379/0",
//         "cacert": "ca.pem",                // TLS, all optional: cacert, cacertdir, cert,
//         "sni": "cache.example",            //   cert_key, sni, insecure; paths as below
//         "sentinel_user": "…",              // for redis+sentinel://; and "sentinel_password",
//                                            //   "sentinel_tls" if they differ from the server
//         "policy": "policy.json",           // relative to this file
//         "protect": ["sess:*"],
//         "confirm": "always",               // or "tty", the default
//         "production": true,                // changes want this context's name
//         "read_only": true,                 // changes are refused
//         "audit_log": "audit.jsonl",        // of changes; relative to this file
//         "pace": "gentle"                   // or "normal", the default, or "full"
//       }
//     }
//   }
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/tls.hpp"
#include "redis/uri.hpp"

namespace cachectl {

/// When a command that deletes asks on a terminal for more than yes.
enum class ConfirmMode {
    tty,     // a question on a terminal, --yes without one
    always,  // the server's name must be typed, or given as --confirm NAME
};

struct ContextEntry {
    std::optional<ServerAddress> server;
    TlsOptions tls;
    std::string policy_file;  // absolute or relative to the working folder; empty: none
    std::vector<std::string> protected_patterns;
    ConfirmMode confirm = ConfirmMode::tty;
    bool production = false;
    bool read_only = false;
    std::string audit_log;          // as policy_file
    std::string pace;               // "gentle", "normal" or "full"; empty: it says nothing
    std::vector<std::string> said;  // the names of what it says, but for the server's
    int line = 0;
};

struct ConfigFile {
    std::string path;
    std::string default_context;  // empty: none; else the name of one of `contexts`
    std::map<std::string, ContextEntry> contexts;
    std::vector<std::string> warnings;

    /// The context of that name. Error(usage) if there is none; `asked_by` is what named it.
    [[nodiscard]] const ContextEntry& context(const std::string& name,
                                              const std::string& asked_by) const;
};

/// Throws Error for a glob that would not protect what its author thinks.
using CheckGlob = std::function<void(const std::string& glob)>;

/// Reads and checks the file; /dev/null is one without contexts. Error(usage) with file and line
/// for any mistake in it, and if others than its owner may write to it; a warning if everybody may
/// read a password in it.
ConfigFile read_config_file(const std::string& path, const CheckGlob& check_glob = {});
/// The same for text that is already here, of which nobody else can have written; `path` is what
/// messages call it, and the files that it names are relative to its folder.
ConfigFile parse_config_file(std::string_view text, const std::string& path,
                             const CheckGlob& check_glob = {});

}  // namespace cachectl
