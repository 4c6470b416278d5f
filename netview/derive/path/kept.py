"""What conntrack keeps of a flow already: its packets follow that, whatever the rules would make of a new one."""

from dataclasses import replace

from netview.derive.path.journey import Journey, Steps
from netview.derive.path.questions import AskConnections, Tracked, Unanswered
from netview.model import Flow
from netview.model.connection import Connection
from netview.model.path import Place
from netview.model.ruleset import Ruleset

_TRACKED = frozenset({"tcp", "udp", "icmp", "icmpv6"})


def told_of_kept(journey: Journey, place: Place, ruleset: Ruleset, flow: Flow) -> Steps[None]:
    """Note the connections of a flow where it first meets rules; without rules nothing keeps track."""
    if flow.protocol not in _TRACKED or not any(one.hook is not None for one in ruleset.chains.values()):
        return
    asked = replace(flow, source_port=None) if journey.any_port else flow
    answer = yield AskConnections(place.namespace, asked)
    argv = ("conntrack", "-L", "-p", flow.protocol, "--orig-src", flow.source, "--orig-dst", flow.destination)
    if not isinstance(answer, Tracked):
        why = answer.reason if isinstance(answer, Unanswered) else "no answer"
        journey.hop(place.namespace, place.link, "netfilter", "connections unknown", f"conntrack: {why}", argv=argv)
    elif answer.entries:
        first, more = answer.entries[0], len(answer.entries) - 1
        others = f", and {more} more" if more else ""
        because = "the verdict is for a new connection"
        journey.hop(place.namespace, place.link, "netfilter", f"already tracked: {_told(first)}{others}", because, argv=argv)


def _told(one: Connection) -> str:
    turned = one.reply.turned
    words = [f"{one.protocol} {one.original}"]
    words += [] if turned == one.original else [f"translated to {turned}"]
    words += [one.state] if one.state else []
    words += ["no reply yet"] if one.replied is False else []
    words += [] if one.expires_s is None else [f"kept for {one.expires_s} s"]
    return ", ".join(words)
