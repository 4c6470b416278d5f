"""Rules whose answer depends on what the kernel keeps, and translations to one of several: a packet in each."""

from tests.kernel.paths import ROUTED, Commands, Situation, changed

_LOST, _UNSERVED = "dropped", 86
_C3, _C3_SIX = "10.2.0.2", "2001:db8:2::2"


def _behind(name: str, *rules: str, lost: bool, port: int = 0, to: str = _C3, back: str = "delivered") -> Situation:
    """Rules at the host between two bridges."""
    return Situation(
        name,
        ROUTED,
        to,
        _LOST if lost else "delivered",
        "host br1" if lost else "c3 eth0",
        seen="host br0" if lost else None,
        port=port,
        listen={"c3": ("::", port)} if port else {},
        back=back,
        back_at="c1 eth0" if back == "delivered" else "host br0",
        rules={"host": rules},
    )


def _dropping(match: str, tool: str = "iptables-nft") -> str:
    return f"{tool} -A FORWARD {match} -j DROP"


_SHUT = "iptables-nft -P FORWARD DROP"
_NFT = (
    "nft 'add table inet t; add chain inet t c { type filter hook forward priority 0; policy POLICY; }'",
    "nft 'add rule inet t c RULE'",
)


def _nft(rule: str, policy: str = "accept") -> tuple[str, ...]:
    return tuple(command.replace("POLICY", policy).replace("RULE", rule) for command in _NFT)


LIMITS = (
    _behind("a limit with room", _SHUT, "iptables-nft -A FORWARD -m limit --limit 1/hour -j ACCEPT", lost=False),
    _behind(
        "a limit of iptables-legacy with room",
        "iptables-legacy -P FORWARD DROP",
        "iptables-legacy -A FORWARD -m limit --limit 1/hour -j ACCEPT",
        lost=False,
    ),
    _behind(
        "a limit with room for one packet, which needs two",
        _SHUT,
        "iptables-nft -A FORWARD -m limit --limit 1/hour --limit-burst 1 -j ACCEPT",
        lost=False,
        back="undecided",
    ),
    _behind("a limit that drops what is within", *_nft("limit rate 1/hour counter drop"), lost=True),
    _behind("a limit that nothing is over yet", *_nft("counter limit rate over 1/hour burst 9 packets drop"), lost=False),
    _behind("a limit that changes nothing", *_nft("limit rate 1 bytes/second accept"), lost=False),
    _behind("a limit that changes nothing before a policy", *_nft("limit rate over 1/hour drop", "drop"), lost=True),
)
_DYNAMIC = "nft 'add table inet t; add set inet t s { type ipv4_addr; flags dynamic; size 99; }'"
OBJECTS = (
    _behind("a counter with a name", "nft 'add table inet t; add counter inet t n'", *_nft("counter name n drop"), lost=True),
    _behind("a source that a rule notes in a set", _DYNAMIC, *_nft("add @s { ip saddr } counter"), lost=False),
    _behind("a source that a rule notes in a set and drops", _DYNAMIC, *_nft("update @s { ip saddr counter } drop"), lost=True),
    _behind(
        "an element with a limit, and nothing to do",
        _DYNAMIC,
        *_nft("add @s { ip saddr limit rate 1/hour }"),
        lost=False,
    ),
)
_SEEN = "-m recent --name bad"
_NOTED = "sh -c 'echo +10.1.0.2 > /proc/net/xt_recent/bad'"
RECENT = (
    _behind("a source that is not in a list", _dropping(f"{_SEEN} --rcheck"), lost=False),
    _behind("a source that is in a list", _dropping(f"{_SEEN} --rcheck"), _NOTED, lost=True),
    _behind("a destination that is not in a list", _dropping(f"{_SEEN} --rcheck --rdest"), _NOTED, lost=False, back=_LOST),
    _behind(
        "a source that a rule puts into a list",
        f"iptables-nft -A FORWARD {_SEEN} --set",
        _dropping(f"{_SEEN} --rcheck"),
        lost=True,
    ),
    _behind(
        "a source that an earlier hook puts into a list",
        f"iptables-nft -t mangle -A PREROUTING {_SEEN} --set",
        _dropping(f"{_SEEN} --update --seconds 60"),
        lost=True,
    ),
    _behind(
        "a source that opens no more than it may",
        f"iptables-nft -A FORWARD -m conntrack --ctstate NEW {_SEEN} --set",
        _dropping(f"-m conntrack --ctstate NEW {_SEEN} --update --seconds 60 --hitcount 4"),
        lost=False,
    ),
    _behind(
        "a source that has come too often",
        _dropping(f"{_SEEN} --rcheck --hitcount 3"),
        *[_NOTED] * 3,
        lost=True,
    ),
    _behind("a source that has not come too often", _dropping(f"{_SEEN} --rcheck --hitcount 4"), *[_NOTED] * 3, lost=False),
    _behind(
        "a source that a rule takes out of a list",
        f"iptables-nft -A FORWARD {_SEEN} --remove",
        _dropping(f"{_SEEN} --rcheck"),
        _NOTED,
        lost=False,
    ),
    _behind(
        "a network in a list",
        _dropping(f"{_SEEN} --rcheck --mask 255.255.255.0"),
        "sh -c 'echo +10.1.0.0 > /proc/net/xt_recent/bad'",
        lost=True,
    ),
    _behind(
        "a source of IPv6 in a list",
        _dropping(f"-p icmpv6 --icmpv6-type echo-request {_SEEN} --rcheck", "ip6tables-legacy"),
        "sh -c 'echo +2001:db8:1::2 > /proc/net/xt_recent/bad'",
        lost=True,
        to=_C3_SIX,
    ),
    _behind(
        "a source in a list that changes nothing",
        f"iptables-nft -A FORWARD {_SEEN} --update --seconds 60 -j ACCEPT",
        _NOTED,
        lost=False,
    ),
)


