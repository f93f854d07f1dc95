// cachectl-cluster(7): working on a Redis or Valkey cluster.
#include "docs/topics.hpp"

namespace cachectl {

std::string_view cluster_topic() {
    return R"topic(cachectl-cluster(7): working on a Redis or Valkey cluster
see also: cachectl(1), cachectl-config(5)

# DESCRIPTION

Give any node of the cluster, a replica too: cachectl asks it with `CLUSTER SLOTS` which master
serves which slots and works on all of them. A single key goes to the master of its slot. A walk
visits every master, and `--whole-db` empties every master.

`--cluster off` refuses to work on a cluster, `--cluster on` on anything else; the default, auto,
takes what it finds. In case the first node is down, `-h` takes several: `-h
10.0.0.1,10.0.0.2:7001`.

# ADDRESSES

Nodes are reached at the addresses that they announce to each other. Where these do not work from
here, as is the rule with containers and behind NAT, `--node-map` says for each what to use
instead:

    cachectl keys -h 127.0.0.1 -p 7001 \
        --node-map 172.17.0.3:6379=127.0.0.1:7002 \
        --node-map 172.17.0.4:6379=127.0.0.1:7003

For good it is mended on the nodes, with `cluster-announce-ip` and `cluster-announce-port`. A node
that says it has no host is taken to be where the first node is; one that announces `?` prefers
host names and lacks `cluster-announce-hostname`.

# SLOTS THAT MOVE

Redirections (MOVED, ASK) are followed, 16 times at most. While a slot's keys are on their way
from one node to another, and while a replica takes over from its master, commands wait, for as
long as three times `--timeout`. A command whose reply was lost is sent again only if it does
nothing but read; for changes see `--retry-unknown`.

A replica that takes over may lack the last changes, and a master that was restarted the keys or
deletions that it had not saved. Where that happens while keys are changed or restored, the node is
named at the end and the exit status is 5, also after a `CLUSTER FAILOVER`, which cannot be told
from one that loses something: run the same command again.

All masters are walked at once, each at the pace that `--pace` says. A walk counts a slot only if
its master served it before and after, was not giving it away, and no other node was taking it in:
the nodes are looked at before, after, and some times a second in between. A slot that is opened
and given back meanwhile, with its keys, may show in none of these looks; so nothing counts of a
master that has, as it counts itself (`INFO commandstats`), both sent keys away and taken keys in.
For a user without `+info` there are the looks alone.

The slots that do not count are listed again, without the keys that were there before, and so is a
node that begins anew. That holds for the first 1.5 million keys, beyond which some may come twice.
Slots that still are not certain are named, and the exit status is 5. Keys that are left behind at a
node which neither serves their slot nor takes it in are out of every client's reach, and a walk
leaves them out.

# SLOTS OUT OF REACH

Before keys are changed, every slot has to have a master that answers. If some have none, they are
named, nothing is changed, and the exit status is 3 or 4. `--partial` goes on with the others;
those it left out are named again at the end, and the exit status is 5. Where
`cluster-require-full-coverage` is yes, as by default, the nodes refuse commands on keys then
(CLUSTERDOWN), and `--partial` cannot help but for `flush --whole-db`.

# ACL RIGHTS

What a user of a cluster needs besides what the commands' own pages list is on cachectl(1).

# DATABASES

A cluster has database 0 alone, unless its nodes are Valkey 9 or later with `cluster-databases`:
then `-n` chooses one, on all nodes. A database that is not there is refused with exit status 2.
)topic";
}

}  // namespace cachectl
