"""An ordinary user: home in full, the rest listed with what it would need, no traceback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel import iproute2
from tests.kernel.lab import Lab
from tests.other_user import interpreter


@pytest.fixture(scope="module")
def python() -> Iterator[list[str]]:
    with interpreter() as argv:
        yield argv


def _netview(lab: Lab, python: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = lab.inside("host", [*python, "-m", "netview", *arguments])
    return subprocess.run(argv, cwd="/", check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("backend", ["native", "pyroute2"])
def test_home_is_read_in_full_and_the_rest_listed_with_what_it_needs(rich: Lab, python: list[str], backend: str) -> None:
    for _ in range(15):
        before = iproute2.without_counters(iproute2.namespace(rich, "host"))
        done = _netview(rich, python, "--backend", backend, "snapshot", "-o", "json")
        if before == iproute2.without_counters(iproute2.namespace(rich, "host")):
            break
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    spaces: list[dict[str, Any]] = json.loads(done.stdout)["namespaces"]
    home = spaces[0]
    assert (home["home"], home["inode"], home["error"], home["unknown"]) == (True, rich.inode("host"), None, [])
    for rows in ("routes", "rules", "neighbours", "fdb"):
        assert iproute2.in_order(home[rows]) == before[rows]
    for link, row in zip(home["links"], before["links"], strict=True):
        assert {field: link[field] for field in row.keys() - {"carrier"}} == {
            field: row[field] for field in row.keys() - {"carrier"}
        }
    locked = {name: space for space in spaces[1:] for name in space["names"]}
    for name in ("c1", "n1", "over"):
        assert "CAP_SYS_ADMIN" in locked[rich.full(name)]["error"]
        assert locked[rich.full(name)]["inode"] == rich.inode(name)
        assert locked[rich.full(name)]["links"] == []
    v1 = next(link for link in home["links"] if link["name"] == "v1")
    assert v1["peer"] == {"namespace": locked[rich.full("c1")]["id"], "nsid": 0, "ifindex": 30, "name": None}


@pytest.mark.parametrize("arguments", [("snapshot", "-o", "tree"), ("which", "v1"), ("which", "nothing-of-that-name"), ()])
def test_no_command_prints_a_traceback(rich: Lab, python: list[str], arguments: tuple[str, ...]) -> None:
    done = _netview(rich, python, *arguments)
    assert done.returncode == (1 if arguments[-1:] == ("nothing-of-that-name",) else 0)
    assert "Traceback" not in done.stdout + done.stderr


def test_home_tells_its_sockets_and_not_who_holds_those_of_others(lab: Lab, python: list[str]) -> None:
    lab.add("host", "c1")
    script = "import socket, time; s = socket.create_server(('', 8080)); print('ready', flush=True); time.sleep(600)"
    server = lab.start("host", [sys.executable, "-c", script])
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    done = _netview(lab, python, "snapshot", "-o", "json", "--sockets")
    assert "Traceback" not in done.stderr
    home, *others = json.loads(done.stdout)["namespaces"]
    (socket,) = home["sockets"]
    assert (socket["local"], socket["pid"], socket["comm"]) == ("0.0.0.0:8080", None, None)
    assert home["unknown"] == [{"field": "sockets", "reason": "holders of 1: permission denied"}]
    (locked,) = (space for space in others if lab.full("c1") in space["names"])
    assert locked["sockets"] is None
    assert locked["error"] in [unknown["reason"] for unknown in locked["unknown"]]


def _as_root_with(lab: Lab, capabilities: str) -> list[dict[str, Any]]:
    """The namespaces of the JSON, home first."""
    drop = ["setpriv", f"--bounding-set={capabilities}", f"--inh-caps={capabilities}"]
    argv = lab.inside("host", [*drop, sys.executable, "-m", "netview", "snapshot", "-o", "json"])
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    spaces: list[dict[str, Any]] = json.loads(done.stdout)["namespaces"]
    return spaces


def test_root_without_cap_sys_admin_is_told_what_is_missing(rich: Lab) -> None:
    spaces = _as_root_with(rich, "-sys_admin")
    assert spaces[0]["inode"] == rich.inode("host")
    assert spaces[0]["error"] is None
    assert {bool(space["error"]) for space in spaces[1:]} == {True}
    assert all("CAP_SYS_ADMIN" in space["error"] for space in spaces[1:] if rich.full("c1") in space["names"])


@pytest.mark.parametrize(("capabilities", "peers"), [("-net_broadcast", True), ("-net_admin", False)])
def test_root_with_fewer_rights_reads_every_namespace_and_knows_the_peers_it_may_ask_for(
    rich: Lab, capabilities: str, *, peers: bool
) -> None:
    spaces = [space for space in _as_root_with(rich, capabilities) if any(rich.prefix in name for name in space["names"])]
    assert len(spaces) > 5
    assert {space["error"] for space in spaces} == {None}
    away = [link["peer"] for space in spaces[1:] for link in space["links"] if link["peer"] and link["peer"]["nsid"] is not None]
    assert any(peer["namespace"] is not None for peer in away) is peers
    assert all(peer["ifindex"] > 0 for peer in away)
