"""What nerdctl writes of a container's network into its bundle: JSON, in the texts of annotations."""

from typing import Annotated

import msgspec

from netview.decode.written import is_address
from netview.model import PublishedPort

_Port = Annotated[int, msgspec.Meta(ge=1, le=2**16 - 1)]
_Text = Annotated[str, msgspec.Meta(max_length=4096)]


class _Mapping(msgspec.Struct):
    host_port: _Port = msgspec.field(name="HostPort")
    port: _Port = msgspec.field(name="ContainerPort")
    protocol: _Text = msgspec.field(name="Protocol")
    host_address: _Text = msgspec.field(default="", name="HostIP")


_NETWORKS = msgspec.json.Decoder(list[_Text])
_PORTS = msgspec.json.Decoder(list[_Mapping])


def networks(text: str) -> tuple[str, ...]:
    """The annotation "nerdctl/networks"; none where it is of another form."""
    # msgspec reads no deeper than the interpreter's recursion limit.
    try:
        return tuple(sorted(_NETWORKS.decode(text)))
    except (ValueError, RecursionError):
        return ()


def ports(text: str) -> tuple[PublishedPort, ...]:
    """The annotation "nerdctl/ports"; none where it is of another form."""
    try:
        told = _PORTS.decode(text)
    except (ValueError, RecursionError):
        return ()
    if not all(one.host_address == "" or is_address(one.host_address) for one in told):
        return ()
    told.sort(key=lambda one: (one.port, one.protocol, one.host_address, one.host_port))
    return tuple(PublishedPort(one.host_address or None, one.host_port, one.port, one.protocol) for one in told)
