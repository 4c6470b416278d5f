"""A source and an engine that are made when first needed: the first frame waits for no import of theirs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from netview.live.source import Answering, Engine, Want
from netview.model import EngineAnswer, Notice, Sample

if TYPE_CHECKING:
    from netview.derive.path.questions import Answer, Question


class LaterSource:
    """Opens its source with the first sample, in the thread that takes it."""

    def __init__(self, make: Callable[[], Answering]) -> None:
        self._make = make
        self._source: Answering | None = None

    def sample(self, want: Want) -> Sample:
        """The facts of now."""
        if self._source is None:
            self._source = self._make()
        return self._source.sample(want)

    def changes(self, want: Want) -> Sample:
        """What is there now."""
        return self.sample(want) if self._source is None else self._source.changes(want)

    def answer(self, question: "Question") -> "Answer":
        """What a path asks for, after the first sample."""
        if self._source is None:
            raise RuntimeError("a question before the first sample")
        return self._source.answer(question)

    def wait(self, seconds: float) -> bool:
        """Sleep until something changes; what is not open yet is opened instead."""
        return False if self._source is None else self._source.wait(seconds)

    def wake(self) -> None:
        """End the wait."""
        if self._source is not None:
            self._source.wake()

    def close(self) -> None:
        """Close what was opened."""
        if self._source is not None:
            self._source.close()


class LaterEngine:
    """Makes its engine when it is started."""

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._engine: Engine | None = None

    def start(self) -> None:
        """Begin asking."""
        self._engine = self._make()
        self._engine.start()

    def sighted(self, sample: Sample) -> None:
        """Hand the sample on."""
        if self._engine is not None:
            self._engine.sighted(sample)

    def wait(self, seconds: float) -> None:
        """Return once the first answer is here, at most `seconds` later."""
        if self._engine is not None:
            self._engine.wait(seconds)

    def answer(self) -> EngineAnswer:
        """The newest answer, at once."""
        return EngineAnswer() if self._engine is None else self._engine.answer()

    def notices(self) -> tuple[Notice, ...]:
        """Why there is no answer."""
        return () if self._engine is None else self._engine.notices()

    def stop(self) -> None:
        """Stop asking."""
        if self._engine is not None:
            self._engine.stop()
