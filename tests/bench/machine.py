"""A machine of its own to measure on: private namespaces of all kinds, which end with the one who asked."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NETNS = Path("/run/netns")
_INSIDE = "NETVIEW_BENCH_INSIDE"
# An empty /run: no names of the machine's own, and no engine's socket. /sys shows the links of the namespace it is mounted in.
_MOUNTS = """
mount -t tmpfs none /run && mkdir -p /run/netns && mount -t sysfs none /sys
ip link set lo up
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
exec "$@"
"""


class BenchError(Exception):
    """What keeps the measuring from being done; the message is one line."""


def is_inside() -> bool:
    """Whether this process runs on such a machine."""
    return os.environ.get(_INSIDE) == "1"


def start_inside(argv: Sequence[str], stdout: int | None = None) -> "subprocess.Popen[str]":
    """Run a Python module with arguments on such a machine; when it ends, everything in there has ended."""
    if os.geteuid():
        raise BenchError("it builds network namespaces: run as root")
    # However its starter dies, all of it dies, too.
    unshare = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--uts",
        "--ipc",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]
    command = [*unshare, "sh", "-ec", _MOUNTS, "sh", sys.executable, "-m", *argv]
    # Bytecode is kept as an installed program's is, but not here.
    environ = os.environ | {_INSIDE: "1", "PYTHONPATH": str(Path.cwd()), "PYTHONPYCACHEPREFIX": "/run/bytecode"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(command, env=environ, stdout=stdout, text=True)


def compiled(source: str) -> str:
    """The path of a C program of this folder, built now."""
    out = f"/run/{source}"
    here = Path(__file__).parent / f"{source}.c"
    done = subprocess.run(["gcc", "-O2", "-Wall", "-o", out, str(here)], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise BenchError(f"gcc cannot build {here.name}: {done.stderr}")
    return out
