"""Captured packets put together: one packet at every point where it was seen, and what it looked like there."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from netview.model.headers import Headers

_WITHIN_NS = 2_000_000_000
"""So long a packet may take from one point to the next."""
_MOST_ALIKE = 64
"""Packets that cannot be told apart, such as those of a flood: the newest are looked at."""


class Seen(NamedTuple):
    """A packet at a point."""

    point: int
    at_ns: int
    """Nanoseconds since the epoch."""
    outgoing: bool
    """Whether the link sent it."""
    headers: Headers
    outer: Headers | None = None
    """What it is inside of: the packet of a tunnel."""


@dataclass(slots=True)
class PacketJourney:
    """One packet's way from point to point."""

    number: int
    seen: list[Seen] = field(default_factory=list)
    """In the order in which the points saw it."""

    @property
    def begun_ns(self) -> int:
        """When it was seen first."""
        return self.seen[0].at_ns

    @property
    def took_ns(self) -> int:
        """From the first point to the last one."""
        return self.seen[-1].at_ns - self.seen[0].at_ns

    def changes(self) -> list[str]:
        """What was made of it before each point, in words; "" where nothing was."""
        told = [""]
        for before, now in zip(self.seen, self.seen[1:], strict=False):
            parts = [] if before.headers.flow == now.headers.flow else [f"now {now.headers.flow}"]
            if now.outer is not None and before.outer is None:
                parts.append(f"inside {now.outer.flow}")
            elif now.outer is None and before.outer is not None:
                parts.append("out of the tunnel")
            told.append(", ".join(parts))
        return told


class PacketJourneys:
    """Recognises packets by what neither routers nor translations change: IP's identity, sequence numbers, lengths."""

    def __init__(self, most: int = 1_000) -> None:
        """`most`: journeys that are kept; older ones are forgotten."""
        self.kept: deque[PacketJourney] = deque(maxlen=most)
        self.count = 0
        self._known: dict[tuple[object, ...], list[PacketJourney]] = {}
        self._swept_ns = 0

    def add(self, seen: Seen) -> PacketJourney:
        """Whose sighting this is; frames come in the order of their time."""
        key = seen.headers.stays
        known = self._known.setdefault(key, [])
        journey = next((one for one in reversed(known) if _goes_on(one, seen)), None)
        if journey is None:
            self.count += 1
            journey = PacketJourney(self.count)
            known.append(journey)
            del known[:-_MOST_ALIKE]
            self.kept.append(journey)
        journey.seen.append(seen)
        if seen.at_ns > self._swept_ns + _WITHIN_NS:
            self._sweep(seen.at_ns)
        return journey

    def _sweep(self, now_ns: int) -> None:
        """Forget what cannot go on any more."""
        self._swept_ns = now_ns
        for key, known in list(self._known.items()):
            alive = [one for one in known if one.seen[-1].at_ns + _WITHIN_NS >= now_ns]
            if alive:
                self._known[key] = alive
            else:
                del self._known[key]


def _goes_on(journey: PacketJourney, seen: Seen) -> bool:
    last = journey.seen[-1]
    if seen.at_ns - last.at_ns > _WITHIN_NS or any(
        (one.point, one.outgoing) == (seen.point, seen.outgoing) for one in journey.seen
    ):
        return False
    before, now = last.headers, seen.headers
    if now.destination.startswith(("ff", "224.", "239.", "255.")):
        return (before.source, before.destination) == (now.source, now.destination)  # Everybody sends there.
    return (
        before.source == now.source
        or before.destination == now.destination
        or (before.source_port, before.port) == (now.source_port, now.port) != (None, None)
    )
