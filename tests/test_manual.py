import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

import netview
from netview.cli import netview as command
from tests.require import missing

PAGE = Path(netview.__file__).parent / "share" / "netview.1"


def test_the_page_is_well_formed() -> None:
    program = shutil.which("mandoc")
    if program is None:
        missing("mandoc is not installed")
        return
    done = subprocess.run([program, "-T", "lint", "-W", "warning", PAGE], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", ["", *command.commands])
def test_every_command_and_option_is_in_it(name: str) -> None:
    text = PAGE.read_text()
    if name:
        assert re.search(rf"^\.It Cm {name}\b", text, re.MULTILINE)
    for parameter in command.commands[name].params if name else command.params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert re.search(rf"Fl {re.escape(option.removeprefix('-'))}\b", text), option
