"""Record and replay: gzipped lines of JSON, a header and then one line a sample that holds what changed since the one before."""

import io
import json
import os
import threading
import zlib
from collections.abc import Generator, Hashable, Iterator, Mapping
from dataclasses import replace
from gzip import GzipFile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Generic, Self, TypeVar

from msgspec import Meta, Struct, ValidationError, convert, field, to_builtins

from netview.decode.recorded import misfit, misfit_of
from netview.model import Container, Found, Hardware, LinkKey, LinkStats, NamespaceId, Notice, Sample, Sockets, Tables

if TYPE_CHECKING:
    from netview.derive.path.questions import Answer, Question
    from netview.kernel.wanted import Wanted

FORMAT = "netview.recording/"
VERSION = 2
LONGEST_LINE = 64 << 20
"""Bytes of one sample: far more than 1,000 namespaces take."""
MOST_VALUES = 4 << 20
"""Values in one sample, likewise: a few bytes of text may become a hundred in memory."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Time = Annotated[float, Meta(ge=-2e11, le=2e11)]
"""Seconds that a calendar can hold."""
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, RecursionError, ValidationError)


class RecordingError(Exception):
    """A file that cannot be written or played; the message is one line that says what to do."""


class Delta(Struct, Generic[K, V], omit_defaults=True):
    """What became of a mapping."""

    put: list[tuple[K, V]] = field(default_factory=list)
    gone: list[K] = field(default_factory=list)

    def applied(self, old: Mapping[K, V]) -> Mapping[K, V]:
        """The mapping after it; the same object where nothing changed."""
        if not self.put and not self.gone:
            return old
        left = set(self.gone)
        return {key: value for key, value in old.items() if key not in left} | dict(self.put)


class Line(Struct, omit_defaults=True):
    """One sample as it is written; None is what did not change."""

    taken_at: Time
    kernel: str | None = None
    hostname: str | None = None
    user: str | None = None
    home: NamespaceId | None = None
    found: Delta[NamespaceId, Found] = field(default_factory=Delta)
    tables: Delta[NamespaceId, Tables] = field(default_factory=Delta)
    counters: Delta[LinkKey, LinkStats] = field(default_factory=Delta)
    read_at: Delta[LinkKey, Time] = field(default_factory=Delta)
    mirrored: Delta[LinkKey, Time] = field(default_factory=Delta)
    hardware: Delta[int, Hardware] = field(default_factory=Delta)
    containers: tuple[Container, ...] | None = None
    notices: tuple[Notice, ...] | None = None
    heard: tuple[str, ...] | None = None


_NOTHING = Sample(0.0, "", "", "", NamespaceId(""), {}, {}, {}, {}, {})


def create(path: Path) -> io.FileIO:
    """A new file that only the invoking user may read; never one that is there already, never through a symbolic link."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise RecordingError(f"{path} exists already: give another name, or remove it first") from None
    except OSError as error:
        raise RecordingError(f"cannot write {path}: {error.strerror}") from None
    user, group = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if os.geteuid() == 0 and user.isdecimal() and group.isdecimal():
        os.fchown(descriptor, int(user), int(group))
    return io.FileIO(descriptor, "wb")


