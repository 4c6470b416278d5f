"""What the doctor found, as JSON and for people."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypedDict

from netview.export.json import ascii_json
from netview.model import Snapshot
from netview.model.finding import Diagnosis, Finding
from netview.text import safe

SCHEMA = "netview.doctor/1"
_SIGNS = {"error": "✗", "warning": "⚠", "notice": "·"}


class FindingJson(TypedDict):
    """One finding."""

    check: int
    name: str
    severity: str
    namespace: str
    namespace_label: str
    link: str | None
    confidence: str
    message: str
    evidence: dict[str, str | int | float | bool | None]
    command: str
    remedy: str


class UnknownJson(TypedDict):
    """A check that could not look."""

    check: int
    reason: str


class DiagnosisJson(TypedDict):
    """All of it."""

    schema: str
    taken_at: str
    findings: list[FindingJson]
    unknown: list[UnknownJson]


def encode(snapshot: Snapshot, diagnosis: Diagnosis) -> str:
    """One line of ASCII."""
    at = datetime.fromtimestamp(diagnosis.taken_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told: DiagnosisJson = {
        "schema": SCHEMA,
        "taken_at": at,
        "findings": [_finding(snapshot, finding) for finding in diagnosis.findings],
        "unknown": [{"check": one.check, "reason": one.reason} for one in diagnosis.unknown],
    }
    return ascii_json(told)


def lines(diagnosis: Diagnosis) -> Iterator[str]:
    """A paragraph for each finding, and then what could not be looked at."""
    for finding in diagnosis.findings:
        yield f"{_SIGNS[finding.severity]} {finding.severity}: {safe(finding.message)}"
        read = ", ".join(f"{name}={safe(_word(value))}" for name, value in finding.evidence)
        yield f"  {finding.name} (check {finding.check}), {finding.confidence}; read: {read}"
        yield f"  see it: {safe(finding.command)}"
        yield f"  people then: {safe(finding.remedy)}"
        yield ""
    reasons: dict[str, list[int]] = {}
    for one in diagnosis.unknown:
        reasons.setdefault(one.reason, []).append(one.check)
    for reason, checks in reasons.items():
        yield f"? unknown: {safe(reason)} (check{'' if len(checks) == 1 else 's'} {', '.join(map(str, checks))})"
    if not diagnosis.findings:
        yield "nothing found"


def status(diagnosis: Diagnosis) -> int:
    """An exit code: 0 nothing found, 1 something."""
    return 1 if diagnosis.findings else 0


def _finding(snapshot: Snapshot, finding: Finding) -> FindingJson:
    namespace = snapshot.namespaces.get(finding.namespace)
    link = None if finding.link is None else snapshot.link(finding.link)
    return {
        "check": finding.check,
        "name": finding.name,
        "severity": finding.severity,
        "namespace": finding.namespace,
        "namespace_label": "" if namespace is None else namespace.label,
        "link": None if link is None else link.name,
        "confidence": finding.confidence,
        "message": finding.message,
        "evidence": dict(finding.evidence),
        "command": finding.command,
        "remedy": finding.remedy,
    }


def _word(value: object) -> str:
    """As a shell would take it, so that it is seen where a value ends."""
    if value is None:
        return "none"
    return shlex.quote(str(value).lower() if isinstance(value, bool) else str(value))
