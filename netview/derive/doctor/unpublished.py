"""A published port that nothing leads to its container."""

from collections.abc import Mapping, Sequence

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import LEGACY, doubt, led_to, rules_of
from netview.derive.doctor.published import ANY, Led, led, sent_to
from netview.derive.path.questions import AskRuleset, AskSockets, Unanswered
from netview.model import Family, Snapshot, Socket, Sockets
from netview.model.ruleset import Ruleset

_MOST = 64


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Neither a rule that translates its address nor a proxy that listens on it."""
    ports = led(snapshot)
    if not ports:
        return
    ruleset, listening = rules_of(answers, snapshot.home), _listening(snapshot, answers)
    if isinstance(ruleset, str) or isinstance(listening, str):
        yield check.unknown(str(ruleset if isinstance(ruleset, str) else listening))
        return
    targets = led_to(ruleset)
    missing = [one for one in ports if not _is_led(one, targets) and not _is_served(one, listening)]
    for one in missing[:_MOST]:
        yield from _judged(check, snapshot, answers, ruleset, one)
    if len(missing) > _MOST:
        yield check.unknown(f"{len(missing) - _MOST} published ports were not looked at: only {_MOST} are")


def _judged(check: Check, snapshot: Snapshot, answers: Answers, ruleset: Ruleset, one: Led) -> Told:
    outcome = sent_to(snapshot, answers, ruleset, "prerouting", one)
    if outcome.unsure is not None:
        yield check.unknown(f"port {one.name}: {doubt(outcome.unsure)}")
        return
    if LEGACY[one.family] in ruleset.legacy:
        yield check.unknown("the rules of iptables-legacy are not evaluated")
        return
    to = outcome.packet.flow.destination
    if outcome.lost is not None or to in {place.address for place in one.places}:
        return
    container = one.places[0].end.namespace
    elsewhere = to != one.address
    yield check.finding(
        container,
        snapshot,
        severity="error",
        confidence="certain",
        message=f"{name_of(snapshot, container)} publishes {one.port.port}/{one.port.protocol} as {one.number}, and "
        + (
            f"a rule leads it to {to}, which it does not have"
            if elsewhere
            else "no rule leads it there and no proxy listens on it"
        ),
        evidence=evidence(address=one.address, port=one.name, container=one.places[0].address, led_to=to if elsewhere else None),
        command=["sh", "-c", f"nft -a list ruleset; ss -lntu sport = :{one.number}"],
        proved_in=snapshot.home,
        remedy="restart the container, or the engine: it writes its rules anew (something may have flushed them)",
    )


def _is_led(one: Led, targets: frozenset[tuple[str, int]]) -> bool:
    return any((place.address, port) in targets for place in one.places for port in (one.port.port, 0))


def _listening(snapshot: Snapshot, answers: Answers) -> Mapping[tuple[str, int], Sequence[Socket]] | str:
    """What listens at home, by protocol and port; words: why that is not known."""
    answer = answers.get(AskSockets(snapshot.home))
    if not isinstance(answer, Sockets):
        return answer.reason if isinstance(answer, Unanswered) else "no answer"
    if answer.unknown is not None:
        return answer.unknown
    found: dict[tuple[str, int], list[Socket]] = {}
    for one in answer.entries:
        if one.listens:
            found.setdefault((one.protocol, one.local_port), []).append(one)
    return found


def _is_served(one: Led, listening: Mapping[tuple[str, int], Sequence[Socket]]) -> bool:
    """Whether somebody listens at its address; a socket of IPv6 takes IPv4 as well unless it says otherwise."""
    return any(
        socket.local == one.address
        or (socket.local in ANY and (socket.family is one.family or (socket.family is Family.INET6 and not socket.v6only)))
        for socket in listening.get((one.port.protocol, one.number), ())
    )


def asks(snapshot: Snapshot) -> tuple[AskRuleset | AskSockets, ...]:
    """Of the home namespace, where something is published."""
    return (AskRuleset(snapshot.home), AskSockets(snapshot.home)) if led(snapshot) else ()


CHECK = Check(4, "published port leads nowhere", look, asks)
