"""Docker's JSON to facts; what does not fit its types is refused."""

from collections.abc import Iterator
from typing import Annotated, TypeVar

import msgspec

from netview.decode.labels import labels, readable
from netview.decode.written import is_address
from netview.model import Container, Owner, PublishedPort, Runtime
from netview.runtimes.unix_http import BadAnswer

_T = TypeVar("_T")
_Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Text = Annotated[str, msgspec.Meta(max_length=4096)]
# The kernel's PID_MAX_LIMIT; 0 while the container does not run.
_Pid = Annotated[int, msgspec.Meta(ge=0, le=2**22)]


class _Entry(msgspec.Struct):
    Id: _Id


class _Network(msgspec.Struct):
    Id: _Text
    Name: _Text


class _State(msgspec.Struct):
    Pid: _Pid
    Status: str = ""


class _Config(msgspec.Struct):
    Image: str = ""
    Labels: dict[str, str] | None = None


class _HostConfig(msgspec.Struct):
    NetworkMode: _Text = ""


class _Binding(msgspec.Struct):
    HostIp: _Text = ""
    HostPort: _Text = ""


class _NetworkSettings(msgspec.Struct):
    SandboxKey: _Text = ""
    Networks: dict[_Text, msgspec.Raw] | None = None
    Ports: dict[_Text, list[_Binding] | None] | None = None


class _Inspected(msgspec.Struct):
    Id: _Id
    Name: _Text
    State: _State
    HostConfig: _HostConfig
    NetworkSettings: _NetworkSettings
    Config: _Config = msgspec.field(default_factory=_Config)


def listed(body: bytes) -> tuple[dict[str, int], int]:
    """Running containers by id, each with a number that changes when its entry does, and how many entries made no sense.

    Raises BadAnswer where the whole is no list.
    """
    entries: dict[str, int] = {}
    refused = 0
    for raw in _decode(body, list[msgspec.Raw]):
        entry = bytes(raw)
        try:
            entries[_decode(entry, _Entry).Id] = hash(entry)
        except BadAnswer:
            refused += 1
    return entries, refused


def networks(body: bytes) -> dict[str, str]:
    """Names of networks by id; raises BadAnswer where it is no list of them."""
    return {network.Id: network.Name for network in _decode(body, list[_Network])}


def inspected(body: bytes) -> Container | None:
    """The container, or None while no process of it runs; raises BadAnswer where something is not as Docker says it."""
    told = _decode(body, _Inspected)
    if not told.State.Pid:
        return None
    settings = told.NetworkSettings
    owner = Owner(
        Runtime.DOCKER,
        told.Id,
        told.Name.removeprefix("/"),
        networks=tuple(sorted(settings.Networks or ())),
        ports=tuple(sorted(_ports(settings.Ports or {}), key=_port_order)),
        image=readable(told.Config.Image) or None,
        state=readable(told.State.Status) or None,
        labels=labels(told.Config.Labels or {}),
    )
    return Container(owner, told.State.Pid, settings.SandboxKey or None, host_network=told.HostConfig.NetworkMode == "host")


def _ports(told: dict[str, list[_Binding] | None]) -> Iterator[PublishedPort]:
    for key, bindings in told.items():
        number, _, protocol = key.partition("/")
        port = _port_number(number)
        if not bindings:
            yield PublishedPort(None, None, port, protocol)
        for binding in bindings or ():
            host_port = _port_number(binding.HostPort) if binding.HostPort else None
            if binding.HostIp and not is_address(binding.HostIp):
                raise BadAnswer("publishes at what is no address")
            yield PublishedPort(binding.HostIp or None, host_port, port, protocol)


def _port_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        raise BadAnswer("names a port that is none")
    return int(text)


def _port_order(port: PublishedPort) -> tuple[int, str, str, int]:
    return (port.port, port.protocol, port.host_address or "", port.host_port or 0)


def _decode(body: bytes, kind: type[_T]) -> _T:
    # msgspec reads no deeper than the interpreter's recursion limit.
    try:
        return msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError):
        raise BadAnswer("does not answer as Docker does") from None
