"""A published port that goes around the host's firewall."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import chain_of, led_to, listing, rules_of
from netview.derive.doctor.published import Led, led, sent_to
from netview.derive.netfilter.walk import Decided
from netview.derive.path.questions import AskRuleset
from netview.model import Snapshot
from netview.model.ruleset import Ruleset

_MOST = 16


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """What the host would drop is translated first, and then is no packet to the host any more."""
    ports = led(snapshot)
    if not ports:
        return
    ruleset = rules_of(answers, snapshot.home)
    if isinstance(ruleset, str):
        yield check.unknown(ruleset)
        return
    targets = led_to(ruleset)
    known = [one for one in ports if any((place.address, one.port.port) in targets for place in one.places)]
    around = [(one, dropped) for one in known[:_MOST] if (dropped := _dropped(snapshot, ruleset, one)) is not None]
    if around:
        first = around[0][1]
        names = ", ".join(one.name for one, _ in around) + (", …" if len(known) > _MOST else "")
        yield check.finding(
            snapshot.home,
            snapshot,
            severity="warning",
            confidence="likely",
            message=f"{chain_of(first)} drops what comes to {name_of(snapshot, snapshot.home)} from outside, but not what"
            f" comes to the published ports {names}: those are translated first and go around it",
            evidence=evidence(ports=names, chain=chain_of(first), handle=None if first.rule is None else first.rule.handle),
            command=listing(first),
            remedy="restrict them in FORWARD (DOCKER-USER), or publish on an address: -p 127.0.0.1:8080:80",
        )


def _dropped(snapshot: Snapshot, ruleset: Ruleset, one: Led) -> Decided | None:
    """What would drop it at the host itself; None: nothing would, or no rule leads it on."""
    here = sent_to(snapshot, ruleset, "input", one)
    if here.lost is None:
        return None
    before = sent_to(snapshot, ruleset, "prerouting", one)
    led_on = before.packet.flow.destination in {place.address for place in one.places}
    return here.lost if before.unsure is None and before.lost is None and led_on else None


def asks(snapshot: Snapshot) -> tuple[AskRuleset, ...]:
    """Of the home namespace, where something is published."""
    return (AskRuleset(snapshot.home),) if led(snapshot) else ()


CHECK = Check(32, "published port goes around the firewall", look, asks)
