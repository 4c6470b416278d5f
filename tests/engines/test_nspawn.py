"""A real systemd-nspawn machine; where systemd does not run, the test gives it the group that systemd would."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engines.control_groups import hierarchies, inside
from tests.engines.host import Host
from tests.engines.image import unpack
from tests.engines.reading import namespace_of
from tests.engines.started import started
from tests.kernel.lab import wait

if TYPE_CHECKING:
    import subprocess

TOOLS = ("systemd-nspawn", "ip", "nsenter", "busybox")


class NspawnLab(Host):
    """systemd-nspawn with one machine of a network of its own."""

    def __init__(self) -> None:
        super().__init__("nspawn")
        self.machine = f"{self.namespace}-m"
        self._spawn: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the namespace and boot the machine."""
        super().start()
        root = self.folder / "root"
        unpack(root)
        units = [path / self.namespace / f"systemd-nspawn@{self.machine}.service" for path in hierarchies()]
        for unit in units:
            unit.mkdir(parents=True)
        nspawn = ("systemd-nspawn", "--register=no", "--keep-unit", "--private-network", f"--directory={root}")
        self._spawn = self.launch(*inside(units, (*nspawn, f"--machine={self.machine}", "/bin/sleep", "3600")))
        assert wait(self._is_up, 20), self.log()

    def stop(self) -> None:
        """End the machine, and remove everything."""
        if self._spawn is not None:
            self._spawn.terminate()
            self._spawn.wait(20)
        super().stop()

    def _is_up(self) -> bool:
        assert self._spawn is not None
        assert self._spawn.poll() is None, self.log()
        children = Path(f"/proc/{self._spawn.pid}/task/{self._spawn.pid}/children").read_text(encoding="ascii").split()
        return any(_is_asleep(child) for child in children)


def _is_asleep(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii") == "sleep\n"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module")
def nspawn() -> Iterator[NspawnLab]:
    """The machine, running."""
    with started(NspawnLab, TOOLS) as lab:
        yield lab


def test_a_machine_is_called_as_nspawn_calls_it(nspawn: NspawnLab) -> None:
    namespace = namespace_of(nspawn.snapshot(), nspawn.machine)
    (owner,) = namespace["owners"]
    assert (owner["runtime"], owner["id"], namespace["label"]) == ("nspawn", nspawn.machine, nspawn.machine)
    assert [row["kind"] for row in namespace["links"]] == ["loopback"]
