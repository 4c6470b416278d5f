"""`netview path`: the way of a packet."""

import gc
from typing import TYPE_CHECKING

from netview.front import FrontError, Settings, sampling, write

if TYPE_CHECKING:
    from netview.derive.path.ends import Query


def path(settings: Settings, query: "Query", output: str) -> int:
    """The way of a packet and of its reply; 0: it gets through, 1: it does not, 3: nobody can tell."""
    gc.disable()  # As for one moment.
    from netview.derive.build import build
    from netview.derive.path.ends import EndError
    from netview.derive.path.walk import asked
    from netview.export.path import encode, lines, status
    from netview.live.followed import followed

    with sampling(settings) as (sample, answer):
        now = build(sample())
        try:
            found = followed(asked(now, query), answer)
        except EndError as error:
            raise FrontError(str(error)) from None
    if output == "json":
        write(encode(now, found, query.source, query.destination) + "\n", ascii_only=True)
    else:
        write("\n".join(lines(now, found, query.source, query.destination)) + "\n", ascii_only=settings.ascii)
    return status(found)
