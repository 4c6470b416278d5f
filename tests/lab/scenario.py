"""What runs inside a lab in the tests: `python scenario.py NAME` prints one line of JSON and exits with the app's status."""

import json
import os
import signal
import socket
import sys
import termios
import time
import tty
from pathlib import Path

from netview import cli
from netview.decode.procfs import nsfs_mounts
from netview.kernel.costly import Costly
from netview.lab.build import bridge, index, netlink
from netview.lab.demo import DemoUnavailable, run_demo
from netview.lab.isolate import run_isolated
from netview.lab.netns import RUN_NETNS, create, delete, inside
from netview.lab.network import API, HOST, NGINX_1, NGINX_2, POSTGRES, PUBLISHED, REDIS, SANDBOXES, SERVER, WEB_1, WEB_2
from netview.lab.reaper import Lab
from netview.lab.syscalls import Clone, unshare
from netview.lab.tenants import tenants
from netview.lab.traffic import connected, echo, transfer

NOTHING = Lab(RUN_NETNS.mkdir)


def say(**facts: object) -> None:
    """Print facts as one line of JSON."""
    print(json.dumps(facts), flush=True)  # noqa: T201 - read by the test


def seven() -> int:
    """An app that ends by itself."""
    return 7


def broken() -> int:
    """An app with a mistake."""
    raise ValueError("a mistake of the app")


def wait() -> int:
    """An app that runs until it is ended."""
    try:
        say(inside=True)
        time.sleep(60)
    except KeyboardInterrupt:
        return 130
    return 1


def linger() -> int:
    """The same over the demo's network."""
    return wait()


def overlay() -> int:
    """The static entries of the overlay's VXLAN device, and how many processes live beside it."""
    sandbox = SANDBOXES / "1-qij8tlp3w5"
    with netlink(sandbox) as near:
        number = index(near, "vxlan0")
        (link,) = near.get_links(number)
        entries = near.fdb("dump", ifindex=number)
    with inside(sandbox):
        own = _namespace()
    say(
        remotes=[entry.get_attr("NDA_DST") for entry in entries if entry.get_attr("NDA_DST")],
        vni=link.get_nested("IFLA_LINKINFO", "IFLA_INFO_DATA").get_attr("IFLA_VXLAN_ID"),
        processes=sum(_namespace(process.name) == own for process in _processes()),
    )
    return 0


