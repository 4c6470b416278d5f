"""Where a wire stands among those of its bridge: it keeps its place while others come and go."""

from collections.abc import Iterable, Sequence

from netview.derive.wiring import Wire, WireId


class Slots:
    """Of every block; whoever comes takes the first place that is free."""

    def __init__(self) -> None:
        self._places: dict[WireId, list[WireId | None]] = {}

    def placed(self, block: WireId, wires: Sequence[Wire]) -> tuple[Wire | None, ...]:
        """The wires of a block in their places; None where one has gone."""
        present = {wire.key: wire for wire in wires}
        places = [key if key in present else None for key in self._places.get(block, [])]
        known = set(places)
        free = (index for index, key in enumerate(places) if key is None)
        for wire in wires:
            if wire.key not in known:
                index = next(free, None)
                if index is None:
                    places.append(wire.key)
                else:
                    places[index] = wire.key
        while places and places[-1] is None:
            places.pop()
        self._places[block] = places
        return tuple(None if key is None else present[key] for key in places)

    def keep(self, blocks: Iterable[WireId]) -> None:
        """Forget all others."""
        kept = set(blocks)
        self._places = {block: places for block, places in self._places.items() if block in kept}
