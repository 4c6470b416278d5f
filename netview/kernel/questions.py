"""What a path asks for, read in the namespace that it is about."""

from collections.abc import Callable, Mapping

from netview.decode.netlink import MalformedError
from netview.derive.path.questions import (
    Answer,
    AskAttached,
    AskBacklog,
    AskChecksums,
    AskConnections,
    AskCounters,
    AskElement,
    AskManaged,
    AskMember,
    AskPolicies,
    AskPrograms,
    AskQueues,
    AskRecent,
    AskRevision,
    AskRoute,
    AskRule,
    AskRuleset,
    AskSettings,
    AskTracked,
    AskVlans,
    Attached,
    Programs,
    Settings,
    Unanswered,
)
from netview.kernel.bookkeeping import backlog, checksums, managed, tracked
from netview.kernel.connections import connections
from netview.kernel.counted import counters, port_vlans, queues
from netview.kernel.discover import Sighting
from netview.kernel.lookup import look_up
from netview.kernel.place import Place
from netview.kernel.policies import policies
from netview.kernel.programs import attached, programs
from netview.kernel.reader import Reader
from netview.kernel.remembered import member, recent
from netview.kernel.rulesets import element_of, revision, rule_of, ruleset
from netview.kernel.visit import Visitor, why
from netview.model import NamespaceId
from netview.model.ruleset import Ruleset

_LONGEST, _MOST_KEPT = 64, 64
Inner = AskPrograms | AskAttached | AskManaged | AskChecksums
"""Questions that only a thread inside the namespace answers."""
Noted = AskPolicies | AskTracked | AskBacklog | AskCounters | AskQueues | AskVlans | AskRevision
"""Questions that are answered with all there is."""
OfRules = AskRuleset | AskElement | AskRule | AskRecent | AskMember
"""Questions about what rules do."""
Placed = AskRoute | AskSettings | AskConnections | Noted | OfRules
Entered = Placed | Inner
"""Questions that are answered inside the namespace, or through what another process opened there."""
_NOTED: Mapping[type, Callable[[Place], Answer]] = {
    AskPolicies: policies,
    AskTracked: tracked,
    AskBacklog: backlog,
    AskCounters: counters,
    AskQueues: queues,
    AskVlans: port_vlans,
    AskRevision: revision,
}


def answered(question: Entered, visitor: Visitor, sighting: Sighting | None, rules: dict[NamespaceId, Ruleset]) -> Answer:
    """The answer as of now; `rules`: those that were read before, kept here from question to question."""
    if sighting is None:
        return Unanswered("nothing opens this namespace")
    found: Answer | None
    if isinstance(question, Inner):
        found = visitor.inside(sighting, question.namespace, lambda reader: _seen(question, reader))
    else:
        known = rules.get(question.namespace)
        found = visitor.at(sighting, question.namespace, lambda _, place: _asked(question, place, known))
    if isinstance(found, Ruleset):
        if len(rules) >= _MOST_KEPT:
            rules.clear()
        rules[question.namespace] = found
    return Unanswered("it is gone, or may not be entered") if found is None else found


def _asked(question: Placed, place: Place, known: Ruleset | None) -> Answer:
    answer: Answer
    try:
        match question:
            case AskRoute():
                answer = look_up(question.lookup, place)
            case AskConnections():
                answer = connections(question.flow, place)
            case AskSettings():
                answer = Settings({name: _setting(name, place) for name in question.names})
            case _:
                answer = _NOTED[type(question)](place) if isinstance(question, Noted) else _of_rules(question, place, known)
    except (OSError, MalformedError) as error:
        return Unanswered(why(error))
    return answer


def _of_rules(question: OfRules, place: Place, known: Ruleset | None) -> Answer:
    answer: Answer
    match question:
        case AskRuleset():
            answer = ruleset(place, known)
        case AskElement():
            answer = element_of(question.set, question.key, place)
        case AskRule():
            answer = rule_of(question.chain, question.handle, place)
        case AskRecent():
            answer = recent(question.name, question.address, place)
        case AskMember():
            answer = member(question.match, question.packet, place)
    return answer


def _seen(question: Inner, reader: Reader) -> Answer:
    try:
        if isinstance(question, AskManaged):
            return managed()
        if isinstance(question, AskAttached):
            return Attached(attached(reader.counters().keys()))
        return checksums(question.ifindex) if isinstance(question, AskChecksums) else Programs(programs(question.ifindex))
    except (OSError, MalformedError) as error:
        return Unanswered(why(error))


def _setting(name: str, place: Place) -> int | None:
    """A sysctl; None: there is no such one. Raises OSError."""
    try:
        with place.setting(name) as file:
            text = file.read(_LONGEST).split()
    except FileNotFoundError:
        return None
    return int(text[0]) if text and text[0].lstrip(b"-").isdigit() else None
