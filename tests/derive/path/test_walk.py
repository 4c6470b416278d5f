import errno
from collections.abc import Callable
from dataclasses import replace

import pytest

from netview.derive.path.questions import Answer, AskConnections, AskRoute, RouteAnswer, Tracked, Unanswered
from netview.derive.path.walk import walk
from netview.live.followed import followed
from netview.model import Flow, LinkKey, NamespaceId, Neighbour, NeighbourState, Snapshot, Sockets, Tables
from netview.model.connection import Connection, Ends
from netview.model.enums import Family, LinkFlag
from netview.model.path import Path
from netview.model.ruleset import Chain, Expression, Judgement, NftRule, Opaque, Ruleset
from tests.derive.path.worlds import Kernel, address, container, local, snapshot
from tests.factories import HOME

_PING = Flow("icmp", "", address(2), icmp_type=8)


def _walk(kernel: Kernel, flow: Flow = _PING, size: int = 0) -> Path:
    return followed(walk(kernel.snapshot, container(1), flow, size=size), kernel.answer)


def _said(path: Path) -> tuple[str, str]:
    return path.verdict.value, path.reason


def test_every_hop_says_what_was_decided_and_how_to_see_it() -> None:
    path = _walk(Kernel(snapshot()))
    assert [hop.decision for hop in path.hops] == [
        "sent by eth0",
        f"{address(2)} is at 02:00:00:00:00:02",
        "eth0 hands it to v1",
        "br0 forwards it to port v2",
        "v2 hands it to eth0",
        "taken in",
    ]
    assert _said(path) == ("delivered", "in web-2")
    assert path.flow.source == address(1)
    assert path.back is not None
    assert (path.back.flow.source, path.back.flow.icmp_type, *_said(path.back)) == (address(2), 0, "delivered", "in web-1")


def test_each_question_is_put_once() -> None:
    kernel = Kernel(snapshot())
    _walk(kernel)
    assert len(kernel.asked) == len(set(kernel.asked))


def test_what_leaves_by_hardware_is_forwarded_and_has_no_way_back() -> None:
    path = _walk(Kernel(snapshot()), Flow("icmp", "", "198.51.100.7", icmp_type=8))
    assert _said(path) == ("forwarded", "to 192.0.2.254 by up0")
    assert path.back is None


def _rules(family: str, hook: str, *expressions: Expression) -> Ruleset:
    rule = NftRule(7, expressions)
    return Ruleset({(family, "t", "c"): Chain(family, "t", "c", hook, rules=(rule,))})


def _told(errno_: int) -> Answer:
    return RouteAnswer(errno_, errno_)


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (
            {"routes": {container(1): _told(errno.ENETUNREACH)}},
            "rules and tables say 10.1.0.0/16 in table main, but the kernel answers ENETUNREACH",
        ),
        ({"routes": {HOME: Unanswered("gone")}}, None),
        ({"routes": {container(2): Unanswered("not recorded")}}, "the kernel's own lookup in web-2 is not known: not recorded"),
        (
            {"rules": {container(2): _rules("inet", "input", Opaque("limit"), Judgement("drop"))}},
            "undecided because of rule handle 7 of inet t c in web-2: limit",
        ),
        ({"rules": {container(2): _rules("inet", "input", Opaque("limit"))}}, None),
        ({"rules": {container(2): _rules("ip6", "input", Judgement("drop"))}}, None),
        ({"rules": {HOME: _rules("ip", "forward", Judgement("drop"))}}, None),
        ({"rules": {HOME: _rules("bridge", "forward")}}, "rules for bridges in host are not evaluated"),
        ({"rules": {container(2): _rules("netdev", "ingress")}}, "rules for links or ARP in web-2 are not evaluated"),
        (
            {"rules": {HOME: Ruleset(legacy=frozenset({"ip"}))}, "settings": {"bridge/bridge-nf-call-iptables": 1}},
            "the rules of iptables-legacy in host are not evaluated",
        ),
        ({"rules": {container(2): Unanswered("not recorded")}}, "the rules in web-2 are not known: not recorded"),
        ({"programs": {LinkKey(HOME, 1002): ("XDP program 7",)}}, "XDP program 7 on v2"),
        ({"programs": {LinkKey(HOME, 2): ("XDP program 7",)}}, None),
    ],
)
def test_past_what_nobody_can_judge_nothing_is_delivered(kernel: dict[str, object], reason: str | None) -> None:
    path = _walk(Kernel(snapshot(), **kernel))  # type: ignore[arg-type]
    assert _said(path) == (("delivered", "in web-2") if reason is None else ("undecided", reason))


