import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from PIL import Image

from netview.lab.demo import recorded_demo
from tests.serve.browser import browsing


@pytest.fixture
def address() -> Iterator[str]:
    """Where a server tells that it is."""
    with started("--replay", str(recorded_demo())) as (server, url):
        yield url
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0


class started:  # noqa: N801  # a context manager
    def __init__(self, *options: str) -> None:
        self._command = [sys.executable, "-m", "netview", "serve", *options]

    def __enter__(self) -> tuple["subprocess.Popen[str]", str]:
        self.server = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        assert self.server.stderr is not None
        lines = iter(self.server.stderr.readline, "")
        return self.server, next(line.strip() for line in lines if line.startswith("http://"))

    def __exit__(self, *_: object) -> None:
        if self.server.poll() is None:
            self.server.kill()
        self.server.wait()
        assert self.server.stderr is not None
        self.server.stderr.close()


async def test_the_page_is_the_app(address: str, tmp_path: Path) -> None:
    async with browsing(tmp_path) as page:
        await page.do("Page.navigate", url=address)
        await page.until(lambda text: "netview" in text and "nginx-1" in text and "q quit" in text)
        assert "REPLAY" in page.text
        here = urlsplit(address)
        assert page.asked
        assert {urlsplit(url).netloc for url in page.asked if not url.startswith("data:")} == {here.netloc}
        assert all(urlsplit(url).path.startswith(here.path) for url in page.asked if not url.startswith("data:"))
        await page.do("Runtime.evaluate", expression="document.querySelector('.xterm-helper-textarea').focus()")
        await page.press("3", text="3", code=51)
        await page.until(lambda text: "PUBLISHED" in text)
        await page.press("Enter", text="\r", code=13)
        await page.until(lambda text: "Links" in text and "Addresses" in text and "Neighbours" in text)
        await asyncio.sleep(0.5)
        picture = await page.do("Page.captureScreenshot", format="png")
        drawn = Image.open(BytesIO(base64.b64decode(picture["data"]))).convert("RGB")
        colours = {colour for _, colour in drawn.getcolors(1 << 24) or []}
        # The dark theme's background, its text and its cursor.
        assert {(0x12, 0x12, 0x12), (0x00, 0x40, 0x8F)} <= colours
        await page.press("q", text="q", code=81)
        await page.press("q", text="q", code=81)
        closed = "document.body.classList.contains('-closed')"
        deadline = time.monotonic() + 10
        while not (await page.do("Runtime.evaluate", expression=closed))["result"]["value"]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


async def test_without_the_token_nothing_is_told(address: str) -> None:
    here = urlsplit(address)
    root = f"http://{here.netloc}"
    async with aiohttp.ClientSession() as session:
        for path in (
            "/",
            "/ws",
            "/static/js/textual.js",
            "/page.js",
            "/download/x",
            f"{here.path[:-2]}/",
            f"{here.path[:-2]}/ws",
        ):
            async with session.get(root + path) as answer:
                assert answer.status == 404, path
                assert "textual" not in await answer.text()
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            async with session.get(address, headers=headers) as answer:
                assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{address}ws", origin="http://evil.example")
        assert refused.value.status == 403
        async with session.get(address) as answer:
            assert answer.status == 200
            assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_its_apps_end_with_the_server_however_it_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with started("--replay", str(recorded_demo())) as (server, url):
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}ws?width=80&height=24") as socket:
            await socket.receive_bytes(timeout=20)
            apps = _children(server.pid)
            assert len(apps) == 1
            server.kill()
            server.wait()
        deadline = time.monotonic() + 10
        while any(_lives(pid) for pid in apps):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert _files(tmp_path) == []


def test_what_is_no_request_is_answered_and_not_told() -> None:
    with started("--replay", str(recorded_demo())) as (server, url):
        where = urlsplit(url)
        for sent in (b"\0" * 5000, b"GET /" + b"A" * 100_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
            with socket.create_connection((where.hostname, where.port), timeout=10) as client:
                client.sendall(sent)
                assert client.recv(12).endswith(b" 400")
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0
        assert server.stderr is not None
        assert server.stderr.read() == ""


async def test_so_many_pages_and_no_more(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"{address}ws") for _ in range(8)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{address}ws")
        assert refused.value.status == 503
        for socket in sockets:
            await socket.close()


def test_an_address_that_others_reach_is_told_what_it_shows() -> None:
    command = [sys.executable, "-m", "netview", "serve", "--bind", "0.0.0.0"]  # noqa: S104  # told, and ended at once
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        told = [server.stderr.readline(), server.stderr.readline()]
        server.send_signal(signal.SIGTERM)
    assert "everybody who reaches it" in told[0]
    assert told[1].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--bind", "host.example"], "takes an IP address"), (["--bind", "192.0.2.1"], "cannot listen on 192.0.2.1, port ")],
)
def test_what_cannot_be_listened_on_is_told_in_a_line(options: list[str], told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netview", "serve", *options], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode in {1, 2}
    assert told in done.stderr.splitlines()[-1]


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
