"""Errors and drops as they happen."""

from netview.derive.doctor.check import Answers, Check, Told, links_of, name_of
from netview.derive.proof import device
from netview.model import Snapshot

_LEAST = 1.0
"""Drops a second below which it is what a network does now and then."""


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Between this sample and the one before."""
    if not snapshot.rates:
        yield check.unknown("nothing was counted twice yet")
        return
    for key, _ in links_of(snapshot):
        rates = snapshot.rates.get(key)
        if rates is None:
            continue
        counted = {name: getattr(rates, name) or 0.0 for name in ("rx_errors", "tx_errors", "rx_dropped", "tx_dropped")}
        grown = {name: round(value, 1) for name, value in counted.items() if value >= _LEAST}
        if grown:
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="certain",
                message=f"{name_of(snapshot, key)} loses packets right now: "
                + ", ".join(f"{value:g} {name} a second" for name, value in grown.items()),
                evidence=tuple(grown.items()),
                command=["ip", "-s", "-s", "link", "show", "dev", device(snapshot, key)],
                remedy="look at what the receiver cannot keep up with, at queues (tc -s qdisc) and at filters on the link",
            )


CHECK = Check(34, "drops and errors growing", look, fresh="beat")
