"""Makes the README's pictures from a real run of the demo: `.venv/bin/python screenshots/make.py`."""

import asyncio
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from netview.kernel.live_source import LiveSource
from netview.lab.demo import run_demo
from netview.live import Poller
from netview.ui.app import NetviewApp
from netview.ui.options import Options

HERE = Path(__file__).parent
WIDE, PAIR, SMALL = (140, 36), (80, 30), (80, 24)
MINUTE_S = 45.0
"""Until the sparklines are full enough to look at."""
FRAMES, FRAME_S = 12, 1.0
_FONT = '"DejaVu Sans Mono", monospace'


async def shoot(folder: Path) -> None:
    """Run the app without a terminal, press keys, and keep what it shows."""
    poller = Poller(LiveSource(), interval=0.5)
    app = NetviewApp(poller, Options(mode="DEMO", open_on="nginx-1"))
    async with app.run_test(size=WIDE) as pilot:

        async def keys(*pressed: str) -> None:
            for key in pressed:
                app.simulate_key(key)
                await pilot.pause(0.1)
            await pilot.pause(1.0)

        def keep(name: str) -> None:
            (folder / f"{name}.svg").write_text(plain(app.export_screenshot(title="netview --demo")), encoding="utf-8")

        await asyncio.sleep(MINUTE_S)
        keep("wiring")
        for number in range(FRAMES):
            keep(f"frame{number:02}")
            await asyncio.sleep(FRAME_S)
        await keys("enter")
        keep("namespace")
        await keys("0")
        keep("map")
        await keys("enter")
        keep("map-bridge")
        await pilot.resize_terminal(*SMALL)
        await keys("1")
        keep("80x24")
        await pilot.resize_terminal(*PAIR)
        await keys("i")
        keep("pair")


def plain(svg: str) -> str:
    """The picture without the fonts that it would fetch from the net."""
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: Fira Code, monospace", f"font-family: {_FONT}", svg)


def moving(frames: Sequence[Path], target: Path) -> None:
    """The frames drawn by Chromium and joined."""
    pictures = [drawn(frame) for frame in frames]
    first, *others = (picture.quantize(64, dither=Image.Dither.NONE) for picture in pictures)
    first.save(target, save_all=True, append_images=others, duration=int(FRAME_S * 1000), loop=0, optimize=True)


def drawn(svg: Path) -> Image.Image:
    """One picture as pixels."""
    width, height = (round(float(size)) for size in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text("utf-8"))[0])
    with tempfile.TemporaryDirectory() as folder:
        png = Path(folder) / "frame.png"
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={folder}",
                f"--window-size={width},{height}",
                f"--screenshot={png}",
                svg.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        return Image.open(io.BytesIO(png.read_bytes())).convert("RGB")


def main() -> int:
    """Everything anew, in this folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)

        def app() -> int:
            asyncio.run(shoot(folder))
            return 0

        status = run_demo(app)
        if status:
            return status
        for picture in ("wiring", "namespace", "map", "map-bridge", "pair", "80x24"):
            (HERE / f"{picture}.svg").write_bytes((folder / f"{picture}.svg").read_bytes())
        moving(sorted(folder.glob("frame*.svg")), HERE / "netview.gif")
    return 0


if __name__ == "__main__":
    sys.exit(main())
