"""A module run on another kernel, which has what this one lacks: Debian's user-mode-linux, on a root that it may not write to."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

_LINUX, _MODULES = "linux.uml", Path("/usr/lib/uml/modules")
_KERNEL = [
    "mem=1G",
    "root=/dev/root",
    "rootfstype=hostfs",
    "rootflags=/",
    "ro",
    "con=null",
    "con0=fd:0,fd:1",
    "quiet",
]
_INIT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/modules/lib
ln -s {modules} /run/modules/lib/modules
printf '#!/bin/sh\\nexec modprobe -d /run/modules "$@"\\n' > /run/modprobe
chmod +x /run/modprobe
echo /run/modprobe > /proc/sys/kernel/modprobe
for module in veth 8021q bridge br_netfilter ipvlan macvlan iptable_filter; do /run/modprobe $module; done
ip link set lo up
cd {folder}
PYTHONDONTWRITEBYTECODE=1 {python} -m {module}
echo o > /proc/sysrq-trigger
sleep 60
"""


def is_at_hand() -> bool:
    """Whether there is one."""
    return shutil.which(_LINUX) is not None and _MODULES.is_dir() and shutil.which("modprobe") is not None


def run_there(module: str, folder: Path, seconds: float) -> list[str]:
    """The lines that a module prints, the kernel's own among them; raises subprocess.TimeoutExpired."""
    init = folder / "init"
    init.write_text(_INIT.format(modules=_MODULES, folder=Path.cwd(), python=sys.executable, module=module))
    init.chmod(0o755)
    environ = os.environ | {"HOME": str(folder)}
    command = [_LINUX, *_KERNEL, f"init={init}"]
    with subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=seconds)[0].decode("utf-8", "replace").splitlines()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
