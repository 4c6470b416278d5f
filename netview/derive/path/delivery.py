"""A packet that has come to its namespace: who takes it there."""

from netview.derive.path.journey import Ended, Journey, Steps, settings
from netview.derive.path.policies import controlled
from netview.derive.path.questions import AskSockets, Unanswered
from netview.model import Family, Flow, Link, LinkKey, NamespaceId, Socket, Sockets
from netview.model.path import Place, Verdict

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - nothing is bound here


def deliver(journey: Journey, namespace: NamespaceId, link: Link | None, flow: Flow) -> Steps[None]:
    """End the way of a packet that is for this namespace."""
    place = Place(namespace, None if link is None else LinkKey(namespace, link.ifindex))
    label = journey.label(namespace)
    if flow.protocol in {"icmp", "icmpv6"} and not journey.reply:
        yield from _echoed(journey, namespace, flow, place)
    elif flow.protocol in {"tcp", "udp"} and flow.port is not None and journey.depth == 0 and not journey.reply:
        yield from _listened(journey, namespace, link, flow, place)
    elif journey.reply and journey.depth == 0:
        yield from controlled(journey, namespace, "in", None)
    raise Ended(Verdict.DELIVERED, f"in {label}", place)


def _echoed(journey: Journey, namespace: NamespaceId, flow: Flow, place: Place) -> Steps[None]:
    """Whether the kernel answers an echo request."""
    if flow.icmp_type not in {8, 128}:
        return
    family = "ipv4/icmp_echo_ignore_all" if flow.family is Family.INET else "ipv6/icmp/echo_ignore_all"
    told = yield from settings(journey, namespace, family)
    if told.get(family):
        reason = f"{journey.label(namespace)} answers no echo requests ({family.replace('/', '.')})"
        journey.hop(namespace, place.link, 3, "not answered", reason, argv=("sysctl", f"net.{family.replace('/', '.')}"))
        raise Ended(Verdict.NO_LISTENER, reason, place)


def _listened(journey: Journey, namespace: NamespaceId, link: Link | None, flow: Flow, place: Place) -> Steps[None]:
    answer = yield AskSockets(namespace)
    label, what = journey.label(namespace), f"{flow.protocol} port {flow.port}"
    if not isinstance(answer, Sockets) or answer.unknown is not None:
        why = answer.unknown if isinstance(answer, Sockets) else answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.doubts(namespace, place.link, f"what listens in {label} is not known: {why}")
        return
    listening = next((one for one in answer.entries if _hears(one, flow, link)), None)
    if listening is not None:
        journey.listener = listening.pid
        if listening.pid is not None:
            yield from controlled(journey, namespace, "in", listening.pid)
        by = "" if listening.comm is None else f" ({listening.comm})"
        argv = ("ss", "-lntup" if flow.protocol == "tcp" else "-lnup", f"sport = :{flow.port}")
        journey.hop(namespace, place.link, 3, f"taken by {what}{by}", f"a socket listens at {listening.local}", argv=argv)
        return
    if any("listed" in note for note in answer.partly):
        journey.doubts(namespace, place.link, f"not all sockets of {label} are known")
        return
    argv = ("ss", "-lntu", f"sport = :{flow.port}")
    journey.hop(namespace, place.link, 3, "taken by nobody", f"nothing listens on {what} at {flow.destination}", argv=argv)
    raise Ended(Verdict.NO_LISTENER, f"nothing in {label} listens on {what} at {flow.destination}", place)


def _hears(socket: Socket, flow: Flow, link: Link | None) -> bool:
    if not socket.listens or (socket.protocol, socket.local_port) != (flow.protocol, flow.port):
        return False
    if socket.ifindex and (link is None or socket.ifindex != link.ifindex):
        return False
    if socket.local in _ANY:
        return socket.family is flow.family or (socket.family is Family.INET6 and socket.v6only is not True)
    return socket.local.removeprefix("::ffff:") == flow.destination
