"""A path's questions, each put once."""

from collections.abc import Callable, Generator
from typing import TypeVar

from netview.derive.path.questions import Answer, Question

T = TypeVar("T")


def followed(steps: Generator[Question, Answer, T], answer: Callable[[Question], Answer]) -> T:
    """What comes of it."""
    known: dict[Question, Answer] = {}
    try:
        question = next(steps)
        while True:
            if question not in known:
                known[question] = answer(question)
            question = steps.send(known[question])
    except StopIteration as end:
        result: T = end.value
        return result
