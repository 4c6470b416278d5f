"""Each way in which a namespace can be hidden: it is found, by its source, and read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netview.derive.build import build
from netview.derive.nesting import around
from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import Found, FoundBy, LinkKey, Sample, UserNamespace
from tests.kernel.lab import Hidden, Lab, run, wait
from tests.kernel.looking import at_home_in, link, place, sample

_HELD = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None)
home, there = os.open("/proc/self/ns/net", 0), os.open(sys.argv[1], 0)
libc.setns(there, 0)
{made}
libc.setns(home, 0)
os.close(there), os.close(home)
print(flush=True)
sys.stdin.read()
"""
_SOCKETS = {
    "a UDP socket": "held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a TCP listener": "held = socket.create_server(('0.0.0.0', 0))",
    "a netlink socket": "held = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a packet socket": "held = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)",
    "a unix socket": "held = socket.socket(socket.AF_UNIX)",
}
_THREAD = """
import os, sys, threading, ctypes
libc = ctypes.CDLL(None)
def inside():
    there = os.open(sys.argv[1], 0)
    libc.setns(there, 0)
    os.close(there)
    print(flush=True)
    threading.Event().wait()
threading.Thread(target=inside, daemon=True).start()
sys.stdin.read()
"""
_DESCRIPTOR = "import os, sys\nheld = os.open(sys.argv[1], 0)\nprint(flush=True)\nsys.stdin.read()\n"
_ZOMBIE = """
import ctypes, os, sys, threading
libc = ctypes.CDLL(None)
def inside():
    there = os.open(sys.argv[1], 0)
    libc.setns(there, 0)
    os.close(there)
    print(flush=True)
    threading.Event().wait()
threading.Thread(target=inside).start()
libc.syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
"""
_TUN = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
home, there = os.open("/proc/self/ns/net", 0), os.open(sys.argv[1], 0)
libc.setns(there, 0)
held = os.open("/dev/net/tun", os.O_RDWR)
libc.setns(home, 0)
os.close(there), os.close(home)
print(flush=True)
sys.stdin.read()
"""
_OWN_FILES, _OWN_MOUNTS = 0x400, 0x20000
_OF_A_THREAD = """
import ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None)
def enter(path):
    there = os.open(path, 0)
    libc.setns(there, 0)
    os.close(there)
def alone():
    assert not libc.unshare({unshared}), ctypes.get_errno()
    {made}
    print(flush=True)
    threading.Event().wait()
threading.Thread(target=alone, daemon=True).start()
sys.stdin.read()
"""
_IN_A_THREAD = {
    "descriptor": (FoundBy.FD, _OWN_FILES, "held = os.open(sys.argv[1], 0)"),
    "socket": (FoundBy.SOCKET, _OWN_FILES, "enter(sys.argv[1]); held = socket.socket(); enter('/proc/self/ns/net')"),
    "mount": (
        FoundBy.MOUNT,
        _OWN_MOUNTS,
        "assert not os.system(f'mount --make-rprivate / && mount --bind {sys.argv[1]} {sys.argv[2]}')",
    ),
}
_ROOT_OF_ITS_OWN = """
inner='
mount -t tmpfs none "$2"
mkdir "$2/bin" "$2/run" "$2/old"
cp /bin/busybox "$2/bin/busybox"
touch "$2/run/ns"
mount --bind "$1" "$2/run/ns"
cd "$2"
pivot_root . old
/bin/busybox umount -l /old
echo
exec /bin/busybox cat
'
unshare --mount sh -e -c "$inner" sh "$1" "$2" | { read line; umount "$1"; echo; exec cat; }
"""
_MOUNTED = """
mount --bind "$1" "$2" && umount "$1" && echo && exec cat
"""
_WITHIN = """
exec 3<&0
unshare --user --map-root-user sh -c '
    echo $$
    exec unshare --user --map-root-user --net sh -c "echo; exec cat"
