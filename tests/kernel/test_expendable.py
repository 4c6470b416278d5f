"""What opens paths below a container's root: it may hang, be killed or be led astray, and netview goes on."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from netview.kernel.expendable import Expendable
from tests.kernel.lab import Lab, run, wait


@pytest.fixture
def expendable() -> Iterator[Expendable]:
    made = Expendable()
    yield made
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A process in a root of its own, and that root as this process sees it."""
    (tmp_path / "busybox").write_bytes(Path("/bin/busybox").read_bytes())
    (tmp_path / "busybox").chmod(0o755)
    process = subprocess.Popen(["chroot", str(tmp_path), "/busybox", "sleep", "600"])
    assert wait(lambda: Path(f"/proc/{process.pid}/root").readlink() == tmp_path)
    yield process.pid, tmp_path
    process.kill()
    process.wait()


def _child(expendable: Expendable) -> int:
    assert expendable._helper._child is not None
    return expendable._helper._child.pid


def _held(pid: int) -> list[str]:
    targets = (entry.readlink() for entry in Path(f"/proc/{pid}/fd").iterdir())
    return sorted(str(target).partition(":")[0] for target in targets)


def test_a_namespace_is_opened_as_its_process_sees_the_path(lab: Lab, expendable: Expendable, root: tuple[int, Path]) -> None:
    lab.add("a")
    pid, folder = root
    (folder / "ns").touch()
    (folder / "link").symlink_to("/ns")
    run(["mount", "--bind", lab.path("a"), str(folder / "ns")])
    try:
        for path in ("/ns", "/link", "/../ns"):
            opened = expendable.namespace(pid, path)
            assert opened is not None
            told = os.fstat(opened).st_ino, os.get_inheritable(opened)
            os.close(opened)
            assert told == (lab.inode("a"), False)
    finally:
        run(["umount", "--lazy", str(folder / "ns")])  # The child lets go a moment after it has answered.


@pytest.mark.parametrize("kind", ["gone", "file", "pipe", "out", "magic", "folder", "far"])
def test_what_is_no_namespace_is_not_opened(lab: Lab, expendable: Expendable, root: tuple[int, Path], kind: str) -> None:
    lab.add("a")
    pid, folder = root
    (folder / "file").touch()
    os.mkfifo(folder / "pipe")
    (folder / "out").symlink_to(lab.path("a"))
    (folder / "far").symlink_to(f"../../../../../..{lab.path('a')}")
    (folder / "proc").mkdir()
    (folder / "folder").mkdir()
    (folder / "magic").symlink_to("/proc/self/ns/net")
    run(["mount", "-t", "proc", "proc", str(folder / "proc")])
    try:
        with pytest.raises(OSError, match=r"No such file|Too many levels"):
            expendable.namespace(pid, f"/{kind}")
    finally:
        run(["umount", str(folder / "proc")])


def test_a_process_that_has_ended_is_data(expendable: Expendable) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    with pytest.raises(FileNotFoundError):
        expendable.namespace(ended.pid, "/run")


def test_one_that_hangs_is_killed_in_time_and_another_one_goes_on(lab: Lab, expendable: Expendable) -> None:
    lab.add("a")
    with pytest.raises(FileNotFoundError):
        expendable.namespace(os.getpid(), "/nothing")
    first = _child(expendable)
    os.kill(first, signal.SIGSTOP)
    began = time.monotonic()
    assert expendable.namespace(os.getpid(), "/hangs") is None
    assert time.monotonic() - began < 1
    assert not Path(f"/proc/{first}").exists()
    opened = expendable.namespace(os.getpid(), lab.path("a"))
    assert opened is not None
    os.close(opened)
    assert _child(expendable) != first
    began = time.monotonic()
    assert expendable.namespace(os.getpid(), "/hangs") is None
    assert time.monotonic() - began < 0.1


def test_one_that_is_killed_is_replaced(lab: Lab, expendable: Expendable) -> None:
    lab.add("a")
    with pytest.raises(FileNotFoundError):
        expendable.namespace(os.getpid(), "/nothing")
    os.kill(_child(expendable), signal.SIGKILL)
    assert wait(lambda: expendable._helper._child is not None and expendable._helper._child.poll() is not None)
    with pytest.raises(FileNotFoundError):
        expendable.namespace(os.getpid(), "/something")
    opened = expendable.namespace(os.getpid(), lab.path("a"))
    assert opened is not None
    os.close(opened)


def test_it_holds_nothing_open_but_its_connection_and_ends_with_it(lab: Lab, expendable: Expendable) -> None:
    lab.add("a")
    with Path(lab.path("a")).open():
        opened = expendable.namespace(os.getpid(), lab.path("a"))
        assert opened is not None
        os.close(opened)
        child = _child(expendable)
        assert wait(lambda: _held(child) == ["/dev/null", "/dev/null", "socket"]), _held(child)
    assert expendable._helper._socket is not None
    expendable._helper._socket.shutdown(2)
    assert wait(lambda: Path(f"/proc/{child}/stat").read_text().split(") ")[1].startswith("Z"))
