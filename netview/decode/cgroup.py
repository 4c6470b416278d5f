"""Which container a control group belongs to, by the names that the engines give to their groups."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from netview.model import Runtime

_HEX = re.compile(r"(?:([a-z-]+?)-)?([0-9a-f]{64})(?:\.scope)?")
_PREFIXES = {
    "docker": Runtime.DOCKER,
    "libpod": Runtime.PODMAN,
    "crio": Runtime.CRIO,
    "cri-containerd": Runtime.CONTAINERD,
    "nerdctl": Runtime.CONTAINERD,
}
_LXC = re.compile(r"lxc\.payload\.(.+)")
_MACHINE = re.compile(r"machine-(?!qemu-|lxc-)(.+)\.scope|systemd-nspawn@(.+)\.service")
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")
_SLICES = ("system.slice", "user.slice")


class Group(NamedTuple):
    """The container that a control group is, or lies in."""

    runtime: Runtime | None
    """None: the name is an engine's, but not which one."""
    id: str


def container(cgroup: bytes) -> Group | None:
    """The innermost container in a /proc/<pid>/cgroup file, by the first hierarchy that names one."""
    return next((group for path in _paths(cgroup) if (group := _innermost(path)) is not None), None)


def service(cgroup: bytes) -> str | None:
    """The systemd service of a process that is in no container: "nginx.service"."""
    if container(cgroup) is not None:
        return None
    for path in _paths(cgroup):
        if path[0] in _SLICES:
            named = [part for part in path if part.endswith(".service") and not part.startswith("user@")]
            if named:
                return _unescape(named[-1])
    return None


def leaves(cgroup: bytes) -> tuple[str, ...]:
    """The last names of its paths: containerd calls a group after the container, whatever its name is."""
    return tuple(dict.fromkeys(path[-1] for path in _paths(cgroup)))


def _paths(cgroup: bytes) -> Iterator[list[str]]:
    """Each hierarchy's path in its parts; the root says nothing."""
    for line in cgroup.decode("utf-8", "surrogateescape").split("\n"):
        parts = [part for part in line.split(":", 2)[-1].split("/") if part and part != ".."] if line.count(":") >= 2 else []
        if parts:
            yield parts


def _innermost(path: list[str]) -> Group | None:
    if path[-1] == "conmon" and path[-3:-2] != ["docker"]:
        # "<pod>/conmon" is the group of the monitors of Podman's pod, and a pod is no container.
        return None
    for index in range(len(path) - 1, -1, -1):
        group = _named(path[index - 1] if index else "", path[index], path[index + 1] if index + 1 < len(path) else "")
        if group is not None:
            return group
    return None


def _named(parent: str, name: str, child: str) -> Group | None:
    if found := _HEX.fullmatch(name):
        if found[1] is None:
            return Group(Runtime.DOCKER if parent == "docker" else None, found[2])
        # "libpod-conmon-…" is the group of the container's monitor, which lives outside.
        return Group(_PREFIXES[found[1]], found[2]) if found[1] in _PREFIXES else None
    if found := _LXC.fullmatch(name):
        return Group(Runtime.LXC, found[1])
    if parent in ("lxc", "lxc.payload"):
        return Group(Runtime.LXC, name)
    found = _MACHINE.fullmatch(_unescape(name))
    # What keeps the machine is in its unit too: outside the machine, in the host's namespaces.
    if found is None or child == "supervisor" or (found[2] and child != "payload"):
        return None
    return Group(Runtime.NSPAWN, found[1] or found[2])


def _unescape(unit: str) -> str:
    r"""A unit's name without systemd's "\x2d"; bytes beyond ASCII stay escaped."""
    return _ESCAPED.sub(lambda found: chr(code) if 0x20 <= (code := int(found[1], 16)) < 0x7F else found[0], unit)
