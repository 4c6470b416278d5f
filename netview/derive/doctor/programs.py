"""Programs that look at packets before anybody else."""

from collections import Counter
from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.path.questions import AskPrograms, Programs, Unanswered
from netview.derive.proof import device
from netview.model import Link, LinkKey, Snapshot

_MOST = 16
"""Each takes the kernel milliseconds where it has a thousand links."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """XDP and tc may drop or redirect what no other table shows."""
    refused: Counter[str] = Counter()
    for key in _asked(snapshot):
        answer = answers.get(AskPrograms(key.namespace, key.ifindex))
        if isinstance(answer, Unanswered):
            refused[answer.reason] += 1
        elif isinstance(answer, Programs) and answer.attached:
            name = device(snapshot, key)
            yield check.finding(
                key,
                snapshot,
                severity="notice",
                confidence="certain",
                message=f"{name_of(snapshot, key)} has programs that may drop or redirect packets: {', '.join(answer.attached)}",
                evidence=evidence(programs=", ".join(answer.attached)),
                command=["sh", "-c", f"ip -d link show dev {name}; tc filter show dev {name} ingress"],
                remedy="if packets are missing, look at these first",
            )
    for reason, count in refused.items():
        yield check.unknown(f"{count} links: {reason}")
    missing = len(_links(snapshot)) - _MOST
    if missing > 0:
        yield check.unknown(f"{missing} links were not looked at: only {_MOST} are, wires last")


def asks(snapshot: Snapshot) -> Iterator[AskPrograms]:
    """Of the home namespace's links, as many as can be asked in a moment."""
    return (AskPrograms(key.namespace, key.ifindex) for key in _asked(snapshot))


def _asked(snapshot: Snapshot) -> list[LinkKey]:
    links = _links(snapshot)
    wires_last = sorted(links, key=lambda ifindex: links[ifindex].kind == "veth")
    return [LinkKey(snapshot.home, ifindex) for ifindex in wires_last[:_MOST]]


def _links(snapshot: Snapshot) -> dict[int, Link]:
    home = snapshot.namespaces.get(snapshot.home)
    return {} if home is None else {at: link for at, link in home.links.items() if link.kind != "loopback"}


CHECK = Check(36, "XDP or tc programs", look, asks, "beat")
