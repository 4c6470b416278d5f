"""The app over engines that hang, lie, break off or tell too much, and over containers whose files are traps."""

import json
import select
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.box_lab import TOOLS, BoxLab, id_of
from tests.engines.started import started
from tests.engines.terminal import Terminal
from tests.kernel.hanging import Hanging
from tests.kernel.lab import wait
from tests.runtimes.servers import (
    Behaviour,
    FakeDocker,
    container,
    drips,
    endless,
    half_closes,
    response,
    says,
    server,
    serving,
    silent,
)

BOXES = 3
SHORT = tuple(id_of(number)[:12] for number in range(1, BOXES + 1))
"""What boxes are called where no engine is believed."""
NAMES = tuple(f"box-{number}" for number in range(1, BOXES + 1))
MOST_MIB = 100
"""Resident, at any time; with three containers and an engine that says nothing wrong it is 50."""
MANY = 500


@pytest.fixture(scope="module")
def boxes() -> Iterator[BoxLab]:
    """Three containers."""
    with started(BoxLab, TOOLS) as lab:
        lab.add(1, BOXES)
        yield lab


def shows(app: Terminal, *texts: str) -> Callable[[], bool]:
    """Whether each of these is somewhere on the screen."""
    return lambda: app.shows(*texts)


def walked(app: Terminal, *names: str) -> None:
    """Through two lists and a filter, as a person goes; all of these are listed."""
    app.press("3")
    app.until(shows(app, "[3 Namespaces]", *names))
    app.press(f"/{names[-1]}\r")
    app.until(shows(app, f"filter: {names[-1]} (1 of"))
    unfiltered(app)
    app.press("1")
    app.until(shows(app, "[1 Wiring]"))


def unfiltered(app: Terminal) -> None:
    """The list whole again."""
    app.press("\x1b")
    app.until(lambda: not app.shows("filter:"))


def owner_opened(app: Terminal, name: str) -> None:
    """In the list of namespaces."""
    app.press(f"/{name}\r")
    app.until(shows(app, f"filter: {name} (1 of"))
    app.press("o")


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        pytest.param(silent, "no answer within 1.9 s", id="hung"),
        pytest.param(drips(response(b"[]"), 0.2), "no answer within 1.9 s", id="dripping"),
        pytest.param(half_closes(b"HTTP/1.1 200 OK\r\nContent-Le"), "does not answer as Docker does", id="half a header"),
        pytest.param(half_closes(response(b"[]")[:-1]), "hung up in the middle of an answer", id="half a body"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), "answers without end", id="endless body"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX: ", b"x"), "does not speak HTTP", id="endless header"),
        pytest.param(says(b"\x1b[2J\x00"), "does not speak HTTP", id="garbage"),
        pytest.param(says(response(b"[" * 2**20)), "does not answer as Docker does", id="too deep"),
    ],
)
def test_an_engine_that_misbehaves_is_told_and_the_rest_is_as_without_one(boxes: BoxLab, behave: Behaviour, reason: str) -> None:
    with server(behave) as path, boxes.app(path) as app:
        walked(app, *SHORT)
        app.until(lambda: app.shows(f"{path}: {reason}") or app.shows(f"{path}: no answer within 1.9 s"))
        assert app.peak_mib() < MOST_MIB
        assert app.leave() == 0


def test_a_socket_that_takes_no_more_clients_is_as_one_that_hangs(boxes: BoxLab) -> None:
    with server(silent) as near:
        path = f"{near}-full"
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
            listener.bind(path)
            listener.listen(0)
            first.connect(path)
            with boxes.app(path) as app:
                walked(app, *SHORT)
                app.until(shows(app, f"{path}: no answer within 1.9 s"))
                assert app.leave() == 0
        Path(path).unlink()


class Late:
    """An engine that answers everything, and honestly, but only once it is let."""

    def __init__(self, answers: FakeDocker) -> None:
        self.asking = threading.Event()
        """Set while somebody waits."""
        self.let = threading.Event()
        self._answers = answers

    def __call__(self, client: socket.socket) -> None:
        self.asking.set()
        hung_up = select.poll()
        hung_up.register(client, select.POLLRDHUP)
        while not self.let.is_set() and not hung_up.poll(20):
            pass
        self.asking.clear()
        if self.let.is_set():
            self._answers(client)


