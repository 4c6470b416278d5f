"""A host that forwards and so no longer hears its router."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.gist import gists
from netview.derive.path.questions import AskSettings
from netview.derive.proof import device
from netview.model import Family, LinkKey, Snapshot


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """accept_ra=1 means "unless forwarding": the default route that a router announced then runs out."""
    for key, question in _announced(snapshot):
        accept, forwarding = (setting(answers, question, name) for name in question.names)
        if isinstance(accept, str) or isinstance(forwarding, str):
            yield check.unknown(f"{name_of(snapshot, key)}: {accept if isinstance(accept, str) else forwarding}")
        elif accept == 1 and forwarding == 1:
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, key)} has its IPv6 default route from router advertisements, which"
                f" it ignores since it"
                " forwards: the route runs out and IPv6 with it",
                evidence=evidence(accept_ra=1, forwarding=1),
                command=["sysctl", *(f"net.{name.replace('/', '.')}" for name in question.names)],
                remedy=f"sysctl -w net.ipv6.conf.{device(snapshot, key)}.accept_ra=2",
            )


def asks(snapshot: Snapshot) -> Iterator[AskSettings]:
    """Of the links that a router announced a way through."""
    return (question for _, question in _announced(snapshot))


def _announced(snapshot: Snapshot) -> Iterator[tuple[LinkKey, AskSettings]]:
    for place, gist in gists(snapshot).items():
        namespace = snapshot.namespaces[place]
        announced = [one for one in gist.defaults if one.family is Family.INET6 and one.protocol == "ra"]
        for oif in dict.fromkeys(route.oif for route in announced if route.oif in namespace.links):
            if oif is not None and "/" not in namespace.links[oif].name:
                base = f"ipv6/conf/{namespace.links[oif].name}"
                yield LinkKey(namespace.id, oif), AskSettings(namespace.id, (f"{base}/accept_ra", f"{base}/forwarding"))


CHECK = Check(30, "router advertisements ignored", look, asks, "beat")
