"""Samples to snapshots, step by step."""

from netview.live.history import History
from netview.live.later import LaterEngine, LaterSource
from netview.live.log import Entry
from netview.live.poller import Poller, Update, with_engines
from netview.live.source import Answering, Engine, Source, Want, WhoseSockets

__all__ = [
    "Answering",
    "Engine",
    "Entry",
    "History",
    "LaterEngine",
    "LaterSource",
    "Poller",
    "Source",
    "Update",
    "Want",
    "WhoseSockets",
    "with_engines",
]
