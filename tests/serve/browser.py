"""A headless Chromium, spoken to over its debugging protocol; what its page's websocket brings is a terminal's screen here."""

import asyncio
import base64
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pyte

from tests.require import missing

COLUMNS, ROWS = 400, 200
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --remote-debugging-port=0 --window-size=1280,800"
)


class Page:
    """One page, and all that it asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.asked: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its answer."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            told = await self._read(20)
            if told.get("id") == self._number:
                assert "error" not in told, told
                return dict(told["result"])

    async def until(self, shown: Callable[[str], bool], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not shown(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"not shown:\n{self.text.strip()}\n{self.asked}"
            with suppress(TimeoutError):
                await self._read(left)

    async def press(self, key: str, *, text: str = "", code: int = 0) -> None:
        held = {"key": key, "windowsVirtualKeyCode": code} | ({"text": text} if text else {})
        await self.do("Input.dispatchKeyEvent", type="keyDown", **held)
        await self.do("Input.dispatchKeyEvent", type="keyUp", **held)

    async def _read(self, seconds: float) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(await self._socket.receive_str(timeout=seconds))
        parameters = told.get("params", {})
        if told.get("method") == "Network.webSocketFrameReceived":
            frame = parameters["response"]
            if frame["opcode"] == 2:
                self._stream.feed(base64.b64decode(frame["payloadData"]).replace(b"\x1b[?2026$p", b""))
        elif told.get("method") == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])
        elif told.get("method") == "Network.webSocketCreated":
            self.asked.append(parameters["url"])
        return told


@asynccontextmanager
async def browsing(profile: Path) -> AsyncIterator[Page]:
    """A browser with an empty page."""
    program = shutil.which("chromium")
    if program is None:
        missing("chromium is not installed")
        raise AssertionError
    quiet = asyncio.subprocess.DEVNULL
    running = await asyncio.create_subprocess_exec(
        program, *_FLAGS.split(), f"--user-data-dir={profile}", "about:blank", stdout=quiet, stderr=quiet
    )
    try:
        async with aiohttp.ClientSession() as session:
            port = await _port(profile / "DevToolsActivePort")
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                targets = await answer.json()
            address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                page = Page(socket)
                await page.do("Network.enable")
                await page.do("Page.enable")
                yield page
    finally:
        running.terminate()
        await running.wait()


async def _port(path: Path) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if (port := _told(path)) is not None:
            return port
        await asyncio.sleep(0.05)
    raise AssertionError("chromium tells no debugging port")


def _told(path: Path) -> int | None:
    return int(path.read_text().splitlines()[0]) if path.exists() and path.read_text() else None
