"""netview, telling at its end when each module was first asked for: `python -m tests.bench.imports OUT`."""

import sys
import time
from pathlib import Path

_asked: dict[str, float] = {}


def _hear(event: str, told: tuple[object, ...]) -> None:
    if event == "import":
        _asked.setdefault(str(told[0]), time.monotonic())


def main(out: str) -> None:
    """Run the app; a line a module that is there in the end."""
    sys.addaudithook(_hear)
    from netview.cli import main as netview  # noqa: PLC0415  # what it imports is what is counted

    netview([])
    Path(out).write_text("".join(f"{at:.6f} {name}\n" for name, at in _asked.items() if name in sys.modules))


if __name__ == "__main__":
    main(sys.argv[1])
