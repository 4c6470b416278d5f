"""Two namespaces with a wire between them, and the path of an echo request across it."""

from netview.derive.build import build
from netview.derive.path.walk import walk
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.live.followed import followed
from netview.model import Flow
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in, place

_WIRE = """
    link set lo up
    link add eth0 type veth peer name eth0 netns @b
    link set eth0 up
    addr add 10.1.0.1/24 dev eth0
"""


def wired(lab: Lab) -> None:
    """Make "a" and "b"."""
    lab.add("a", "b")
    lab.ip("a", _WIRE)
    lab.ip("b", "link set lo up\nlink set eth0 up\naddr add 10.1.0.2/24 dev eth0")


def path_across(lab: Lab) -> tuple[str, str]:
    """Its verdict and the reason."""
    return ways_across(lab, "a")[0]


def ways_across(lab: Lab, home: str) -> list[tuple[str, str]]:
    """The same of the way there and of the way back, for a netview that runs in one of the two."""

    def ask() -> list[tuple[str, str]]:
        source = LiveSource(thorough=True)
        try:
            now = build(source.sample(Want()))
            path = followed(walk(now, place(now, lab, "a"), Flow("icmp", "", "10.1.0.2", icmp_type=8)), source.answer)
        finally:
            source.close()
        ways = [path] if path.back is None else [path, path.back]
        return [(way.verdict.value, way.reason.replace(lab.prefix, "")) for way in ways]

    return at_home_in(lab, home, ask)