def test_the_screen_answers_while_an_engine_lets_it_wait_and_its_late_word_counts_when_it_comes(boxes: BoxLab) -> None:
    late = Late(FakeDocker(*(boxes.told(number) for number in range(1, BOXES + 1))))

    def answers_meanwhile(app: Terminal, key: str, view: str) -> bool:
        assert wait(late.asking.is_set, 15)
        app.press(key)
        app.until(shows(app, view))
        return late.asking.is_set()

    with server(late) as path, boxes.app(path) as app:
        app.until(shows(app, *SHORT))
        views = (("2", "[2 Interfaces]"), ("3", "[3 Namespaces]"), ("4", "[4 Routes]"), ("1", "[1 Wiring]"))
        # On a busy machine a key may take longer than netview waits for an engine.
        assert any(answers_meanwhile(app, key, view) for _ in range(3) for key, view in views)
        walked(app, *SHORT)
        app.until(shows(app, f"{path}: no answer within 1.9 s"))
        late.let.set()
        app.until(shows(app, *NAMES))
        app.until(lambda: not app.shows(path))


def test_a_liar_is_believed_in_nothing_that_the_kernel_does_not_bear_out(boxes: BoxLab) -> None:
    lies = (
        boxes.told(1, Id="a" * 64, Name="/other-id"),
        boxes.told(2, Name="/other-pid", State={"Pid": boxes.pid(1)}),
        boxes.told(3, Name="/hosts-pid", State={"Pid": 1}),
        container(4, Name="/no-pid", State={"Pid": 4194303}),
        container(5, Name="/no-process", State={"Pid": 0}),
        boxes.told(1, Id="b" * 64, Name="/escape \x1b[2J[/red]"),
    )
    with server(FakeDocker(*lies)) as path:
        with boxes.app(path) as app:
            walked(app, *SHORT)
            app.until(shows(app, "are only claimed: the kernel does not bear them out"))
            app.press("3")
            app.until(shows(app, "[3 Namespaces]", *SHORT))
            assert not any(str(lie["Name"])[1:7] in line for lie in lies for line in app.lines())
            owner_opened(app, SHORT[0])
            app.until(shows(app, "other-id", f"claimed by {path}"))
        told = json.loads(boxes.printed(path, "snapshot", "-o", "json").stdout)
    owners = {owner["name"] for namespace in told["namespaces"] for owner in namespace["owners"]}
    assert owners >= set(SHORT)
    assert not owners & {str(lie["Name"])[1:] for lie in lies}


class Broken:
    """An engine that ends in the middle of an answer, which it does in the middle of a call."""

    def __init__(self, answers: FakeDocker, target: str) -> None:
        self.answers = answers
        self.broke = threading.Event()
        whole = answers.answers[target]
        assert whole is not None
        answers.answers[target] = whole[:-20]
        self._target = target

    def __call__(self, client: socket.socket) -> None:
        while request := client.recv(4096):
            target = request.split(b" ", 2)[1].decode()
            client.sendall(self.answers.answers.get(target) or response(b"{}", "404 Not Found"))
            if target == self._target:
                self.broke.set()
                return


@pytest.mark.parametrize("target", ["/containers/json", f"/containers/{id_of(2)}/json"])
def test_an_engine_that_restarts_in_the_middle_of_a_call_is_believed_before_and_after(boxes: BoxLab, target: str) -> None:
    before = [boxes.told(number) for number in range(1, BOXES + 1)]
    after = [boxes.told(number, Name=f"/new-{number}") for number in range(1, BOXES + 1)]
    path = str(boxes.folder / "s")
    with boxes.app(path) as app:
        with serving(path, FakeDocker(*before)):
            app.until(shows(app, *NAMES))
        broken = Broken(FakeDocker(*after), target)
        with serving(path, broken):
            assert wait(broken.broke.is_set, 15)
            walked(app, NAMES[0] if target == "/containers/json" else "new-1")
        with serving(path, FakeDocker(*after)):
            # What was broken off is asked for again after 10 s.
            app.until(shows(app, "new-1", "new-2", "new-3"), 25)
            app.until(lambda: not app.shows(path))
            assert not any(name in line for name in NAMES for line in app.lines())


