"""What the header says of a snapshot, made once for all screens."""

from typing import TYPE_CHECKING

from netview.derive.traffic import Courses, courses, sentence
from netview.model import LinkKey, LinkRates, Snapshot
from netview.text import Units
from netview.ui.lasting import Lasting

if TYPE_CHECKING:
    from collections.abc import Mapping


class Headline:
    """Keeps what it made: neither a key nor another screen waits for it."""

    def __init__(self) -> None:
        self.counts = Lasting(_counts)
        """How many namespaces, bridges and pairs there are, in words."""
        self._courses = Lasting(courses)
        self._told: tuple[Mapping[LinkKey, LinkRates], Courses, Units] | None = None
        self._sentence = ""

    def sentence(self, snapshot: Snapshot, units: Units) -> str:
        """The traffic in one sentence that is safe to show; made anew where it may be another than before."""
        along, told = self._courses(snapshot), self._told
        if told is None or told[0] is not snapshot.rates or told[1] is not along or told[2] != units:
            self._sentence = sentence(snapshot, units, along)
            self._told = (snapshot.rates, along, units)
        return self._sentence


def _counts(snapshot: Snapshot) -> tuple[str, ...]:
    bridges = sum(link.kind == "bridge" for namespace in snapshot.namespaces.values() for link in namespace.links.values())
    pairs = len({frozenset((key, ref.key or ref)) for key, ref in snapshot.peers.items()})
    named = (("namespace", len(snapshot.namespaces)), ("bridge", bridges), ("pair", pairs))
    return tuple(f"{count} {word}" if count == 1 else f"{count} {word}s" for word, count in named)
