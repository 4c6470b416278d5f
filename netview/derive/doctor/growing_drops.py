"""Errors and drops as they happen, and queues that lose packets on purpose."""

from collections.abc import Iterator, Mapping

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import gists
from netview.derive.path.questions import AskQueues, Queue, Queues, Unanswered
from netview.derive.proof import device
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.finding import Finding
from netview.model.stats import LinkStats, StatsRow, others_of, rows_of

_LEAST = 1.0
"""Drops a second below which it is what a network does now and then."""
_NAMES = "rx_errors", "tx_errors", "rx_dropped", "tx_dropped", "rx_nohandler"
_COUNTED = {name: LinkStats._fields.index(name) - 4 for name in _NAMES}
_MOST = 64
_ON_PURPOSE = "netem"


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Between this look and the one before; of queues links count nothing."""
    yield from _links(check, snapshot, answers)
    for namespace in _queued(snapshot):
        now, then = answers.get(AskQueues(namespace)), answers.earlier.get(AskQueues(namespace))
        if not isinstance(now, Queues):
            yield check.unknown(now.reason if isinstance(now, Unanswered) else "no answer")
            continue
        yield from (_emulated(check, snapshot, namespace, one) for one in now.entries if one.kind == _ON_PURPOSE)
        if isinstance(then, Queues):
            yield from _queues(check, snapshot, namespace, now, then)


def _links(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    before = answers.before
    seconds = 0.0 if before is None else snapshot.taken_at - before.taken_at
    if before is None or seconds <= 0:
        yield check.unknown("nothing was counted twice yet")
        return
    old = rows_of(before.counters)
    for key, row in rows_of(snapshot.counters).items():
        was = old.get(key)
        # Of thousands most are the very same.
        if was is None or was is row or was[4] == row[4] or snapshot.link(key) is None:
            continue
        grown = _grown(row, was, seconds)
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


def _grown(row: StatsRow, was: StatsRow, seconds: float) -> Mapping[str, float]:
    now, then = others_of(row[4]), others_of(was[4])
    rates = {name: ((now[at] or 0) - (then[at] or 0)) / seconds for name, at in _COUNTED.items()}
    # Where one went back it is another link, or all were reset.
    return {name: round(rate, 1) for name, rate in rates.items() if rate >= _LEAST} if min(rates.values()) >= 0 else {}


def _queues(check: Check, snapshot: Snapshot, namespace: NamespaceId, now: Queues, then: Queues) -> Told:
    old = {one[:3]: one.dropped for one in then.entries}
    seconds = now.at - then.at
    for one in now.entries:
        key = LinkKey(namespace, one.ifindex)
        rate = (one.dropped - old.get(one[:3], one.dropped)) / seconds if seconds > 0 else 0.0
        if rate >= _LEAST and snapshot.link(key) is not None:
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="certain",
                message=f"the queue {one.kind} of {name_of(snapshot, key)} drops {rate:.1f} packets a second: more is sent than"
                " it lets out",
                evidence=evidence(qdisc=one.kind, dropped=round(rate, 1)),
                command=["tc", "-s", "qdisc", "show", "dev", device(snapshot, key)],
                remedy="if nobody means to limit it: tc qdisc del dev … root; else give it more room, or send less",
            )


def _emulated(check: Check, snapshot: Snapshot, namespace: NamespaceId, one: Queue) -> Finding:
    key = LinkKey(namespace, one.ifindex)
    return check.finding(
        key,
        snapshot,
        severity="notice",
        confidence="certain",
        message=f"{name_of(snapshot, key)} delays, loses or spoils what it sends on purpose (netem)",
        evidence=evidence(qdisc=one.kind, dropped=one.dropped),
        command=["tc", "-s", "qdisc", "show", "dev", device(snapshot, key)],
        remedy="if the test is over: tc qdisc del dev … root",
    )


def _queued(snapshot: Snapshot) -> list[NamespaceId]:
    """Namespaces with a link that has a queue worth the name."""
    return [place for place, gist in gists(snapshot).items() if gist.queued][:_MOST]


def asks(snapshot: Snapshot) -> Iterator[AskQueues]:
    """Of each namespace with a queue, as many as can be asked in a moment."""
    return (AskQueues(namespace) for namespace in _queued(snapshot))


CHECK = Check(34, "drops and errors growing", look, asks, "beat")
