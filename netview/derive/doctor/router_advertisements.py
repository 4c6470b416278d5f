"""A host that forwards and so no longer hears its router."""

from collections.abc import Iterator
from functools import lru_cache

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of, setting
from netview.derive.doctor.gist import Gist, gists
from netview.derive.path.questions import AskSettings
from netview.derive.proof import device
from netview.model import Family, LinkKey, Snapshot

_PERMANENT = 0x80
"""IFA_F_PERMANENT: what a user or an engine gave does not run out."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """accept_ra=1 means "unless forwarding": the default route that a router announced runs out, or has already."""
    for key, question, there in _announced(snapshot):
        accept, forwarding = (setting(answers, question, name) for name in question.names)
        if isinstance(accept, str) or isinstance(forwarding, str):
            yield check.unknown(f"{name_of(snapshot, key)}: {accept if isinstance(accept, str) else forwarding}")
        elif accept == 1 and forwarding == 1:
            yield check.finding(
                key,
                snapshot,
                severity="warning",
                confidence="likely" if there else "possible",
                message=f"{name_of(snapshot, key)} has its IPv6 {'default route' if there else 'address'} from router"
                " advertisements, which it ignores since it forwards: "
                + ("the route runs out and IPv6 with it" if there else "it runs out, and there is no default route (any more)"),
                evidence=evidence(accept_ra=1, forwarding=1, default="ra" if there else None),
                command=["sysctl", *(f"net.{name.replace('/', '.')}" for name in question.names)],
                remedy=f"sysctl -w net.ipv6.conf.{device(snapshot, key)}.accept_ra=2",
            )


def asks(snapshot: Snapshot) -> Iterator[AskSettings]:
    """Of the links that a router announced a way through, or at least an address for."""
    return (question for _, question, _ in _announced(snapshot))


@lru_cache(maxsize=1)
def _announced(snapshot: Snapshot) -> tuple[tuple[LinkKey, AskSettings, bool], ...]:
    return tuple(_each(snapshot))


def _each(snapshot: Snapshot) -> Iterator[tuple[LinkKey, AskSettings, bool]]:
    """With whether the default route is there still."""
    for place, gist in gists(snapshot).items():
        defaults = [one for one in gist.defaults if one.family is Family.INET6]
        ways = dict.fromkeys(route.oif for route in defaults if route.protocol == "ra")
        found = [(oif, True) for oif in ways] or [(ifindex, False) for ifindex in _addressed(gist) if not defaults]
        for ifindex, there in found:
            link = None if ifindex is None else gist.tables.links.get(ifindex)
            if link is not None and "/" not in link.name:
                base = f"ipv6/conf/{link.name}"
                question = AskSettings(place, (f"{base}/accept_ra", f"{base}/forwarding"))
                yield LinkKey(place, link.ifindex), question, there


def _addressed(gist: Gist) -> list[int]:
    """Links with addresses that run out, as announced ones do (SLAAC)."""
    own = [one for one in gist.own if one.family is Family.INET6]
    return list(dict.fromkeys(one.ifindex for one in own if not one.flags & _PERMANENT))


CHECK = Check(30, "router advertisements ignored", look, asks, "beat")
