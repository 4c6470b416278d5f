"""One step of a frame from link to link."""

from typing import NamedTuple

from netview.model import FdbEntry, LinkKey
from netview.model.path import Layer


class Tunnel(NamedTuple):
    """Where a frame goes on inside another packet."""

    link: LinkKey
    """The VXLAN device that wraps it."""
    remote: str
    end: LinkKey | None
    """The device that unwraps it; None: none can be seen."""


class Step(NamedTuple):
    """A frame enters a link or leaves by it."""

    link: LinkKey
    decision: str
    because: str
    fact: FdbEntry | None = None
    block: str | None = None
    """Why it is lost here."""
    doubt: str | None = None
    """Why nobody can tell whether it gets past this."""
    tunnel: Tunnel | None = None
    bridged: LinkKey | None = None
    """The bridge that takes it from port to port, whose rules look at it."""
    tags: tuple[int | None, int | None] = None, None
    """The VLAN in its header before and after."""
    layer: Layer = 2
    measured: bool = False
    """Whether what is larger than the link's MTU is lost here."""


class Trail(NamedTuple):
    """The steps so far; branches share their beginning."""

    step: Step
    before: "Trail | None"

    def steps(self) -> list[Step]:
        """All of them, in order."""
        found: list[Step] = []
        at: Trail | None = self
        while at is not None:
            found.append(at.step)
            at = at.before
        return found[::-1]


class Reach(NamedTuple):
    """An end that a frame may come to."""

    link: LinkKey
    """The link whose namespace takes it, or the one by which it is out of sight."""
    trail: Trail | None
    """None: it starts here."""
    block: Step | None
    """The first step where it is lost; the trail goes on to what is behind."""
    edge: str | None = None
    """Where it goes out of sight, "to the wire" or the like; None: it arrives."""
    opaque: bool = False
    """Whether nobody can tell what happens behind the edge, although it may be on this host."""
    refused: bool = False
    """Whether it is for nobody there."""

    @property
    def arrives(self) -> bool:
        """Whether it comes to who takes it."""
        return self.block is None and self.edge is None and not self.refused

    @property
    def misses(self) -> bool:
        """Whether it would come to who takes it, if it were not lost on the way."""
        return self.block is not None and self.edge is None and not self.refused

    @property
    def steps(self) -> list[Step]:
        """The way there."""
        return [] if self.trail is None else self.trail.steps()


class Frame(NamedTuple):
    """What links see of it."""

    mac: str | None
    """The destination; None: everybody."""
    ip: str | None = None
    """Where the packet in it goes, or who is asked for; None: not known."""


class Onward(NamedTuple):
    """A step and where the frame is then."""

    step: Step
    link: LinkKey
    leaves: bool
    """Whether it leaves by the link, else it has come in."""
    tag: int | None = None
    """The VLAN in its header."""
