"""What a program asks of the kernel that could leave a trace, as strace tells it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_TRACED = "trace=%file,execveat,setns,connect,clone,clone3,fork,vfork"
_LINE = re.compile(r"(\d+) +(\w+)\((.*)")
_WRITES = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"\w+<([^>]*)>, ")
_OPENS = frozenset({"open", "openat", "openat2"})
_BIRTHS = frozenset({"clone", "clone3", "fork", "vfork"})
_HERE = frozenset({"setns", "connect"}) | _BIRTHS
"""What is about no file."""
_LOOKS = frozenset(
    {"access", "faccessat", "faccessat2", "chdir", "getcwd", "stat", "lstat", "newfstatat", "statx", "statfs"}
    | {"readlink", "readlinkat", "execve", "execveat"}
)


class Call(NamedTuple):
    """A system call, whether it came back with anything or not."""

    process: int
    name: str
    arguments: str

    @property
    def path(self) -> str:
        """The file that it is about; from the root where strace tells of which folder."""
        path = (_TEXT.findall(self.arguments) or [""])[0]
        folder = _FOLDER.match(self.arguments)
        return path if folder is None or path.startswith("/") else f"{folder[1]}/{path}"

    @property
    def words(self) -> list[str]:
        """The command line that it executes."""
        return _TEXT.findall(self.arguments.partition("[")[2].partition("]")[0])

    @property
    def enters(self) -> str | None:
        """The namespace that it enters: "net:[4026531840]"."""
        return self.arguments.partition("<")[2].partition(">")[0] if self.name == "setns" else None

    @property
    def bears(self) -> bool:
        """Whether it makes a thread or a process."""
        return self.name in _BIRTHS

    @property
    def opens(self) -> bool:
        """Whether it opens a file."""
        return self.name in _OPENS

    @property
    def writes(self) -> bool:
        """Whether it changes a file, or opens one to change it; what strace tells of and nobody here knows is taken to."""
        if self.opens:
            return _WRITES.search(self.arguments) is not None
        return self.name not in _LOOKS | _HERE


def traced(argv: Sequence[str], told: Path) -> list[str]:
    """The command line that runs another one, and all that it starts, and tells a file of it."""
    return ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", _TRACED, "-e", "signal=none", "-o", str(told), *argv]


def calls(told: Path) -> Iterator[Call]:
    """What the file holds."""
    for line in told.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        found = _LINE.match(line)
        # "<... resumed>" is the end of a call that was told already.
        if found is not None:
            yield Call(int(found[1]), found[2], found[3])
