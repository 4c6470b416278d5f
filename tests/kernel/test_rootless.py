"""An ordinary user's own user namespaces: what is in them is read in full, and what another user made stays locked."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.lab import Lab, ended, run, wait
from tests.kernel.looking import BACKENDS
from tests.other_user import UID, become, interpreter, may_make_user_namespaces

_OTHER = 1002
_ONE = """
ip link set lo up
ip link add br0 type bridge
ip link add p1 type veth peer name out
ip link set p1 master br0 up
ip addr add 10.9.8.7/24 dev br0
ip addr add 2001:db8::7/64 dev br0 nodad
ip link set br0 up
ip route add 192.0.2.0/24 via 10.9.8.1
ip neigh add 10.9.8.1 lladdr 02:00:00:00:00:01 dev br0
echo
exec cat
"""
_TWO_MORE = """
mount -t tmpfs none /run
ip netns add first
ip netns add second
ip link add under index 20 type veth peer name over index 21 netns first
ip -n first link add under index 20 type veth peer name over index 21 netns second
echo
exec cat
"""
_FOLLOW = """
import sys
from netview.kernel.live_source import LiveSource
from netview.live import Want
source = LiveSource()
for line in sys.stdin:
    tables = source.sample(Want()).tables.values()
    print(*sorted(len(told.links) for told in tables if told.error is None), flush=True)
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def python() -> Iterator[list[str]]:
    may_make_user_namespaces()
    with interpreter() as argv:
        yield argv


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a script in a user namespace of a user's own, and waits until it says that it is there."""
    started: list[subprocess.Popen[bytes]] = []

    def go(script: str, uid: int = UID, *options: str) -> subprocess.Popen[bytes]:
        argv = [*become(uid), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "unshare", "--user", "--map-root-user", "--net", *options]
        process = subprocess.Popen([*argv, "sh", "-e", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        return process

    yield go
    for process in started:
        process.kill()
        process.communicate()


def _snapshot(lab: Lab, python: list[str], *options: str) -> list[dict[str, Any]]:
    argv = lab.inside("host", [*python, "-m", "netview", *options, "snapshot", "-o", "json"])
    done = subprocess.run(argv, cwd="/", check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    spaces: list[dict[str, Any]] = json.loads(done.stdout)["namespaces"]
    return spaces


def _of(spaces: list[dict[str, Any]], pid: int) -> dict[str, Any]:
    inode = Path(f"/proc/{pid}/ns/net").stat().st_ino
    return next(space for space in spaces if space["inode"] == inode)


def _ip(pid: int, *arguments: str) -> list[dict[str, Any]]:
    """What iproute2 prints for the user themself."""
    enter = ("nsenter", "--preserve-credentials", "--user", "--net", "--target", str(pid))
    printed = run([*become(), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *enter, "ip", "-j", *arguments])
    rows: list[dict[str, Any]] = json.loads(printed or "[]")
    return rows


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_users_own_is_read_in_full(lab: Lab, python: list[str], start: Start, backend: str) -> None:
    lab.add("host")
    pid = start(_ONE).pid
    # No address is tentative any more.
    assert wait(lambda: not any(one.get("tentative") for row in _ip(pid, "addr") for one in row["addr_info"]))
    told, shown = _of(_snapshot(lab, python, "--backend", backend), pid), _ip(pid, "addr")
    assert (told["error"], told["unknown"]) == (None, [])
    assert pid in [process["pid"] for process in told["processes"]]
    assert [(row["ifindex"], row["name"], row["mtu"], row["address"], row["operstate"]) for row in told["links"]] == [
        (row["ifindex"], row["ifname"], row["mtu"], row["address"], row["operstate"]) for row in shown
    ]
    assert {
        (row["ifindex"], one["address"], one["prefixlen"], one["scope"]) for row in told["links"] for one in row["addresses"]
    } == {(row["ifindex"], one["local"], one["prefixlen"], one["scope"]) for row in shown for one in row["addr_info"]}
    for family, option in (("inet", "-4"), ("inet6", "-6")):
        ours = {(row["dst"], row["gateway"], row["dev"]) for row in told["routes"] if row["family"] == family}
        theirs = _ip(pid, option, "route", "show", "table", "all")
        assert {dst.partition("/")[0] for dst, _, _ in ours} == {row["dst"].partition("/")[0] for row in theirs}
    assert {("192.0.2.0/24", "10.9.8.1", "br0")} <= {(row["dst"], row["gateway"], row["dev"]) for row in told["routes"]}
    assert [(row["ip"], row["mac"], row["state"]) for row in told["neighbours"] if row["state"] == "PERMANENT"] == [
        ("10.9.8.1", "02:00:00:00:00:01", "PERMANENT")
    ]
    assert {row["dev"] for row in told["fdb"]} >= {"p1"}
    port = next(row for row in told["links"] if row["name"] == "p1")
    assert port["port"]["state"] == "forwarding" or port["operstate"] != "UP"
    assert port["stats"]["rx_bytes"] is not None


def test_wires_between_a_users_own_lead_to_each_other(lab: Lab, python: list[str], start: Start) -> None:
    """Nobody but the user's mount namespace knows the two inner ones, and there is no hub."""
    lab.add("host")
    pid = start(_TWO_MORE, UID, "--mount").pid
    lab.ip("host", f"link add wire index 30 type veth peer name wired index 31 netns {pid}\n")
    spaces = _snapshot(lab, python)
    home, outer = spaces[0], _of(spaces, pid)
    first = next(space for space in spaces if {row["name"] for row in space["links"]} == {"lo", "over", "under"})
    second = next(space for space in spaces if {row["name"] for row in space["links"]} == {"lo", "over"})
    assert _peers(home)["wire"] == (outer["id"], 31)
    assert _peers(outer) == {"wired": (home["id"], 30), "under": (first["id"], 21)}
    assert _peers(first) == {"over": (outer["id"], 20), "under": (second["id"], 21)}
    assert _peers(second) == {"over": (first["id"], 20)}


def _peers(space: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {row["name"]: (row["peer"]["namespace"], row["peer"]["ifindex"]) for row in space["links"] if row["peer"]}


def test_another_users_is_locked_with_what_it_needs(lab: Lab, python: list[str], start: Start, tmp_path: Path) -> None:
    lab.add("host")
    pid = start(_ONE, _OTHER).pid
    # Mounted where everybody may open it.
    tmp_path.chmod(0o755)
    inode, mount = Path(f"/proc/{pid}/ns/net").stat().st_ino, Path(lab.path("host")).with_name(lab.full("other"))
    mount.touch()
    run(["mount", "--bind", f"/proc/{pid}/ns/net", str(mount)])
    try:
        spaces = _snapshot(lab, python)
    finally:
        run(["umount", str(mount)])
        mount.unlink()
    (locked,) = (space for space in spaces if space["inode"] == inode)
    assert locked["error"] == f"entering it needs CAP_SYS_ADMIN: run as root, or as uid {_OTHER}, who made it"
    assert (locked["links"], locked["processes"]) == ([], [])


def test_nothing_is_pinned_while_it_is_followed_and_the_helper_ends_with_netview(
    lab: Lab, python: list[str], start: Start
) -> None:
    lab.add("host")
    inside = start(_ONE)
    lab.ip("host", f"link add w type veth peer name far netns {inside.pid}\n")
    argv = lab.inside("host", [*python, "-c", _FOLLOW])
    with subprocess.Popen(argv, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as netview:
        assert netview.stdin is not None
        assert netview.stdout is not None

        def sampled() -> bytes:
            assert netview.stdin is not None
            assert netview.stdout is not None
            netview.stdin.write(b"\n")
            netview.stdin.flush()
            return netview.stdout.readline()

        try:
            assert sampled() == b"2 5\n"
            (helper,) = _children(netview.pid)
            assert wait(lambda: _children(helper) == [])
            inside.kill()
            assert wait(lambda: [row["ifname"] for row in lab.show("host", "link")] == ["lo"])
            assert wait(lambda: sampled() == b"1\n")
            assert _children(netview.pid) == [helper]
        finally:
            netview.kill()
    assert wait(lambda: ended(helper))


def _children(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
