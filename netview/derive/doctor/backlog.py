"""Packets that the host has no time for."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.gist import links_of
from netview.derive.path.questions import AskBacklog, AskSettings, Backlog, Unanswered
from netview.model import Snapshot

_PER_MILLE, _LEAST = 1.0, 10
"""Of a thousand packets so many, and not just a few of a few."""
_LIMIT = "core/netdev_max_backlog"


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Queues between devices and the stack that were full while somebody watched, or that a single broadcast fills."""
    answer = answers.get(AskBacklog(snapshot.home))
    if isinstance(answer, Backlog):
        yield from _dropped(check, snapshot, answer, answers.earlier.get(AskBacklog(snapshot.home)))
    else:
        yield check.unknown(answer.reason if isinstance(answer, Unanswered) else "no answer")
    most = setting(answers, AskSettings(snapshot.home, (_LIMIT,)), _LIMIT)
    if isinstance(most, str):
        yield check.unknown(most)
        return
    for bridge, _ in links_of(snapshot, "bridge"):
        count = len(snapshot.ports_of(bridge))
        # It is the machine's, and only its first namespace shows it.
        if most is not None and count > most:
            yield check.finding(
                bridge,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, bridge)} has {count} ports, and a processor's queue holds {most} packets: one that"
                " goes to all ports, such as a broadcast, does not reach all of them",
                evidence=evidence(ports=count, netdev_max_backlog=most),
                command=["sysctl", "net.core.netdev_max_backlog"],
                remedy="raise net.core.netdev_max_backlog above the number of ports, or spread the containers over networks",
            )


def _dropped(check: Check, snapshot: Snapshot, now: Backlog, then: object) -> Told:
    watched = isinstance(then, Backlog) and then.processed <= now.processed
    old = then if isinstance(then, Backlog) and watched else Backlog(0, 0)
    dropped, processed, squeezed = now.dropped - old.dropped, now.processed - old.processed, now.squeezed - old.squeezed
    whole = processed + dropped
    lost = 1000 * dropped / whole if whole else 0.0
    if lost >= _PER_MILLE and dropped >= _LEAST:
        since = "lately" if watched else "since it started"
        yield check.finding(
            snapshot.home,
            snapshot,
            severity="warning",
            confidence="likely" if watched else "possible",
            message=f"{name_of(snapshot, snapshot.home)} has dropped {lost:.1f} of 1000 packets {since}, because its"
            " queue for those that come in was full; a bridge that floods to many ports fills it",
            evidence=evidence(dropped=dropped, processed=processed, time_squeeze=squeezed),
            command=["cat", "/proc/net/softnet_stat"],
            remedy="raise net.core.netdev_max_backlog, and look for what floods",
        )


def asks(snapshot: Snapshot) -> tuple[AskBacklog | AskSettings, ...]:
    """Of the home namespace: the counters are the machine's."""
    return AskBacklog(snapshot.home), AskSettings(snapshot.home, (_LIMIT,))


CHECK = Check(22, "packets dropped for want of time", look, asks, "beat")
