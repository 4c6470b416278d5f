"""A published port behind which nobody listens, or only for itself."""

from collections.abc import Iterator
from ipaddress import ip_address

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.published import published
from netview.derive.path.questions import AskSockets, Unanswered
from netview.model import NamespaceId, Snapshot, Sockets
from netview.model.owner import PublishedPort


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """What the engine publishes, beside what listens inside."""
    for namespace, port in _each(snapshot):
        answer = answers.get(AskSockets(namespace))
        if not isinstance(answer, Sockets):
            yield check.unknown(
                f"{name_of(snapshot, namespace)}: {answer.reason if isinstance(answer, Unanswered) else 'no answer'}"
            )
            continue
        if answer.unknown is not None or answer.partly:
            reason = answer.unknown or "not all of its sockets could be read"
            yield check.unknown(f"{name_of(snapshot, namespace)}: {reason}")
            continue
        listeners = [one for one in answer.entries if one.listens]
        there = [one.local for one in listeners if (one.protocol, one.local_port) == (port.protocol, port.port)]
        if any(not ip_address(address).is_loopback for address in there):
            continue
        name = f"{port.port}/{port.protocol}"
        yield check.finding(
            namespace,
            snapshot,
            severity="error" if there else "warning",
            confidence="certain" if there else "likely",
            message=f"{name_of(snapshot, namespace)} publishes {name} as {port.host_port}, and "
            + ("what listens there listens on loopback only: nobody outside reaches it" if there else "nothing listens on it"),
            evidence=evidence(port=name, host_port=port.host_port, listens_on=" ".join(there) or None),
            command=["ss", "-ltnu"],
            remedy="have the program listen on 0.0.0.0 or [::]"
            if there
            else "see whether the program runs and which port it opens",
        )


def _each(snapshot: Snapshot) -> list[tuple[NamespaceId, PublishedPort]]:
    """Every port inside once, however often it is published."""
    known = {(namespace, port.port, port.protocol): (namespace, port) for namespace, port in published(snapshot)}
    return list(known.values())


def asks(snapshot: Snapshot) -> Iterator[AskSockets]:
    """Of each namespace that publishes a port."""
    return (AskSockets(namespace) for namespace in dict.fromkeys(namespace for namespace, _ in published(snapshot)))


CHECK = Check(5, "nobody listens on a published port", look, asks, "beat")