class Recorder:
    """Writes samples, each one whole in the file before the next is taken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = create(path)
        self._zip = zlib.compressobj(wbits=31)
        self._before = _NOTHING
        self.samples = 0
        """How many are written."""
        self._put({"schema": f"{FORMAT}{VERSION}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def write(self, sample: Sample) -> None:
        """Append one sample; raises RecordingError where the disk takes no more."""
        self._put(to_builtins(_line(sample, self._before), enc_hook=dict))
        self._before = sample
        self.samples += 1

    def close(self) -> None:
        """Finish the file; harmless twice, and after an error."""
        if not self._file.closed:
            self._append(self._zip.flush(zlib.Z_FINISH))
            self._file.close()

    def _put(self, line: object) -> None:
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":"))
        self._append(self._zip.compress(text.encode("ascii") + b"\n") + self._zip.flush(zlib.Z_SYNC_FLUSH))

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._file.close()
            said = f"cannot go on with {self._path}: {error.strerror}; {self.samples} samples in it can be replayed"
            raise RecordingError(said) from None


class ReplaySource:
    """A recording as a source: one sample each time it is asked, with the recording's own times."""

    def __init__(self, path: Path | str, *, loop: bool = False, notices: tuple[Notice, ...] = ()) -> None:
        """`notices` are told with every sample, besides the recorded ones."""
        self._notices = notices
        self._woken = threading.Event()
        try:
            self._file = Path(path).open("rb")  # noqa: SIM115 - close() does it
        except OSError as error:
            raise RecordingError(f"cannot read {path}: {error.strerror}") from None
        self._lines = _lines(self._file)
        self._round = _Round() if loop else None
        self._first = self._now = _NOTHING
        self._played = False
        fault = _fault(self._lines) or (None if self._advance() else "holds no whole sample: record it anew")
        if fault is not None:
            self.close()
            raise RecordingError(f"{path} {fault}")
        self._first = self._now

    def sample(self, want: "Wanted") -> Sample:
        """The next sample; raises StopIteration after the last one, unless it loops."""
        if self._played and not self._advance():
            if self._round is None:
                raise StopIteration
            self._rewind(self._round)
        self._played = True
        sample = self._now if self._round is None else self._round.shifted(self._now)
        if not (self._notices or want.sockets):
            return sample
        return replace(sample, notices=sample.notices + self._notices, sockets=_unrecorded(sample, want))

    def changes(self, want: "Wanted") -> Sample:
        """The next sample: a recording has nothing in between."""
        return self.sample(want)

    def answer(self, question: "Question") -> "Answer":
        """A recording holds samples alone."""
        from netview.derive.path.questions import Unanswered  # noqa: PLC0415 - only a path asks

        del question
        return Unanswered("not recorded")

    def wait(self, seconds: float) -> bool:
        """Sleep until woken."""
        self._woken.wait(seconds)
        self._woken.clear()
        return False

    def wake(self) -> None:
        """End the wait."""
        self._woken.set()

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()
        self._file.close()

    def _advance(self) -> bool:
        """Read one more sample; where the file is damaged or cut off the recording ends."""
        try:
            self._now = _sample(next(self._lines), self._now)
        except (StopIteration, *_DAMAGE):
            return False
        return True

    def _rewind(self, turn: "_Round") -> None:
        """Begin anew; the first sample takes the place of the last, which has just been shown."""
        turn.add(self._first, self._now)
        self._lines.close()
        self._file.seek(0)
        self._lines = _lines(self._file)
        self._now = _NOTHING
        if _fault(self._lines) is not None or not self._advance():
            self._now = self._first
        self._first = self._now
        self._advance()


class _Round:
    """What the rounds before this one have added to clocks and counters, so that rates go on without a gap."""

    def __init__(self) -> None:
        self._taken_s = 0.0
        self._read_s = 0.0
        self._counters: dict[LinkKey, LinkStats] = {}

    def add(self, first: Sample, last: Sample) -> None:
        """Take in one whole round."""
        self._taken_s += max(0.0, last.taken_at - first.taken_at)
        self._read_s += max(0.0, max(last.read_at.values(), default=0.0) - max(first.read_at.values(), default=0.0))
        for key, end in last.counters.items():
            start = first.counters.get(key, end)
            if start != end and all(then is None or now is None or now >= then for now, then in zip(end, start, strict=True)):
                self._counters[key] = _sum(self._counters.get(key), end, start)

    def shifted(self, sample: Sample) -> Sample:
        """The sample as if the recording had gone on."""
        if not self._read_s:
            return sample
        return replace(
            sample,
            taken_at=sample.taken_at + self._taken_s,
            read_at={key: at + self._read_s for key, at in sample.read_at.items()},
            mirrored={key: at + self._read_s for key, at in sample.mirrored.items()},
            counters={key: _sum(self._counters.get(key), stats) for key, stats in sample.counters.items()},
        )