@pytest.fixture
def crowd() -> Iterator[BoxLab]:
    """Five hundred containers."""
    with started(BoxLab, TOOLS) as lab:
        lab.add(1, MANY)
        yield lab


def test_five_hundred_containers_with_labels_of_a_megabyte_are_listed_and_cost_little(crowd: BoxLab) -> None:
    told = [
        crowd.told(number, Config={"Image": "shop:1", "Labels": {"long": "x" * (2**20 if number % 50 == 0 else 2**12)}})
        for number in range(1, MANY + 1)
    ]
    with server(FakeDocker(*told)) as path, crowd.app(path) as app:
        app.press("3")
        app.until(shows(app, "[3 Namespaces]"))
        app.press("/image:shop\r")
        app.until(shows(app, f"({MANY} of"), 30)
        unfiltered(app)
        owner_opened(app, f"box-{MANY}")
        app.until(shows(app, "shop:1", "xxxx"))
        app.press("\x1b")
        assert app.peak_mib() < MOST_MIB
        assert not app.shows(path)


def believed(boxes: BoxLab) -> list[dict[str, Any]]:
    """What each box believes of its host."""
    told = json.loads(boxes.printed("/nonexistent", "snapshot", "--facts", "-o", "json").stdout)
    facts = {facts["pid"]: facts for namespace in told["namespaces"] for facts in namespace["facts"]}
    return [facts[boxes.pid(number)] for number in range(1, BOXES + 1)]


def test_a_link_out_of_the_root_tells_nothing_of_the_host(boxes: BoxLab) -> None:
    secret = boxes.folder / "secret"
    secret.write_text("nameserver 192.0.2.66\n")
    file = boxes.root / "etc/resolv.conf"

    def nameservers() -> list[list[str] | None]:
        found = [facts["nameservers"] for facts in believed(boxes)]
        assert ["192.0.2.66"] not in found
        return found

    for target in (str(secret), "../../secret", f"../../../../../../../..{secret}", f"/proc/1/root{secret}"):
        file.symlink_to(target)
        try:
            # On a busy machine even a quick file may take longer than netview waits for one.
            assert wait(lambda: nameservers() == [[]] * BOXES, 30)
        finally:
            file.unlink()


@pytest.mark.parametrize(
    ("mounted", "reason"),
    [
        pytest.param("etc", "its file system may hang", id="known"),
        pytest.param("slow", "it did not answer in time", id="behind a link"),
    ],
)
def test_a_mount_that_hangs_under_etc_keeps_nothing_else_waiting(boxes: BoxLab, mounted: str, reason: str) -> None:
    file, slow = boxes.root / "etc/resolv.conf", boxes.root / "slow"
    slow.mkdir()
    file.symlink_to("/slow/resolv.conf")

    def told() -> bool:
        hung, *others = ([unknown["reason"] for unknown in facts["unknown"]] for facts in believed(boxes))
        assert reason in hung
        return others == [[]] * (BOXES - 1)

    try:
        with Hanging(boxes.pid(1), boxes.root / mounted) as hanging:
            assert wait(told, 30)
            with boxes.app("/nonexistent") as app:
                app.press("3")
                app.until(shows(app, "[3 Namespaces]", *SHORT))
                owner_opened(app, SHORT[0])
                app.until(shows(app, "host files", reason))
                app.press("\x1b")
                app.until(shows(app, "[3 Namespaces]"))
                unfiltered(app)
                walked(app, *SHORT)
                assert app.leave() == 0
            assert bool(hanging.asked) == (mounted == "slow")
    finally:
        file.unlink()
        slow.rmdir()
