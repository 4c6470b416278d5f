"""A network that is changed at random, and the same way again for the same seed."""

import random
import subprocess

from tests.kernel.lab import Lab

PLACES = ("host", "a", "b", "c", "d")
_TRANSIENT = tuple(f"t{number}" for number in range(3))
_LINKS = tuple(f"v{number}" for number in range(8))
_BRIDGES = ("br0", "br1")


class Churn:
    """Makes, changes, moves and removes what a container host is made of."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self._lab = lab
        self._dice = random.Random(seed)  # noqa: S311  # it is to be played again
        self._there: set[str] = set()
        self.done = 0

    def begin(self) -> None:
        """Places to play in."""
        self._lab.add(*PLACES)
        for place in PLACES:
            self._run(place, "link set lo up\n")
            for bridge in _BRIDGES:
                stp = "stp_state 1 forward_delay 200" if bridge == "br1" else ""
                self._run(place, f"link add {bridge} type bridge {stp}\nlink set {bridge} up\n")

    def change(self) -> None:
        """Some changes in some place; what is impossible at the moment is left out."""
        place = self._dice.choice(PLACES)
        if self._dice.random() < 0.05:
            self._come_or_go()
        moves = [self._dice.choice(_MOVES)(self, place) for _ in range(self._dice.randrange(1, 5))]
        self._run(place, "".join(moves))
        if self._dice.random() < 0.3:
            self._ports(place)
        self.done += 1

    def _come_or_go(self) -> None:
        name = self._dice.choice(_TRANSIENT)
        if name in self._there:
            self._there.remove(name)
            self._lab.delete(name)
        else:
            self._there.add(name)
            self._lab.add(name)
            self._run(
                name, f"link set lo up\nlink add {self._link()} type veth peer name up netns @{self._dice.choice(PLACES)}\n"
            )

    def _run(self, place: str, commands: str) -> None:
        argv = ["ip", "-force", "-n", self._lab.full(place), "-batch", "-"]
        subprocess.run(argv, input=self._lab._placed(commands), text=True, capture_output=True, check=False, timeout=20)

    def _ports(self, place: str) -> None:
        link, mac = self._link(), self._mac()
        commands = self._dice.choice(
            [
                f"link set dev {link} cost {self._dice.randrange(1, 200)}\n",
                f"link set dev {link} state {self._dice.randrange(5)}\n",
                f"link set dev {link} hairpin {self._dice.choice(['on', 'off'])}\n",
                f"link set dev {link} learning {self._dice.choice(['on', 'off'])}\n",
                f"fdb {self._dice.choice(['add', 'del'])} {mac} dev {link} master static\n",
                f"fdb replace {mac} dev {link} master\n",
                f"fdb {self._dice.choice(['add', 'del'])} {mac} dev {link} self\n",
                f"fdb {self._dice.choice(['append', 'del'])} {mac} dev vx0 dst 192.0.2.{self._dice.randrange(4)} self\n",
            ]
        )
        argv = ["bridge", "-force", "-n", self._lab.full(place), "-batch", "-"]
        subprocess.run(argv, input=commands, text=True, capture_output=True, check=False, timeout=20)

    def _link(self) -> str:
        return self._dice.choice(_LINKS)

    def _device(self) -> str:
        return self._dice.choice((*_LINKS, *_BRIDGES, "lo", "up"))

    def _mac(self) -> str:
        return f"02:00:00:00:00:0{self._dice.randrange(4)}"

    def _net(self) -> int:
        return self._dice.randrange(4)

    def _pair(self, _: str) -> str:
        mode = self._dice.choice(["", "addrgenmode none "])
        name, there = self._link(), self._dice.choice(PLACES)
        return f"link add {name} {mode}type veth peer name {self._link()} netns @{there}\nlink set {name} up\n"

    def _remove(self, _: str) -> str:
        return f"link del {self._link()}\n"

    def _switch(self, _: str) -> str:
        return f"link set {self._device()} {self._dice.choice(['up', 'up', 'up', 'down'])}\n"

    def _set(self, _: str) -> str:
        what = self._dice.choice(
            [
                f"mtu {self._dice.randrange(1280, 1500)}",
                f"alias told{self._dice.randrange(9)}",
                f"txqueuelen {self._dice.randrange(1, 1000)}",
                f"address {self._mac()}",
                f"master {self._dice.choice(_BRIDGES)}",
                f"master {self._dice.choice(_BRIDGES)}",
                "nomaster",
                f"name {self._link()}",
                f"netns @{self._dice.choice(PLACES)}",
            ]
        )
        return f"link set {self._link()} {what}\n"

    def _altname(self, _: str) -> str:
        return f"link property {self._dice.choice(['add', 'del'])} dev {self._link()} altname also{self._dice.randrange(3)}\n"

    def _bridge(self, _: str) -> str:
        what = self._dice.choice(["ageing_time 2000", "ageing_time 30000", "stp_state 0", "stp_state 1", "priority 4096"])
        return f"link set {self._dice.choice(_BRIDGES)} type bridge {what}\n"

    def _other(self, _: str) -> str:
        return self._dice.choice(
            [
                f"link add vx0 type vxlan id 7 dstport 4789 dev {self._device()}\n",
                "link del vx0\n",
                f"link add mv0 link {self._link()} type macvlan mode bridge\n",
                f"link set mv0 netns @{self._dice.choice(PLACES)}\n",
                "link del mv0\n",
                "link set vx0 up\n",
            ]
        )

    def _address(self, _: str) -> str:
        verb = self._dice.choice(["add", "add", "del", "replace"])
        address = self._dice.choice(
            [
                f"10.7.{self._net()}.{self._dice.randrange(1, 5)}/24",
                f"2001:db8:{self._net()}::{self._dice.randrange(1, 5)}/64 nodad",
            ]
        )
        return f"addr {verb} {address} dev {self._device()}\n"

    def _route(self, _: str) -> str:
        verb = self._dice.choice(["add", "append", "replace", "del"])
        device, net = self._device(), self._net()
        return self._dice.choice(
            [
                f"route {verb} 10.9.{net}.0/24 via 10.7.{self._net()}.9\n",
                f"route {verb} 10.10.{net}.0/24 dev {device} table {self._dice.choice([77, 300])} metric {self._net()}\n",
                f"route {verb} blackhole 10.11.{net}.0/24\n",
                f"-6 route {verb} 2001:db8:f{net}::/64 dev {device}\n",
                f"-6 route {verb} 2001:db8:e{net}::/64 via 2001:db8:{self._net()}::9\n",
                f"route {verb} 10.12.{net}.0/24 nexthop via 10.7.0.9 nexthop via 10.7.1.9\n",
            ]
        )

    def _rule(self, _: str) -> str:
        family = self._dice.choice(["", "-6 "])
        priority = self._dice.randrange(10, 14)
        return f"{family}rule {self._dice.choice(['add', 'del'])} priority {priority} iif {self._device()} lookup 77\n"

    def _neighbour(self, _: str) -> str:
        verb = self._dice.choice(["add", "replace", "del"])
        far = self._dice.choice([f"10.7.{self._net()}.9", f"2001:db8:{self._net()}::9"])
        return f"neigh {verb} {far} lladdr {self._mac()} dev {self._device()} nud permanent\n"

    def _flush(self, _: str) -> str:
        return f"addr flush dev {self._link()}\n"


_MOVES = (
    *[Churn._pair] * 4,
    Churn._remove,
    *[Churn._switch] * 4,
    *[Churn._set] * 8,
    Churn._altname,
    Churn._bridge,
    *[Churn._other] * 2,
    *[Churn._address] * 5,
    *[Churn._route] * 6,
    *[Churn._rule] * 2,
    *[Churn._neighbour] * 3,
    Churn._flush,
)
