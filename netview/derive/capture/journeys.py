"""Captured packets put together: one packet at every point where it was seen, and what it looked like there."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from netview.model.headers import Headers

_WITHIN_NS = 2_000_000_000
"""So long a packet may take from one point to the next."""
_MOST_ALIKE = 64
"""Packets that cannot be told apart, such as those of a flood: the newest are looked at."""
_BURST_NS = 50_000_000
"""Within so long packets overtake each other seldom, and the next point may see the second before the first is lost."""


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
    alike: int = 0
    """Others that one of its sightings might as well be of."""
    places: set[tuple[int, bool]] = field(default_factory=set)
    """The points that saw it, and whether they sent it."""

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

    def __init__(self, most: int = 1_000, translated: Callable[[Seen, Seen], bool] = lambda *_: False) -> None:
        """`most`: journeys that are kept; older ones are forgotten.

        `translated`: whether a namespace is known to make the one of the other; asked where addresses and ports leave it open.
        """
        self.kept: deque[PacketJourney] = deque(maxlen=most)
        self.count = 0
        self._translated = translated
        self._known: dict[tuple[object, ...], list[PacketJourney]] = {}
        self._swept_ns = 0

    def add(self, seen: Seen) -> PacketJourney:
        """Whose sighting this is; frames come in the order of their time."""
        known = self._known.setdefault(seen.headers.stays, [])
        place = seen.point, seen.outgoing
        within = seen.at_ns - _WITHIN_NS
        found = self._of(seen, [one for one in known if place not in one.places and one.seen[-1].at_ns >= within])
        if not found:
            self.count += 1
            journey = PacketJourney(self.count)
            known.append(journey)
            del known[:-_MOST_ALIKE]
            self.kept.append(journey)
        else:
            # Packets of a burst keep their order; one that nothing was seen of since long ago was lost.
            journey = next((one for one in found if one.seen[-1].at_ns >= seen.at_ns - _BURST_NS), found[-1])
            journey.alike = max(journey.alike, len(found) - 1)
        journey.seen.append(seen)
        journey.places.add(place)
        if seen.at_ns > self._swept_ns + _WITHIN_NS:
            self._sweep(seen.at_ns)
        return journey

    def _of(self, seen: Seen, known: list[PacketJourney]) -> list[PacketJourney]:
        """Those that it may go on with, the oldest first."""
        now = seen.headers
        same = [one for one in known if _is_same(one.seen[-1].headers, now)]
        if same or not known or now.destination.startswith(("ff", "224.", "239.", "255.")):
            return same  # To where everybody sends nothing is translated.
        likely = [one for one in known if _is_like(one.seen[-1].headers, now)]
        if len(likely) == 1:
            return likely
        return [one for one in known if self._translated(one.seen[-1], seen)] or likely

    def _sweep(self, now_ns: int) -> None:
        """Forget what cannot go on any more."""
        self._swept_ns = now_ns
        for key, known in list(self._known.items()):
            alive = [one for one in known if one.seen[-1].at_ns + _WITHIN_NS >= now_ns]
            if alive:
                self._known[key] = alive
            else:
                del self._known[key]


def _is_same(before: Headers, now: Headers) -> bool:
    ends = now.source, now.destination, now.source_port, now.port
    return (before.source, before.destination, before.source_port, before.port) == ends


def _is_like(before: Headers, now: Headers) -> bool:
    """Whether a translation left one of its ends, or its ports, as they were."""
    return (
        before.source == now.source
        or before.destination == now.destination
        or (before.source_port, before.port) == (now.source_port, now.port) != (None, None)
    )
