"""The doctor on real namespaces: nothing where all is well, and what was broken, by the kernel's own word."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.kernel.lab import Lab, wait

_BREAK: list[tuple[int, list[tuple[str, list[str]]]]] = [
    (1, [("host", ["sysctl", "-qw", "net.ipv4.ip_forward=0"])]),
    (2, [("host", ["nft", "add table ip t; add chain ip t f { type filter hook forward priority 0; policy drop; }"])]),
    (3, [("up", ["ip", "route", "del", "10.9.0.0/24"])]),
    (9, [("one", ["ip", "link", "set", "eth0", "mtu", "9000"])]),
    (12, [("one", ["ip", "address", "add", "10.9.0.3/24", "dev", "eth0"])]),
    (13, [("two", ["ip", "link", "set", "eth0", "address", "02:00:00:00:00:01"])]),
    (15, [("host", ["ip", "link", "set", "v1", "nomaster"])]),
    (17, [("host", ["bridge", "link", "set", "dev", "v1", "state", "0"])]),
    (18, [("one", ["ip", "link", "set", "eth0", "down"])]),
    (20, [("host", ["bridge", "link", "set", "dev", name, "isolated", "on"]) for name in ("v1", "v2")]),
    (27, [("one", ["ip", "route", "replace", "default", "via", "10.9.0.77"])]),
    (28, [("host", ["ip", "address", "add", "10.9.0.129/25", "dev", "up0"])]),
    (29, [("host", ["ip", "route", "add", "blackhole", "10.9.0.2/32"])]),
    (9, [("host", ["ip", "link", "add", "vx0", "type", "vxlan", "id", "7", "remote", "192.0.2.2", "dstport", "4789"])]),
    (
        11,
        [
            (
                "host",
                ["ip", "link", "add", "vx0", "mtu", "1400", "type", "vxlan", "id", "7", "remote", "198.51.100.9", "dstport", "0"],
            ),
            ("host", ["ip", "route", "add", "unreachable", "198.51.100.9/32"]),
        ],
    ),
    (
        6,
        [
            (
                "host",
                [
                    "sh",
                    "-c",
                    "iptables-legacy -A INPUT -j ACCEPT; nft 'add table ip x; add chain ip x c; add rule ip x c accept'",
                ],
            )
        ],
    ),
    (26, [("one", ["sh", "-c", "ip route replace default via 10.9.0.78; ping -c1 -W1 198.51.100.1 || true"])]),
    (
        30,
        [
            (
                "host",
                ["ip", "address", "add", "2001:db8:7::1/64", "dev", "up0", "valid_lft", "900", "preferred_lft", "900", "nodad"],
            ),
            ("host", ["sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.up0.accept_ra=1"]),
        ],
    ),
    (
        36,
        [
            ("host", ["tc", "qdisc", "add", "dev", "v1", "clsact"]),
            (
                "host",
                ["tc", "filter", "add", "dev", "v1", "ingress", "prio", "5", "u32", "match", "u32", "0", "0", "flowid", "1:1"],
            ),
        ],
    ),
    (27, [("one", ["ip", "route", "del", "default"])]),
    (28, [("host", ["ip", "route", "add", "10.9.0.128/25", "via", "192.0.2.2", "table", "77"])]),
    (
        29,
        [
            ("host", ["ip", "route", "add", "default", "via", "192.0.2.2", "table", "77"]),
            ("host", ["ip", "rule", "add", "lookup", "77"]),
        ],
    ),
    (
        33,
        [
            ("host", ["ip", "link", "add", "mv0", "link", "up0", "type", "macvlan", "mode", "bridge"]),
            ("host", ["ip", "link", "set", "mv0", "netns", "@one"]),
            ("one", ["ip", "link", "set", "mv0", "up"]),
            ("one", ["ip", "address", "add", "192.0.2.50/24", "dev", "mv0"]),
        ],
    ),
]


def diagnosed(lab: Lab) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "netview", "doctor", "-o", "json"]
    inside = ["nsenter", f"--net={lab.path('host')}", *command]
    done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    told: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, told


def mine(lab: Lab, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings about this lab: others may be at work on the machine."""
    names = {"host"} | {lab.full(name) for name in ("one", "two", "up")}
    return [finding for finding in own(told) if finding["namespace_label"] in names]