' <&3 &
exec cat <&3
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program and waits until it says that it is there."""
    started: list[subprocess.Popen[bytes]] = []

    def go(*argv: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n", process.wait(5)
        return process

    yield go
    for process in started:
        process.kill()
        process.communicate()


def _python(code: str, path: str) -> tuple[str, ...]:
    return sys.executable, "-S", "-c", code, path


def _found(seen: Sample, inode: int) -> Found:
    (found,) = (known for known in seen.found.values() if known.inode == inode)
    assert seen.tables[found.id].error is None
    assert seen.tables[found.id].links.keys() >= {1}
    return found


def _prepared(lab: Lab) -> tuple[str, int]:
    lab.add("host", "hid")
    return lab.path("hid"), lab.inode("hid")


@pytest.mark.parametrize("made", _SOCKETS.values(), ids=_SOCKETS.keys())
def test_a_namespace_that_only_a_socket_holds_is_found(lab: Lab, start: Start, made: str) -> None:
    path, inode = _prepared(lab)
    start(*_python(_HELD.format(made=made), path))
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {FoundBy.SOCKET}


def test_a_namespace_that_only_a_descriptor_holds_is_found(lab: Lab, start: Start) -> None:
    path, inode = _prepared(lab)
    start(*_python(_DESCRIPTOR, path))
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {FoundBy.FD}


def test_a_namespace_whose_descriptor_was_taken_from_a_process_is_found(lab: Lab, start: Start) -> None:
    _, inode = _prepared(lab)
    inside = lab.start("hid", ["sleep", "600"])
    start(*_python(_DESCRIPTOR, f"/proc/{inside.pid}/ns/net"))
    lab.delete("hid")
    inside.kill()
    inside.wait()
    assert _found(sample(lab), inode).sources == {FoundBy.FD}


def test_a_namespace_of_a_thread_is_found(lab: Lab, start: Start) -> None:
    path, inode = _prepared(lab)
    start(*_python(_THREAD, path))
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {FoundBy.THREAD}


def test_a_namespace_of_a_thread_whose_leader_is_a_zombie_is_found(lab: Lab, start: Start) -> None:
    path, inode = _prepared(lab)
    start(*_python(_ZOMBIE, path))
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {FoundBy.THREAD}


def test_a_namespace_of_a_process_alone_is_found(lab: Lab) -> None:
    _, inode = _prepared(lab)
    lab.start("hid", ["sleep", "600"])
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {FoundBy.PROCESS}


def test_a_namespace_that_is_mounted_somewhere_else_is_found_by_its_path(lab: Lab, tmp_path: Path) -> None:
    path, inode = _prepared(lab)
    elsewhere = tmp_path / "a name with blanks\tand more"
    elsewhere.touch()
    run(["mount", "--bind", path, str(elsewhere)])
    try:
        lab.delete("hid")
        found = _found(sample(lab), inode)
        assert found.sources == {FoundBy.MOUNT}
        assert (found.paths, found.names) == ((str(elsewhere),), ())
    finally:
        run(["umount", str(elsewhere)])


@pytest.mark.parametrize("options", [("--mount",), ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")])
def test_a_namespace_that_is_mounted_in_another_mount_namespace_is_found(
    lab: Lab, start: Start, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path, inode = _prepared(lab)
    inner = tmp_path / "inner"
    inner.touch()
    start("unshare", *options, "sh", "-c", _MOUNTED, "sh", path, str(inner))
    lab.delete("hid")
    found = _found(sample(lab), inode)
    assert found.sources == {FoundBy.MOUNT}
    assert found.paths == ()
    assert [path for _, path in found.elsewhere] == [str(inner)]


@pytest.mark.parametrize("held", _IN_A_THREAD)
def test_a_namespace_that_only_a_thread_with_files_or_mounts_of_its_own_holds_is_found(
    lab: Lab, start: Start, tmp_path: Path, held: str
) -> None:
    path, inode = _prepared(lab)
    inner = tmp_path / "inner"
    inner.touch()
    source, unshared, made = _IN_A_THREAD[held]
    start(*_python(_OF_A_THREAD.replace("{unshared}", str(unshared)).replace("{made}", made), path), str(inner))
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {source}


def test_a_namespace_that_is_mounted_where_another_root_hides_it_in_a_mount_namespace_within_another_is_found(
    lab: Lab, start: Start, tmp_path: Path
) -> None:
    path, inode = _prepared(lab)
    start("unshare", "--mount", "sh", "-c", _ROOT_OF_ITS_OWN, "sh", path, str(tmp_path))
    lab.delete("hid")
    found = _found(sample(lab), inode)
    assert found.sources == {FoundBy.MOUNT}
    assert found.paths == ()
    assert [path for _, path in found.elsewhere] == ["/run/ns"]


def test_a_namespace_that_only_a_tun_device_may_be_made_in_is_found(lab: Lab, start: Start) -> None:
    path, inode = _prepared(lab)
    start(*_python(_TUN, path))
    lab.delete("hid")
    assert _found(sample(lab), inode).sources == {FoundBy.FD}


def test_a_namespace_on_its_way_through_a_socket_is_found_by_its_wires_and_one_without_wires_is_not(lab: Lab) -> None:
    lab.add("host", "wired", "bare")
    lab.ip("host", "link add w index 9 type veth peer name far index 7 netns @wired\n")
    lab.ip("wired", "link set far alias told\naddr add 10.7.0.1/24 dev far\naddr add 2001:db8::7/64 dev far nodad\n")
    inodes = lab.inode("wired"), lab.inode("bare")
    lab.hide("wired")
    lab.hide("bare")
    seen = sample(lab)
    assert not {known.inode for known in seen.found.values()} & set(inodes)
    outside = _behind(seen, 9)
    assert outside.sources == {FoundBy.VETH}
    assert outside.inode is None
    tables = seen.tables[outside.id]
    assert tables.error is None
    assert {found.name for found in tables.links.values()} == {"lo", "far"}
    assert tables.links[7].alias == "told"
    assert {address.address for address in tables.addresses} == {"10.7.0.1", "2001:db8::7"}
    assert {unknown.field for unknown in tables.unknown} == {"routes", "rules", "neighbours", "fdb"}
    resolved = build(seen)
    assert resolved.peers[LinkKey(seen.home, 9)].key == LinkKey(outside.id, 7)
    assert resolved.peers[LinkKey(outside.id, 7)].key == LinkKey(seen.home, 9)
    assert resolved.namespaces[outside.id].label == "unreachable"
    assert LinkKey(outside.id, 7) in seen.counters


def test_a_namespace_that_only_an_open_file_of_proc_net_holds_is_found_by_its_wires(lab: Lab, start: Start) -> None:
    path, inode = _prepared(lab)
    lab.ip("host", "link add w index 9 type veth peer name far index 7 netns @hid\n")
    start(*_python(_HELD.format(made="held = open('/proc/thread-self/net/dev')"), path))
    lab.delete("hid")
    seen = sample(lab)
    assert inode not in {known.inode for known in seen.found.values()}
    outside = _behind(seen, 9)
    assert outside.sources == {FoundBy.VETH}
    assert seen.tables[outside.id].links.keys() == {1, 7}


def test_wires_are_followed_from_one_unreachable_namespace_into_the_next(lab: Lab) -> None:
    lab.add("host", "first", "second")
    lab.ip("host", "link add w index 9 type veth peer name up index 7 netns @first\n")
    lab.ip("first", "link add down index 8 type veth peer name up index 5 netns @second\n")
    lab.hide("first")
    lab.hide("second")
    seen = build(sample(lab))
    first = seen.peers[LinkKey(seen.home, 9)]
    assert first.namespace is not None
    second = seen.peers[LinkKey(first.namespace, 8)]
    assert second.namespace is not None
    assert second.key == LinkKey(second.namespace, 5)
    assert seen.peers[second.key].key == LinkKey(first.namespace, 8)
    assert first.namespace != second.namespace
    assert {seen.namespaces[far].found.inode for far in (first.namespace, second.namespace)} == {None}


def _samples(lab: Lab, steps: list[Callable[[], object]], *, thorough: bool = True) -> list[Sample]:
    """A sample, then one after each step, of a source that goes on."""

    def work() -> list[Sample]:
        source = LiveSource(thorough=thorough)
        seen = [source.sample(Want())]
        try:
            for step in steps:
                step()
                assert source._inventory is not None
                # Another process of the machine may have wires to follow, too.
                source._inventory._closer_at = source._inventory._swept_at = float("-inf")
                seen.append(source.sample(Want()))
        finally:
            source.close()
        return seen

    return at_home_in(lab, "host", work)


def test_the_app_finds_what_is_held_with_its_second_sample_and_what_is_hidden_with_its_third(lab: Lab) -> None:
    lab.add("host", "held", "hid")
    lab.ip("host", "link add f index 8 type veth peer name far index 7 netns @held\n")
    lab.ip("host", "link add w index 9 type veth peer name far index 7 netns @hid\n")
    inode = lab.inode("held")
    lab.hold("held")
    lab.hide("hid")
    first, second, third = _samples(lab, [lambda: None, lambda: None], thorough=False)
    assert inode not in {known.inode for known in first.found.values()}
    assert _behind(second, 8).inode == inode
    assert build(second).peers[LinkKey(second.home, 9)].namespace is None
    assert _behind(third, 9).inode is None


def test_an_unreachable_namespace_keeps_its_identity_and_becomes_one_row_when_it_can_be_opened(lab: Lab, start: Start) -> None:
    lab.add("host", "hid")
    lab.ip("host", "link add w index 9 type veth peer name far index 7 netns @hid\n")
    inode = lab.inode("hid")
    hidden = lab.hide("hid")

    def open_again() -> None:
        received = hidden.take()
        start(*_python(_DESCRIPTOR, f"/proc/{os.getpid()}/fd/{received}"))
        os.close(received)

    first, second, opened = _samples(lab, [lambda: None, open_again])
    outside = _behind(first, 9).id
    assert outside in second.found
    assert second.tables[outside] is first.tables[outside]
    assert outside not in opened.found
    found = _found(opened, inode)
    assert build(opened).peers[LinkKey(opened.home, 9)].key == LinkKey(found.id, 7)
    assert build(opened).peers[LinkKey(found.id, 7)].key == LinkKey(opened.home, 9)


def test_an_unreachable_namespace_that_ends_is_gone_and_the_next_one_is_another(lab: Lab) -> None:
    def made(name: str) -> Hidden:
        lab.add(name)
        lab.ip("host", f"link add {name} index 9 type veth peer name far netns @{name}\n")
        return lab.hide(name)

    lab.add("host")
    one = made("one")

    def end() -> None:
        one.let_go()
        _rest(lab)

    before, without, _, after = _samples(lab, [end, lambda: made("two"), lambda: None])
    first, second = _behind(before, 9), _behind(after, 9)
    assert first.id not in without.found
    assert (first.inode, second.inode) == (None, None)
    assert first.id != second.id


def _behind(seen: Sample, ifindex: int) -> Found:
    """The namespace at the other end of a wire of the lab's host."""
    peer = build(seen).peers[LinkKey(seen.home, ifindex)]
    assert peer.namespace is not None
    return seen.found[peer.namespace]