def _sum(before: LinkStats | None, new: LinkStats, start: LinkStats | None = None) -> LinkStats:
    """What was counted before, and what is new since the start."""
    if start is not None:
        new = LinkStats._make(None if a is None or b is None else a - b for a, b in zip(new, start, strict=True))
    if before is None:
        return new
    return LinkStats._make(None if a is None or b is None else a + b for a, b in zip(before, new, strict=True))


def _lines(file: io.BufferedReader) -> Generator[Any, None, None]:
    with GzipFile(fileobj=file, mode="rb") as lines:
        while line := lines.readline(LONGEST_LINE):
            if sum(line.count(sign) for sign in b",[{") > MOST_VALUES:
                raise ValueError("more values than a sample has")
            yield json.loads(line)


def _fault(lines: Iterator[Any]) -> str | None:
    """Why the file cannot be played, by its header."""
    try:
        header = next(lines)
    except (StopIteration, *_DAMAGE):
        header = None
    schema = header.get("schema") if isinstance(header, dict) else None
    if not isinstance(schema, str) or not schema.startswith(FORMAT):
        return "is no recording of netview: make one with `netview record FILE`"
    if schema != f"{FORMAT}{VERSION}":
        return f"has the format {schema.removeprefix(FORMAT)!r}, and this netview reads {VERSION}: play it with the newer netview"
    return None


def _line(sample: Sample, before: Sample) -> Line:
    return Line(
        sample.taken_at,
        None if sample.kernel == before.kernel else sample.kernel,
        None if sample.hostname == before.hostname else sample.hostname,
        None if sample.user == before.user else sample.user,
        None if sample.home == before.home else sample.home,
        _delta(sample.found, before.found),
        _delta(sample.tables, before.tables),
        _delta(sample.counters, before.counters),
        _delta(sample.read_at, before.read_at),
        _delta(sample.mirrored, before.mirrored),
        _delta(sample.hardware, before.hardware),
        None if sample.containers == before.containers else sample.containers,
        None if sample.notices == before.notices else sample.notices,
        None if sample.heard == before.heard else tuple(sorted(sample.heard)),
    )


def _sample(raw: object, before: Sample) -> Sample:
    line = convert(raw, Line, str_keys=True)
    sample = Sample(
        taken_at=line.taken_at,
        kernel=before.kernel if line.kernel is None else line.kernel,
        hostname=before.hostname if line.hostname is None else line.hostname,
        user=before.user if line.user is None else line.user,
        home=before.home if line.home is None else line.home,
        found=line.found.applied(before.found),
        tables=line.tables.applied(before.tables),
        counters=line.counters.applied(before.counters),
        read_at=line.read_at.applied(before.read_at),
        hardware=line.hardware.applied(before.hardware),
        containers=before.containers if line.containers is None else line.containers,
        heard=before.heard if line.heard is None else frozenset(line.heard),
        notices=before.notices if line.notices is None else line.notices,
        mirrored=line.mirrored.applied(before.mirrored),
    )
    doubted = [misfit(tables) for _, tables in line.tables.put] + [misfit_of(one) for one in line.containers or ()]
    if any(text is not None for text in doubted):
        raise ValueError("an address that is none")
    if sample.home not in sample.found:
        raise ValueError("a sample without its home namespace")
    if sample.counters.keys() != sample.read_at.keys():
        raise ValueError("counters without the time of their reading")
    return sample


def _unrecorded(sample: Sample, want: "Wanted") -> dict[NamespaceId, Sockets]:
    """What a recording says of the sockets that are asked for."""
    asked = {"all": sample.found.keys(), "place": {want.place}}.get(want.sockets, ())
    return {namespace: Sockets(unknown="not recorded") for namespace in asked if namespace is not None}


def _delta(new: Mapping[K, V], old: Mapping[K, V]) -> Delta[K, V]:
    """What differs; tables are compared by identity, all else by value."""
    if new is old:
        return Delta()
    put = [(key, value) for key, value in new.items() if key not in old or (old[key] is not value and old[key] != value)]
    return Delta(put, [key for key in old if key not in new])
