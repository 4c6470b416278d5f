"""Messages made by pyroute2's encoder: bytes that netview's decoder did not write."""

from typing import Any

from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

HEADER = 16


def encoded(message: Any) -> bytes:
    """A message as it would come from the kernel, netlink header and all."""
    message.encode()
    return bytes(message.data)


def decoded(kind: type[Any], data: bytes) -> Any:
    """What pyroute2 itself makes of the bytes."""
    message = kind(data)
    message.decode()
    return message


def link_message(kind: str | None, own: list[tuple[str, Any]], *others: tuple[str, Any]) -> bytes:
    """An RTM_NEWLINK of link 7, "x0", with zero counters."""
    message = ifinfmsg()
    message["header"]["type"] = 16
    message["index"], message["ifi_type"], message["flags"] = 7, 1, 0x1043
    info = [] if kind is None else [("IFLA_LINKINFO", {"attrs": [("IFLA_INFO_KIND", kind), *_data(own)]})]
    counters = dict.fromkeys((name for name, _ in ifinfmsg.ifstats64.fields), 0)
    message["attrs"] = [("IFLA_IFNAME", "x0"), ("IFLA_MTU", 1500), *others, ("IFLA_STATS64", counters), *info]
    return encoded(message)


def _data(own: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [("IFLA_INFO_DATA", {"attrs": own})] if own else []
