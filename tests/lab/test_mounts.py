"""What of the machine's mounts a lab can reach."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netview.decode.procfs import nsfs_mounts
from netview.lab.netns import create, delete
from netview.lab.syscalls import unmount
from tests.lab.hub import Hub
from tests.lab.running import SOMEBODY, Run
from tests.require import missing


@pytest.fixture(params=[0o755, 0o700], ids=["open", "closed"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A namespace of the machine that is kept outside of /run, in a folder for everybody or for root alone."""
    if os.geteuid() != 0:
        missing("only root makes a named namespace")
    folder = tmp_path / "of the engine"
    folder.mkdir(mode=request.param)
    path = create("blue", folder)
    yield path
    if path.exists():
        delete(path)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("uid", [None, SOMEBODY])
def test_the_machines_named_namespaces_are_out_of_reach(run: Run, uid: int | None) -> None:
    # What the machine mounts later may show in an ordinary user's lab: mounts come through, as unmounts must.
    machines = {mounted.path for mounted in nsfs_mounts(Path("/proc/self/mountinfo").read_bytes())}
    running = run("mounted", uid)
    assert not machines & set(running.line()["inherited"])
    assert running.status() == 0


@pytest.mark.usefixtures("elsewhere")
def test_a_mount_that_the_root_of_a_user_namespace_cannot_take_away_stops_no_lab(run: Run) -> None:
    running = run("refused")
    assert "CLONE_NEWUSER" in running.line()["refused"]
    assert running.status() == 3


def test_roots_lab_keeps_no_namespace_of_the_machine_alive(elsewhere: Path, run: Run) -> None:
    running = run("linger")
    running.line()
    with Hub([elsewhere]) as hub:
        # Docker leaves the file for later; with it, the kernel would take every copy of the mount away.
        unmount(str(elsewhere))
        elsewhere_is_gone = hub.all_gone(3)
    elsewhere.unlink()
    assert elsewhere_is_gone


def test_what_an_engine_mounts_later_does_not_come_into_roots_lab(tmp_path: Path, run: Run) -> None:
    if os.geteuid() != 0:
        missing("only root mounts")
    folder = tmp_path / "shared"
    folder.mkdir()
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "--make-shared", folder], check=True)
        running = run("linger")
        running.line()
        later = create("later", folder)
        try:
            told = [Path(f"/proc/{pid}/mountinfo").read_bytes() for pid in running.members().values()]
            inside = [mounts for mounts in told if str(folder).encode() in mounts and b"/run/netns/nginx-1" in mounts]
            assert inside
            assert not any(str(later).encode() in mounts for mounts in inside)
        finally:
            delete(later)
    finally:
        unmount(str(folder))
