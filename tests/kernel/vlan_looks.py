"""What netview says of each network with VLANs and what becomes of a packet there, a line of JSON each."""

import json

from tests.kernel.lab import Lab
from tests.kernel.path_vlans import SITUATIONS
from tests.kernel.paths import Worlds


def main() -> None:
    """Look at all of them."""
    lab = Lab()
    worlds = Worlds(lab, SITUATIONS)
    try:
        worlds.build()
        for situation, told, truth in zip(SITUATIONS, worlds.told(), worlds.sent(), strict=True):
            path, back = told.path, told.path.back
            look = {
                "name": situation.name,
                "said": [path.verdict.value, told.at],
                "back": None if back is None else [back.verdict.value, told.back_at],
                "answered": truth.answered,
                "seen": truth.seen,
                "story": [path.reason, *(f"{hop.decision} · {hop.because}" for hop in path.hops)],
            }
            print(json.dumps(look), flush=True)  # noqa: T201 - for who started it
    finally:
        worlds.close()
        lab.close()


if __name__ == "__main__":
    main()
