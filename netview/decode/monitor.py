"""The process that an engine leaves beside a container: its command line says which container, and where its bundle is."""

from typing import NamedTuple

from netview.model import Runtime

_MOBY = "moby"
"""The containerd namespace that Docker keeps its containers in."""


class Monitor(NamedTuple):
    """What conmon or a containerd shim was told at its start."""

    runtime: Runtime
    """CONTAINERD also where another engine's name stands in the bundle; conmon serves Podman and CRI-O alike."""
    id: str
    """A shim's is the pod's first container, of which it keeps the others too."""
    bundle: str | None
    """None: beside its own working directory, which is its first container's bundle."""
    name: str | None


def monitor(cmdline: bytes) -> Monitor | None:
    """What /proc/<pid>/cmdline holds, or None where it is no monitor's."""
    argv = cmdline.decode("utf-8", "surrogateescape").split("\0")
    program = argv[0].rpartition("/")[2]
    if program == "conmon":
        id_, bundle = _option(argv, "-c"), _option(argv, "-b")
        return Monitor(Runtime.PODMAN, id_, bundle, _option(argv, "-n")) if id_ and bundle else None
    if program.startswith("containerd-shim"):
        id_ = _option(argv, "-id")
        runtime = Runtime.DOCKER if _option(argv, "-namespace") == _MOBY else Runtime.CONTAINERD
        return Monitor(runtime, id_, None, None) if id_ else None
    return None


def _option(argv: list[str], name: str) -> str | None:
    """The word after the first of that name."""
    at = argv.index(name) + 1 if name in argv else len(argv)
    return argv[at] if at < len(argv) and argv[at] else None