def _rest(lab: Lab) -> None:
    assert wait(lambda: [row["ifname"] for row in lab.show("host", "link")] == ["lo"])


def test_who_made_the_user_namespace_and_what_is_around_it_is_known_of_nested_namespaces_alone(lab: Lab) -> None:
    lab.add("host", "plain")
    argv = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", _WITHIN]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=4711)
    try:
        assert process.stdout is not None
        deepest = int(process.stdout.readline())
        assert process.stdout.readline() == b"\n"
        seen = sample(lab)
        one, other = (_found(seen, Path(f"/proc/{pid}/ns/net").stat().st_ino) for pid in (process.pid, deepest))
        users = [Path(f"/proc/{pid}/ns/user").stat().st_ino for pid in (process.pid, deepest)]
        assert one.user_namespace == UserNamespace(users[0], 4711)
        assert other.user_namespace is not None
        assert (other.user_namespace.inode, other.user_namespace.owner_uid) == (users[1], 4711)
        assert other.user_namespace.outermost == one.user_namespace
        assert other.user_namespace.parent != one.user_namespace
        resolved = build(seen)
        assert [known.id for known in around(resolved, resolved.namespaces[other.id])] == [one.id]
        assert around(resolved, resolved.namespaces[one.id]) == ()
        assert seen.found[place(seen, lab, "plain")].user_namespace is None
        assert seen.found[seen.home].user_namespace is None
    finally:
        process.kill()
        process.communicate()


