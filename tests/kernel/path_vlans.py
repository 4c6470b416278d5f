"""VLANs, bridges that filter them, and ipvlans: a packet in each, for a kernel that has them."""

from tests.kernel.paths import STACKED, Commands, Situation

_LOST = "dropped"


def _inside(address: str, link: str = "eth0") -> str:
    made = "" if link == "eth0" else f"link add link eth0 name {link} type vlan id {link.partition('.')[2]}\nlink set {link} up\n"
    return f"link set lo up\nlink set eth0 up\n{made}addr add {address}/24 dev {link}\n"


_PORTS = "".join(f"link add v{n} type veth peer name eth0 netns @c{n}\nlink set v{n} master br0 up\n" for n in (1, 2, 3))
_HOST = f"link set lo up\nlink add br0 type bridge\nlink set br0 up\n{_PORTS}addr add 10.1.0.1/24 dev br0\n"
PLAIN: Commands = {"host": _HOST, "c1": _inside("10.1.0.2"), "c2": _inside("10.1.0.3"), "c3": _inside("10.1.0.4")}
"""Three containers on a bridge."""
FILTERED: Commands = {**PLAIN, "host": _HOST.replace("type bridge", "type bridge vlan_filtering 1")}
_MEMBERS = "".join(
    f"vlan del dev v{n} vid 1\nvlan add dev v{n} vid {vid} pvid untagged\n" for n, vid in ((1, 10), (2, 10), (3, 20))
)
_TAGGED = _MEMBERS + "vlan del dev v2 vid 10\nvlan add dev v2 vid 10\n"


def _uplink(link: str) -> str:
    made = f"link add link {link} name {link}.10 type vlan id 10\nlink set {link}.10 up\n"
    return f"{made}addr add 10.1.0.9/24 dev {link}.10\naddr del 10.1.0.1/24 dev br0\n"


_TO_THE_HOST = _MEMBERS + "vlan add dev br0 vid 10 self\n"
_ROUTED: Commands = {
    **FILTERED,
    "host": FILTERED["host"]
    + "".join(
        f"link add link br0 name br0.{vid} type vlan id {vid}\nlink set br0.{vid} up\naddr add 10.{vid}.0.1/24 dev br0.{vid}\n"
        for vid in (10, 20)
    ),
    "c1": _inside("10.10.0.2") + "route add default via 10.10.0.1\n",
    "c3": _inside("10.20.0.2") + "route add default via 10.20.0.1\n",
}
FILTERS = (
    Situation("in one VLAN", FILTERED, "10.1.0.3", "delivered", "c2 eth0", bridge={"host": _MEMBERS}),
    Situation("in the VLAN that all ports are in at first", FILTERED, "10.1.0.4", "delivered", "c3 eth0"),
    Situation("in another VLAN", FILTERED, "10.1.0.4", _LOST, "host v3", seen="c2 eth0", bridge={"host": _MEMBERS}),
    Situation("in no VLAN", FILTERED, "10.1.0.3", _LOST, "host v1", seen="host v1", bridge={"host": "vlan del dev v1 vid 1\n"}),
    Situation(
        "to a port with tags",
        {**FILTERED, "c2": _inside("10.1.0.3", "eth0.10")},
        "10.1.0.3",
        "delivered",
        "c2 eth0.10",
        bridge={"host": _TAGGED},
    ),
    Situation(
        "from a port with tags",
        {**FILTERED, "c2": _inside("10.1.0.3", "eth0.10")},
        "10.1.0.2",
        "delivered",
        "c1 eth0",
        start="c2",
        back_at="c2 eth0.10",
        bridge={"host": _TAGGED},
    ),
    Situation("with a tag to who expects none", FILTERED, "10.1.0.3", _LOST, "c2 eth0", seen="c2 eth0", bridge={"host": _TAGGED}),
    Situation(
        "with a tag that its port is not in",
        {**FILTERED, "c1": _inside("10.1.0.2", "eth0.30")},
        "10.1.0.3",
        _LOST,
        "host v1",
        seen="host v1",
        bridge={"host": _MEMBERS},
    ),
    Situation(
        "to the host in a VLAN",
        FILTERED,
        "10.1.0.9",
        "delivered",
        "host br0.10",
        ip={"host": _uplink("br0")},
        bridge={"host": _TO_THE_HOST},
    ),
    Situation(
        "from the host in a VLAN",
        FILTERED,
        "10.1.0.2",
        "delivered",
        "c1 eth0",
        start="host",
        back_at="host br0.10",
        ip={"host": _uplink("br0")},
        bridge={"host": _TO_THE_HOST},
    ),
    Situation(
        "to a host that is not in the VLAN",
        FILTERED,
        "10.1.0.9",
        _LOST,
        "host br0",
        seen="c2 eth0",
        ip={"host": _uplink("br0")},
        bridge={"host": _MEMBERS},
    ),
    Situation(
        "from one VLAN to another by the host",
        _ROUTED,
        "10.20.0.2",
        "delivered",
        "c3 eth0",
        bridge={"host": _MEMBERS + "vlan add dev br0 vid 10 self\nvlan add dev br0 vid 20 self\n"},
    ),
    Situation(
        "past rules that see no tags",
        {**FILTERED, "c1": _inside("10.1.0.2", "eth0.10"), "c2": _inside("10.1.0.3", "eth0.10")},
        "10.1.0.3",
        "delivered",
        "c2 eth0.10",
        back_at="c1 eth0.10",
        bridge={"host": _TAGGED + "vlan del dev v1 vid 10\nvlan add dev v1 vid 10\n"},
        rules={"host": ("iptables-legacy -P FORWARD DROP",)},
        sysctl={"host": {"bridge/bridge-nf-call-iptables": 1}},
    ),
    Situation(
        "through rules that see what has no tag",
        FILTERED,
        "10.1.0.3",
        _LOST,
        "host br0",
        seen="host v1",
        bridge={"host": _MEMBERS},
        rules={"host": ("iptables-legacy -P FORWARD DROP",)},
        sysctl={"host": {"bridge/bridge-nf-call-iptables": 1}},
    ),
)
_TAGS: Commands = {**PLAIN, "c1": _inside("10.1.0.2", "eth0.10"), "c2": _inside("10.1.0.3", "eth0.10")}
VLANS = (
    Situation("with a tag across a bridge", _TAGS, "10.1.0.3", "delivered", "c2 eth0.10", back_at="c1 eth0.10"),
    Situation(
        "with a tag to another one", {**_TAGS, "c2": _inside("10.1.0.3", "eth0.11")}, "10.1.0.3", _LOST, "c2 eth0", seen="c2 eth0"
    ),
    Situation("with a tag to who has none", {**_TAGS, "c2": _inside("10.1.0.3")}, "10.1.0.3", _LOST, "c2 eth0", seen="c2 eth0"),
    Situation(
        "without a tag to who has one",
        {**_TAGS, "c1": _inside("10.1.0.2")},
        "10.1.0.3",
        "delivered",
        "c2 eth0",
        back=_LOST,
        back_at="c1 eth0",
    ),
    Situation(
        "with a tag that a port takes off",
        _TAGS,
        "10.1.0.9",
        "delivered",
        "host v1.10",
        back_at="c1 eth0.10",
        ip={"host": _uplink("v1")},
    ),
    Situation(
        "a VLAN that is down", _TAGS, "10.1.0.3", _LOST, "c2 eth0.10", seen="c2 eth0", ip={"c2": "link set eth0.10 down\n"}
    ),
)
_L2: Commands = {name: lines.replace("macvlan mode bridge", "ipvlan mode l2") for name, lines in STACKED.items()}


