import gzip
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview import archive
from netview.archive import FORMAT, VERSION, Recorder, RecordingError, ReplaySource, create
from netview.derive.build import build
from netview.live import Want
from netview.model import Container, Hardware, LinkStats, Notice, Owner, Process, Runtime, Sample, Snapshot, Tables
from tests.factories import ETH0_1, HOME, HOSTILE, NGINX_1, VETH_1, a_link, a_sample, docker_sample, found, stats, tables
from tests.require import missing

TEXT = st.text(st.characters(exclude_categories=()).filter(lambda char: not "\ud800" <= char <= "\udc7f"), max_size=20)


def recorded(path: Path, *samples: Sample) -> Path:
    with Recorder(path) as recorder:
        for sample in samples:
            recorder.write(sample)
    return path


def replayed(path: Path, count: int | None = None, *, loop: bool = False) -> list[Sample]:
    return list(_samples(path, count, loop=loop))


def _samples(path: Path, count: int | None, *, loop: bool) -> Iterator[Sample]:
    source = ReplaySource(path, loop=loop)
    seen = 0
    while count is None or seen < count:
        try:
            yield source.sample(Want())
        except StopIteration:
            break
        seen += 1
    source.close()


def plain(value: object) -> object:
    """A sample as values that can be compared: tables have no equality of their own."""
    if isinstance(value, Sample | Tables):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    return value


def snapshots(samples: list[Sample]) -> list[Snapshot]:
    result: list[Snapshot] = []
    before = None
    for sample in samples:
        result.append(build(sample, before, result[-1] if result else None))
        before = sample
    return result


def test_samples_come_back_as_they_were(tmp_path: Path) -> None:
    samples = [docker_sample(float(at), hostile=True) for at in range(4)]
    assert [plain(sample) for sample in replayed(recorded(tmp_path / "r", *samples))] == [plain(sample) for sample in samples]


def test_what_is_not_of_the_docker_world_comes_back_too(tmp_path: Path) -> None:
    first = docker_sample()
    second = replace(
        docker_sample(1.0),
        found={HOME: found(HOME, Process(1, "init", "root", ("init", "\udcff"), 5.0))},
        tables={HOME: Tables(error="needs CAP_SYS_ADMIN")},
        hardware={2: Hardware(1000, "full", "virtio_net"), 3: Hardware(None, None, None)},
        hostname="renamed",
        containers=(),
        notices=(Notice("docker", "gone"),),
    )
    third = replace(first, home=NGINX_1)
    samples = [first, second, third]
    assert [plain(sample) for sample in replayed(recorded(tmp_path / "r", *samples))] == [plain(sample) for sample in samples]


@given(st.lists(st.tuples(TEXT, st.integers(0, 2**64 - 1), TEXT), min_size=1, max_size=4))
def test_any_text_and_any_counter_come_back(tmp_path_factory: pytest.TempPathFactory, worlds: list[tuple[str, int, str]]) -> None:
    samples = [
        a_sample(
            {HOME: found(HOME, Process(1, name))},
            {HOME: tables([a_link(3, name, alias=said)])},
            {VETH_1: stats(count, tx_errors=count)},
            at=float(at),
            containers=(Container(Owner(Runtime.DOCKER, said, name), None),),
            notices=(Notice(name, said),),
            hostname=said,
        )
        for at, (name, count, said) in enumerate(worlds)
    ]
    path = recorded(tmp_path_factory.mktemp("any") / "r", *samples)
    assert [plain(sample) for sample in replayed(path)] == [plain(sample) for sample in samples]


def test_what_did_not_change_is_the_same_object_again(tmp_path: Path) -> None:
    first = docker_sample()
    second = replace(docker_sample(1.0), found=first.found, tables=first.tables)
    one, two = replayed(recorded(tmp_path / "r", first, second))
    assert two.tables is one.tables
    assert two.found is one.found
    assert two.counters is not one.counters


