"""Programs on the control groups of processes, which look at what these send and get."""

import ctypes
import errno
import os
from collections.abc import Iterator
from struct import Struct

from netview.derive.path.questions import Programs, Unanswered
from netview.kernel.programs import BPF_PROG_QUERY, is_a_users, query_program

_EFFECTIVE = 1
_MOST = 64
_QUERY = Struct("=IIIIQI36x")
_KINDS = (
    (0, "in", "ingress"),
    (1, "out", "egress"),
    (2, "out", "socket"),
    (10, "out", "connect"),
    (11, "out", "connect"),
    (14, "out", "sendmsg"),
    (15, "out", "sendmsg"),
)
"""enum bpf_attach_type: whether it looks at what comes or at what goes, and what it is called."""


def controlled(pid: int | None) -> Programs | Unanswered:
    """Those that are effective for a process, each as "in" or "out" and a few words; None: there is no process."""
    try:
        group = None if pid is None else _group(pid)
        return Programs(() if group is None else tuple(dict.fromkeys(_attached(*group))))
    except OSError as error:
        if error.errno in {errno.ENOSYS, errno.EINVAL}:
            return Programs(())  # A kernel without them.
        if error.errno != errno.ESRCH and is_a_users():
            return Programs(())  # As for programs on links.
        return Unanswered(error.strerror or str(error))


def _group(pid: int) -> tuple[str, str] | None:
    """Where the control group of a process is mounted, and what it is called; None: no hierarchy of version 2 is mounted here."""
    with open("/proc/thread-self/mountinfo", "rb") as file:
        mounts = [line.split() for line in file]
    root = next((os.fsdecode(words[4]) for words in mounts if b"cgroup2" in words[words.index(b"-") + 1 :][:1]), None)
    if root is None:
        return None
    try:
        with open(f"/proc/{pid}/cgroup", "rb") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        raise ProcessLookupError(errno.ESRCH, "its process has ended") from None
    name = next((os.fsdecode(line[3:]) for line in lines if line.startswith(b"0::")), None)
    if name is None:
        return None
    if name.startswith("/.."):
        raise OSError(errno.EXDEV, "its control group is outside of this control group namespace")
    return f"{root}{name}", name


def _attached(path: str, name: str) -> Iterator[str]:
    try:
        group = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise OSError(errno.EXDEV, "its control group is not mounted here") from None
    try:
        for kind, way, word in _KINDS:
            ids = (ctypes.c_uint32 * _MOST)()
            query = ctypes.create_string_buffer(
                _QUERY.pack(group, kind, _EFFECTIVE, 0, ctypes.addressof(ids), _MOST), _QUERY.size
            )
            query_program(BPF_PROG_QUERY, query)
            count = _QUERY.unpack(query.raw)[5]
            yield from (f"{way} {word} program {number} of control group {name}" for number in ids[:count])
    finally:
        os.close(group)
