"""An ordinary user, and an interpreter and packages that they can read: the tests' own may lie under /root."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.require import missing

UID = 1001
_PACKAGES = ("netview", "click", "msgspec", "psutil", "pyroute2")


def become(uid: int = UID) -> tuple[str, ...]:
    """A command line that runs another one as a user, with nothing in its environment but what follows as name=value."""
    return ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "env", "-i", "LANG=C.UTF-8")


def may_make_user_namespaces(uid: int = UID) -> None:
    """Skip the test where a user may not have one of their own."""
    nested = ("unshare", "--user", "--map-root-user", "--net", "true")
    if subprocess.run([*become(uid), "PATH=/usr/bin:/bin", *nested], cwd="/", check=False, capture_output=True).returncode:
        missing("an ordinary user may not make user namespaces here")


@contextmanager
def interpreter(uid: int = UID, **environment: str) -> Iterator[list[str]]:
    """A command line that runs Python as the user, with netview to import."""
    if shutil.which("setpriv") is None:
        missing("needs the command setpriv")
    with tempfile.TemporaryDirectory(prefix="netview-user-") as folder:
        Path(folder).chmod(0o755)
        for package in _PACKAGES:
            spec = importlib.util.find_spec(package)
            assert spec is not None
            assert spec.origin is not None
            shutil.copytree(Path(spec.origin).parent, Path(folder) / package, ignore=shutil.ignore_patterns("__pycache__"))
        for python in (sys.executable, "/usr/bin/python3"):
            argv = [*become(uid), *(f"{name}={value}" for name, value in environment.items()), f"PYTHONPATH={folder}", python]
            if _runs(argv):
                yield argv
                return
        missing("no interpreter of this version can be read by another user")


def _runs(argv: list[str]) -> bool:
    check = f"import sys, click, msgspec, psutil; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    try:
        return subprocess.run([*argv, "-c", check], cwd="/", check=False, capture_output=True).returncode == 0
    except OSError:
        return False
