"""What netlink lacks about the home namespace's devices."""

from collections.abc import Mapping
from pathlib import Path

from netview.model import Hardware, Link

_CLASS = Path("/sys/class/net")


def hardware(links: Mapping[int, Link]) -> dict[int, Hardware]:
    """Speed, duplex and driver by ifindex; empty where /sys shows another namespace than these links."""
    try:
        shown = {(int(_read(entry / "ifindex") or -1), entry.name): entry for entry in _CLASS.iterdir() if entry.is_dir()}
    except OSError:
        return {}
    if shown.keys() != {(link.ifindex, link.name) for link in links.values()}:
        return {}
    return {ifindex: _hardware(entry) for (ifindex, _), entry in shown.items()}


def _hardware(entry: Path) -> Hardware:
    speed = _read(entry / "speed")
    try:
        driver = (entry / "device" / "driver").readlink().name
    except OSError:
        driver = None
    # A link without a speed says -1.
    mbps = int(speed) if speed is not None and speed.isdecimal() else None
    duplex = _read(entry / "duplex")
    return Hardware(mbps, None if duplex == "unknown" else duplex, driver)


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return None  # EINVAL: the device has no such thing, or is down.