def _set(kind: str, *elements: str, family: str = "inet") -> tuple[str, ...]:
    ranged = " range 1-100" if kind == "bitmap:port" else " range 10.1.0.0/24" if kind == "bitmap:ip" else f" family {family}"
    return (f"ipset create bad {kind}{ranged}", *(f"ipset add bad {element}" for element in elements))


_IN = "-m set --match-set bad"
RANGED = (
    _behind("a source in a range", _dropping("-m iprange --src-range 10.1.0.1-10.1.0.9"), lost=True),
    _behind("a source out of a range", _dropping("-m iprange --src-range 10.1.0.3-10.1.0.9"), lost=False),
    _behind("a source that is not in a range", _dropping("-m iprange ! --src-range 10.1.0.3-10.1.0.9"), lost=True),
    _behind(
        "two ends of which one is in its range",
        _dropping("-m iprange --src-range 10.1.0.1-10.1.0.9 --dst-range 10.2.0.3-10.2.0.9"),
        lost=False,
    ),
    _behind(
        "a source of IPv6 in a range",
        _dropping("-p icmpv6 --icmpv6-type echo-request -m iprange --src-range 2001:db8:1::1-2001:db8:1::9", "ip6tables-legacy"),
        lost=True,
        to=_C3_SIX,
    ),
)
SETS = (
    _behind("a source in ipset", *_set("hash:ip", "10.1.0.2"), _dropping(f"{_IN} src"), lost=True),
    _behind("a source that is not in ipset", *_set("hash:ip", "10.1.0.3"), _dropping(f"{_IN} src"), lost=False),
    _behind(
        "a source that has to be in ipset", *_set("hash:ip", "10.1.0.3"), _dropping("-m set ! --match-set bad src"), lost=True
    ),
    _behind("a destination in ipset", *_set("hash:ip", "10.2.0.2"), _dropping(f"{_IN} dst"), lost=True),
    _behind("a network in ipset", *_set("hash:net", "10.1.0.0/24", "10.7.0.0/16"), _dropping(f"{_IN} src"), lost=True),
    _behind(
        "an exception in a network of ipset",
        *_set("hash:net", "10.1.0.0/24", "10.1.0.2/31 nomatch"),
        _dropping(f"{_IN} src"),
        lost=False,
    ),
    _behind("a source in a bitmap", *_set("bitmap:ip", "10.1.0.2"), _dropping(f"{_IN} src"), lost=True),
    _behind("a source out of a bitmap's range", *_set("bitmap:ip", "10.1.0.2"), _dropping(f"{_IN} dst"), lost=False, back=_LOST),
    _behind("a port in ipset", *_set("bitmap:port", "80"), _dropping(f"{_IN} dst"), lost=True, port=80),
    _behind("a port that is not in ipset", *_set("bitmap:port", "81"), _dropping(f"{_IN} dst"), lost=False, port=80),
    _behind("what has no port in a set of ports", *_set("bitmap:port", "80"), _dropping(f"{_IN} dst"), lost=False),
    _behind(
        "an address and a port in ipset", *_set("hash:ip,port", "10.1.0.2,80"), _dropping(f"{_IN} src,dst"), lost=True, port=80
    ),
    _behind(
        "an address and another protocol in ipset",
        *_set("hash:ip,port", "10.1.0.2,udp:80"),
        _dropping(f"{_IN} src,dst"),
        lost=False,
        port=80,
    ),
    _behind(
        "a kind of ICMP in ipset", *_set("hash:ip,port", "10.2.0.2,icmp:echo-request"), _dropping(f"{_IN} dst,src"), lost=True
    ),
    _behind(
        "two addresses and a port in ipset",
        *_set("hash:ip,port,net", "10.1.0.2,80,10.2.0.0/24"),
        _dropping(f"{_IN} src,dst,dst"),
        lost=True,
        port=80,
    ),
    _behind("a network and a link in ipset", *_set("hash:net,iface", "10.1.0.0/24,br0"), _dropping(f"{_IN} src,src"), lost=True),
    _behind(
        "a network and another link in ipset", *_set("hash:net,iface", "10.1.0.0/24,br0"), _dropping(f"{_IN} src,dst"), lost=False
    ),
    _behind(
        "a source of IPv6 in ipset",
        *_set("hash:net", "2001:db8:1::/64", family="inet6"),
        _dropping(f"-p icmpv6 --icmpv6-type echo-request {_IN} src", "ip6tables-legacy"),
        lost=True,
        to=_C3_SIX,
    ),
    _behind("a set of iptables-legacy", *_set("hash:ip", "10.1.0.2"), _dropping(f"{_IN} src", "iptables-legacy"), lost=True),
    _behind(
        "a source that a rule puts in ipset",
        *_set("hash:ip", "10.1.0.3"),
        "iptables-nft -A FORWARD -j SET --add-set bad src",
        _dropping("-s 10.1.0.9"),
        lost=False,
    ),
    _behind(
        "a list of sets that changes nothing",
        "ipset create all list:set",
        "iptables-nft -A FORWARD -m set --match-set all src -j ACCEPT",
        lost=False,
    ),
)
_TWO: Commands = {
    **ROUTED,
    "host": ROUTED["host"] + "link add v4 type veth peer name eth0 netns @c4\nlink set v4 master br1 up\n",
    "c4": ROUTED["c3"].replace("10.2.0.2/", "10.2.0.3/").replace("2001:db8:2::2", "2001:db8:2::3"),
}
"""Two containers on the second bridge."""
_OWN: Commands = changed(
    ROUTED,
    "host",
    "addr add 10.2.0.1/24 dev br1",
    "addr add 10.2.0.1/24 dev br1\naddr add 10.2.0.7/24 dev br1\naddr add 10.2.0.8/24 dev br1",
)
_DNAT = "iptables-nft -t nat -A PREROUTING -p tcp -d 10.1.0.1 -j DNAT --to-destination"
_SNAT = "iptables-nft -t nat -A POSTROUTING -o br1"
_NFT_NAT = "nft 'add table ip n; add chain ip n c { type nat hook HOOK priority PRIORITY; }; add rule ip n c RULE'"


