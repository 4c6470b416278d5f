"""A table of neighbours with no room for another."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, setting
from netview.derive.doctor.gist import gists
from netview.derive.path.questions import AskSettings
from netview.model import Family, Snapshot

_NAMES = {family: f"{word}/neigh/default/gc_thresh3" for family, word in ((Family.INET, "ipv4"), (Family.INET6, "ipv6"))}
_NEAR = 0.9


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """The limit is one for all namespaces together."""
    for family, name in _NAMES.items():
        most = setting(answers, AskSettings(snapshot.home, tuple(_NAMES.values())), name)
        if isinstance(most, str):
            yield check.unknown(most)
            return
        entries = sum(gist.counted.get(family, 0) for gist in gists(snapshot).values())
        if most and entries >= _NEAR * most:
            yield check.finding(
                snapshot.home,
                snapshot,
                severity="error" if entries >= most else "warning",
                confidence="certain",
                message=f"all namespaces together know {entries} of {most} {family.word} neighbours: those"
                f" beyond are not resolved",
                evidence=evidence(entries=entries, gc_thresh3=most, family=family.word),
                command=["sysctl", f"net.{name.replace('/', '.')}"],
                remedy=f"raise net.{name.replace('/', '.')} (and gc_thresh1 and 2 with it)",
            )


def asks(snapshot: Snapshot) -> tuple[AskSettings, ...]:
    """Of the home namespace; one that is not the machine's first has no such setting."""
    return (AskSettings(snapshot.home, tuple(_NAMES.values())),)


CHECK = Check(25, "neighbour table full", look, asks, "beat")
