"""What is neither a rule nor a route: policies of IPsec, and programs on the control groups of the processes at both ends."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Literal

from netview.derive.netfilter.headers import protocol
from netview.derive.path.journey import Ended, Journey, Steps
from netview.derive.path.questions import AskControlled, AskPolicies, Policies, Programs, Unanswered
from netview.model import Flow, Link, LinkKey, NamespaceId
from netview.model.path import Place, Verdict
from netview.model.policy import Policy

Direction = Literal["in", "out", "fwd"]
_SEEN = ("xfrm", "policy")


def policed(journey: Journey, namespace: NamespaceId, direction: Direction, flow: Flow, link: Link | None) -> Steps[None]:
    """Note what the policies of a namespace do with a packet; raises Ended where one blocks it."""
    answer = yield AskPolicies(namespace)
    label = journey.label(namespace)
    place = Place(namespace, None if link is None else LinkKey(namespace, link.ifindex))
    if not isinstance(answer, Policies):
        why = answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.doubts(namespace, place.link, f"the policies of IPsec in {label} are not known: {why}")
        return
    for one in answer.entries:
        fits = None if one.direction != direction else _fits(one, flow, link)
        if one.direction != direction or fits is False:
            continue
        name = f"policy {one.number} of IPsec ({direction})"
        if fits and one.blocks:
            journey.hop(namespace, place.link, 3, "blocked", name, argv=("ip", *_SEEN))
            raise Ended(Verdict.DROPPED, f"{label} blocks it by {name}", place)
        if not fits or one.transforms:
            journey.hop(namespace, place.link, 3, "undecided", name, argv=("ip", *_SEEN))
            journey.doubts(namespace, place.link, f"undecided because of {name} in {label}")
        return  # The first that fits is the only one.


def controlled(journey: Journey, namespace: NamespaceId, way: Literal["out", "in"], pid: int | None) -> Steps[None]:
    """Note whether programs on its control group look at what a process sends or gets: nobody can tell what they do.

    `pid`: None: whoever would send from there.
    """
    answer = yield AskControlled(namespace, pid)
    label = journey.label(namespace)
    if isinstance(answer, Programs):
        found = next((name for name in answer.attached if name.startswith(way)), None)
        if found is not None:
            journey.doubts(namespace, None, f"undecided because of {found.removeprefix(f'{way} ')}, which {label} is in")
    else:
        why = answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.doubts(namespace, None, f"the programs on control groups of {label} are not known: {why}")


def _fits(policy: Policy, flow: Flow, link: Link | None) -> bool | None:
    """Whether a selector fits; None: nobody can tell."""
    judged = tuple(_judged(policy, flow, link))
    return False if False in judged else None if None in judged else True


def _judged(policy: Policy, flow: Flow, link: Link | None) -> Iterator[bool | None]:
    yield policy.family in {None, flow.family}
    yield _within(policy.source, policy.source_length, flow.source)
    yield _within(policy.destination, policy.destination_length, flow.destination)
    yield policy.protocol in {0, protocol(flow)}
    yield _port(policy.source_port, flow.source_port)
    yield _port(policy.port, flow.port)
    yield not policy.ifindex or (link is not None and policy.ifindex == link.ifindex)
    yield flow.mark & policy.mark[1] == policy.mark[0]


def _within(network: bytes, length: int, address: str) -> bool:
    packed = ip_address(address).packed
    bits = 8 * len(packed)
    shift = max(0, bits - length)
    return int.from_bytes(packed, "big") >> shift == int.from_bytes(network[: len(packed)], "big") >> shift


def _port(wanted: tuple[int, int], port: int | None) -> bool | None:
    value, mask = wanted
    if not mask:
        return True
    return None if port is None else port & mask == value & mask
