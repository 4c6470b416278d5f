"""The doctor's rounds: soon after something changed, and again after a while for what no event tells."""

import time
from collections.abc import Callable

from netview.derive.doctor.checks import CHECKS, judged
from netview.derive.path.questions import Answer, Question
from netview.model import Snapshot
from netview.model.finding import Diagnosis

SOON_S, BEAT_S = 2.0, 30.0
"""Between two rounds when things change, and when nothing is told."""
_REST, _BEAT_REST = 300.0, 1000.0
"""Between two of them lies so many times what the last one took: among thousands of links they come less often."""


class Rounds:
    """Looks at snapshots as they come, seldom enough to cost next to nothing."""

    def __init__(self, answer: Callable[[Question], Answer]) -> None:
        self._answer = answer
        self._last: Snapshot | None = None
        self._diagnosis: Diagnosis | None = None
        self._kept: dict[Question, Answer] = {}
        """What was answered at the last beat."""
        self._beat_at = float("-inf")
        self._took_s = 0.0

    def look(self, snapshot: Snapshot) -> Diagnosis | None:
        """What is known of it now; the same object while nobody has looked again. None before the first round."""
        now, last = snapshot.taken_at, self._last
        if last is None:
            # The first sample has half of the tables, and nothing was counted twice.
            self._last = snapshot
            return None
        beat = not 0 <= now - self._beat_at < max(BEAT_S, _BEAT_REST * self._took_s)
        rest = max(SOON_S, _REST * self._took_s)
        soon = self._diagnosis is not None and 0 <= now - self._diagnosis.taken_at < rest
        if (last.namespaces is snapshot.namespaces and last.peers is snapshot.peers and not beat) or soon:
            return self._diagnosis
        self._last = snapshot
        if beat:
            self._kept, self._beat_at = {}, now
        began = time.thread_time()
        self._diagnosis = judged(snapshot, self._asked(snapshot), beat_at=self._beat_at)
        self._took_s = time.thread_time() - began
        return self._diagnosis

    def _asked(self, snapshot: Snapshot) -> dict[Question, Answer]:
        """What a check wants fresh is asked each time, all else once a beat: what is old would contradict what is new."""
        questions: dict[Question, bool] = {}
        for check in CHECKS.values():
            for question in check.asks(snapshot):
                questions[question] = questions.get(question, False) or check.fresh == "event"
        answers: dict[Question, Answer] = {}
        for question, fresh in questions.items():
            if fresh or question not in self._kept:
                self._kept[question] = self._answer(question)
            answers[question] = self._kept[question]
        return answers
