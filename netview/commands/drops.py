"""`netview drops`: what is dropped, where, and why; imported when that is asked for."""

from netview.derive.build import build
from netview.export.drops import encode, lines
from netview.front import FrontError, Settings, sampling, say, stop_on_signals, write
from netview.live.dropping import Dropping, DropState

_NONE, _SOME = 0, 1


def drops(settings: Settings, seconds: float, output: str) -> int:
    """Look for some seconds; 0: nothing was dropped, 1: something was."""
    if settings.replay is not None:
        raise FrontError("a recording holds no drops: look at a running host")
    with sampling(settings) as (sample, _):
        now = build(sample())
    stopped = stop_on_signals()

    def deliver(_: DropState) -> None:
        if stopped.is_set():
            looking.stop()

    looking = Dropping(now, seconds, lambda: say(f"netview: looking for {seconds:g} s"))
    looking.run(deliver)
    found = looking.state
    if found.failed:
        raise FrontError(found.over or "nothing can be looked at")
    text = encode(now, found) if output == "json" else "\n".join(lines(now, found))
    write(f"{text}\n", ascii_only=output == "json" or settings.ascii)
    return _SOME if found.counters or found.reasons else _NONE
