"""`netview record`: samples to a file."""

import time
from pathlib import Path

from netview.front import FrontError, Settings, sampling, stop_on_signals, tell


def record(settings: Settings, path: Path, count: int | None) -> int:
    """Samples to a new file until they are enough, or a signal asks to stop."""
    from netview.archive import Recorder, RecordingError

    stopped = stop_on_signals()
    try:
        with sampling(settings) as (sample, _), Recorder(path) as recorder:
            due = time.monotonic()
            while not stopped.is_set():
                recorder.write(sample())
                if recorder.samples == count:
                    break
                due = max(due + settings.interval, time.monotonic())
                stopped.wait(due - time.monotonic())
    except StopIteration:
        pass  # What is recorded is a recording, and it is over.
    except RecordingError as error:
        raise FrontError(str(error)) from None
    tell(f"{recorder.samples} samples in {path}; play them with: netview --replay {path}")
    return 0
