"""A container that does not reach itself by the port that it publishes."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.probes import known_link, led_to, rules_of
from netview.derive.doctor.published import led, sent_to
from netview.derive.path.questions import AskRuleset
from netview.derive.proof import device
from netview.model import LinkKey, Snapshot

_MOST = 16


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Its packet is translated and has to go out by the port that it came in by, which a bridge does in hairpin mode only."""
    ports = led(snapshot)
    if not ports:
        return
    ruleset = rules_of(answers, snapshot.home)
    if isinstance(ruleset, str):
        yield check.unknown(ruleset)
        return
    targets, told = led_to(ruleset), set[LinkKey]()
    for one in [one for one in ports if any((place.address, one.port.port) in targets for place in one.places)][:_MOST]:
        for place in one.places:
            plugged = known_link(snapshot, place.port).port
            if place.port in told or plugged is None or plugged.hairpin:
                continue
            outcome = sent_to(snapshot, answers, ruleset, "prerouting", one, sender=place)
            if outcome.unsure is None and outcome.lost is None and outcome.packet.flow.destination == place.address:
                told.add(place.port)
                yield check.finding(
                    place.port,
                    snapshot,
                    severity="notice",
                    confidence="likely",
                    message=f"{name_of(snapshot, place.end.namespace)} does not reach itself by its published port {one.name}:"
                    f" {name_of(snapshot, place.port)} sends nothing back to where it came from (hairpin is off)",
                    evidence=evidence(hairpin=False, port=one.name, address=one.address),
                    command=["bridge", "-d", "link", "show", "dev", device(snapshot, place.port)],
                    remedy="if that is needed: bridge link set dev … hairpin on, or the engine's userland proxy",
                )


def asks(snapshot: Snapshot) -> tuple[AskRuleset, ...]:
    """Of the home namespace, where something is published."""
    return (AskRuleset(snapshot.home),) if led(snapshot) else ()


CHECK = Check(19, "hairpin off", look, asks)
