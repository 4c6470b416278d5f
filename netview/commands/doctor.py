"""`netview doctor`: what is wrong."""

import gc
import time
from contextlib import suppress

from netview.front import FrontError, Settings, sampling, tell, write

_BETWEEN_S = 1.0
"""What grows is seen between two samples."""


def doctor(settings: Settings, output: str) -> int:
    """What is wrong, by two samples a second apart; 0: nothing, 1: something, 2: nobody could look."""
    gc.disable()  # As for one moment.
    from netview.derive.build import build
    from netview.derive.doctor.check import Answers
    from netview.derive.doctor.checks import counted, judged
    from netview.export.doctor import encode, lines, status
    from netview.live.followed import followed

    try:
        with sampling(settings) as (sample, answer):
            first = sample()
            now = before = build(first)
            earlier = followed(counted(before), lambda asked: answer(asked.question))
            time.sleep(0.0 if settings.replay else _BETWEEN_S)
            with suppress(StopIteration):
                now = build(sample(), first, before)
            answers = Answers(earlier=earlier, before=before)
            found = followed(judged(now, answers), lambda asked: answer(asked.question))
    except FrontError as error:
        tell(str(error))
        return 2
    if output == "json":
        write(encode(now, found) + "\n", ascii_only=True)
    else:
        write("\n".join(lines(found)) + "\n", ascii_only=settings.ascii)
    return status(found)
