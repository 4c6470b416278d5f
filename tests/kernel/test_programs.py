"""What looks at packets besides the stack is found on real links, and no path is sure past it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netview.derive.doctor.two_backends import families
from netview.kernel.programs import attached, programs
from netview.kernel.rulesets import ruleset
from tests.kernel import bpf
from tests.kernel.lab import Lab, run, wait
from tests.kernel.looking import at_home_in
from tests.kernel.wire import path_across, ways_across, wired
from tests.require import missing

if TYPE_CHECKING:
    import subprocess


@pytest.fixture
def wire(lab: Lab) -> Lab:
    """Two namespaces with a wire between them."""
    wired(lab)
    return lab


def _inside(lab: Lab, *argv: str) -> None:
    if shutil.which(argv[0]) is None:
        missing(f"needs the command {argv[0]}")
    run(lab.inside("b", argv))


def test_a_plain_wire_has_no_programs(wire: Lab) -> None:
    assert at_home_in(wire, "b", lambda: (programs(2), families(ruleset()), attached([1, 2]))) == ((), frozenset(), {})
    assert path_across(wire) == ("delivered", "in b")


@pytest.mark.parametrize(
    ("kind", "where", "words"),
    [(bpf.XDP, bpf.ON_XDP, "XDP program "), (bpf.SCHED_CLS, bpf.TCX_INGRESS, "1 tcx programs at ingress")],
)
def test_a_program_is_found_and_makes_a_path_unsure(wire: Lab, kind: int, where: int, words: str) -> None:
    held = at_home_in(wire, "b", lambda: bpf.attached(kind, where, 2))
    try:
        (found,) = at_home_in(wire, "b", lambda: programs(2))
        assert at_home_in(wire, "b", lambda: attached([1, 2])) == {2: (found,)}
        verdict, reason = path_across(wire)
    finally:
        os.close(held)
    assert found.startswith(words)
    assert (verdict, reason) == ("undecided", f"{found} on eth0")


def test_hundreds_of_links_are_asked_at_once(wire: Lab) -> None:
    wire.ip("b", "".join(f"link add p{number} type veth peer name q{number}\n" for number in range(200)))
    _inside(wire, "tc", "qdisc", "add", "dev", "q199", "clsact")
    _inside(wire, "tc", "filter", "add", "dev", "q199", "egress", "u32", "match", "u32", "0", "0")
    links = {link["ifname"]: link["ifindex"] for link in wire.show("b", "link")}
    assert at_home_in(wire, "b", lambda: attached(links.values())) == {links["q199"]: ("tc filter u32 at egress",)}


def test_a_filter_of_tc_is_found_and_makes_a_path_unsure(wire: Lab) -> None:
    _inside(wire, "tc", "qdisc", "add", "dev", "eth0", "clsact")
    assert path_across(wire) == ("delivered", "in b")
    _inside(
        wire, *["tc", "filter", "add", "dev", "eth0", "ingress", "prio", "5", "u32", "match", "u32", "0", "0", "flowid", "1:1"]
    )
    assert path_across(wire) == ("undecided", "tc filter u32 at ingress on eth0")
    assert at_home_in(wire, "b", lambda: attached([1, 2])) == {2: ("tc filter u32 at ingress",)}


_CHAIN = "add table ip t; add chain ip t c { type filter hook input priority 0; policy accept; }"


@pytest.mark.parametrize(
    ("argv", "known"),
    [
        (("nft", _CHAIN), set()),
        (("nft", f"{_CHAIN}; add rule ip t c counter"), {"ip"}),
        (("nft", _CHAIN.replace("accept", "drop")), {"ip"}),
        (("iptables-nft", "-A", "INPUT", "-j", "ACCEPT"), {"ip"}),
        (("iptables-legacy", "-A", "INPUT", "-j", "ACCEPT"), {"legacy ip"}),
        (("ip6tables-legacy", "-A", "INPUT", "-j", "ACCEPT"), {"legacy ip6"}),
    ],
)
def test_families_with_rules_are_found(wire: Lab, argv: tuple[str, ...], known: set[str]) -> None:
    _inside(wire, *argv)
    assert at_home_in(wire, "b", lambda: families(ruleset())) == known


def _state() -> tuple[str, ...]:
    names = ("ip_tables_names", "ip6_tables_names", "netfilter/nf_log", "netlink")
    return tuple(_text(Path("/proc/thread-self/net") / name) for name in names)


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    # Netlink's own list has the addresses of sockets in it, and counts their messages.
    return "\n".join(sorted(" ".join(line.split()[1:3]) for line in path.read_text().splitlines()))


def _looked(look: Callable[[], object]) -> tuple[object, object]:
    before = _state()
    look()
    return before, _state()


def test_a_look_makes_no_table_and_no_socket(wire: Lab) -> None:
    before, after = at_home_in(wire, "b", lambda: _looked(lambda: (programs(2), ruleset())))
    assert before == after


_SAVES = (("iptables-legacy-save", "-c"), ("ip6tables-legacy-save", "-c"), ("nft", "-a", "list", "ruleset"))


def _saved(lab: Lab) -> list[list[str]]:
    told = [run(lab.inside("b", argv)).splitlines() for argv in _SAVES]
    return [[line for line in lines if not line.startswith("#")] for lines in told]


def test_rules_are_read_without_a_trace(wire: Lab) -> None:
    _inside(
        wire,
        "iptables-legacy",
        "-t",
        "nat",
        "-A",
        "PREROUTING",
        "-p",
        "tcp",
        "--dport",
        "80",
        "-j",
        "REDIRECT",
        "--to-ports",
        "81",
    )
    _inside(wire, "nft", f"{_CHAIN}; add rule ip t c counter drop")
    before = _saved(wire)
    found = at_home_in(wire, "b", ruleset)
    assert _saved(wire) == before
    places = {(chain.legacy, chain.table, chain.name): len(chain.rules) for chain in found.chains.values()}
    empty = {(True, "nat", name): 0 for name in ("INPUT", "OUTPUT", "POSTROUTING")}
    assert places == {(True, "nat", "PREROUTING"): 1, (False, "t", "c"): 1} | empty


def test_rules_are_not_read_again_while_they_are_the_same(wire: Lab) -> None:
    _inside(wire, "nft", f"{_CHAIN}; add rule ip t c counter")
    first = at_home_in(wire, "b", ruleset)
    assert at_home_in(wire, "b", lambda: ruleset(known=first)) is first
    _inside(wire, "nft", "add rule ip t c drop")
    again = at_home_in(wire, "b", lambda: ruleset(known=first))
    assert [len(chain.rules) for chain in again.chains.values()] == [2]


@contextmanager
def in_a_group(process: "subprocess.Popen[bytes]") -> Iterator[int]:
    """A process in a control group of its own, and that group's descriptor."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines() if " cgroup2 " in line]
    if not mounts:
        missing("needs a hierarchy of control groups, version 2")
    group = Path(mounts[0][4], f"nvt{os.getpid()}")
    try:
        group.mkdir()
    except OSError as error:
        missing(f"no control group can be made: {error}")
    try:
        (group / "cgroup.procs").write_text(str(process.pid))
        descriptor = os.open(group, os.O_RDONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    finally:
        process.kill()
        process.wait()
        wait(lambda: not (group / "cgroup.procs").read_text())
        group.rmdir()


@pytest.mark.parametrize("where", [bpf.CGROUP_INGRESS, bpf.CGROUP_EGRESS])
def test_a_program_on_a_control_group_leaves_no_path_sure(wire: Lab, where: int) -> None:
    assert path_across(wire)[0] == "delivered"
    with in_a_group(wire.start("a", ["sleep", "60"])) as group:
        assert _path_from(wire)[0] == "delivered"
        held = bpf.attached(bpf.CGROUP_SKB, where, group)
        try:
            verdict, reason = _path_from(wire)
        finally:
            os.close(held)
        word = "ingress" if where == bpf.CGROUP_INGRESS else "egress"
        assert verdict == "undecided"
        assert f"{word} program" in reason
        assert f"nvt{os.getpid()}" in reason
        assert _path_from(wire)[0] == "delivered"


def _path_from(lab: Lab) -> tuple[str, str]:
    """The path from a namespace that is not netview's own, the worse of its two ways."""
    ways = ways_across(lab, "b")
    return next((way for way in ways if way[0] != "delivered"), ways[0])
