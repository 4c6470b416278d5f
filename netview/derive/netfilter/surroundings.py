"""What rules look at besides the packet, and what of it has to be asked for first."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from netview.derive.path.questions import Answer, Question
from netview.model import NamespaceId, Tables

_AT_ONCE = 16
ESTABLISHED, NEW = 2, 8
"""States of a connection (NF_CT_STATE_BIT)."""


class Noted(NamedTuple):
    """What packets on their way have done to an address in a list of the match recent, to a limit, or to a set."""

    removed: bool
    """Whether they took it out of the list."""
    stamps: int | None
    """How often they were noted since, or let through; None: nobody can tell."""


Notes = Mapping[tuple[str, str], Noted]
"""By list and address, limit and rule, or table and set."""


class Surroundings(NamedTuple):
    """The namespace, the connection and what is known of the rest."""

    tables: Tables
    state: int
    """ESTABLISHED, or NEW for the first packet."""
    bound: bool = False
    """Whether it is settled already what this hook would translate."""
    namespace: NamespaceId = NamespaceId("")
    answers: Mapping[Question, Answer] | None = None
    """What was asked for so far; None: nobody answers."""
    wanted: dict[Question, None] | None = None
    """Where what is to be asked for besides is noted; None: what is not among the answers is not known."""
    noted: Notes = MappingProxyType({})
    """What was done at earlier hooks."""
    release: tuple[int, int] = (0, 0)
    """The kernel's."""


class Missing(Exception):  # noqa: N818 - it is no error
    """Something has to be asked for first."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        super().__init__(questions)
        self.questions = questions


class NotYetError(Exception):
    """What hangs on this is of no use before the answer is there."""


def asked(around: Surroundings, question: Question) -> Answer | None:
    """What the answer is; None: nobody answers. Raises NotYetError, or Missing where enough is to be asked for."""
    if around.answers is not None and question in around.answers:
        return around.answers[question]
    if around.answers is None or around.wanted is None:
        return None
    around.wanted[question] = None
    if len(around.wanted) >= _AT_ONCE:
        raise Missing(tuple(around.wanted))
    raise NotYetError
