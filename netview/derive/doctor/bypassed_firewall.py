"""A published port that goes around the host's firewall."""

from dataclasses import replace

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import around, chain_of, doubt, known_link, led_to, listing, rules_of
from netview.derive.doctor.published import Led, led, sent_to
from netview.derive.netfilter.hook import at_hook
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
    bypassing = []
    for one in known[:_MOST]:
        dropped = _dropped(snapshot, answers, ruleset, one)
        if isinstance(dropped, str):
            yield check.unknown(f"port {one.name}: {dropped}")
        elif dropped is not None:
            bypassing.append((one, dropped))
    if bypassing:
        first = bypassing[0][1]
        names = ", ".join(dict.fromkeys(one.name for one, _ in bypassing)) + (", …" if len(known) > _MOST else "")
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


def _dropped(snapshot: Snapshot, answers: Answers, ruleset: Ruleset, one: Led) -> Decided | str | None:
    """What would drop it at the host itself; None: nothing would, or it is not led on, or FORWARD drops it; words: doubts."""
    here = sent_to(snapshot, answers, ruleset, "input", one)
    if here.lost is None:
        return None if here.unsure is None else doubt(here.unsure)
    before = sent_to(snapshot, answers, ruleset, "prerouting", one)
    place = next((place for place in one.places if place.address == before.packet.flow.destination), None)
    if before.unsure is not None or before.lost is not None or place is None:
        return None
    packet = replace(before.packet, oif=known_link(snapshot, place.bridge))
    on = at_hook(ruleset, "forward", packet, around(answers, snapshot.namespaces[snapshot.home]))
    if on.unsure is not None:
        return doubt(on.unsure)
    return here.lost if on.lost is None else None


def asks(snapshot: Snapshot) -> tuple[AskRuleset, ...]:
    """Of the home namespace, where something is published."""
    return (AskRuleset(snapshot.home),) if led(snapshot) else ()


CHECK = Check(32, "published port goes around the firewall", look, asks)
