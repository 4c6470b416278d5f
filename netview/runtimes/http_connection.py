"""HTTP/1.1 over a socket that is connected already."""

import http.client
import socket
from collections.abc import Callable

from netview.runtimes.unix_http import BadAnswer

_PIECE = 2**16


class HttpConnection(http.client.HTTPConnection):
    """Kept alive between requests; once it was closed, the next one opens another socket."""

    def __init__(self, opened: socket.socket, reopen: Callable[[], socket.socket]) -> None:
        super().__init__("localhost")
        self.sock = opened
        self._reopen = reopen

    def connect(self) -> None:
        """Open another socket; raises OSError."""
        self.sock = self._reopen()

    def answer(self, target: str) -> tuple[int, bytes]:
        """Status and body of what a GET is answered; raises OSError as the socket does, BadAnswer for what is not HTTP."""
        try:
            self.request("GET", target)
            with self.getresponse() as response:
                return response.status, _body(response)
        except (http.client.RemoteDisconnected, http.client.IncompleteRead):
            raise BadAnswer("hung up in the middle of an answer") from None
        except http.client.HTTPException:
            raise BadAnswer("does not speak HTTP") from None


def _body(response: http.client.HTTPResponse) -> bytes:
    # Never read() whole: it would set aside as much memory as Content-Length claims.
    body = bytearray()
    while piece := response.read(_PIECE):
        body += piece
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)
