"""Files of a container that are hostile, slow or simply there."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netview.kernel import helper
from netview.kernel.expendable import Expendable
from netview.kernel.host_files import host_facts, roots
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import Process
from tests.kernel.hanging import Hanging
from tests.kernel.lab import Lab, wait
from tests.kernel.looking import at_home_in, place
from tests.require import missing


@pytest.fixture
def expendable() -> Iterator[Expendable]:
    made = Expendable()
    yield made
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A process in a root of its own, and that root as this process sees it."""
    if not Path("/bin/busybox").exists():
        missing("needs busybox")
    (tmp_path / "busybox").write_bytes(Path("/bin/busybox").read_bytes())
    (tmp_path / "busybox").chmod(0o755)
    (tmp_path / "etc").mkdir()
    process = subprocess.Popen(["unshare", "--mount", "chroot", str(tmp_path), "/busybox", "sleep", "600"])
    assert wait(lambda: Path(f"/proc/{process.pid}/root").readlink() == tmp_path)
    yield process.pid, tmp_path
    process.kill()
    process.wait()


def test_files_are_those_that_the_process_sees(expendable: Expendable, root: tuple[int, Path]) -> None:
    pid, folder = root
    (folder / "etc/resolv.conf").write_text("nameserver 10.9.8.7\n")
    (folder / "etc/hosts").write_text("10.0.0.1 one\n")
    (folder / "etc/hostname").write_text("boxed\n")
    facts = host_facts(expendable, pid)
    assert (facts.hostname, facts.resolv_conf, facts.hosts) == ("boxed", ("nameserver 10.9.8.7",), ("10.0.0.1 one",))
    assert facts.unknown == ()


def test_what_is_not_there_is_empty_and_not_unknown(expendable: Expendable, root: tuple[int, Path]) -> None:
    facts = host_facts(expendable, root[0])
    assert (facts.hostname, facts.resolv_conf, facts.hosts, facts.unknown) == (None, (), (), ())


@pytest.mark.parametrize("target", ["/secret", "../../../../../../../../secret", "/etc/../secret"])
def test_a_link_leads_nowhere_out_of_the_root(expendable: Expendable, root: tuple[int, Path], target: str) -> None:
    pid, folder = root
    outside = Path("/secret")
    assert not outside.exists()
    (folder / "etc/resolv.conf").symlink_to(target)
    assert host_facts(expendable, pid).resolv_conf == ()
    (folder / "secret").write_text("inside\n")
    assert host_facts(expendable, pid).resolv_conf == ("inside",)
    (folder / "etc/resolv.conf").unlink()
    (folder / "etc/resolv.conf").symlink_to(f"/proc/{os.getpid()}/root/etc/hostname")
    assert host_facts(expendable, pid).resolv_conf == ()


def test_what_is_no_file_is_told(expendable: Expendable, root: tuple[int, Path]) -> None:
    pid, folder = root
    (folder / "etc/resolv.conf").mkdir()
    os.mkfifo(folder / "etc/hosts")
    facts = host_facts(expendable, pid)
    assert {one.field for one in facts.unknown} == {"/etc/resolv.conf", "/etc/hosts"}


def test_a_long_file_is_cut_and_any_bytes_are_borne(expendable: Expendable, root: tuple[int, Path]) -> None:
    pid, folder = root
    (folder / "etc/hosts").write_bytes(b"10.0.0.1 \xff\x1b[31m" + b"x" * 1000 + b"\n" * 2_000_000)
    facts = host_facts(expendable, pid)
    assert facts.hosts is not None
    assert len(facts.hosts) <= 256
    assert max(map(len, facts.hosts)) <= 256
    assert [one.field for one in facts.unknown] == ["/etc/hosts"]


def test_a_file_system_that_may_hang_is_not_asked(expendable: Expendable, root: tuple[int, Path]) -> None:
    pid, folder = root
    with Hanging(pid, folder / "etc") as hanging:
        facts = host_facts(expendable, pid)
        assert {one.reason for one in facts.unknown} == {"its file system may hang"}
        assert hanging.asked == 0


