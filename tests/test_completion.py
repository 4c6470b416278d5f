import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netview.kernel import names
from tests.require import missing

_BASH = """source <(netview completion bash)
COMP_WORDS=({words}); COMP_CWORD={last}; _netview_completion netview; echo ${{COMPREPLY[@]}}"""
_FISH = "netview completion fish | source; complete -C'{words}'"
# Its own machinery wants a terminal: what it asks is asked here, and its script is read by it.
_ZSH = """netview completion zsh > $HOME/script; zsh -n $HOME/script
COMP_WORDS='{words}' COMP_CWORD={last} _NETVIEW_COMPLETE=zsh_complete netview"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """With netview on the PATH, as installed."""
    place = Path(sys.executable).parent
    return os.environ | {"PATH": f"{place}:{os.environ['PATH']}", "HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["netview", "wh"], "which"),
        (["netview", "sn"], "snapshot"),
        (["netview", "snapshot", "-o", "mer"], "mermaid"),
        (["netview", "--the"], "--theme"),
        (["netview", "completion", "f"], "fish"),
        (["netview", "which", "l"], "lo"),
    ],
)
def test_shells_complete_words_options_and_names(words: list[str], expected: str, environ: dict[str, str]) -> None:
    typed = " ".join(words)
    for shell, script in (("bash", _BASH), ("fish", _FISH), ("zsh", _ZSH)):
        program = shutil.which(shell)
        if program is None:
            missing(f"{shell} is not installed")
            continue
        done = subprocess.run(
            [program, "-c", script.format(words=typed, last=len(words) - 1)],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert not done.stderr
        offered = [word for line in done.stdout.splitlines() for word in line.split()]
        assert expected in offered, (shell, done.stdout, done.stderr)


def test_a_name_that_a_shell_would_run_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("plain-1", "$(boom)", "a b", "-rf", "\x1b[2J", "`x`", "veth0@if3"):
        (tmp_path / name).touch()
    monkeypatch.setattr(names, "_PLACES", (str(tmp_path), str(tmp_path / "absent")))
    assert names.names_here() == ["plain-1", "veth0@if3"]