def _mode(words: str) -> Commands:
    return {**_L2, "host": _L2["host"].replace("ipvlan mode l2", f"ipvlan mode {words}")}


IPVLANS = (
    Situation("from an ipvlan to another one", _L2, "10.5.0.3", "delivered", "c2 mv", back_at="c1 mv"),
    Situation("from an ipvlan to what its link is wired to", _L2, "10.5.0.9", "delivered", "switch s0", back_at="c1 mv"),
    Situation(
        "from what its link is wired to to an ipvlan", _L2, "10.5.0.2", "delivered", "c1 mv", start="switch", back_at="switch s0"
    ),
    Situation("from an ipvlan to its own host", _L2, "10.5.0.1", _LOST, "c1 mv", seen="switch s0"),
    Situation("from the host to its own ipvlan", _L2, "10.5.0.2", _LOST, "host p0", seen="switch s0", start="host"),
    Situation("between private ipvlans", _mode("l2 private"), "10.5.0.3", _LOST, "c1 mv", seen="switch s0"),
    Situation("between ipvlans that send all by the wire", _mode("l2 vepa"), "10.5.0.3", _LOST, "c2 mv", seen="switch s0"),
    Situation("between ipvlans that route", _mode("l3"), "10.5.0.3", "delivered", "c2 mv", back_at="c1 mv"),
    Situation("between ipvlans that route through rules", _mode("l3s"), "10.5.0.3", "delivered", "c2 mv", back_at="c1 mv"),
    Situation("between private ipvlans that route", _mode("l3 private"), "10.5.0.3", _LOST, "c2 mv", seen="c1 mv"),
    Situation(
        "from an ipvlan that routes to the wire",
        _mode("l3"),
        "10.5.0.9",
        "delivered",
        "switch s0",
        back_at="c1 mv",
        ip={"switch": "route add 10.5.0.2 via 10.5.0.1"},
    ),
    Situation(
        "from an ipvlan that routes to who does not know the way back",
        _mode("l3"),
        "10.5.0.9",
        "delivered",
        "switch s0",
        back=_LOST,
        back_at="switch s0",
    ),
    Situation(
        "from an ipvlan that routes through rules of its host",
        _mode("l3"),
        "10.5.0.9",
        _LOST,
        "host p0",
        seen="c1 mv",
        rules={"host": ("iptables-legacy -A OUTPUT -s 10.5.0.2 -j DROP",)},
    ),
    Situation(
        "from an ipvlan that routes to its own host",
        _mode("l3"),
        "10.5.0.1",
        "delivered",
        "host lo",
        seen="host lo",
        back=_LOST,
        back_at="host p0",
    ),
    Situation(
        "to an ipvlan that routes by its host",
        _mode("l3"),
        "10.5.0.2",
        "delivered",
        "c1 mv",
        start="switch",
        back_at="switch s0",
        ip={"switch": "route add 10.5.0.2 via 10.5.0.1"},
    ),
    Situation(
        "to an ipvlan that routes and answers nobody", _mode("l3"), "10.5.0.2", _LOST, "switch s0", seen="c1 mv", start="switch"
    ),
)
SITUATIONS = (*FILTERS, *VLANS, *IPVLANS)
