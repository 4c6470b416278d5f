"""Captured packets as text and as JSON, an object a line."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from netview.derive.capture.journeys import PacketJourney, Seen
from netview.derive.trace.agreement import Agreement
from netview.export.json import ascii_json
from netview.export.trace import agreement_json, headers_json, judged
from netview.model.packet import Frame
from netview.text import duration, safe


def lines(journey: PacketJourney, names: Sequence[str], agrees: Agreement | None = None) -> Iterator[str]:
    """One packet at every point that saw it, each line safe to print; `names`: what the points are called."""
    first = journey.seen[0].headers
    words = (first.protocol, first.flow, first.what, f"{first.length} bytes")
    yield safe(f"{_clock(journey.begun_ns)} {' '.join(word for word in words if word)}")
    for seen, change in zip(journey.seen, journey.changes(), strict=True):
        way = "out of" if seen.outgoing else "into"
        note = f"  {change}" if change else ""
        yield safe(f"│ +{duration((seen.at_ns - journey.begun_ns) / 1e9)} {way} {names[seen.point]}{note}")
    alike = f", one of {journey.alike + 1} that cannot be told apart" if journey.alike else ""
    yield safe(f"● seen last at {names[journey.seen[-1].point]}{alike}")
    if agrees is not None:
        yield judged(agrees)


def frame_line(frame: Frame, summary: str, names: Sequence[str]) -> str:
    """What is no packet of IP, such as ARP."""
    return safe(f"{_clock(frame.at_ns)} {'out of' if frame.outgoing else 'into'} {names[frame.point]}  {summary}")


def encode(journey: PacketJourney, names: Sequence[str], agrees: Agreement | None = None) -> str:
    """One packet as one line of ASCII."""
    seen = [_seen(one, change, names, journey) for one, change in zip(journey.seen, journey.changes(), strict=True)]
    return ascii_json(
        {
            "journey": journey.number,
            "at": _time(journey.begun_ns),
            "seconds": journey.took_ns / 1e9,
            "seen": seen,
            "alike": journey.alike,
            "path": agreement_json(agrees),
        }
    )


def encode_frame(frame: Frame, summary: str, names: Sequence[str]) -> str:
    """The same of what is no packet of IP."""
    told = {"point": names[frame.point], "outgoing": frame.outgoing, "length": frame.length, "summary": summary}
    return ascii_json({"journey": None, "at": _time(frame.at_ns), "frame": told})


def _seen(seen: Seen, change: str, names: Sequence[str], journey: PacketJourney) -> dict[str, object]:
    return {
        "point": names[seen.point],
        "outgoing": seen.outgoing,
        "after_s": (seen.at_ns - journey.begun_ns) / 1e9,
        "packet": headers_json(seen.headers),
        "inside": None if seen.outer is None else headers_json(seen.outer),
        "changed": change or None,
    }


def _clock(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9).astimezone().strftime("%H:%M:%S.%f")


def _time(at_ns: int) -> str:
    whole = datetime.fromtimestamp(at_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{at_ns % 10**9:09d}Z"
