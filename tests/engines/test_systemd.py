"""Services of a real systemd with PrivateNetwork=; it is the first process of a machine that shares the lab's network."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engines.control_groups import hierarchies, inside, ready
from tests.engines.host import Host
from tests.engines.reading import home_of, namespace_of
from tests.engines.started import started
from tests.kernel.lab import wait

if TYPE_CHECKING:
    import subprocess

TOOLS = ("systemd-nspawn", "ip", "nsenter", "unshare")
_SERVICES = {
    "walled.service": ("3600", "PrivateNetwork=yes", ""),
    "guest.service": ("3601", "PrivateNetwork=yes", "JoinsNamespaceOf=walled.service\nAfter=walled.service"),
    "od-d@a.service": ("3602", "PrivateNetwork=yes", ""),
    "open.service": ("3603", "", ""),
}
"""What each sleeps, and what is said of its network."""
_UNIT = """[Unit]
DefaultDependencies=no
{unit}
[Service]
{service}
ExecStart=/usr/bin/sleep {seconds}
"""


class SystemdLab(Host):
    """systemd with a few services, below a control group of its own."""

    def __init__(self) -> None:
        super().__init__("systemd")
        self._machine: subprocess.Popen[bytes] | None = None
        self._roots = [path / self.namespace for path in ready(hierarchies())]

    def start(self) -> None:
        """Make the namespace and boot the machine into its services."""
        super().start()
        for root in self._roots:
            root.mkdir()
        units = self.folder / "units"
        units.mkdir()
        for name, (seconds, service, unit) in _SERVICES.items():
            (units / name.replace("@a", "@")).write_text(_UNIT.format(seconds=seconds, service=service, unit=unit))
        (units / "lab.target").write_text(f"[Unit]\nWants={' '.join(_SERVICES)}\n")
        binds = (f"--bind-ro={unit}:/etc/systemd/system/{unit.name}" for unit in units.iterdir())
        nspawn = (
            "systemd-nspawn",
            "--register=no",
            "--keep-unit",
            "--directory=/",
            "--volatile=yes",
            "--capability=CAP_NET_ADMIN",
        )
        boot = ("--boot", f"--machine={self.namespace}", "systemd.unit=lab.target", "systemd.firstboot=no")
        self._machine = self.launch(*inside(self._roots, (*nspawn, *binds, *boot)))
        assert wait(lambda: self.sleepers().keys() == _SERVICES.keys(), 40), self.log()

    def sleepers(self) -> dict[str, int]:
        """The pids of the services."""
        named = {("sleep", seconds): name for name, (seconds, *_) in _SERVICES.items()}
        found: dict[str, int] = {}
        for pid in self._members():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                program, *words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
                name = named.get((Path(program).name, words[0] if words else ""))
                found |= {} if name is None else {name: pid}
        return found

    def processes(self) -> list[int]:
        """All of the machine's."""
        return [*super().processes(), *self._members()]

    def _members(self) -> set[int]:
        listed = (path for root in self._roots for path in root.glob("**/cgroup.procs"))
        return {int(pid) for path in listed for pid in path.read_text().split()}

    def netview(self, *arguments: str) -> str:
        """What it prints for one who sees the machine's control groups as a host's."""
        groups = (payload if (payload := root / "payload").exists() else root for root in self._roots)
        return self.command(*inside(groups, ("unshare", "--cgroup", sys.executable, "-m", "netview", *arguments)))

    def stop(self) -> None:
        """End the machine, and remove everything."""
        if self._machine is not None:
            self._machine.kill()
            self._machine.wait(20)
        super().stop()


@pytest.fixture(scope="module")
def systemd() -> Iterator[SystemdLab]:
    """The machine, with its services running."""
    with started(SystemdLab, TOOLS) as lab:
        yield lab


@pytest.mark.parametrize("name", ["walled.service", "od-d@a.service"])
def test_a_service_with_a_network_of_its_own_owns_it(systemd: SystemdLab, name: str) -> None:
    found = namespace_of(systemd.snapshot(), name)
    (owner,) = found["owners"]
    assert (owner["runtime"], owner["id"], found["label"]) == ("systemd", name, name)
    assert systemd.sleepers()[name] in [process["pid"] for process in found["processes"]]
    assert [row["name"] for row in found["links"]] == ["lo"]


def test_one_that_joins_anothers_network_is_among_its_processes(systemd: SystemdLab) -> None:
    sleepers = systemd.sleepers()
    pids = [process["pid"] for process in namespace_of(systemd.snapshot(), "walled.service")["processes"]]
    assert sorted(pids) == sorted((sleepers["walled.service"], sleepers["guest.service"]))


def test_a_service_on_the_hosts_network_owns_nothing(systemd: SystemdLab) -> None:
    told = systemd.snapshot()
    assert systemd.sleepers()["open.service"] in [process["pid"] for process in home_of(told)["processes"]]
    assert "open.service" not in [owner["name"] for namespace in told["namespaces"] for owner in namespace["owners"]]
