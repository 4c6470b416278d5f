"""The app in a browser, by textual-serve: each page that is opened has an app of its own."""

import asyncio
import secrets
import shlex
import signal
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from logging import Handler, Logger, LogRecord
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from textual_serve.server import Server

from netview.crash import report
from netview.serve.guard import Guard, authority

_PAGES = Path(__file__).parent
_MOST_APPS = 8
# Nothing of the page comes from elsewhere or goes there; xterm.js sets styles of its own.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
    " connect-src {}"
)


class Page(Server):
    """What is below the token: the page, its files, the websocket and downloads."""

    def __init__(self, command: Sequence[str]) -> None:
        # A terminal's own variables say nothing about the browser.
        named = ["env", "-u", "NO_COLOR", "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", *command]
        super().__init__(f"exec {shlex.join(named)}", title="netview")
        self._apps = 0

    def below_token(self) -> web.Application:
        """These handlers as an application, to be put under a path."""
        app = web.Application()
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_PAGES))
        app.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get("/ws", self.handle_websocket, name="websocket"),
                web.get("/download/{key}", self.handle_download, name="download"),
                web.get("/page.js", _script, name="script"),
                web.static("/static", self.statics_path, name="static"),
            ]
        )
        return app

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page, which asks nothing of any other host."""
        router = request.app.router
        websocket = f"ws://{request.host}{router['websocket'].url_for()}"
        told = {
            "static": str(router["static"].url_for(filename="")).rstrip("/"),
            "script": str(router["script"].url_for()),
            "websocket": websocket,
        }
        page = aiohttp_jinja2.render_template("page.html", request, told)
        page.headers["Content-Security-Policy"] = _POLICY.format(websocket)
        return page

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """An app, for as long as the page is open; at most so many at a time."""
        if self._apps >= _MOST_APPS:
            raise web.HTTPServiceUnavailable(text=f"netview: {_MOST_APPS} pages are open; close one of them\n")
        self._apps += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._apps -= 1


async def _script(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGES / "page.js")


def serve(command: Sequence[str], address: str, port: int, told: Callable[[str], None]) -> int:
    """Serve the app that a command starts until SIGINT or SIGTERM, and tell where; raises OSError where nothing can listen."""
    return asyncio.run(_serve(command, address, port, told))


async def _serve(command: Sequence[str], address: str, port: int, told: Callable[[str], None]) -> int:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    token = secrets.token_urlsafe(24)
    listening = socket.create_server((address, port), family=_family(address))
    bound = listening.getsockname()[1]
    app = web.Application(middlewares=[Guard(address, bound).pass_on])
    app.add_subapp(f"/{token}", Page(command).below_token())
    # Neither a log of requests, which hold the token, nor signal handlers of its own.
    logger = Logger("netview.serve")  # noqa: LOG001 - of this server alone, so that nobody else configures it
    logger.addHandler(_Mistakes(told))
    runner = web.AppRunner(app, access_log=None, logger=logger, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        shown = "127.0.0.1" if ip_address(address).is_unspecified else address
        told(f"http://{authority(shown, bound)}/{token}/")
        await ended.wait()
    finally:
        await runner.cleanup()
        listening.close()
    return 0


class _Mistakes(Handler):
    """Tells what went wrong here in a line each; what a client sends wrong is answered, and no more."""

    def __init__(self, told: Callable[[str], None]) -> None:
        super().__init__()
        self._told = told

    def emit(self, record: LogRecord) -> None:
        """One safe line."""
        error = None if record.exc_info is None else record.exc_info[1]
        if error is not None and not isinstance(error, HttpProcessingError):
            self._told(report(error))


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
