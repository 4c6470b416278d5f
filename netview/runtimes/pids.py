"""Whether a process's pids mean the same to us as to it."""

from pathlib import Path


def shared_with(pid: int) -> bool:
    """False where the process is known to live in another pid namespace; `pid` as SO_PEERCRED gives it, 0: not ours to see."""
    if pid == 0:
        return False
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return True
    # NSpid has one number for each pid namespace from ours down to the process's own.
    return all(len(line.split()) == 2 for line in status.splitlines() if line.startswith("NSpid:"))
