"""`netview --demo`: the app over a private lab network, or over a recording of one where the kernel refuses it."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from netview.lab.isolate import DemoUnavailable, run_isolated
from netview.lab.network import build
from netview.lab.reaper import Lab
from netview.lab.tenants import tenants

__all__ = ["DemoUnavailable", "recorded_demo", "run_demo"]


def recorded_demo() -> Path:
    """Where the recording that ships with the package is."""
    return Path(str(files("netview.lab").joinpath("demo.recording")))


def run_demo(app: Callable[[], int]) -> int:
    """Build the lab in namespaces of its own, run `app` inside and return its exit status; raises DemoUnavailable.

    `app` runs in a forked process and opens its sources there; when this process or that one ends, however it ends, everything
    of the lab is gone.
    """
    return run_isolated(Lab(build, tenants()), app)