def test_one_that_hangs_on_the_way_is_given_up(expendable: Expendable, root: tuple[int, Path]) -> None:
    pid, folder = root
    (folder / "slow").mkdir()
    (folder / "etc/resolv.conf").symlink_to("/slow/resolv.conf")
    (folder / "etc/hosts").write_text("10.0.0.1 one\n")
    with Hanging(pid, folder / "slow") as hanging:
        first, second = host_facts(expendable, pid).unknown[0], expendable.content(pid, "/etc/hosts")
        assert hanging.asked > 0
    assert first.reason == "it did not answer in time"
    assert second == b"10.0.0.1 one\n"


def test_a_socket_is_reached_as_its_process_sees_the_path_and_nothing_else_is(
    expendable: Expendable, root: tuple[int, Path]
) -> None:
    pid, folder = root
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as connection:
        listener.bind(f"{folder}/s")
        listener.listen()
        (folder / "link").symlink_to("/s")
        (folder / "out").symlink_to(f"{folder}/s")
        opened = expendable.socket(pid, "/link")
        assert opened is not None
        connection.connect(f"/proc/self/fd/{opened}")
        os.close(opened)
        for path in ("/out", "/nothing", "/busybox", "/"):
            with pytest.raises(OSError, match=r"No such file|Invalid argument"):
                expendable.socket(pid, path)


def test_what_no_signal_ends_is_not_asked_about_again_and_is_left_when_there_are_many(
    expendable: Expendable, root: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expendable._helper, "_grudge_s", 0.0)
    monkeypatch.setattr(helper, "_MOST_STUCK", 2)
    pid, folder = root
    for name in ("slow", "a", "b"):
        (folder / name).mkdir()
    with Hanging(pid, folder / "slow") as hanging:
        for name in ("a", "b", "b"):
            (folder / name / "link").unlink(missing_ok=True)
            (folder / name / "link").symlink_to("/slow/file")
            assert expendable.content(pid, f"/{name}/link") is None
        assert hanging.asked == 2
        with pytest.raises(BlockingIOError, match="not asked for"):
            expendable.content(pid, "/busybox")
        assert "not asked for" in host_facts(expendable, pid).unknown[0].reason
    # Those whose server has gone die.
    assert wait(lambda: host_facts(expendable, pid).unknown == ())


def test_one_that_hangs_keeps_nothing_else_waiting(
    expendable: Expendable, root: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, folder = root
    asked: list[str] = []

    def hang(_pid: int, path: str) -> bytes | None:
        asked.append(path)
        return None

    monkeypatch.setattr(expendable, "content", hang)
    facts = host_facts(expendable, pid)
    assert asked == ["/etc/resolv.conf"]
    assert len(facts.unknown) == 3
    assert (folder / "etc").is_dir()


def test_each_container_of_a_namespace_has_its_own(root: tuple[int, Path]) -> None:
    mine, other = os.getpid(), root[0]
    assert roots([Process(mine, "a"), Process(mine, "a"), Process(other, "b"), Process(2**22 + 1, "gone")]) == (mine, other)


def test_they_are_read_only_where_they_are_asked_for(lab: Lab) -> None:
    lab.add("host", "a")
    process = lab.start("a", ["sleep", "60"])

    def look() -> None:
        source = LiveSource(thorough=True)
        try:
            first = source.sample(Want())
            assert first.facts == {}
            there = place(first, lab, "a")
            (facts,) = (one for pid, one in source.sample(Want(facts=there)).facts.items() if pid == process.pid)
            assert facts.hosts == tuple(Path("/etc/hosts").read_text().splitlines()[:256])
            assert source.sample(Want()).facts == {}
        finally:
            source.close()

    at_home_in(lab, "host", look)
