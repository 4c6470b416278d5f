"""Random rules of every kind on the way: what netview says of a packet against what becomes of it."""

import random
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.kernel.lab import Lab
from tests.kernel.paths import ROUTED, Situation, Worlds
from tests.kernel.test_path_random import Look

_SEED, _COUNT, _MOST_UNDECIDED = 7, 40, 20
_SETS = (
    "set a { type ipv4_addr; flags interval; elements = { 10.1.0.0/25, 10.2.0.2 }; }",
    "set b { type ipv4_addr . inet_service; elements = { 10.2.0.2 . 80, 10.1.0.2 . 81 }; }",
    "map m { type ipv4_addr : mark; elements = { 10.1.0.2 : 5, 10.2.0.2 : 6 }; }",
)


def _listed(text: str) -> tuple[str, ...]:
    """One a line, and nothing at all."""
    return "", *text.strip().splitlines()


_CHECKS = _listed("""
ip saddr 10.1.0.2
ip saddr 10.1.0.0/24
ip saddr != 10.1.0.2
ip saddr 10.1.0.1-10.1.0.9
ip saddr @a
ip daddr != @a
ip daddr { 10.2.0.2, 10.2.0.9 }
ip daddr != { 10.2.0.9, 10.2.0.8 }
ip daddr . tcp dport @b
ip daddr . tcp dport { 10.2.0.2 . 80, 10.2.0.3 . 81 }
iifname "br*"
iifname != br0
iif br0
oifname { br0, br1 }
meta l4proto tcp
meta l4proto { tcp, udp }
ip protocol icmp
icmp type echo-request
icmp type { echo-reply, redirect }
icmp code 0
tcp dport 80
tcp dport 1-100
tcp dport != 80
tcp dport { 22, 80, 443 }
tcp flags syn
tcp flags & (syn | ack) == syn
tcp sport >= 1024
th dport 80
ct state new
ct state established,related
ct state invalid
ct state != new
ct direction original
ct status snat
ct mark 0
ct mark 3
ct original ip saddr 10.1.0.2
ip ttl 63
ip ttl < 64
ip ttl > 64
ip length > 500
ip length < 500
ip dscp cs0
ip dscp != cs0
ip version 4
ip frag-off & 0x1fff == 0
meta mark 5
meta mark 7
meta mark & 0x4 == 0x4
meta mark != 5
meta length < 1000
meta nfproto ipv4
meta nfproto ipv6
meta protocol ip
meta iiftype ether
meta iifkind bridge
meta oifkind veth
fib saddr type unicast
fib daddr type local
fib saddr . iif oif missing
fib saddr . iif oif exists
fib daddr oifname br1
numgen inc mod 10 == 3
jhash ip saddr mod 2 == 0
limit rate 10/second
limit rate over 10/second
quota over 1 mbytes
ip saddr 10.1.0.2 ip daddr 10.2.0.2 meta l4proto icmp
rt classid 0
@th,16,16 80
@nh,128,32 0x0a020002
ether type ip
meta pkttype unicast
""")
_ACTIONS = _listed("""
drop
drop
accept
return
counter
jump u
goto u
meta mark set 5
meta mark set 7
continue
reject
ct mark set 3
meta mark set meta mark or 0x4
meta mark set ip saddr map @m
ip saddr vmap { 10.1.0.2 : drop, 10.1.0.3 : accept }
ip daddr vmap { 10.2.0.9 : drop }
meta mark set ct mark
log
ip ttl set 9
ip dscp set cs1
""")
_TABLES = _listed("""
-s 10.1.0.2
! -s 10.1.0.2
-d 10.2.0.0/24
-i br0
! -i br0
-i br+
-o br1
-p tcp
-p tcp --dport 80
-p tcp ! --dport 80
-p tcp --dport 1:100
-p tcp --syn
-p tcp --tcp-flags SYN,ACK SYN
-p icmp
-p icmp --icmp-type echo-request
-p icmp --icmp-type echo-reply
-p udp
-m iprange --src-range 10.1.0.1-10.1.0.9
-m iprange ! --dst-range 10.2.0.5-10.2.0.9
-p tcp -m multiport --dports 22,80:90
-p tcp -m multiport ! --dports 22,443
-m addrtype --dst-type UNICAST
-m addrtype --dst-type LOCAL
-m addrtype ! --src-type LOCAL
-m conntrack --ctstate NEW
-m conntrack --ctstate ESTABLISHED,RELATED
-m conntrack ! --ctstate INVALID
-m conntrack --ctorigsrc 10.1.0.2
-m conntrack --ctdir ORIGINAL
-m mark --mark 5
-m mark ! --mark 0x4/0x4
-m comment --comment x
-m tos --tos 0
-m ttl --ttl-eq 63
-m ttl --ttl-gt 64
-m ttl --ttl-lt 64
-m length --length 0:100
-m length ! --length 0:100
-m limit --limit 10/sec
-m pkttype --pkt-type unicast
-m connmark --mark 3
-m statistic --mode nth --every 10 --packet 3
-m mac --mac-source 02:00:00:00:00:01
-m u32 --u32 9&0xFF=1
-f
! -f
-m state --state NEW
-m physdev --physdev-in v1
-m string --algo bm --string netview
-m connbytes --connbytes 5: --connbytes-dir both --connbytes-mode packets
-m dscp --dscp 0
-m cpu --cpu 0
-m rpfilter
-m rpfilter --invert
-m socket
-m hashlimit --hashlimit-upto 10/sec --hashlimit-name h
-m connlimit --connlimit-above 5
-m helper --helper ftp
-m recent --name r --rcheck
-m recent --name r --set
""")
_TARGETS = _listed("""
DROP
DROP
ACCEPT
RETURN
REJECT
LOG
MARK --set-mark 5
MARK --or-mark 4
CONNMARK --set-mark 3
U
""")
_NAT = {
    "prerouting": _listed("""
dnat to 10.2.0.2
dnat to 10.1.0.3
dnat to 10.2.0.77
redirect
"""),
    "output": _listed("""
dnat to 10.2.0.2
dnat to 10.1.0.3
redirect
"""),
    "postrouting": _listed("""
masquerade
snat to 10.2.0.1
snat to 10.2.0.55
"""),
    "input": _listed("""
snat to 10.1.0.2
"""),
}
"""What may be translated at each hook."""
_ENDS = ("10.2.0.2", "10.2.0.2", "10.2.0.2", "10.2.0.9", "10.1.0.3", "10.2.0.1")


