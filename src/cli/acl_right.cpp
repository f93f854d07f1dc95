#include "cli/acl_right.hpp"

#include <array>

namespace cachectl {

namespace {

constexpr std::array k_connection = {
    AclRight{"+select", "for a database other than 0", ""},
    AclRight{"+role", "with `--read-from replica`", ""},
    AclRight{"+role", "with Sentinels", "`+info` or `+hello` tells whether it is the master"},
    AclRight{"+info", "",
             "the server may stay unknown: a walk that loses its connection begins anew"},
    AclRight{"+hello", "", "`+info` alone tells which server it is"},
    AclRight{"+client|no-touch",
             "on Redis 7.2, 7.4 and from 8.4 on, Valkey 7.2, 8.0 and from 9.0 on",
             "looking at a key counts as using it, for LRU and LFU"},
    AclRight{"+client|setname", "", "the connection has no name in CLIENT LIST"},
    AclRight{"+cluster|slots", "on a cluster", ""},
    AclRight{"+cluster|nodes", "on a cluster, for walks", ""},
    AclRight{
        "+info", "on a cluster, for walks",
        "it is not noticed when a slot is opened and given back within a fraction of a second"},
    AclRight{"+cluster|getkeysinslot", "on a cluster, for walks",
             "slots that have moved are found by walking their nodes again"},
    AclRight{"+cluster|countkeysinslot", "on a cluster, for walks in partitions",
             "it is not checked whether these have met all keys"},
    AclRight{"+cluster|myid", "on a cluster", "its first node is connected to twice"},
    AclRight{"+asking", "on a cluster, while slots are being moved", ""},
};

}  // namespace

std::span<const AclRight> connection_rights() { return k_connection; }

std::string describe(const AclRight& right) {
    std::string text(right.when.empty() ? "always" : right.when);
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    text += '.';
    if (!right.without.empty()) {
        text += " Without it " + std::string(right.without) + '.';
    }
    return text;
}

}  // namespace cachectl
