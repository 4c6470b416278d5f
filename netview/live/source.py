"""What the poller asks of a source of samples."""

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from netview.model import EngineAnswer, LinkKey, NamespaceId, Notice, Sample

if TYPE_CHECKING:
    from netview.derive.path.ends import Query
    from netview.derive.path.questions import Answer, Question

WhoseSockets = Literal["", "place", "all"]
"""Nobody's, those of the namespace that is open, or everybody's."""


class Want(NamedTuple):
    """What deserves the fast beat: the rows on the screen, the namespace that is open, whose sockets, and which path."""

    visible: frozenset[LinkKey] = frozenset()
    place: NamespaceId | None = None
    sockets: WhoseSockets = ""
    path: "Query | None" = None
    route: tuple[str, tuple[NamespaceId, ...]] | None = None
    """An address that the kernel is asked a route for, and in which namespaces."""
    facts: str = ""
    """Whose host files are read: a namespace's, "all", or nobody's."""


class Source(Protocol):
    """The kernel, or a recording."""

    def sample(self, want: Want) -> Sample:
        """The facts of now; raises StopIteration at the end of a recording."""

    def changes(self, want: Want) -> Sample:
        """What is there now, with the last sample's counters; links that are new may bring theirs. For after `wait`."""

    def wait(self, seconds: float) -> bool:
        """Sleep; True as soon as something is told to have changed, ten times a second at most, else False in the end."""

    def wake(self) -> None:
        """End the wait that is under way, else the next one; from any thread."""

    def close(self) -> None:
        """Let go of sockets and files."""


class Answering(Source, Protocol):
    """A source that can be asked as well."""

    def answer(self, question: "Question") -> "Answer":
        """What a path asks for beyond the samples, after the first one; in the thread that takes them."""


class Engine(Protocol):
    """A container engine that is asked in a thread of its own."""

    def start(self) -> None:
        """Begin asking."""

    def sighted(self, sample: Sample) -> None:
        """Told of each sample, at once: one who knows containers by their processes looks at those that were found."""

    def wait(self, seconds: float) -> None:
        """Return once the first answer, or the reason for none, is here, at most `seconds` later."""

    def answer(self) -> EngineAnswer:
        """The newest answer, at once."""

    def notices(self) -> tuple[Notice, ...]:
        """Why there is no answer, or only a part of one, at once."""

    def stop(self) -> None:
        """Stop asking; never waits for an answer."""
