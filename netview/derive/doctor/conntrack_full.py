"""A table of connections with no room for another."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.probes import behind
from netview.derive.path.questions import AskCounters, AskSettings
from netview.model import NamespaceId, Snapshot

COUNTS = ("netfilter/nf_conntrack_count", "netfilter/nf_conntrack_max")
"""How many connections are kept track of, and how many may be."""
_NEAR = 0.9
_LOST = {
    "nf_conntrack/drop": "drops {rate:.1f} packets a second that it cannot keep track of",
    "nf_conntrack/early_drop": "forgets {rate:.1f} connections a second before their time, for want of room",
    "nf_conntrack/insert_failed": "drops {rate:.1f} packets a second of connections that met another of the same addresses",
}
_LEAST = 1.0
"""So many a second."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """At home and at each gateway; where nothing tracks connections there is no table to fill."""
    for namespace in _tracking(snapshot):
        count, most = (setting(answers, AskSettings(namespace, COUNTS), name) for name in COUNTS)
        if isinstance(count, str) or isinstance(most, str):
            yield check.unknown(str(count if isinstance(count, str) else most))
        elif count is not None and most and count >= _NEAR * most:
            yield check.finding(
                namespace,
                snapshot,
                severity="error" if count >= most else "warning",
                confidence="certain",
                message=f"{name_of(snapshot, namespace)} tracks {count} of {most} connections"
                + (": packets of new ones are dropped" if count >= most else ": soon packets of new ones are dropped"),
                evidence=evidence(nf_conntrack_count=count, nf_conntrack_max=most),
                command=["sysctl", "net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_max"],
                remedy="see who opens so many (conntrack -L), or raise net.netfilter.nf_conntrack_max",
            )
        yield from _counted(check, snapshot, answers, namespace)


def _counted(check: Check, snapshot: Snapshot, answers: Answers, namespace: NamespaceId) -> Told:
    grown = answers.grown(AskCounters(namespace), *_LOST)
    if isinstance(grown, str):
        yield check.unknown(grown)
        return
    for name, rate in grown.items():
        if rate >= _LEAST:
            yield check.finding(
                namespace,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, namespace)} {_LOST[name].format(rate=rate)}",
                evidence=evidence(counter=name.partition("/")[2], a_second=round(rate, 1)),
                command=["conntrack", "-S"],
                remedy="raise net.netfilter.nf_conntrack_max where the table is full; where look-ups of names fail now and then,"
                " use one socket for each (options single-request-reopen)",
            )


def _tracking(snapshot: Snapshot) -> Iterator[NamespaceId]:
    return iter(dict.fromkeys((snapshot.home, *(one.bridge.namespace for one in behind(snapshot)))))


def asks(snapshot: Snapshot) -> Iterator[AskSettings | AskCounters]:
    """Of home and of each gateway."""
    for namespace in _tracking(snapshot):
        yield AskSettings(namespace, COUNTS)
        yield AskCounters(namespace)


CHECK = Check(23, "conntrack full", look, asks, "beat")
