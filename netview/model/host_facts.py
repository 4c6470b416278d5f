"""What a container believes of its host: its name and how it resolves others."""

from dataclasses import dataclass

from netview.model.namespace import Unknown


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a process sees as its host's files, through its own root. All text is raw: see text.safe()."""

    hostname: str | None = None
    """/etc/hostname."""
    resolv_conf: tuple[str, ...] | None = None
    """The lines of /etc/resolv.conf."""
    hosts: tuple[str, ...] | None = None
    """The lines of /etc/hosts."""
    unknown: tuple[Unknown, ...] = ()
    """Which of them could not be read, and why."""