def test_every_namespace_of_lsns_is_found_and_what_it_does_not_list(lab: Lab, start: Start, tmp_path: Path) -> None:
    programs = {
        "thread": _python(_THREAD, ""),
        "zombie": _python(_ZOMBIE, ""),
        "held": _python(_DESCRIPTOR, ""),
        "made": _python(_HELD.format(made=_SOCKETS["a UDP socket"]), ""),
        "tun": _python(_TUN, ""),
        "mount": ("unshare", "--mount", "sh", "-c", _MOUNTED, "sh", ""),
    }
    (tmp_path / "inner").touch()
    lab.add("host", *programs)
    inodes = {name: lab.inode(name) for name in programs}
    for name, argv in programs.items():
        start(*argv[:-1], lab.path(name), str(tmp_path / "inner"))
        lab.delete(name)
    lab.start("host", ["sleep", "600"])
    before, seen, after = _lsns(), sample(lab), _lsns()
    found = {known.inode for known in seen.found.values()}
    # An inode is given anew at once, but not together with the pid.
    listed = {inode for inode, _ in before & after}
    assert listed <= found
    assert inodes["made"] not in listed
    assert set(inodes.values()) <= found


def _lsns() -> set[tuple[int, int]]:
    printed = json.loads(run(["lsns", "--type", "net", "--json", "--output", "NS,PID"]))
    return {(int(row["ns"]), int(row["pid"])) for row in printed["namespaces"]}


def test_what_netview_itself_holds_open_finds_nothing(lab: Lab) -> None:
    path, inode = _prepared(lab)
    with Path(path).open():
        lab.delete("hid")
        seen = sample(lab)
    assert inode not in {known.inode for known in seen.found.values()}
    # Its own private namespace is held by its sockets alone.
    assert all(FoundBy.SOCKET not in known.sources or known.inode for known in seen.found.values())


def test_a_namespace_held_by_a_descriptor_ends_when_that_is_closed_while_it_is_looked_at(lab: Lab) -> None:
    lab.add("host", "hid")
    lab.ip("host", "link add w type veth peer name far netns @hid\n")
    inode = lab.inode("hid")
    holder = lab.hold("hid")

    def end() -> None:
        holder.kill()
        holder.wait()
        _rest(lab)

    before, after = _samples(lab, [end])
    assert link(build(before), lab, "host", "w")
    assert inode in {known.inode for known in before.found.values()}
    assert inode not in {known.inode for known in after.found.values()}