def test_a_quiet_sample_takes_few_bytes(tmp_path: Path) -> None:
    first = docker_sample()
    path = tmp_path / "r"
    with Recorder(path) as recorder:
        recorder.write(first)
        size = path.stat().st_size
        for at in range(1, 101):
            recorder.write(replace(docker_sample(float(at)), found=first.found, tables=first.tables))
    assert path.stat().st_size - size < 100 * 200


def test_every_written_sample_is_whole_in_the_file_at_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "r")
    recorder.write(docker_sample())
    recorder.write(docker_sample(1.0))
    assert len(replayed(tmp_path / "r")) == 2
    recorder.close()


def test_a_file_cut_anywhere_plays_up_to_its_last_whole_sample(tmp_path: Path) -> None:
    path = recorded(tmp_path / "r", *(docker_sample(float(at)) for at in range(3)))
    whole = path.read_bytes()
    lengths = set()
    for size in range(0, len(whole) + 1, 7):
        cut = tmp_path / "cut"
        cut.write_bytes(whole[:size])
        with suppress(RecordingError):
            lengths.add(len(replayed(cut)))
    assert lengths == {1, 2, 3}


@given(st.data())
def test_a_damaged_file_ends_or_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = recorded(tmp_path_factory.mktemp("damaged") / "r", docker_sample(), docker_sample(1.0))
    raw = bytearray(path.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with suppress(RecordingError):
        assert len(replayed(path)) <= 2


def _lines(*lines: str) -> bytes:
    return gzip.compress("".join(line + "\n" for line in lines).encode())


HEADER = json.dumps({"schema": f"{FORMAT}{VERSION}"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no recording"),
        (b"hello\n", "is no recording"),
        (b"\x1f\x8b\x08garbage", "is no recording"),
        (gzip.compress(b""), "is no recording"),
        (_lines("[]"), "is no recording"),
        (_lines("[" * 100_000), "is no recording"),
        (_lines('{"schema": "netview.snapshot/1"}'), "is no recording"),
        (_lines('{"schema": "netview.recording/9"}'), "newer netview"),
        (_lines(HEADER), "holds no whole sample"),
        (_lines(HEADER, "{}"), "holds no whole sample"),
        (_lines(HEADER, "null"), "holds no whole sample"),
        (_lines(HEADER, '{"taken_at": 1}'), "holds no whole sample"),
        (_lines(HEADER, '{"taken_at": NaN}'), "holds no whole sample"),
        (_lines(HEADER, '{"taken_at": 1e999}'), "holds no whole sample"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "r"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=said) as caught:
        ReplaySource(path)
    assert "\n" not in str(caught.value)


def test_a_line_of_more_values_than_a_sample_has_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded(tmp_path / "many", docker_sample(0.0))
    assert len(replayed(path)) == 1
    monkeypatch.setattr(archive, "MOST_VALUES", 100)
    with pytest.raises(RecordingError, match="holds no whole sample"):
        replayed(path)


def test_a_sample_with_an_address_that_is_none_is_not_played(tmp_path: Path) -> None:
    sample = docker_sample(1.0)
    home = sample.tables[HOME]
    wrong = replace(home, addresses=(replace(home.addresses[0], address="here"),))
    path = recorded(tmp_path / "r", docker_sample(), replace(sample, tables={**sample.tables, HOME: wrong}))
    assert len(replayed(path)) == 1


def test_a_missing_file_and_a_folder_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        ReplaySource(tmp_path / "none")
    with pytest.raises(RecordingError, match="Is a directory"):
        ReplaySource(tmp_path)


def test_a_loop_goes_on_without_a_gap(tmp_path: Path) -> None:
    path = recorded(tmp_path / "r", *(docker_sample(float(at)) for at in range(4)))
    played = snapshots(replayed(path, 20, loop=True))
    assert [snapshot.taken_at for snapshot in played] == [played[0].taken_at + at for at in range(20)]
    assert {snapshot.rates[ETH0_1].rx_bytes for snapshot in played[1:]} == {1_000_000.0}
    assert {snapshot.rates[VETH_1].tx_bytes for snapshot in played[1:]} == {1_000_000.0}


@given(st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 1000)), min_size=1, max_size=6))
def test_a_loop_has_no_negative_rate(tmp_path_factory: pytest.TempPathFactory, ticks: list[tuple[float, int]]) -> None:
    at, samples = 0.0, []
    for seconds, count in ticks:
        at += seconds
        home = {HOME: found(HOME)}
        samples.append(a_sample(home, {HOME: tables([a_link(7, "v")])}, {VETH_1: stats(count)}, at=at))
    path = recorded(tmp_path_factory.mktemp("loop") / "r", *samples)
    played = replayed(path, 3 * len(samples), loop=True)
    assert all(one.read_at[VETH_1] <= two.read_at[VETH_1] for one, two in pairwise(played))
    for snapshot in snapshots(played):
        rates = snapshot.rates.get(VETH_1)
        assert rates is None or all(rate is None or rate >= 0 for rate in rates)