def stop() -> int:
    """An app that stops once, as after ^Z, and ends when it goes on."""
    say(inside=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    say(resumed=True)
    return 5


def count_continues() -> int:
    """An app that counts how often it is told to go on."""
    count = 0

    def resumed(*_: object) -> None:
        nonlocal count
        count += 1

    signal.signal(signal.SIGCONT, resumed)
    say(inside=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(0.5)
    say(continues=count)
    return 0


def raw() -> int:
    """An app that takes the terminal over and is killed."""
    tty.setraw(0)
    os.write(0, b"\x1b[?1049h\x1b[?25l\x1b[?1003h")
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


def look() -> int:
    """What an app sees of the machine."""
    reaper_and_app = 2
    while len(processes := _processes()) < len(tenants()) + reaper_and_app or _comms(processes).count("netview-reaper") > 1:
        time.sleep(0.01)
    say(
        uid=os.getuid(),
        hostname=socket.gethostname(),
        comms=_comms(processes),
        commands=sorted((process / "cmdline").read_text().replace("\0", " ").strip() for process in processes),
        namespaces=_names(RUN_NETNS),
        run=_names("/run"),
        links=_names("/sys/class/net"),
        readable=all(_namespace(process.name) for process in processes),
        unasked=_unasked(processes),
        terminal=os.tcgetpgrp(0) == os.getpgrp() if os.isatty(0) else None,
    )
    return 0


def _unasked(processes: list[Path]) -> list[str]:
    """Those of whom nobody in here may know what they hold open."""
    costly = Costly()
    costly.look([int(process.name) for process in processes], everything=True)
    return _comms([Path("/proc", str(pid)) for pid in costly.denied])


def reach() -> int:
    """Who answers whom."""
    pairs = (
        (None, NGINX_1.ip),
        (NGINX_1, NGINX_2.ip),
        (NGINX_1, SERVER),
        (API, REDIS.ip),
        (POSTGRES, SERVER),
        (API, NGINX_1.ip),
        (WEB_1, WEB_2.ip),
        (WEB_2, WEB_1.ip),
    )
    unanswered = []
    for container, address in pairs:
        with inside(None if container is None else container.namespace):
            if echo(address) is None:
                unanswered.append((container and container.name, address))
    say(unanswered=unanswered)
    return 0


def exchanges() -> int:
    """Bytes received over TCP inside a bridge, across the overlay, to the outside and through a published port."""
    time.sleep(0.5)
    got = {}
    routes = {
        "bridge": (NGINX_2, NGINX_1.ip, 80),
        "overlay": (WEB_1, WEB_2.ip, 80),
        "outside": (API, SERVER, 80),
    }
    for name, (container, address, port) in routes.items():
        with inside(container.namespace):
            got[name] = transfer(address, port, send=10_000, receive=300_000)
    with inside(RUN_NETNS / "outside"):
        got["published"] = transfer(HOST, PUBLISHED, receive=100_000)
    say(**got)
    return 0


def masqueraded() -> int:
    """The address that a server outside sees."""
    with inside(RUN_NETNS / "outside"):
        server = socket.create_server((SERVER, 8081))
    with server, inside(NGINX_1.namespace), connected(SERVER, 8081) as client:
        connection, peer = server.accept()
        with connection:
            say(peer=peer[0], own=client.getsockname()[0])
    return 0


def traffic() -> int:
    """Bytes that each of the host's links sent in two seconds, once the tenants have begun."""
    time.sleep(1.5)
    before = _sent()
    time.sleep(2.0)
    say(**{name: sent - before[name] for name, sent in _sent().items()})
    return 0


def mounted() -> int:
    """The inherited namespaces that can still be opened by the path of their mount."""
    mounts = nsfs_mounts(Path("/proc/self/mountinfo").read_bytes())
    say(
        inherited=[
            mount.path for mount in mounts if _inode(mount.path) in (mount.inode, "denied") and not mount.path.startswith("/run/")
        ]
    )
    return 0


def named() -> int:
    """A namespace with a name comes and goes, and the thread stays where it was."""
    home = _namespace()
    path = create("blue")
    with inside(path):
        entered = _namespace()
        links = socket.if_nameindex()
    delete(path)
    say(home=home == _namespace(), entered=entered != home, links=links, left=_names(RUN_NETNS))
    return 0


def refused_link() -> int:
    """A request that the kernel refuses names itself."""
    with netlink() as host:
        bridge(host, "red")
        try:
            bridge(host, "red")
        except OSError as error:
            say(what=error.filename, why=error.strerror)
    return 0


def _processes() -> list[Path]:
    return [Path("/proc", pid) for pid in _names("/proc") if pid.isdigit()]


def _comms(processes: list[Path]) -> list[str]:
    return sorted((process / "comm").read_text().strip() for process in processes)


def _inode(path: str) -> int | str:
    try:
        return Path(path).stat().st_ino
    except FileNotFoundError:
        return "covered"
    except PermissionError:
        return "denied"


def _names(folder: str | Path) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def _namespace(pid: str = "thread-self") -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def _sent() -> dict[str, int]:
    return {link: int(Path("/sys/class/net", link, "statistics/tx_bytes").read_text()) for link in _names("/sys/class/net")}


def _forbid() -> None:
    """Allow no user namespace below this one."""
    uid = os.geteuid()
    unshare(Clone.NEWUSER)
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


DEMO = {linger, mounted, overlay, look, reach, exchanges, masqueraded, traffic}
SCENARIOS = {app.__name__: app for app in (*DEMO, seven, broken, wait, stop, count_continues, raw, named, refused_link)}


def main(name: str) -> int:
    """Run one scenario; `refused` and `recorded` are without user namespaces, the latter from the command line on."""
    if name in ("refused", "recorded"):
        _forbid()
    if name == "recorded":
        return cli.main(["--demo", "snapshot"])
    if name == "refused":
        name = "look"
    app = SCENARIOS[name]
    signal.alarm(40)
    settings = termios.tcgetattr(0) if os.isatty(0) else None
    try:
        status = run_demo(app) if app in DEMO else run_isolated(NOTHING, app)
    except DemoUnavailable as refusal:
        say(refused=str(refusal))
        return 3
    if settings is not None:
        say(restored=termios.tcgetattr(0) == settings)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
