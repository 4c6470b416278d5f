"""Samples to snapshots, step by step."""

from netview.live.history import History
from netview.live.poller import Poller, Update, with_engines
from netview.live.source import Engine, Source, Want

__all__ = ["Engine", "History", "Poller", "Source", "Update", "Want", "with_engines"]
