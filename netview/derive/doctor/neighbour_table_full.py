"""A table of neighbours with no room for another."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, setting
from netview.derive.doctor.gist import gists
from netview.derive.path.questions import AskCounters, AskSettings
from netview.model import Family, Snapshot

_NAMES = {family: f"{word}/neigh/default/gc_thresh3" for family, word in ((Family.INET, "ipv4"), (Family.INET6, "ipv6"))}
_FULL = {Family.INET: "arp_cache/table_fulls", Family.INET6: "ndisc_cache/table_fulls"}
_NEAR = 0.9


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """The limit is one for all namespaces together."""
    for family, name in _NAMES.items():
        most = setting(answers, AskSettings(snapshot.home, tuple(_NAMES.values())), name)
        if isinstance(most, str):
            yield check.unknown(most)
            return
        yield from _overflowed(check, snapshot, answers, family)
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


def _overflowed(check: Check, snapshot: Snapshot, answers: Answers, family: Family) -> Told:
    """What the kernel itself counts, in the machine's first namespace alone."""
    name = _FULL[family]
    grown = answers.grown(AskCounters(snapshot.home), name)
    if isinstance(grown, str):
        yield check.unknown(grown)
    elif grown:
        yield check.finding(
            snapshot.home,
            snapshot,
            severity="error",
            confidence="certain",
            message=f"the table of {family.word} neighbours was full {grown[name]:.1f} times a second lately: who is not in it"
            " yet is not reached",
            evidence=evidence(table_fulls=round(grown[name], 1), family=family.word),
            command=["cat", f"/proc/net/stat/{name.partition('/')[0]}"],
            remedy=f"raise net.{_NAMES[family].replace('/', '.')} (and gc_thresh1 and 2 with it)",
        )


def asks(snapshot: Snapshot) -> tuple[AskSettings | AskCounters, ...]:
    """Of the home namespace; one that is not the machine's first has no such setting."""
    return AskSettings(snapshot.home, tuple(_NAMES.values())), AskCounters(snapshot.home)


CHECK = Check(25, "neighbour table full", look, asks, "beat")