def _nft(pick: random.Random) -> str:
    def rules(count: int, *, within: bool) -> str:
        actions = [action for action in _ACTIONS if not (within and action.endswith(" u"))]
        return "\n".join(f"{pick.choice(_CHECKS)} {pick.choice(actions)}" for _ in range(pick.randrange(count)))

    hook = pick.choice(("forward", "forward", "prerouting", "postrouting", "input"))
    second = pick.choice(("forward", "prerouting", "postrouting"))
    policy = pick.choice(("accept", "accept", "accept", "drop"))
    chains = f"chain u {{\n{rules(4, within=True)}\n}}\n"
    chains += f"chain c {{\ntype filter hook {hook} priority 0; policy {policy};\n{rules(6, within=False)}\n}}\n"
    chains += f"chain d {{\ntype filter hook {second} priority 5;\n{rules(4, within=False)}\n}}"
    for number, (place, actions) in enumerate(_NAT.items()):
        if pick.random() < 0.25:
            lines = "\n".join(f"{pick.choice(_CHECKS)} {pick.choice(actions)}" for _ in range(pick.randrange(1, 3)))
            chains += f"\nchain n{number} {{\ntype nat hook {place} priority {pick.choice((-100, 0, 100))};\n{lines}\n}}"
    sets = "\n".join(_SETS)
    return f"table {pick.choice(('ip', 'inet'))} f {{\n{sets}\n{chains}\n}}"


def _iptables(pick: random.Random) -> tuple[str, ...]:
    lines = ["iptables-nft -N U"]
    lines += [f"iptables-nft -A U {pick.choice(_TABLES)} {_target(pick, within=True)}" for _ in range(pick.randrange(3))]
    lines += [
        f"iptables-nft -A FORWARD {pick.choice(_TABLES)} {_target(pick, within=False)}" for _ in range(pick.randrange(1, 6))
    ]
    return tuple(lines)


def _target(pick: random.Random, *, within: bool) -> str:
    target = pick.choice([one for one in _TARGETS if not (within and one == "U")])
    return f"-j {target}" if target else ""


class Loose(Worlds):
    """Leaves out each rule that the kernel or its tool does not take."""

    def _build(self, prefix: str, one: Situation) -> None:
        super()._build(prefix, replace(one, rules={}))
        for name, commands in one.rules.items():
            for command in commands:
                self._add(prefix + name, command)

    def _add(self, name: str, command: str) -> None:
        if command.startswith("iptables"):
            subprocess.run(self._lab.inside(name, shlex.split(command)), capture_output=True, check=False)
            return
        lines = command.splitlines()
        while (refused := self._refused(name, lines)) is not None:
            del lines[refused]

    def _refused(self, name: str, lines: list[str]) -> int | None:
        """Which line of a rule set is not taken; None: all are."""
        argv = self._lab.inside(name, ["nft", "-f", "-"])
        done = subprocess.run(argv, input="\n".join(lines), capture_output=True, text=True, check=False)
        found = re.search(r"/dev/stdin:(\d+):", done.stderr)
        return int(found[1]) - 1 if done.returncode and found is not None else None


def situation(pick: random.Random, number: int) -> Situation:
    """One network with random rules on its host, and a packet across it."""
    port = pick.choice((0, 80))
    return Situation(
        f"number {number}",
        ROUTED,
        pick.choice(_ENDS),
        "",
        "",
        start=pick.choice(("c1", "c1", "c1", "host")),
        port=port,
        size=0 if port else pick.choice((0, 600)),
        rules={"host": _iptables(pick) if pick.random() < 0.4 else (_nft(pick),)},
        listen={"c2": ("::", 80), "c3": ("::", 80)} if port else {},
    )


@pytest.fixture(scope="module")
def looks(_rights: None) -> Iterator[list[Look]]:
    pick = random.Random(_SEED)  # noqa: S311 - it has to be repeatable
    situations = [situation(pick, number) for number in range(_COUNT)]
    lab = Lab()
    worlds = Loose(lab, situations)
    try:
        worlds.build()
        yield [Look(*look) for look in zip(situations, worlds.told(), worlds.sent(), strict=True)]
    finally:
        worlds.close()
        lab.close()


def test_what_rules_are_said_to_do_is_what_they_do(looks: list[Look]) -> None:
    for one, told, truth in looks:
        ways = [told.path.verdict.value, None if told.path.back is None else told.path.back.verdict.value]
        if "undecided" not in ways:
            assert truth.answered == (ways == ["delivered", "delivered"]), f"{one.rules}\n{told.path.reason}\n{truth}"


def test_most_rules_are_decided(looks: list[Look]) -> None:
    paths = [told.path for _, told, _ in looks]
    undecided = [one.reason for one in paths if one.verdict.value == "undecided"]
    assert len(undecided) <= _MOST_UNDECIDED, undecided