def test_a_namespace_without_an_answer_is_a_doubt_even_where_the_packet_is_lost_later() -> None:
    rules = {container(1): _rules("inet", "output", Opaque("limit"), Judgement("drop"))}
    kernel = Kernel(snapshot(), rules=rules, settings={"ipv4/conf/br0/forwarding": 0})
    path = _walk(kernel, Flow("icmp", "", "198.51.100.7", icmp_type=8))
    assert _said(path) == ("undecided", "undecided because of rule handle 7 of inet t c in web-1: limit")
    assert path.hops[-1].decision == "not forwarded"


def test_a_table_that_was_not_read_is_told() -> None:
    def locked(tables: Tables) -> Tables:
        return replace(tables, error="entering it needs CAP_SYS_ADMIN")

    path = _walk(Kernel(snapshot(c1=locked)))
    assert _said(path) == ("undecided", "web-1 could not be read: entering it needs CAP_SYS_ADMIN")


def _without_wire(tables: Tables) -> Tables:
    link = replace(tables.links[2], link_nsid=9)
    return replace(tables, links={**tables.links, 2: link})


def test_a_wire_into_the_unseen_is_undecided() -> None:
    path = _walk(Kernel(snapshot(c1=_without_wire)))
    assert _said(path) == ("undecided", f"who answers for {address(2)}: its other end cannot be seen")


@pytest.mark.parametrize(
    ("state", "asks"),
    [(NeighbourState.STALE, False), (NeighbourState.FAILED, True), (NeighbourState.INCOMPLETE, True)],
)
def test_a_known_neighbour_is_not_asked_for(state: NeighbourState, asks: bool) -> None:
    def known(tables: Tables) -> Tables:
        return replace(tables, neighbours=(Neighbour(2, Family.INET, address(2), "02:00:00:00:00:02", state),))

    path = _walk(Kernel(snapshot(c1=known)))
    assert _said(path)[0] == "delivered"
    assert ("would answer" in path.hops[1].because) is asks


def _with_address(ip: str) -> Callable[[Tables], Tables]:
    def change(tables: Tables) -> Tables:
        return replace(tables, routes=(*tables.routes, local(2, ip)))

    return change


def test_two_with_one_address_are_a_doubt() -> None:
    path = _walk(Kernel(snapshot(3, c3=_with_address(address(2)))))
    reason = f"more than one answers for {address(2)}: eth0 in web-2, eth0 in web-3"
    assert _said(path) == ("undecided", reason)


def _port_down(tables: Tables) -> Tables:
    down = replace(tables.links[1002], flags=LinkFlag(0))
    return replace(tables, links={**tables.links, 1002: down})


@pytest.mark.parametrize("count", [2, 40])
def test_a_frame_is_lost_where_its_taker_would_be(count: int) -> None:
    path = _walk(Kernel(snapshot(count, host=_port_down)))
    assert _said(path) == ("dropped", "v2 is down")
    assert path.at is not None
    assert path.at.link == LinkKey(HOME, 1002)


def test_among_many_ports_only_those_that_may_lead_on_are_followed() -> None:
    world = snapshot(300)
    path = followed(walk(world, container(1), Flow("icmp", "", address(299), icmp_type=8)), Kernel(world).answer)
    assert _said(path) == ("delivered", "in web-299")


