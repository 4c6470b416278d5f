"""A source to which nothing is ever told."""

import threading

from netview.derive.path.questions import Answer, Question, Unanswered
from netview.live import Want
from netview.model import Sample


class Still:
    """Has only to be asked for samples."""

    def __init__(self) -> None:
        self.woken = threading.Event()

    def sample(self, want: Want) -> Sample:
        raise NotImplementedError

    def changes(self, want: Want) -> Sample:
        return self.sample(want)

    def answer(self, _: Question) -> Answer:
        return Unanswered("nobody answers here")

    def wait(self, seconds: float) -> bool:
        self.woken.wait(seconds)
        self.woken.clear()
        return False

    def wake(self) -> None:
        self.woken.set()
