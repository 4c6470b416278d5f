"""What is wrong with a network, and what proves it."""

from dataclasses import dataclass
from typing import Literal

from netview.model.ids import LinkKey, NamespaceId

Severity = Literal["error", "warning", "notice"]
Confidence = Literal["certain", "likely", "possible"]
Evidence = tuple[tuple[str, str | int | float | bool | None], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found. Words may hold names: see text.safe()."""

    check: int
    name: str
    """The check's, in a few words."""
    severity: Severity
    namespace: NamespaceId
    link: LinkKey | None
    confidence: Confidence
    message: str
    """What it means, in a sentence for who has never met it."""
    evidence: Evidence
    """What was read, by its name."""
    command: str
    """What shows the same by hand, as root."""
    remedy: str
    """What people do about it; netview never does."""
    by_beat: bool = False
    """Whether it goes by what no event tells."""


@dataclass(frozen=True, slots=True)
class NotLooked:
    """A check that could not look, or not everywhere."""

    check: int
    reason: str
    name: str = ""
    """The check's."""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """What all checks found at one moment."""

    taken_at: float
    """Seconds since the epoch, UTC."""
    beat_at: float
    """When was read what no event tells of."""
    findings: tuple[Finding, ...]
    """The gravest first."""
    unknown: tuple[NotLooked, ...]

    @property
    def concerned(self) -> frozenset[LinkKey | NamespaceId]:
        """Links and namespaces that something was found about."""
        return frozenset(one.link or one.namespace for one in self.findings)
