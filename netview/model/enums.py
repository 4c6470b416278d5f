"""The kernel's enumerations, with its numbers; `word` is what iproute2 prints."""

from enum import Enum, IntEnum, IntFlag
from functools import lru_cache


class Family(IntEnum):
    """Address families of addresses, routes, rules and neighbours (AF_*)."""

    INET = 2
    INET6 = 10

    @property
    def word(self) -> str:
        """iproute2's word: "inet" or "inet6"."""
        return self.name.lower()


class OperState(IntEnum):
    """RFC 2863 state (IFLA_OPERSTATE)."""

    UNKNOWN = 0
    NOTPRESENT = 1
    DOWN = 2
    LOWERLAYERDOWN = 3
    TESTING = 4
    DORMANT = 5
    UP = 6

    @property
    def word(self) -> str:
        """iproute2's word, in capitals: "UP"."""
        return self.name


class PortState(IntEnum):
    """STP state of a bridge port (IFLA_BRPORT_STATE)."""

    DISABLED = 0
    LISTENING = 1
    LEARNING = 2
    FORWARDING = 3
    BLOCKING = 4

    @property
    def word(self) -> str:
        """iproute2's word: "forwarding"."""
        return self.name.lower()


class LinkFlag(IntFlag):
    """Interface flags (IFF_*)."""

    UP = 0x1
    BROADCAST = 0x2
    DEBUG = 0x4
    LOOPBACK = 0x8
    POINTOPOINT = 0x10
    NOTRAILERS = 0x20
    RUNNING = 0x40
    NOARP = 0x80
    PROMISC = 0x100
    ALLMULTI = 0x200
    MASTER = 0x400
    SLAVE = 0x800
    MULTICAST = 0x1000
    PORTSEL = 0x2000
    AUTOMEDIA = 0x4000
    DYNAMIC = 0x8000
    LOWER_UP = 0x10000
    DORMANT = 0x20000
    ECHO = 0x40000

    @property
    def words(self) -> tuple[str, ...]:
        """iproute2's words in its order: RUNNING is unsaid, and "NO-CARRIER" stands for up without it."""
        return _flag_words(self)


@lru_cache(256)
def _flag_words(flags: LinkFlag) -> tuple[str, ...]:
    """Every link has one of a few combinations."""
    carrier = ("NO-CARRIER",) if LinkFlag.UP in flags and LinkFlag.RUNNING not in flags else ()
    return carrier + tuple(name for name in _FLAG_ORDER if LinkFlag[name] in flags)


_FLAG_ORDER = (
    "LOOPBACK",
    "BROADCAST",
    "POINTOPOINT",
    "MULTICAST",
    "NOARP",
    "ALLMULTI",
    "PROMISC",
    "MASTER",
    "SLAVE",
    "DEBUG",
    "DYNAMIC",
    "AUTOMEDIA",
    "PORTSEL",
    "NOTRAILERS",
    "UP",
    "LOWER_UP",
    "DORMANT",
    "ECHO",
)


class NeighbourState(IntFlag):
    """Reachability of a neighbour (NUD_*)."""

    NONE = 0x00
    INCOMPLETE = 0x01
    REACHABLE = 0x02
    STALE = 0x04
    DELAY = 0x08
    PROBE = 0x10
    FAILED = 0x20
    NOARP = 0x40
    PERMANENT = 0x80

    @property
    def word(self) -> str:
        """iproute2's word: "REACHABLE"; "NONE" where nothing is set."""
        return " ".join(flag.name for flag in NeighbourState if flag & self and flag.name) or "NONE"


class FoundBy(Enum):
    """How a namespace was found."""

    PROCESS = "process"
    THREAD = "thread"
    MOUNT = "mount"
    FD = "fd"
    SOCKET = "socket"
    VETH = "veth"


class Runtime(Enum):
    """Who made a namespace."""

    DOCKER = "docker"
    PODMAN = "podman"
    CONTAINERD = "containerd"
    CRIO = "cri-o"
    KUBERNETES = "kubernetes"
    LXC = "lxc"
    NSPAWN = "nspawn"
    SYSTEMD = "systemd"
    NETNS = "netns"
    PROCESS = "process"
