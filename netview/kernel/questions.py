"""What a path asks for, read in the namespace that it is about."""

import os

from netview.decode.netlink import MalformedError
from netview.derive.path.questions import (
    Answer,
    AskPrograms,
    AskRoute,
    AskRules,
    AskSettings,
    Programs,
    Ruled,
    Settings,
    Unanswered,
)
from netview.kernel.discover import Sighting
from netview.kernel.lookup import look_up
from netview.kernel.programs import programs
from netview.kernel.rulesets import ruled
from netview.kernel.visit import Visitor, why

_SYSCTLS = "/proc/sys/net"
_LONGEST = 64


def answered(question: AskRoute | AskSettings | AskRules | AskPrograms, visitor: Visitor, sighting: Sighting | None) -> Answer:
    """The answer as of now."""
    if sighting is None:
        return Unanswered("nothing opens this namespace")
    found = visitor.inside(sighting, question.namespace, lambda _: _read(question))
    return Unanswered("it is gone, or may not be entered") if found is None else found


def _read(question: AskRoute | AskSettings | AskRules | AskPrograms) -> Answer:
    try:
        if isinstance(question, AskRoute):
            return look_up(question.lookup)
        if isinstance(question, AskRules):
            return Ruled(ruled())
        if isinstance(question, AskPrograms):
            return Programs(programs(question.ifindex))
        return Settings({name: _setting(name) for name in question.names})
    except (OSError, MalformedError) as error:
        return Unanswered(why(error))


def _setting(name: str) -> int | None:
    """A sysctl of the namespace that the thread is in; None: there is no such one. Raises OSError."""
    try:
        descriptor = os.open(f"{_SYSCTLS}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        text = os.read(descriptor, _LONGEST).split()
    finally:
        os.close(descriptor)
    return int(text[0]) if text and text[0].lstrip(b"-").isdigit() else None
