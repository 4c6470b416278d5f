"""The tab Processes."""

from time import localtime, strftime

from netview.derive.filter import Subject
from netview.ui.columns import Cell, Column, Context, Item, View
from netview.ui.subjects import item_subject
from netview.ui.views.facts import facts


def _started(item: Item, _context: Context) -> Cell:
    at = item.fact.started_at
    return Cell("loading", "dim") if at is None else Cell(strftime("%Y-%m-%d %H:%M:%S", localtime(at)))


def _command(item: Item, _context: Context) -> Cell:
    command = item.fact.command
    return Cell("loading", "dim") if command is None else Cell(" ".join(command))


def _subject(item: Item, context: Context) -> Subject:
    process = item.fact
    return item_subject(item, context, words=(str(process.pid), process.comm, process.user, *(process.command or ())))


PROCESSES = View(
    "processes",
    "Processes",
    (
        Column("pid", "PID", lambda item, _: str(item.fact.pid), lambda item, _: item.fact.pid, least=6, right=True),
        Column("comm", "COMM", lambda item, _: Cell(item.fact.comm, "name"), lambda item, _: item.fact.comm, least=8),
        Column("user", "USER", lambda item, _: item.fact.user or "", lambda item, _: item.fact.user, least=5, rank=4),
        Column("started", "STARTED", _started, lambda item, _: item.fact.started_at, least=19, rank=6),
        Column("command", "COMMAND", _command, lambda item, context: _command(item, context).text, least=12, most=90, rank=5),
    ),
    facts(lambda namespace: namespace.found.processes, lambda process: process.pid, lambda _process: None),
    _subject,
    brief="Procs",
    empty="no process here: a mount, or what a process elsewhere holds open, keeps it",
    steady=True,
)
