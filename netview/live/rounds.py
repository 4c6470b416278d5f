"""The doctor's rounds: as soon as something changed, and again after a while for what nothing tells of."""

import time
from collections import deque
from collections.abc import Callable, Mapping

from netview.derive.doctor.changes import matter
from netview.derive.doctor.check import COUNTING, Answers, Asked
from netview.derive.doctor.checks import judged
from netview.derive.path.questions import Answer, AskRevision, AskRuleset, AskSettings, AskVlans, Question
from netview.live.followed import followed
from netview.model import Snapshot
from netview.model.finding import Diagnosis

SOON_S, BEAT_S = 0.3, 30.0
"""Between two rounds when things change, so that what comes together is looked at together, and when nothing is told."""
_SHARE, _SAVED_S = 1 / 50, 0.5
"""Of its time the thread spends so much on rounds in the long run; what it did not spend it saves, but no more than this."""
_BEAT_REST = 1000.0
"""Between two beats lies so many times what the last one took: among thousands of links they come less often."""
_POLL_S, _APART_S = 0.003, 0.9
"""So long each tick what tells of no change is asked whether it has changed; the next tick goes on from there."""
_POLLED = AskSettings, AskVlans


class Rounds:
    """Looks at snapshots as they come, seldom enough to cost next to nothing."""

    def __init__(self, answer: Callable[[Question], Answer], spent: Callable[[], float] = time.thread_time) -> None:
        """`spent`: what the thread has spent, in seconds."""
        self._answer = answer
        self._spent = spent
        self._last: Snapshot | None = None
        self._diagnosis: Diagnosis | None = None
        self._kept: dict[Question, Answer] = {}
        """What was answered at the last beat, or since."""
        self._revisions: dict[AskRuleset, Answer] = {}
        """Which state of the rules that was."""
        self._polled: deque[Question] = deque()
        self._polled_at = float("-inf")
        self._stirred = False
        """Whether something has changed since the last round."""
        self._earlier: Mapping[Question, Answer] = {}
        self._before: Snapshot | None = None
        """What was counted, and what was there, at the beat before."""
        self._beaten: Snapshot | None = None
        self._beat_at = float("-inf")
        self._beat_took_s = 0.0
        self._saved_s, self._saved_at = _SAVED_S, 0.0

    def look(self, snapshot: Snapshot) -> Diagnosis | None:
        """What is known of it now; the same object while nobody has looked again. None before the first round."""
        now, last = snapshot.taken_at, self._last
        if last is None:
            # The first sample has half of the tables, and nothing was counted twice.
            self._last, self._saved_at = snapshot, now
            return None
        self._save(now)
        beat = self._beat_is_due(now)
        self._stirred = self._stirred or matter(last, snapshot)
        self._last = snapshot
        if not beat and not self._stirred and not 0 <= now - self._polled_at < _APART_S:
            self._stirred, self._polled_at = self._poll(), now
        soon = self._diagnosis is not None and 0 <= now - self._diagnosis.taken_at < SOON_S
        if soon or (not beat and (not self._stirred or self._saved_s <= 0)):
            return self._diagnosis
        began = self._spent()
        if beat:
            self._begin_beat(snapshot)
        self._polled.clear()
        steps = judged(snapshot, Answers({}, self._earlier, self._before), beat_at=self._beat_at)
        self._diagnosis = followed(steps, self._asked)
        self._stirred = False
        took = self._spent() - began
        # A beat pays by its rest: else nothing would be found for a while after it.
        if beat:
            self._beat_took_s = took
        else:
            self._saved_s -= took
        return self._diagnosis

    def _save(self, now: float) -> None:
        """A clock that was set back saves nothing."""
        self._saved_s = min(_SAVED_S, self._saved_s + max(0.0, now - self._saved_at) * _SHARE)
        self._saved_at = now

    def _beat_is_due(self, now: float) -> bool:
        # What grows is known after the second one.
        first = not self._earlier and self._beaten is not None
        return not 0 <= now - self._beat_at < (_APART_S if first else max(BEAT_S, _BEAT_REST * self._beat_took_s))

    def _begin_beat(self, snapshot: Snapshot) -> None:
        self._earlier = {question: answer for question, answer in self._kept.items() if isinstance(question, COUNTING)}
        self._before, self._beaten = self._beaten, snapshot
        self._kept, self._revisions, self._beat_at = {}, {}, snapshot.taken_at

    def _asked(self, asked: Asked) -> Answer:
        """What a check wants fresh is asked each time, all else once a beat: what is old would contradict what is new."""
        question, fresh = asked
        if fresh and isinstance(question, (AskRuleset, *_POLLED)):
            self._polled.append(question)
        if isinstance(question, AskRuleset):
            revision = self._answer(AskRevision(question.namespace))
            fresh = revision != self._revisions.get(question)
            self._revisions[question] = revision
        if fresh or question not in self._kept:
            self._kept[question] = self._answer(question)
        return self._kept[question]

    def _poll(self) -> bool:
        """Whether some of what tells of no change has changed."""
        began = self._spent()
        for _ in range(len(self._polled)):
            question = self._polled.popleft()
            self._polled.append(question)
            if isinstance(question, AskRuleset):
                changed = self._answer(AskRevision(question.namespace)) != self._revisions.get(question)
            else:
                changed = self._answer(question) != self._kept.get(question)
            if changed:
                return True
            if self._spent() - began > _POLL_S:
                return False
        return False