def test_a_loop_over_one_sample_repeats_it(tmp_path: Path) -> None:
    path = recorded(tmp_path / "r", docker_sample())
    assert [sample.taken_at for sample in replayed(path, 3, loop=True)] == [docker_sample().taken_at] * 3


def test_a_replay_tells_what_it_is_asked_to_tell(tmp_path: Path) -> None:
    source = ReplaySource(recorded(tmp_path / "r", docker_sample()), notices=(Notice("demo", "recorded"),))
    assert source.sample(Want()).notices == (Notice("demo", "recorded"),)
    source.close()


def test_the_file_is_private_and_never_written_over(tmp_path: Path) -> None:
    path = recorded(tmp_path / "r", docker_sample())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(path)
    assert path.read_bytes() == before


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(RecordingError):
        create(tmp_path / "link")
    assert not (tmp_path / "target").exists()


def test_under_sudo_the_file_belongs_to_the_invoking_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        missing("only root may give a file away")
    monkeypatch.setenv("SUDO_UID", "12345")
    monkeypatch.setenv("SUDO_GID", "23456")
    status = recorded(tmp_path / "r", docker_sample()).stat()
    assert (status.st_uid, status.st_gid) == (12345, 23456)


def test_a_full_disk_is_one_line_and_no_more() -> None:
    recorder = Recorder.__new__(Recorder)
    recorder._path = Path("/dev/full")
    recorder.samples = 3
    recorder._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115, PTH123 - the recorder closes it
    with pytest.raises(RecordingError, match="No space left on device; 3 samples"):
        recorder._append(b"x")
    recorder.close()


def test_statistics_that_a_kernel_lacks_stay_unknown_in_a_loop(tmp_path: Path) -> None:
    old = LinkStats._make([*([5] * 23), None, None])
    samples = [
        a_sample({HOME: found(HOME)}, {HOME: tables([a_link(7, "v")])}, {VETH_1: old._replace(rx_bytes=at)}, at=float(at))
        for at in range(3)
    ]
    played = replayed(recorded(tmp_path / "r", *samples), 6, loop=True)
    assert [sample.counters[VETH_1].rx_bytes for sample in played] == [0, 1, 2, 3, 4, 5]
    assert {sample.counters[VETH_1].rx_nohandler for sample in played} == {None}


def test_hostile_names_are_raw_in_a_replay(tmp_path: Path) -> None:
    (sample,) = replayed(recorded(tmp_path / "r", docker_sample(hostile=True)))
    assert sample.tables[NGINX_1].links[6].name == HOSTILE


def test_a_recording_says_that_it_has_no_sockets_where_they_are_asked_for(tmp_path: Path) -> None:
    path = recorded(tmp_path / "r", docker_sample(), docker_sample(1.0), docker_sample(2.0))
    source = ReplaySource(path)
    first, second, third = (source.sample(want) for want in (Want(), Want(place=NGINX_1, sockets="place"), Want(sockets="all")))
    source.close()
    assert first.sockets == {}
    assert {key: told.unknown for key, told in second.sockets.items()} == {NGINX_1: "not recorded"}
    assert third.sockets.keys() == third.found.keys()
