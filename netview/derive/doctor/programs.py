"""Programs that look at packets before anybody else."""

from collections.abc import Iterator, Sequence

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.path.questions import AskAttached, Attached, Unanswered
from netview.derive.proof import device
from netview.model import LinkKey, NamespaceId, Snapshot
from netview.model.finding import Finding

_EACH = 8
"""Where more links than so many have the same, they are told as one."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """XDP and tc may drop or redirect what no other table shows."""
    for namespace in _asked(snapshot):
        answer = answers.get(AskAttached(namespace))
        if not isinstance(answer, Attached):
            yield check.unknown(answer.reason if isinstance(answer, Unanswered) else "no answer")
            continue
        alike: dict[tuple[str, ...], list[LinkKey]] = {}
        for ifindex, programs in answer.by_link.items():
            key = LinkKey(namespace, ifindex)
            if snapshot.link(key) is not None:
                alike.setdefault(programs, []).append(key)
        for programs, keys in alike.items():
            if len(keys) > _EACH:
                yield _on_many(check, snapshot, keys, ", ".join(programs))
            else:
                yield from (_on_one(check, snapshot, key, ", ".join(programs)) for key in keys)


def _on_one(check: Check, snapshot: Snapshot, key: LinkKey, programs: str) -> Finding:
    name = device(snapshot, key)
    return check.finding(
        key,
        snapshot,
        severity="notice",
        confidence="certain",
        message=f"{name_of(snapshot, key)} has programs that may drop or redirect packets: {programs}",
        evidence=evidence(programs=programs),
        command=["sh", "-c", f"ip -d link show dev {name}; tc filter show dev {name} ingress"],
        remedy="if packets are missing, look at these first",
    )


def _on_many(check: Check, snapshot: Snapshot, keys: Sequence[LinkKey], programs: str) -> Finding:
    namespace = keys[0].namespace
    return check.finding(
        namespace,
        snapshot,
        severity="notice",
        confidence="certain",
        message=f"{len(keys)} links of {name_of(snapshot, namespace)} have programs that may drop or redirect"
        f" packets: {programs}",
        evidence=evidence(programs=programs, links=len(keys)),
        command=["bpftool", "net", "show"],
        remedy="if packets are missing, look at these first",
    )


def _asked(snapshot: Snapshot) -> list[NamespaceId]:
    """Home, and whoever else has bridges."""
    return list(dict.fromkeys((snapshot.home, *(key.namespace for key, _ in links_of(snapshot, "bridge")))))


def asks(snapshot: Snapshot) -> Iterator[AskAttached]:
    """Of all links of home and of each namespace with a bridge."""
    return (AskAttached(namespace) for namespace in _asked(snapshot))


CHECK = Check(36, "XDP or tc programs", look, asks, "beat")
