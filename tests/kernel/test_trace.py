"""Tracing of real packets: what is told of them, and that nothing of it stays."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from netview.decode.trace_table import table_lines
from netview.derive.netfilter.text import rule_text
from netview.derive.trace.journeys import End, Journey, journeys
from netview.derive.trace.words import ending, met_text, untold
from netview.kernel.rulesets import ruleset
from netview.kernel.trace import Target, Trace, table_name
from netview.live.tracing import is_own
from netview.model import NamespaceId, Snapshot
from netview.model.trace import TraceMatch
from tests.kernel.lab import Lab, run, wait
from tests.kernel.looking import at_home_in, place, snapshot
from tests.require import missing

PINGED = (TraceMatch("icmp", None, "10.2.0.2"), TraceMatch("icmp", "10.2.0.2", None))
RULES = """
table ip t {
    chain through {
        type filter hook forward priority 0; policy accept;
        ip daddr 10.2.0.2 counter jump checked
    }
    chain checked {
        icmp type echo-request accept
        tcp dport 99 drop
    }
    chain out {
        type nat hook postrouting priority 100;
        oifname "vb" masquerade
    }
}
"""


@pytest.fixture
def routed(lab: Lab) -> Lab:
    """Two containers, and a host between them with rules."""
    lab.add("host", "a", "b")
    wires = "".join(
        f"link add v{name} type veth peer name eth0 netns @{name}\nlink set v{name} up\naddr add 10.{net}.0.1/24 dev v{name}\n"
        for name, net in (("a", 1), ("b", 2))
    )
    lab.ip("host", f"link set lo up\n{wires}")
    for name, net in (("a", 1), ("b", 2)):
        lab.ip(name, f"link set eth0 up\naddr add 10.{net}.0.2/24 dev eth0\nroute add default via 10.{net}.0.1\n")
    run(lab.inside("host", ["sysctl", "-qw", "net.ipv4.ip_forward=1"]))
    run(lab.inside("host", ["nft", "-f", "-"]), RULES)
    return lab


def rules_of(lab: Lab, name: str) -> str:
    """Its rules with their handles, without what they have counted."""
    return run(lab.inside(name, ["nft", "-s", "-a", "list", "ruleset"]))


@contextmanager
def traced(lab: Lab, names: Sequence[str], matches: Sequence[TraceMatch]) -> Iterator[tuple[Trace, Snapshot]]:
    now = snapshot(lab)
    trace = Trace({place(now, lab, name): Target(lab.inode(name), matches) for name in names})
    try:
        yield trace, now
    finally:
        trace.close()


def seen(trace: Trace) -> list[Journey]:
    lines = trace.read(2.0)
    while more := trace.read(0.2):
        lines += more
    return journeys(lines, is_own)


def ping(lab: Lab, name: str, to: str) -> None:
    argv = lab.inside(name, ["ping", "-c1", "-W1", to])
    subprocess.run(argv, check=False, stdout=subprocess.DEVNULL)


def test_a_packet_is_followed_from_namespace_to_namespace_and_rule_to_rule(routed: Lab) -> None:
    before = rules_of(routed, "host")
    with traced(routed, ("a", "host", "b"), PINGED) as (trace, now):
        assert trace.refused == {}
        ping(routed, "a", "10.2.0.2")
        there, back = seen(trace)
        host = place(now, routed, "host")
    assert [one.namespace for one in there.passages] == [place(now, routed, name) for name in ("a", "host", "b")]
    assert [one.end for one in there.passages] == [End.SENT, End.SENT, End.DELIVERED]
    met = [(one.hit.chain, met_text(trace.rulesets, host, one.hit), one.hit.verdict) for one in there.passages[1].met]
    assert met == [
        ("through", "ip daddr 10.2.0.2 counter jump checked", "jump"),
        ("checked", "icmp type echo-request accept", "accept"),
        ("out", 'oifname "vb" masquerade', "accept"),
    ]
    assert there.passages[2].before is not None
    assert (there.sent and there.sent.source, there.passages[2].before.source) == ("10.1.0.2", "10.2.0.1")
    assert there.sent
    assert there.sent.what == "echo request 1"
    assert [one.end for one in back.passages][-1] is End.DELIVERED
    assert rules_of(routed, "host") == before


def test_a_dropped_packet_names_its_rule(routed: Lab) -> None:
    with traced(routed, ("a", "host", "b"), (TraceMatch("tcp", "10.1.0.2", "10.2.0.2", None, 99),)) as (trace, now):
        argv = routed.inside("a", ["timeout", "0.3", "bash", "-c", "</dev/tcp/10.2.0.2/99"])
        subprocess.run(argv, check=False, stderr=subprocess.DEVNULL)
        (lost, *_) = seen(trace)
    assert lost.last.end is End.DROPPED
    assert ending(now, lost).endswith("by ip t checked")
    assert lost.sent is not None
    assert (lost.sent.what, lost.sent.port) == ("SYN", 99)


def test_a_packet_that_no_route_takes_is_lost_in_routing(routed: Lab) -> None:
    routed.ip("host", "route add blackhole 10.3.0.0/24\n")
    with traced(routed, ("a", "host"), (TraceMatch("icmp", None, "10.3.0.2"),)) as (trace, _):
        ping(routed, "a", "10.3.0.2")
        (lost,) = seen(trace)
    assert (lost.last.end, len(lost.passages)) == (End.LOST, 2)
    assert "in routing" in lost.last.where


def test_rules_that_others_trace_by_are_read_and_nothing_is_added(routed: Lab) -> None:
    if not run(["sh", "-c", "command -v iptables-nft || true"]):
        missing("needs the command iptables-nft")
    run(routed.inside("host", shlex.split("iptables-nft -t raw -A PREROUTING -p icmp -j TRACE")))
    before = rules_of(routed, "host")
    with traced(routed, ("a", "host", "b"), ()) as (trace, now):
        assert (trace.armed, trace.refused) == (frozenset(), {})
        assert rules_of(routed, "host") == before
        ping(routed, "a", "10.2.0.2")
        found = seen(trace)
    assert {one.last.namespace for one in found} == {place(now, routed, "host")}
    assert {met.hit.chain for one in found for met in one.last.met} >= {"through", "checked", "out"}
    assert all(one.last.end is End.UNSEEN for one in found)


def test_rules_of_iptables_legacy_are_told_as_untold(routed: Lab) -> None:
    if shutil.which("iptables-legacy") is None:
        missing("needs the command iptables-legacy")
    run(routed.inside("host", shlex.split("iptables-legacy -A FORWARD -p udp -j DROP")))
    with traced(routed, ("a", "host"), PINGED) as (trace, now):
        assert untold(trace.rulesets) == (place(now, routed, "host"),)
    argv = [sys.executable, "-m", "netview", "trace", "--yes", "--seconds", "0.3", routed.full("a"), routed.full("b")]
    done = subprocess.run(routed.inside("host", argv), check=False, capture_output=True, text=True, timeout=60)
    assert "host has rules of iptables-legacy, of which the kernel tells nothing here" in done.stderr


def test_a_namespace_is_let_go_when_its_own_end_comes(routed: Lab) -> None:
    with traced(routed, ("a", "b"), PINGED) as (trace, now):
        ended = place(now, routed, "a")
        assert ended in trace.armed
        routed.delete("a")
        assert wait(lambda: not trace.read(0.05) and ended not in trace.armed)
        assert trace.refused[ended] == "it has ended"
        assert wait(lambda: not any(link["ifname"] == "va" for link in routed.show("host", "link")))


def test_a_namespace_of_another_identity_is_not_touched(routed: Lab) -> None:
    trace = Trace({NamespaceId("c1"): Target(routed.inode("a"), PINGED)})
    try:
        assert trace.refused == {NamespaceId("c1"): "it is gone"}
    finally:
        trace.close()
    assert rules_of(routed, "a") == ""


def test_the_table_is_what_nft_understands_by_its_text(routed: Lab) -> None:
    matches = (TraceMatch("tcp", "2001:db8::1", None, 80, None), TraceMatch("udp", None, "10.1.0.2", None, 53), TraceMatch())
    with traced(routed, ("b",), matches):
        made = rules_of(routed, "b")
    text = "\n".join(table_lines("copy", matches)).replace("flags owner", "")
    run(routed.inside("b", ["nft", "-f", "-"]), text)
    copied = rules_of(routed, "b")

    def chains(printed: str) -> list[str]:
        lines = [line.split(" # handle")[0].strip() for line in printed.splitlines()]
        return [line for line in lines if line and not line.startswith(("table", "flags"))]

    assert chains(made) == chains(copied)
    run(routed.inside("b", ["nft", "flush", "ruleset"]))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_stays_however_the_command_ends(routed: Lab, number: signal.Signals) -> None:
    before = [rules_of(routed, name) for name in ("host", "a", "b")]
    argv = [sys.executable, "-m", "netview", "trace", "--yes", routed.full("a"), routed.full("b")]
    process = subprocess.Popen(routed.inside("host", argv), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert wait(lambda: f"netview_{process.pid}" in rules_of(routed, "host"), 15.0)
        process.send_signal(number)
        process.communicate(timeout=10)
    finally:
        process.kill()
    assert wait(lambda: [rules_of(routed, name) for name in ("host", "a", "b")] == before)


def test_nothing_stays_where_it_ends_by_a_mistake_of_its_own(routed: Lab, tmp_path: Path) -> None:
    before = [rules_of(routed, name) for name in ("host", "a", "b")]
    program = (
        "import sys, time\nfrom netview.cli import main\nfrom netview.kernel.trace import Trace\n"
        "def broken(self, seconds):\n    time.sleep(1)\n    raise RuntimeError('broken')\n"
        f"Trace.read = broken\nsys.exit(main(['trace', '--yes', '{routed.full('a')}', '{routed.full('b')}']))"
    )
    # Its traceback goes to a temporary file.
    argv = ["env", f"TMPDIR={tmp_path}", sys.executable, "-c", program]
    process = subprocess.Popen(routed.inside("host", argv), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert wait(lambda: f"netview_{process.pid}" in rules_of(routed, "host"), 15.0)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 1, told
    assert [rules_of(routed, name) for name in ("host", "a", "b")] == before


def test_a_reader_that_goes_ends_it_where_there_is_no_packet(routed: Lab) -> None:
    argv = [sys.executable, "-m", "netview", "trace", "--yes", "--seconds", "60", routed.full("a"), routed.full("b")]
    process = subprocess.Popen(routed.inside("host", argv), stderr=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert wait(lambda: f"netview_{process.pid}" in rules_of(routed, "host"), 15.0)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=15) == 3


def test_the_command_writes_an_object_for_each_packet(routed: Lab) -> None:
    argv = [sys.executable, "-m", "netview", "trace", routed.full("a"), routed.full("b"), "--count", "6", "-o", "ndjson", "--yes"]
    process = subprocess.Popen(routed.inside("host", argv), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    assert wait(lambda: f"netview_{process.pid}" in rules_of(routed, "b"), 15.0)
    time.sleep(0.1)
    ping(routed, "a", "10.2.0.2")
    printed, told = process.communicate(timeout=20)
    there, back = map(json.loads, printed.splitlines())
    assert (process.returncode, there["end"], back["end"]) == (0, "delivered", "delivered")
    assert there["path"] == {"agrees": True, "message": f"as the path says: delivered in {routed.full('b')}"}
    assert [len(one["rules"]) for one in there["passages"]] == [0, 3, 0]
    assert b"6 packets were seen" in told


def test_what_is_not_confirmed_is_not_done(routed: Lab) -> None:
    argv = [sys.executable, "-m", "netview", "trace", routed.full("a"), routed.full("b")]
    done = subprocess.run(routed.inside("host", argv), capture_output=True, check=False, stdin=subprocess.DEVNULL, text=True)
    assert done.returncode == 2
    assert "give --yes" in done.stderr
    assert "flags owner" in done.stderr
    assert rules_of(routed, "a") == ""


def test_rules_read_as_nft_writes_them(lab: Lab) -> None:
    written = (
        "ip saddr 10.2.0.0/16 accept",
        "ip saddr 10.2.3.0/27 drop",
        "ip6 daddr 2001:db8::/32 tcp dport 80 drop",
        "tcp dport @ports accept",
        "ct state established,related accept",
        'iifname "docker0" oifname "veth*" drop',
        "fib daddr type local accept",
        "udp sport != 53 drop",
        "icmp type echo-request accept",
        "tcp dport 8080 counter jump mine",
        "ip saddr 10.0.0.1 ip daddr 10.0.0.2 return",
        "meta mark set 0x7",
    )
    lab.add("host")
    body = "\n".join(written)
    script = f"table inet t {{\nset ports {{ type inet_service; }}\nchain mine {{ }}\nchain f {{\n{body}\n}}\n}}\n"
    run(lab.inside("host", ["nft", "-f", "-"]), script)
    rules = at_home_in(lab, "host", ruleset).chains["inet", "t", "f"].rules
    assert tuple(rule_text(rule, "inet") for rule in rules) == written


def test_the_name_of_the_table_tells_whose_it_is() -> None:
    assert table_name() == f"netview_{os.getpid()}"
