"""Engines that lie, and those that only live somewhere else."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from netview.model import Claimant, Container, Owner, Runtime
from netview.runtimes import evidence
from netview.runtimes.evidence import Witness, witness
from netview.runtimes.proc import namespace
from netview.runtimes.unix_http import Peer
from tests.require import missing
from tests.runtimes.processes import Processes

ID = "a" * 64
SOCKET = "/run/x.sock"
SANDBOX = "/var/run/docker/netns/abc"
ME = Peer(os.getpid(), os.getuid())


@pytest.fixture
def cgroup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process is in the group of one container."""
    monkeypatch.setattr(evidence, "process_file", lambda *_: f"0::/docker/{ID}\n".encode())


def a_witness(*, depth: int = 0, below: dict[int, int] | None = None, mounted: int | None = None, ours: bool = True) -> Witness:
    mounts = frozenset() if mounted is None else frozenset({("/run/docker/netns/abc", mounted)})
    return Witness(ME, depth, below or {}, mounts, ours)


def told(pid: int | None = ME.pid, id_: str = ID) -> Container:
    return Container(Owner(Runtime.DOCKER, id_, "box"), pid, SANDBOX)


@pytest.mark.usefixtures("cgroup")
def test_a_process_in_the_group_of_its_container_is_borne_out() -> None:
    assert a_witness().checked(told(), SOCKET, Runtime.DOCKER) == Container(told().owner, ME.pid)


@pytest.mark.usefixtures("cgroup")
def test_a_process_in_another_group_is_only_claimed() -> None:
    claim = a_witness().checked(told(id_="b" * 64), SOCKET, Runtime.DOCKER)
    assert (claim.pid, claim.sandbox) == (ME.pid, None)
    assert claim.claimed_by == Claimant(SOCKET, ME.pid, ME.uid)


def test_without_a_containers_group_the_namespace_that_the_engine_mounted_bears_it_out() -> None:
    seen = a_witness(mounted=namespace(ME.pid, "net"))
    assert seen.checked(told(), SOCKET, Runtime.DOCKER) == told()


@pytest.mark.usefixtures("cgroup")
def test_a_group_that_names_another_container_outweighs_the_sandbox() -> None:
    seen = a_witness(mounted=namespace(ME.pid, "net"))
    assert seen.checked(told(id_="b" * 64), SOCKET, Runtime.DOCKER).claimed_by


def test_without_group_and_sandbox_the_monitor_that_keeps_a_process_bears_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = Processes(tmp_path, monkeypatch)
    processes.add(50, argv=("/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", ID))
    processes.add(51, parent=50, depth=1)
    processes.add(52)
    assert a_witness().checked(told(51), SOCKET, Runtime.DOCKER).claimed_by is None
    assert a_witness().checked(told(51, "b" * 64), SOCKET, Runtime.DOCKER).claimed_by
    assert a_witness().checked(told(52), SOCKET, Runtime.DOCKER).claimed_by


@pytest.mark.usefixtures("cgroup")
def test_a_mount_of_another_namespace_bears_nothing_out() -> None:
    assert a_witness(mounted=1).checked(told(id_="b" * 64), SOCKET, Runtime.DOCKER).claimed_by
    assert a_witness(mounted=1).checked(told(), SOCKET, Runtime.DOCKER).sandbox is None


def test_a_sandbox_in_another_mount_namespace_says_nothing_about_a_path_in_ours() -> None:
    seen = a_witness(mounted=namespace(ME.pid, "net"), ours=False)
    assert seen.checked(told(), SOCKET, Runtime.DOCKER) == Container(told().owner, ME.pid)


@pytest.mark.usefixtures("cgroup")
def test_a_pid_of_a_namespace_below_is_translated_and_no_other_is_taken() -> None:
    seen = a_witness(depth=1, below={7: ME.pid})
    assert seen.checked(told(7), SOCKET, Runtime.DOCKER).pid == ME.pid
    outside = seen.checked(told(ME.pid), SOCKET, Runtime.DOCKER)
    assert (outside.pid, bool(outside.claimed_by)) == (None, True)


def test_a_listener_that_is_not_seen_bears_witness_to_nothing() -> None:
    assert witness(Peer(0, 0)) is None
    assert witness(Peer(2**22 - 1, 0)) is None


def test_a_listener_among_us_is_known_with_its_mounts() -> None:
    seen = witness(ME)
    assert seen is not None
    assert (seen.depth, seen.below, seen.ours) == (0, {}, True)


def test_what_rootlesskit_moved_out_of_the_way_is_known_by_the_path_that_its_engine_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = b"20 14 0:4 net:[4026606667] /run/.ro1887863846/user/1000/docker/netns/08c1 rw - nsfs nsfs rw\n"
    monkeypatch.setattr(evidence, "process_file", lambda *_: line)
    seen = witness(ME)
    assert seen is not None
    assert seen.mounts == {("/run/user/1000/docker/netns/08c1", 4026606667)}


@contextmanager
def nested() -> Iterator[list[int]]:
    """Our pids of an init and its child in a pid and mount namespace below."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        missing("a pid namespace needs root and unshare")
    script = "import os,sys\nif os.fork(): sys.stdin.read(); os._exit(0)\nprint('up', flush=True); sys.stdin.read()"
    command = ["unshare", "--pid", "--mount", "--fork", "--kill-child", sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"up"
        (init,) = children(process.pid)
        yield [init, *children(init)]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


@pytest.mark.usefixtures("cgroup")
def test_an_engine_in_a_pid_namespace_below_names_its_own_processes_by_its_own_pids() -> None:
    with nested() as (init, child):
        seen = witness(Peer(init, 0))
        assert seen is not None
        assert (seen.depth, dict(seen.below), seen.ours) == (1, {1: init, 2: child}, False)
        assert seen.checked(told(2), SOCKET, Runtime.DOCKER).pid == child


def test_an_engine_in_one_pid_namespace_names_nothing_of_its_sibling() -> None:
    with nested() as (one, _), nested() as (other, below):
        seen = witness(Peer(one, 0))
        assert seen is not None
        assert not {other, below} & set(seen.below.values())


def test_a_hostile_name_stays_as_it_is_in_a_claim() -> None:
    claim = a_witness().checked(told(id_="b" * 64), "/run/\x1b[2J", Runtime.DOCKER)
    assert json.dumps(str(claim.claimed_by)).startswith('"/run/\\u001b[2J')
