"""Facts and their meaning as frozen values, in the kernel's words; no I/O, no clock."""

from netview.model.address import Address
from netview.model.enums import Family, FoundBy, LinkFlag, NeighbourState, OperState, PortState, Runtime
from netview.model.flow import Flow, Packet
from netview.model.ids import LinkKey, LinkRef, NamespaceId
from netview.model.link import Bridge, BridgePort, Detail, Hardware, Link, Macvlan, Tun, Vxlan
from netview.model.namespace import NOT_READ, Found, Namespace, Tables, Unknown
from netview.model.neighbour import FdbEntry, Neighbour
from netview.model.owner import Claim, Claimant, Container, EngineAnswer, Owner, Pod, PublishedPort
from netview.model.process import Process
from netview.model.route import NextHop, Route, Rule
from netview.model.sample import Notice, Sample
from netview.model.snapshot import Snapshot
from netview.model.socket import Socket, Sockets, SocketState
from netview.model.stats import LinkRates, LinkStats, StatsRow, StatsTable
from netview.model.user_namespace import UserNamespace

__all__ = [
    "NOT_READ",
    "Address",
    "Bridge",
    "BridgePort",
    "Claim",
    "Claimant",
    "Container",
    "Detail",
    "EngineAnswer",
    "Family",
    "FdbEntry",
    "Flow",
    "Found",
    "FoundBy",
    "Hardware",
    "Link",
    "LinkFlag",
    "LinkKey",
    "LinkRates",
    "LinkRef",
    "LinkStats",
    "Macvlan",
    "Namespace",
    "NamespaceId",
    "Neighbour",
    "NeighbourState",
    "NextHop",
    "Notice",
    "OperState",
    "Owner",
    "Packet",
    "Pod",
    "PortState",
    "Process",
    "PublishedPort",
    "Route",
    "Rule",
    "Runtime",
    "Sample",
    "Snapshot",
    "Socket",
    "SocketState",
    "Sockets",
    "StatsRow",
    "StatsTable",
    "Tables",
    "Tun",
    "Unknown",
    "UserNamespace",
    "Vxlan",
]
