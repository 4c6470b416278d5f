"""`netview which`: whose a link, an address or a process is."""

from netview.front import Settings, matches, moment, write


def which(settings: Settings, name: str) -> int:
    """Whose it is and where it is plugged in, one line a wire."""
    from netview.export.which import sentences

    now = moment(settings)
    lines = dict.fromkeys(line for match in matches(now, name) for line in sentences(now, match))
    write("\n".join(lines) + "\n", ascii_only=settings.ascii)
    return 0