def _nat(hook: str, rule: str) -> str:
    return _NFT_NAT.replace("HOOK", hook).replace("PRIORITY", "100" if hook == "postrouting" else "-100").replace("RULE", rule)


def _published(name: str, *rules: str, asked: int, served: int, at: str = "c3 eth0", start: str = "c1") -> Situation:
    return Situation(
        name,
        _TWO,
        "10.1.0.1",
        "delivered" if asked != _UNSERVED else "no listener",
        at,
        start=start,
        port=asked,
        listen={"c3": ("::", served), "c4": ("::", served)},
        back_at=f"{start} eth0",
        rules={"host": rules},
    )


def _hidden(name: str, rule: str, seen: str | None = None) -> Situation:
    return Situation(
        name,
        _OWN,
        _C3,
        "delivered",
        "c3 eth0",
        seen=seen,
        port=80,
        listen={"c3": ("::", 80)},
        ip={"c3": "route del default"},
        rules={"host": (rule,)},
    )


RANGES = (
    _published("one of two destinations", f"{_DNAT} 10.2.0.2-10.2.0.3", asked=80, served=80),
    _published(
        "one of two destinations from another source", f"{_DNAT} 10.2.0.2-10.2.0.3", asked=80, served=80, at="c4 eth0", start="c2"
    ),
    _published(
        "one of two destinations whatever the destination was", f"{_DNAT} 10.2.0.2-10.2.0.3 --persistent", asked=80, served=80
    ),
    _published(
        "one of two destinations by nft", _nat("prerouting", "tcp dport 8080 dnat to 10.2.0.2-10.2.0.3:80"), asked=8080, served=80
    ),
    _published("the first port of several", f"{_DNAT} 10.2.0.2:80-90", asked=8080, served=80),
    _published("a port among several", f"{_DNAT} 10.2.0.2:80-90", asked=85, served=85),
    _published("a port among several that nobody serves", f"{_DNAT} 10.2.0.2:80-90", asked=_UNSERVED, served=85),
    Situation(
        "a network turned into another one",
        ROUTED,
        "10.9.0.2",
        "delivered",
        "c3 eth0",
        rules={"host": (_nat("prerouting", "dnat ip prefix to ip daddr map { 10.9.0.0/24 : 10.2.0.0/24 }"),)},
    ),
    Situation(
        "a network turned into another one by iptables",
        ROUTED,
        "10.9.0.2",
        "delivered",
        "c3 eth0",
        rules={"host": ("iptables-nft -t nat -A PREROUTING -d 10.9.0.0/24 -j NETMAP --to 10.2.0.0/24",)},
    ),
    Situation(
        "a network turned into another one on the way out",
        ROUTED,
        _C3,
        "delivered",
        "c3 eth0",
        ip={"c3": "route del default\nroute add 10.8.0.0/24 via 10.2.0.1"},
        rules={"host": ("iptables-legacy -t nat -A POSTROUTING -s 10.1.0.0/24 -j NETMAP --to 10.8.0.0/24",)},
    ),
    _hidden("one of two sources", f"{_SNAT} -j SNAT --to-source 10.2.0.7-10.2.0.8"),
    _hidden("one of two sources by nft", _nat("postrouting", "oifname br1 snat to 10.2.0.7-10.2.0.8")),
    # By another port the watch does not know the packet again.
    _hidden("a source port of several", f"{_SNAT} -p tcp -j SNAT --to-source 10.2.0.7:3000-3999", seen="host br0"),
    _hidden("a source port at random", f"{_SNAT} -j MASQUERADE --random-fully", seen="host br0"),
)
STATEFUL = (*LIMITS, *OBJECTS, *RECENT, *RANGED, *SETS, *RANGES)
