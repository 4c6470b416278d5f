"""A path's questions, each put once."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from netview.derive.path.ends import EndError, Query
from netview.derive.path.questions import Answer, Question
from netview.derive.path.walk import asked
from netview.model import Snapshot
from netview.model.path import Path

Q = TypeVar("Q")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A path that was asked for."""

    query: Query
    path: Path | None
    """None: there is no such end."""
    error: str | None = None
    """Why not, in one line."""


def follow(snapshot: Snapshot, query: Query, answer: Callable[[Question], Answer]) -> Followed:
    """The path as of now."""
    try:
        return Followed(query, followed(asked(snapshot, query), answer))
    except EndError as error:
        return Followed(query, None, str(error))


def followed(steps: Generator[Q, Answer, T], answer: Callable[[Q], Answer]) -> T:
    """What comes of it."""
    known: dict[Q, Answer] = {}
    try:
        question = next(steps)
        while True:
            if question not in known:
                known[question] = answer(question)
            question = steps.send(known[question])
    except StopIteration as end:
        result: T = end.value
        return result
