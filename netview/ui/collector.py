"""When the garbage collector walks through everything: not while a key waits for its answer."""

import gc
import time

_DUE = 10
"""So many rounds of the younger garbage make the old due, as in CPython."""
_PATIENCE = 1000
"""So many make it due at once, whatever is pressed."""
_PAUSE_S = 2.0
"""Without a key for so long nobody waits."""


class Collector:
    """With a thousand namespaces a walk takes longer than a key may."""

    def __init__(self) -> None:
        self._thresholds = gc.get_threshold()
        self._pressed_at = float("-inf")

    def settle(self) -> None:
        """Pass over what is there to stay, the app and the first topology; from now on what is old waits for a pause."""
        gc.freeze()
        gc.set_threshold(*self._thresholds[:2], _PATIENCE)
        gc.enable()

    def pressed(self) -> None:
        """There was a key."""
        self._pressed_at = time.monotonic()

    def is_due(self) -> bool:
        """Whether there is something to be collected, and nobody who waits."""
        return gc.get_count()[2] >= _DUE and time.monotonic() - self._pressed_at > _PAUSE_S

    def leave(self) -> None:
        """The interpreter's last collection would walk everything while the shell waits."""
        gc.freeze()
        gc.set_threshold(*self._thresholds)
