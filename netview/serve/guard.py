"""Who may ask: nobody whose browser was led here under another name, and no page of another site."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The path holds the token.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Answers 403 to a wrong Host or Origin; a token alone does not keep out a page that guesses names (DNS rebinding)."""

    def __init__(self, address: str, port: int) -> None:
        self._address = address
        self._port = port

    @web.middleware
    async def pass_on(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass on what may be asked."""
        if not self.admits(request.headers.get("Host"), request.headers.get("Origin")):
            raise web.HTTPForbidden(text="netview: this address is not the one that netview serve printed\n", headers=_HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(_HEADERS)
            raise
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def admits(self, host: str | None, origin: str | None) -> bool:
        """Whether a request with these headers is for this server, and from a page of its own."""
        if host is None or not self._is_here(*_split(host)):
            return False
        return origin is None or origin == f"http://{host}"

    def _is_here(self, name: str, port: int | None) -> bool:
        if port != self._port:
            return False
        if name in _LOOPBACK or name == self._address:
            return True
        # Bound to every address, any of them may be meant; a name may be anybody's.
        return self._address in {"0.0.0.0", "::"} and _is_address(name)  # noqa: S104


def authority(address: str, port: int) -> str:
    """An address and a port as a URL has them."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _split(host: str) -> tuple[str, int | None]:
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, "80"
    return name.removeprefix("[").removesuffix("]").lower(), int(port) if port.isascii() and port.isdigit() else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
