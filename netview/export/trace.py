"""Traced packets as text and as JSON, an object a line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from netview.derive.trace.agreement import Agreement
from netview.derive.trace.journeys import End, Journey, Passage
from netview.derive.trace.words import (
    Rulesets,
    chain_text,
    changed,
    ending,
    headline,
    label,
    link_name,
    met_text,
    through,
    verdict_text,
)
from netview.export.json import ascii_json
from netview.model import Snapshot
from netview.model.headers import Headers
from netview.text import duration, safe

_MARKS = {End.SENT: "●", End.DELIVERED: "●", End.DROPPED: "✗", End.LOST: "✗", End.UNSEEN: "·"}


class Told(NamedTuple):
    """What all lines are told from."""

    snapshot: Snapshot
    rulesets: Rulesets


def lines(told: Told, journey: Journey, agrees: Agreement | None) -> Iterator[str]:
    """One packet's way, each line safe to print."""
    yield f"{_clock(journey.begun_at)} {safe(headline(journey))}"
    for passage in journey.passages:
        yield f"▼ {safe(label(told.snapshot, passage.namespace))}  {safe(through(told.snapshot, passage))}"
        for met in passage.met:
            words = f"{chain_text(met.hit)}  {met_text(told.rulesets, passage.namespace, met.hit)}"
            yield f"│ +{duration(met.at - journey.begun_at)} {safe(words)} → {safe(verdict_text(met.hit))}"
        note = changed(passage)
        if note is not None:
            yield f"│ {safe(note)}"
    yield f"{_MARKS[journey.last.end]} {safe(ending(told.snapshot, journey))} after {duration(_took(journey))}"
    if agrees is not None:
        yield judged(agrees)


def judged(agrees: Agreement) -> str:
    """Whether a packet did what its path says, as a line."""
    return f"  {'≡' if agrees.agrees else '⚠' if agrees.agrees is False else '?'} {safe(agrees.message)}"


def agreement_json(agrees: Agreement | None) -> dict[str, object] | None:
    """The same as JSON."""
    return None if agrees is None else {"agrees": agrees.agrees, "message": agrees.message}


def encode(told: Told, journey: Journey, agrees: Agreement | None) -> str:
    """The same as one line of ASCII."""
    return ascii_json(
        {
            "at": _time(journey.begun_at),
            "packet": None if journey.sent is None else headers_json(journey.sent),
            "seconds": round(_took(journey), 6),
            "passages": [_passage(told, journey, passage) for passage in journey.passages],
            "end": journey.last.end.value,
            "message": ending(told.snapshot, journey),
            "path": agreement_json(agrees),
        }
    )


def _passage(told: Told, journey: Journey, passage: Passage) -> dict[str, object]:
    return {
        "namespace": passage.namespace,
        "namespace_label": label(told.snapshot, passage.namespace),
        "in": None if not passage.iif else link_name(told.snapshot, passage.namespace, passage.iif),
        "out": None if not passage.oif else link_name(told.snapshot, passage.namespace, passage.oif),
        "after_s": round(passage.begun_at - journey.begun_at, 6),
        "seconds": round(passage.ended_at - passage.begun_at, 6),
        "before": None if passage.before is None else headers_json(passage.before),
        "after": None if passage.after is None else headers_json(passage.after),
        "rules": [
            {
                "after_s": round(met.at - journey.begun_at, 6),
                "family": met.hit.family,
                "table": met.hit.table,
                "chain": met.hit.chain,
                "kind": met.hit.kind,
                "handle": met.hit.handle,
                "text": met_text(told.rulesets, passage.namespace, met.hit),
                "verdict": met.hit.verdict,
                "to": met.hit.to,
            }
            for met in passage.met
        ],
        "end": passage.end.value,
        "where": passage.where or None,
    }


def headers_json(told: Headers) -> dict[str, object]:
    """A packet at one place."""
    return {
        "protocol": told.protocol,
        "source": told.source,
        "destination": told.destination,
        "source_port": told.source_port,
        "port": told.port,
        "length": told.length,
        "ttl": told.ttl,
        "what": told.what or None,
    }


def _took(journey: Journey) -> float:
    return journey.last.ended_at - journey.begun_at


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S.%f")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
