"""Names at hand without a look at the whole host."""

import os
import re
from contextlib import suppress

# What a shell takes as it is: a name that was chosen to be run by one is never offered.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")
_PLACES = ("/sys/class/net", "/run/netns")


def names_here() -> list[str]:
    """The links that /sys shows and the namespaces that `ip netns` names, sorted."""
    found: set[str] = set()
    for place in _PLACES:
        with suppress(OSError):
            found.update(name for name in os.listdir(place) if _PLAIN.fullmatch(name))
    return sorted(found)
