"""Packets that the host has no time for."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.path.questions import AskBacklog, Backlog, Unanswered
from netview.model import Snapshot

_PER_MILLE = 1.0


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Queues between devices and the stack that were full; a few since the machine started are nothing."""
    answer = answers.get(AskBacklog(snapshot.home))
    if not isinstance(answer, Backlog):
        yield check.unknown(answer.reason if isinstance(answer, Unanswered) else "no answer")
        return
    whole = answer.processed + answer.dropped
    lost = 1000 * answer.dropped / whole if whole else 0.0
    if lost >= _PER_MILLE:
        yield check.finding(
            snapshot.home,
            snapshot,
            severity="warning",
            confidence="possible",
            message=f"{name_of(snapshot, snapshot.home)} has dropped {lost:.1f} of 1000 packets since it started, because its"
            " queue for those that come in was full; a bridge that floods to many ports fills it",
            evidence=evidence(dropped=answer.dropped, processed=answer.processed),
            command=["cat", "/proc/net/softnet_stat"],
            remedy="raise net.core.netdev_max_backlog, and look for what floods",
        )


def asks(snapshot: Snapshot) -> tuple[AskBacklog, ...]:
    """The same in each namespace."""
    return (AskBacklog(snapshot.home),)


CHECK = Check(22, "packets dropped for want of time", look, asks, "beat")
