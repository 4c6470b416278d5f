"""A real LXC container, which no daemon keeps."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.host import Host
from tests.engines.image import unpack
from tests.engines.reading import home_of, link, namespace_of
from tests.engines.started import started

TOOLS = ("lxc-start", "lxc-stop", "ip", "nsenter", "busybox")
_CONFIG = """lxc.uts.name = {name}
lxc.rootfs.path = dir:{folder}/{name}/rootfs
lxc.init.cmd = /bin/sleep 3600
lxc.apparmor.profile = unconfined
lxc.net.0.type = veth
lxc.net.0.veth.pair = lxcveth
lxc.net.0.flags = up
"""


class LxcLab(Host):
    """LXC with one container on a bridge."""

    def __init__(self) -> None:
        super().__init__("lxc")
        self.name = f"{self.namespace}-web"

    def start(self) -> None:
        """Make the namespace, the bridge and the container."""
        super().start()
        self.command("ip", "link", "add", "lxcbr0", "type", "bridge")
        self.command("ip", "link", "set", "lxcbr0", "up")
        root = self.folder / self.name / "rootfs"
        unpack(root)
        (root.parent / "config").write_text(_CONFIG.format(name=self.name, folder=self.folder))
        self.command(
            "lxc-start",
            "-P",
            str(self.folder),
            "-n",
            self.name,
            "-d",
        )
        # LXC looks for a bridge in /sys, which shows the machine's own namespace here.
        self.command("ip", "link", "set", "lxcveth", "master", "lxcbr0", "up")

    def stop(self) -> None:
        """Stop the container, and remove everything."""
        with contextlib.suppress(AssertionError):
            self.command("lxc-stop", "-P", str(self.folder), "-n", self.name, "-k")
        super().stop()

    def groups(self) -> list[Path]:
        """LXC names groups after the container; those of a monitor that failed stay."""
        own = [group for pattern in ("", "*/") for group in Path("/sys/fs/cgroup").glob(f"{pattern}lxc.*.{self.name}")]
        return [*super().groups(), *own]


@pytest.fixture(scope="module")
def lxc() -> Iterator[LxcLab]:
    """The container, running."""
    with started(LxcLab, TOOLS) as lab:
        yield lab


def test_a_container_is_called_as_lxc_calls_it_and_wired_to_its_bridge(lxc: LxcLab) -> None:
    told = lxc.snapshot()
    namespace, home = namespace_of(told, lxc.name), home_of(told)
    (owner,) = namespace["owners"]
    assert (owner["runtime"], owner["id"], namespace["label"]) == ("lxc", lxc.name, lxc.name)
    far = link(home, ifindex=link(namespace, name="eth0")["peer"]["ifindex"])
    assert far["master"] == link(home, name="lxcbr0")["ifindex"]
