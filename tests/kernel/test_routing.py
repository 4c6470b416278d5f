"""netview's walk of rules and tables against the kernel's own lookups, in random tables."""

import errno
import random
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

import pytest

from netview.derive.path.agreement import disagreement
from netview.derive.path.questions import RouteAnswer
from netview.derive.path.routing import Lookup, decide
from netview.kernel.lookup import look_up
from netview.kernel.scan import NativeReader
from netview.model import Flow, Tables
from tests.kernel.lab import Lab, run
from tests.kernel.looking import at_home_in

_LINKS = ("in0", "in1", "in2")
_ROUTES, _LOOKUPS, _WORLDS = 60, 400, 10
_TABLES = ("main", "100", "200")
_ACTIONS = ("lookup 100", "lookup 200", "lookup main suppress_prefixlength 0", "goto", "nop", "prohibit", "blackhole")
_WEIGHTS = (6, 6, 4, 4, 2, 1, 1)
_PORTS = (22, 80, 443, 5000)


class World:
    """Random tables, rules and packets of one family over a few prefixes, so that most of them meet."""

    def __init__(self, seed: int, *, six: bool) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it has to be repeatable
        self.six = six
        self._base = IPv6Network("2001:db8::/32") if six else IPv4Network("10.0.0.0/8")

    def address(self) -> str:
        pick = self._random
        return self._address(*(pick.choice((0, 1, 2)) for _ in range(3)))

    def own(self) -> str:
        """One of the namespace's own: nothing else may be the source of what is sent."""
        return self._random.choice(self.owned())

    def owned(self) -> list[str]:
        return [self._address(first, second, 9) for first in range(3) for second in range(3)]

    def _address(self, first: int, second: int, last: int) -> str:
        return f"2001:db8:{first}:{second}::{last}" if self.six else f"10.{first}.{second}.{last}"

    def prefix(self) -> str:
        length = self._random.choice((32, 48, 64, 128) if self.six else (8, 16, 24, 31, 32))
        kind: type[IPv4Network | IPv6Network] = IPv6Network if self.six else IPv4Network
        network = kind((self.address(), length), strict=False)
        return self._random.choice((str(network), str(network), str(network), "default"))

    def route(self, number: int) -> str:
        pick = self._random
        kind = pick.choices(("", "blackhole", "unreachable", "prohibit", "throw"), (12, 1, 1, 1, 1))[0]
        # A metric of its own for each: equal ones are replaced.
        words = [kind, self.prefix(), "table", pick.choice(_TABLES), "metric", str(1 + (number * 37) % _ROUTES)]
        if not kind:
            link = pick.randrange(len(_LINKS))
            words += ["via", self.gateway(link)] if pick.random() < 0.5 else []
            words += ["dev", _LINKS[link]]
        if not self.six and pick.random() < 0.2:
            words += ["tos", pick.choice(("0x10", "0x08"))]
        return " ".join(filter(None, words))

    def gateway(self, link: int) -> str:
        return f"2001:db9:{link}::9" if self.six else f"192.168.{link}.9"

    def rule(self, priority: int) -> str:
        pick = self._random
        words = [f"priority {priority}"]
        words += ["not"] if pick.random() < 0.15 else []
        words += [f"from {self.prefix().replace('default', 'all')}"] if pick.random() < 0.4 else []
        words += [f"to {self.prefix().replace('default', 'all')}"] if pick.random() < 0.3 else []
        words += [f"iif {pick.choice((*_LINKS, 'lo', 'gone'))}"] if pick.random() < 0.2 else []
        words += [f"fwmark {pick.choice(('1', '2', '0x10/0xf0'))}"] if pick.random() < 0.2 else []
        words += ["tos 0x10"] if pick.random() < 0.15 else []
        words += [f"ipproto {pick.choice(('tcp', 'udp'))}"] if pick.random() < 0.2 else []
        words += [f"dport {pick.choice(('80', '20-100'))}"] if pick.random() < 0.2 else []
        words += ["sport 4000-6000"] if pick.random() < 0.1 else []
        words += [f"uidrange {pick.choice(('0-0', '1000-2000'))}"] if pick.random() < 0.1 else []
        action = pick.choices(_ACTIONS, _WEIGHTS)[0]
        return " ".join((*words, f"goto {priority + pick.choice((10, 25))}" if action == "goto" else action))

    def lookup(self, tables: Tables) -> Lookup:
        pick = self._random
        links = {link.name: link for link in tables.links.values()}
        protocol = pick.choice(("tcp", "udp", "icmpv6" if self.six else "icmp"))
        ports = protocol in {"tcp", "udp"}
        iif = links[pick.choice(_LINKS)] if pick.random() < 0.5 else None
        flow = Flow(
            protocol,
            self.own() if iif is None else self.address(),
            self.own() if pick.random() < 0.1 else self.address(),
            source_port=pick.choice(_PORTS) if ports else None,
            port=pick.choice(_PORTS) if ports else None,
            tos=pick.choice((0, 0, 0x10, 0x08)),
            mark=pick.choice((0, 0, 1, 2, 0x11)),
        )
        return Lookup(flow, iif, uid=None if iif else pick.choice((0, 1500)))


def _build(lab: Lab, world: World) -> None:
    lab.add("r")
    option = "-6" if world.six else "-4"
    lines = ["link set lo up"]
    for number, name in enumerate(_LINKS):
        address = f"2001:db9:{number}::1/64 nodad" if world.six else f"192.168.{number}.1/24"
        lines += [f"link add {name} type veth peer name {name}x", f"link set {name} up", f"link set {name}x up"]
        lines += [f"addr add {address} dev {name}"]
    lines += [f"addr add {address} dev lo {'nodad' if world.six else ''}" for address in world.owned()]
    lab.ip("r", "\n".join(lines))
    run(lab.inside("r", ["sysctl", "-qw", *(f"net.ipv4.conf.{name}.rp_filter=0" for name in ("all", *_LINKS))]))
    lab.ip("r", "\n".join(f"route append {world.route(number)}" for number in range(_ROUTES)), option)
    lab.ip("r", "\n".join(f"rule add {world.rule(100 + 5 * number)}" for number in range(14)), option)


def _looked_up(lab: Lab, world: World) -> Iterator[tuple[Tables, Lookup, RouteAnswer]]:
    def work() -> list[tuple[Tables, Lookup, RouteAnswer]]:
        with NativeReader() as reader:
            tables = reader.tables().tables
        lookups = [world.lookup(tables) for _ in range(_LOOKUPS)]
        return [(tables, lookup, look_up(lookup)) for lookup in lookups]

    yield from at_home_in(lab, "r", work)


@pytest.mark.parametrize("six", [False, True], ids=["inet", "inet6"])
@pytest.mark.parametrize("seed", range(_WORLDS))
def test_rules_and_tables_lead_where_the_kernel_says(lab: Lab, seed: int, six: bool) -> None:
    _build(lab, world := World(seed, six=six))
    found: set[str | None] = set()
    for tables, lookup, answer in _looked_up(lab, world):
        decision = decide(tables, lookup)
        found.add(decision.type)
        assert decision.unsure is None
        if lookup.iif is None or answer.matched not in {errno.EHOSTUNREACH, errno.EINVAL}:
            assert disagreement(decision, answer.matched) is None, (lookup, answer.matched, decision)
    assert len(found) > 1
