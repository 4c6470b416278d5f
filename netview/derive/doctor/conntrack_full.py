"""A table of connections with no room for another."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.path.questions import AskSettings
from netview.model import Snapshot

COUNTS = ("netfilter/nf_conntrack_count", "netfilter/nf_conntrack_max")
"""How many connections are kept track of, and how many may be."""
_NEAR = 0.9


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """At home; where nothing tracks connections there is no table to fill."""
    question = AskSettings(snapshot.home, COUNTS)
    count, most = (setting(answers, question, name) for name in COUNTS)
    if isinstance(count, str) or isinstance(most, str):
        yield check.unknown(str(count if isinstance(count, str) else most))
    elif count is not None and most and count >= _NEAR * most:
        yield check.finding(
            snapshot.home,
            snapshot,
            severity="error" if count >= most else "warning",
            confidence="certain",
            message=f"{name_of(snapshot, snapshot.home)} tracks {count} of {most} connections"
            + (": packets of new ones are dropped" if count >= most else ": soon packets of new ones are dropped"),
            evidence=evidence(nf_conntrack_count=count, nf_conntrack_max=most),
            command=["sysctl", "net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_max"],
            remedy="see who opens so many (conntrack -L), or raise net.netfilter.nf_conntrack_max",
        )


def asks(snapshot: Snapshot) -> tuple[AskSettings, ...]:
    """Of the home namespace, whose limit holds for all."""
    return (AskSettings(snapshot.home, COUNTS),)


CHECK = Check(23, "conntrack full", look, asks, "beat")