def test_a_packet_that_does_not_fit_names_the_link_and_its_mtu() -> None:
    def small(tables: Tables) -> Tables:
        return replace(tables, links={**tables.links, 2: replace(tables.links[2], mtu=1400)})

    path = _walk(Kernel(snapshot(c2=small)), size=1500)
    assert _said(path) == ("dropped", "packets of 1500 bytes do not fit: the MTU of eth0 is 1400")
    fits = _walk(Kernel(snapshot(c2=small)))
    assert fits.mtu is not None
    assert (fits.mtu.bytes, fits.mtu.limited_by) == (1400, LinkKey(container(2), 2))


@pytest.mark.parametrize(
    ("sockets", "said"),
    [
        (Sockets(), ("no listener", f"nothing in web-2 listens on tcp port 80 at {address(2)}")),
        (Sockets(unknown="not recorded"), ("undecided", "what listens in web-2 is not known: not recorded")),
        (Sockets(partly=("5 of about 9 listed",)), ("undecided", "not all sockets of web-2 are known")),
    ],
)
def test_who_listens_has_to_be_known(sockets: Sockets, said: tuple[str, str]) -> None:
    kernel = Kernel(snapshot(), sockets={container(2): sockets})
    assert _said(_walk(kernel, Flow("tcp", "", address(2), port=80))) == said


def test_routers_that_send_it_to_each_other_use_up_its_ttl() -> None:
    def looped(tables: Tables) -> Tables:
        *others, default = tables.routes
        return replace(tables, routes=(*others, replace(default, gateway=address(2), oif=3)))

    path = _walk(Kernel(snapshot(host=looped)), Flow("icmp", "", "198.51.100.7", icmp_type=8))
    assert _said(path) == ("dropped", "it goes in a circle until its TTL is used up")


def test_the_kernel_is_asked_with_the_source_that_it_gave() -> None:
    kernel = Kernel(snapshot())
    _walk(kernel)
    own = [one.lookup.flow.source for one in kernel.asked if isinstance(one, AskRoute) and one.namespace == container(1)]
    assert own[:2] == ["", address(1)]


def test_a_namespace_that_is_gone_is_told() -> None:
    world: Snapshot = snapshot()
    path = followed(walk(world, NamespaceId("c77"), _PING), Kernel(world).answer)
    assert _said(path) == ("undecided", "a namespace on the way is gone")


_ENDS = Ends(address(1), address(2), None, None), Ends("10.9.9.9", address(1), None, None)
_KEPT = Connection("icmp", Family.INET, *_ENDS, expires_s=29, replied=False)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Tracked(()), []),
        (
            Tracked((_KEPT, _KEPT)),
            [f"already tracked: icmp {_ENDS[0]}, translated to 10.1.0.2 → 10.9.9.9, no reply yet, kept for 29 s, and 1 more"],
        ),
        (Unanswered("not recorded"), ["connections unknown"]),
    ],
)
def test_what_conntrack_keeps_of_it_is_told_where_there_are_rules(answer: Answer, told: list[str]) -> None:
    rules = {container(2): _rules("inet", "input")}
    kernel = Kernel(snapshot(), rules=rules, connections={container(2): answer, HOME: answer})
    path = _walk(kernel)
    assert path.verdict.value == "delivered"
    assert [hop.decision for hop in path.hops if "conntrack" in (hop.command or "")] == told
    assert [one.namespace for one in kernel.asked if isinstance(one, AskConnections)] == [container(2)]


def test_a_source_port_that_nobody_told_is_any() -> None:
    kernel = Kernel(snapshot(), rules={container(2): _rules("inet", "input")})
    _walk(kernel, Flow("tcp", "", address(2), port=80))
    (asked,) = (one for one in kernel.asked if isinstance(one, AskConnections))
    assert (asked.flow.source_port, asked.flow.port) == (None, 80)