def own(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Without what is counted of the machine's processors, which others keep busy, too."""
    return [finding for finding in told["findings"] if finding["check"] != 22]


def built(lab: Lab) -> None:
    """A bridge with two containers, and a way out."""
    lab.add("host", "one", "two", "up")
    lab.ip("host", "link add br0 type bridge\nlink set br0 up\naddress add 10.9.0.1/24 dev br0\n")
    for number, name in enumerate(("one", "two"), 1):
        lab.ip("host", f"link add v{number} type veth peer name eth0 netns @{name}\nlink set v{number} master br0 up\n")
        lab.ip(
            name,
            f"link set eth0 address 02:00:00:00:00:0{number}\nlink set eth0 up\naddress add 10.9.0.{number + 1}/24 dev eth0\n",
        )
        lab.ip(name, "route add default via 10.9.0.1\n")
    lab.ip("host", "link add up0 type veth peer name up1 netns @up\nlink set up0 up\naddress add 192.0.2.1/24 dev up0\n")
    lab.ip("up", "link set up1 up\naddress add 192.0.2.2/24 dev up1\nroute add 10.9.0.0/24 via 192.0.2.1\n")
    lab.ip("host", "route add default via 192.0.2.2\n")
    inside(lab, "host", ["sysctl", "-qw", "net.ipv4.ip_forward=1"])


def inside(lab: Lab, name: str, command: list[str]) -> None:
    subprocess.run(["nsenter", f"--net={lab.path(name)}", *command], check=True, capture_output=True, timeout=10)


def test_a_healthy_host_is_told_so(lab: Lab) -> None:
    built(lab)
    assert mine(lab, diagnosed(lab)[1]) == []


@pytest.mark.parametrize(("number", "commands"), _BREAK)
def test_each_thing_that_is_broken_is_found(lab: Lab, number: int, commands: list[tuple[str, list[str]]]) -> None:
    built(lab)
    for name, command in commands:
        inside(lab, name, [lab.full(word[1:]) if word[:1] == "@" else word for word in command])
    status, told = diagnosed(lab)
    found = {finding["check"] for finding in mine(lab, told)}
    assert status == 1
    assert number in found
    # What hangs on a link that is down, or is lost by it, is told beside.
    assert found <= {number, 18, 34} or number in {2, 12, 15, 26, 27}, found


def test_bridged_frames_are_said_to_be_dropped_exactly_where_they_are(lab: Lab) -> None:
    built(lab)
    inside(lab, "host", ["nft", "add table ip t; add chain ip t f { type filter hook forward priority 0; policy drop; }"])
    _, told = diagnosed(lab)
    ping = subprocess.run(lab.inside("one", ["ping", "-c1", "-W1", "10.9.0.3"]), check=False, capture_output=True)
    assert (7 in {finding["check"] for finding in mine(lab, told)}) is (ping.returncode != 0)
    inside(lab, "host", ["nft", "add rule ip t f ip saddr 10.9.0.0/24 accept; add rule ip t f ct state established accept"])
    _, told = diagnosed(lab)
    assert mine(lab, told) == []


def test_a_strict_source_check_is_told_exactly_where_it_loses_packets(lab: Lab) -> None:
    built(lab)
    lab.ip("host", "link add br1 type bridge\nlink set br1 up\naddress add 10.8.0.1/24 dev br1\n")
    lab.ip("host", "link add v3 type veth peer name eth1 netns @one\nlink set v3 master br1 up\n")
    lab.ip("one", "link set eth1 up\naddress add 10.8.0.2/24 dev eth1\n")
    for name in ("all", "br0", "br1", "up0"):
        inside(lab, "host", ["sysctl", "-qw", f"net.ipv4.conf.{name}.rp_filter=0"])
    inside(lab, "one", ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0"])
    nat = "add table ip t; add chain ip t p { type nat hook prerouting priority -100; }"
    inside(lab, "host", ["nft", f"{nat}; add rule ip t p tcp dport 8080 dnat to 10.8.0.2:80"])
    serve = "import socket; s = socket.create_server(('', 80)); print(1, flush=True); [s.accept() for _ in range(9)]"
    listener = lab.start("one", [sys.executable, "-c", serve])
    assert listener.stdout is not None
    listener.stdout.readline()
    reach = "import socket; socket.create_connection(('192.0.2.1', 8080), timeout=1)"
    for value in (0, 1, 2):
        inside(lab, "one", ["sysctl", "-qw", f"net.ipv4.conf.eth1.rp_filter={value}"])
        _, told = diagnosed(lab)
        got = subprocess.run(lab.inside("up", [sys.executable, "-c", reach]), check=False, capture_output=True)
        lost = {finding["check"] for finding in mine(lab, told)}
        assert (lost, got.returncode != 0) == ({8} if value == 1 else set(), value == 1)


def test_a_connection_that_is_still_led_to_who_has_gone_is_stale(lab: Lab) -> None:
    built(lab)
    nat = "add table ip t; add chain ip t p { type nat hook prerouting priority -100; }; flush chain ip t p"
    send = "import socket; s = socket.socket(2, 2); s.bind(('', 4000)); s.sendto(b'', ('192.0.2.1', 53))"
    for address, stale in (("10.9.0.9", False), ("10.9.0.2", True)):
        inside(lab, "host", ["nft", f"{nat}; add rule ip t p udp dport 53 dnat to {address}:53"])
        inside(lab, "up", [sys.executable, "-c", send])
        _, told = diagnosed(lab)
        assert (24 in {finding["check"] for finding in mine(lab, told)}) is stale


def checks(lab: Lab) -> set[int]:
    """What is found about the lab."""
    return {finding["check"] for finding in mine(lab, diagnosed(lab)[1])}


def with_ipv6(lab: Lab) -> None:
    """The same bridge, with addresses of a site, and a next router that knows the way back."""
    lab.ip("host", "address add fd00:9::1/64 dev br0 nodad\naddress add 2001:db8:1::1/64 dev up0 nodad\n")
    lab.ip("up", "address add 2001:db8:1::2/64 dev up1 nodad\nroute add fd00:9::/64 via 2001:db8:1::1\n")
    lab.ip("host", "route add default via 2001:db8:1::2\n")
    for number, name in enumerate(("one", "two"), 2):
        lab.ip(name, f"address add fd00:9::{number}/64 dev eth0 nodad\nroute add default via fd00:9::1\n")
    inside(lab, "host", ["sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"])


def test_addresses_of_ipv6_that_the_next_router_does_not_know_are_missed_where_nothing_translates_them(lab: Lab) -> None:
    built(lab)
    with_ipv6(lab)
    assert checks(lab) == set()
    inside(lab, "up", ["ip", "-6", "route", "del", "fd00:9::/64"])
    assert checks(lab) == {3}
    rule = "add table ip6 t; add chain ip6 t p { type nat hook postrouting priority 100; }; add rule ip6 t p masquerade"
    inside(lab, "host", ["nft", rule])
    assert checks(lab) == set()


def test_a_rule_that_checks_sources_of_ipv6_is_told_exactly_where_it_loses_packets(lab: Lab) -> None:
    built(lab)
    with_ipv6(lab)
    lab.ip("host", "link add br1 type bridge\nlink set br1 up\naddress add fd00:8::1/64 dev br1 nodad\n")
    lab.ip("host", "link add v3 type veth peer name eth1 netns @one\nlink set v3 master br1 up\n")
    lab.ip("one", "link set eth1 up\naddress add fd00:8::2/64 dev eth1 nodad\n")
    nat = "add table ip6 t; add chain ip6 t p { type nat hook prerouting priority -100; }"
    inside(lab, "host", ["nft", f"{nat}; add rule ip6 t p tcp dport 8080 dnat to [fd00:8::2]:80"])
    serve = "import socket; s = socket.create_server(('::', 80), family=10); print(1, flush=True); [s.accept() for _ in range(9)]"
    listener = lab.start("one", [sys.executable, "-c", serve])
    assert listener.stdout is not None
    listener.stdout.readline()
    # Whoever passes a packet on asks for its next hop by an address of the link alone, once that is known to be nobody else's.
    assert wait(lambda: not any(_is_tentative(lab, name) for name in ("host", "one")))
    reach = "import socket; socket.create_connection(('2001:db8:1::1', 8080), timeout=1)"
    chain = "add table ip6 t; add chain ip6 t r { type filter hook prerouting priority -300; }; flush chain ip6 t r"
    for rule, strict in (("", False), ("fib saddr . iif oif missing drop", True), ("fib saddr oif missing drop", False)):
        inside(lab, "one", ["nft", f"{chain}; add rule ip6 t r {rule}" if rule else chain])
        _, told = diagnosed(lab)
        got = subprocess.run(lab.inside("up", [sys.executable, "-c", reach]), check=False, capture_output=True)
        lost = {finding["check"] for finding in mine(lab, told)}
        assert (8 in lost, got.returncode != 0) == (strict, strict), rule


def _is_tentative(lab: Lab, name: str) -> bool:
    return any(link.get("addr_info") for link in lab.show(name, "address", "show", "tentative"))


def test_packets_that_are_dropped_for_their_source_are_counted_wherever_that_is(lab: Lab) -> None:
    built(lab)
    lab.ip("up", "link set lo up\naddress add 10.9.0.77/32 dev lo\n")
    inside(lab, "host", ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1"])
    assert checks(lab) == set()
    # Requests for its neighbour would come from that address as well, and be dropped.
    inside(lab, "up", ["ping", "-c1", "-W1", "-I", "192.0.2.2", "192.0.2.1"])
    send = "s.sendto(b'', ('192.0.2.1', 9)), time.sleep(0.01)"
    flood = f"import socket, time; s = socket.socket(2, 2); s.bind(('10.9.0.77', 0)); [({send}) for _ in range(1000)]"
    lab.start("up", [sys.executable, "-c", flood])
    assert checks(lab) == {8}


def test_what_a_queue_drops_is_told_though_no_link_counts_it(lab: Lab) -> None:
    built(lab)
    inside(lab, "host", ["tc", "qdisc", "add", "dev", "v1", "root", "tbf", "rate", "8kbit", "burst", "1540", "limit", "1540"])
    assert checks(lab) == set()
    send = "s.sendto(bytes(1400), ('10.9.0.2', 9)), time.sleep(0.01)"
    flood = f"import socket, time; s = socket.socket(2, 2); [({send}) for _ in range(1000)]"
    lab.start("host", [sys.executable, "-c", flood])
    (found,) = mine(lab, diagnosed(lab)[1])
    assert (found["check"], found["link"], found["evidence"]["qdisc"]) == (34, "v1", "tbf")


def test_packets_that_are_too_large_to_go_on_are_counted(lab: Lab) -> None:
    built(lab)
    inside(lab, "host", ["ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2", "mtu", "1300"])
    send = "s.sendto(bytes(1400), ('198.51.100.1', 9)), time.sleep(0.01)"
    # IP_MTU_DISCOVER, IP_PMTUDISC_PROBE: it does not heed what it is told.
    flood = f"import socket, time; s = socket.socket(2, 2); s.setsockopt(0, 10, 3); [({send}) for _ in range(1000)]"
    lab.start("one", [sys.executable, "-c", flood])
    assert checks(lab) == {9}


def test_a_namespace_that_only_a_descriptor_keeps_is_leaked_and_one_that_nobody_leads_to_is_unseen(lab: Lab) -> None:
    built(lab)
    lab.hold("two")
    told = diagnosed(lab)[1]["findings"]
    leaked = [finding for finding in told if finding["check"] == 14 and "v2 in host" in str(finding["evidence"]["wires"])]
    assert len(leaked) == 1
    lab.hide("one")
    assert 35 in checks(lab)


def test_a_set_decides_as_the_kernel_has_it_decide(lab: Lab) -> None:
    built(lab)
    rules = "add table ip t; add set ip t s { type ipv4_addr; }"
    chain = "add chain ip t f { type filter hook forward priority 0; policy drop; }"
    inside(
        lab, "host", ["nft", f"{rules}; {chain}; add rule ip t f ip saddr @s accept; add rule ip t f ct state established accept"]
    )
    assert 2 in checks(lab)
    inside(lab, "host", ["nft", "add element ip t s { 10.9.0.2, 10.9.0.3 }"])
    assert checks(lab) == set()


def test_the_demo_is_healthy() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netview", "doctor", "--demo", "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    told = json.loads(done.stdout)
    assert own(told) == []
    assert (done.returncode, done.stderr) == (1 if told["findings"] else 0, "")
