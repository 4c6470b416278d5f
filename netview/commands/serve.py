"""`netview serve`: the app in a browser."""

import sys
from typing import TYPE_CHECKING

from netview.front import FrontError, Settings, guarded, say, tell

if TYPE_CHECKING:
    from collections.abc import Sequence


def serve(settings: Settings, words: "Sequence[str]", address: str, port: int) -> int:
    """The app in a browser; `words` are the options that each page's app gets."""
    try:
        from ipaddress import ip_address

        from netview.serve.server import serve as serve_pages
    except ModuleNotFoundError as error:
        tell(f"serve needs {error.name}: pip install 'netview-tui[serve]'")
        return 1
    try:
        where = ip_address(address)
    except ValueError:
        tell(f"--bind takes an IP address of this machine, not {address!r}")
        return 2
    if not where.is_loopback:
        tell(
            f"on {where} everybody who reaches it and learns the address below sees this host's network as you do; nothing is"
            " encrypted, so that others on the way read along. ssh -L would be better"
        )

    def start(_settings: Settings) -> int:
        command = (sys.executable, "-m", "netview", *words)
        try:
            return serve_pages(command, str(where), port, say)
        except OSError as error:
            raise FrontError(f"cannot listen on {where}, port {port}: {error.strerror or error}") from None

    return guarded(start, settings)
