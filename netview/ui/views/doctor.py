"""View 8: what is wrong, what proves it, and what could not be looked at."""

from dataclasses import replace

from netview import text
from netview.derive.filter import Subject
from netview.model import Snapshot
from netview.model.finding import Finding, NotLooked
from netview.ui.columns import Cell, Column, Context, Item, SortValue, Target, View
from netview.ui.subjects import item_subject
from netview.ui.views.words import LINK, label

_SIGNS = {"error": ("✗ error", "bad"), "warning": ("⚠ warning", "warn"), "notice": ("· notice", "")}
_GRAVITY = {"error": 0.0, "warning": 1.0, "notice": 2.0}


def _rows(context: Context) -> tuple[Item, ...]:
    diagnosis = context.diagnosis
    if diagnosis is None:
        return ()
    rows: dict[object, Item] = {}
    for one in diagnosis.findings:
        key = (one.check, one.namespace, one.link, one.evidence if one.link is None else None)
        rows[key] = Item(key, one.namespace, one.link, one)
    for reason in dict.fromkeys(unknown.reason for unknown in diagnosis.unknown):
        rows[reason] = Item(reason, None, None, tuple(one for one in diagnosis.unknown if one.reason == reason))
    return tuple(rows.values())


def _where(row: Item, context: Context) -> Cell:
    return Cell("") if row.namespace is None else Cell(label(context, row.namespace), "name")


def _severity(row: Item, _context: Context) -> Cell:
    return Cell(*_SIGNS[row.fact.severity]) if isinstance(row.fact, Finding) else Cell("? unknown", "dim")


def _gravity(row: Item, _context: Context) -> SortValue:
    return _GRAVITY[row.fact.severity] if isinstance(row.fact, Finding) else 3.0


def _name(row: Item, _context: Context) -> Cell:
    if isinstance(row.fact, Finding):
        return Cell(row.fact.name, "name")
    unknown: tuple[NotLooked, ...] = row.fact
    return Cell(unknown[0].name or f"check {unknown[0].check}" if len(unknown) == 1 else f"{len(unknown)} checks", "dim")


def _message(row: Item, _context: Context) -> Cell:
    return Cell(row.fact.message) if isinstance(row.fact, Finding) else Cell(str(row.key), "dim")


def _confidence(row: Item, _context: Context) -> str:
    return row.fact.confidence if isinstance(row.fact, Finding) else ""


def _age(row: Item, context: Context) -> str:
    """How long ago it was looked at."""
    diagnosis = context.diagnosis
    if diagnosis is None or not isinstance(row.fact, Finding):
        return ""
    since = diagnosis.beat_at if row.fact.by_beat else diagnosis.taken_at
    seconds = context.snapshot.taken_at - since
    return "now" if seconds < 1 else f"{text.age(seconds)} ago"


def _evidence(finding: Finding) -> str:
    return ", ".join(f"{name}={value}" for name, value in finding.evidence)


def _of_finding(field: str) -> Column:
    def written(row: Item, _context: Context) -> str:
        if not isinstance(row.fact, Finding):
            return ""
        if field == "evidence":
            return _evidence(row.fact)
        return str(getattr(row.fact, field))

    return Column(field, field.upper(), written, least=12, most=120, wide=True)


def _subject(row: Item, context: Context) -> Subject:
    words = (_severity(row, context).text, _name(row, context).text, _message(row, context).text)
    return item_subject(row, context, words=words)


def _target(row: Item, _context: Context) -> Target | None:
    if row.link is not None:
        return Target(link=row.link)
    return None if row.namespace is None else Target(namespace=row.namespace)


def _note(row: Item, context: Context) -> tuple[tuple[str, str], ...]:
    if not isinstance(row.fact, Finding):
        return (("", str(row.key)), *(("check", f"{one.check}, {one.name}" if one.name else str(one.check)) for one in row.fact))
    fact = row.fact
    return (
        (_severity(row, context).text, f"{fact.name} (check {fact.check}), {fact.confidence}"),
        ("", fact.message),
        ("read:", _evidence(fact)),
        ("see it:", fact.command),
        ("people then:", fact.remedy),
    )


def _unread(context: Context) -> Cell | None:
    return Cell("looking…", "dim") if context.diagnosis is None else None


def _alive(_row: Item, _snapshot: Snapshot) -> bool:
    """What is cured goes at once."""
    return True


DOCTOR = View(
    "doctor",
    "Doctor",
    (
        Column("severity", "SEVERITY", _severity, _gravity, least=9, rank=0),
        Column("name", "WHAT", _name, lambda row, context: _name(row, context).text, least=12, most=30, rank=3),
        Column("namespace", "NAMESPACE", _where, lambda row, context: _where(row, context).text or None, least=9, rank=4),
        replace(LINK, rank=5),
        Column("message", "WHY", _message, least=24, most=160, rank=2),
        Column("confidence", "SURE", _confidence, _confidence, least=8, rank=7),
        Column("age", "READ", _age, least=10, live=True, rank=6),
        _of_finding("evidence"),
        _of_finding("command"),
        _of_finding("remedy"),
    ),
    _rows,
    _subject,
    empty="nothing found",
    about=(
        "What goes wrong in container networks, looked for all the time: what is found stands here, the gravest first, and leaves"
        " when it is cured. On a row c lists the evidence and what people do about it, C takes the command that shows the same."
    ),
    unread=_unread,
    target=_target,
    gone="nothing leads further from here; c lists all that is known",
    note=_note,
    alive=_alive,
)
