"""What `ip -j` and `bridge -j` print, turned into the words of netview's JSON contract."""

from collections.abc import Mapping
from typing import Any

from tests.kernel.lab import Lab

Row = dict[str, Any]
Names = Mapping[str, int]
_COUNTERS = {
    "rx_bytes": ("rx", "bytes"),
    "rx_packets": ("rx", "packets"),
    "rx_errors": ("rx", "errors"),
    "rx_dropped": ("rx", "dropped"),
    "rx_over_errors": ("rx", "over_errors"),
    "multicast": ("rx", "multicast"),
    "rx_length_errors": ("rx", "length_errors"),
    "rx_crc_errors": ("rx", "crc_errors"),
    "rx_frame_errors": ("rx", "frame_errors"),
    "rx_fifo_errors": ("rx", "fifo_errors"),
    "rx_missed_errors": ("rx", "missed_errors"),
    "tx_bytes": ("tx", "bytes"),
    "tx_packets": ("tx", "packets"),
    "tx_errors": ("tx", "errors"),
    "tx_dropped": ("tx", "dropped"),
    "tx_carrier_errors": ("tx", "carrier_errors"),
    "collisions": ("tx", "collisions"),
    "tx_aborted_errors": ("tx", "aborted_errors"),
    "tx_fifo_errors": ("tx", "fifo_errors"),
    "tx_window_errors": ("tx", "window_errors"),
    "tx_heartbeat_errors": ("tx", "heartbeat_errors"),
}


def namespace(lab: Lab, name: str) -> dict[str, list[Row]]:
    """Everything that iproute2 says about one namespace."""
    links = lab.show(name, "-d", "-s", "-s", "link")
    names = {row["ifname"]: row["ifindex"] for row in links}
    addresses = {row["ifindex"]: row["addr_info"] for row in lab.show(name, "addr")}
    both = (("inet", "-4"), ("inet6", "-6"))
    routes = [(family, lab.show(name, "-d", option, "route", "show", "table", "all")) for family, option in both]
    rules = [(family, lab.show(name, option, "rule")) for family, option in both]
    return {
        "links": [_link(row, names, addresses[row["ifindex"]]) for row in links],
        "routes": in_order(_route(row, family, names) for family, rows in routes for row in rows),
        "rules": in_order(_rule(row, family) for family, rows in rules for row in rows),
        "neighbours": in_order(_neighbour(row, names) for row in lab.show(name, "neigh", "show", "nud", "all")),
        "fdb": in_order(_fdb(row, names) for row in lab.show(name, "bridge", "fdb")),
    }


def without_counters(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The same without what changes by itself."""
    return tables | {"links": [{field: row[field] for field in row.keys() - {"stats"}} for row in tables["links"]]}


def in_order(rows: Any) -> list[Row]:
    """Rows in an order that does not depend on who printed them."""
    return sorted(rows, key=lambda row: sorted((name, str(value)) for name, value in row.items()))


def _link(row: Row, names: Names, addresses: list[Row]) -> Row:
    info = row.get("linkinfo", {})
    kind, data = info.get("info_kind"), info.get("info_data", {})
    up = "UP" in row["flags"]
    return {
        "ifindex": row["ifindex"],
        "name": row["ifname"],
        "altnames": row.get("altnames", []),
        "alias": row.get("ifalias"),
        "kind": kind or ("loopback" if row["link_type"] == "loopback" else "device"),
        # M-DOWN is no flag: iproute2 looks at the link below and may well look at the wrong one.
        "flags": [flag for flag in row["flags"] if flag != "M-DOWN"],
        "operstate": row["operstate"],
        "carrier": "LOWER_UP" in row["flags"] if up else None,
        "mtu": row["mtu"],
        "txqlen": row.get("txqlen"),
        "address": row.get("address"),
        "addresses": [{word: address[word if word != "address" else "local"] for word in _ADDRESS} for address in addresses],
        "master": names[row["master"]] if "master" in row else None,
        "stats": {field: row["stats64"][way][name] for field, (way, name) in _COUNTERS.items()},
        "bridge": _bridge(data) if kind == "bridge" else None,
        "port": _port(info["info_slave_data"], names[row["master"]]) if info.get("info_slave_kind") == "bridge" else None,
        "vxlan": _vxlan(data) if kind == "vxlan" else None,
        "tun": {"mode": data["type"], "owner": data.get("user"), "persist": data["persist"]} if kind == "tun" else None,
        "macvlan": {"mode": data["mode"]} if kind in {"macvlan", "macvtap"} else None,
    }


_ADDRESS = ("family", "address", "prefixlen", "scope")


def _bridge(data: Row) -> Row:
    return {
        "id": _bridge_id(data["bridge_id"]),
        "root_id": _bridge_id(data["root_id"]),
        "stp": data["stp_state"] != 0,
        "ageing_s": data["ageing_time"] / 100,
        "vlan_filtering": data["vlan_filtering"] != 0,
    }


def _bridge_id(printed: str) -> str:
    """iproute2 leaves out leading zeroes: "1000.a:5c:28:38:de:ef"."""
    priority, _, address = printed.partition(".")
    return f"{priority}." + "".join(part.zfill(2) for part in address.split(":"))


def _port(data: Row, bridge: int) -> Row:
    return {"bridge": bridge} | {word: data[word] for word in ("state", "cost", "priority", "hairpin", "isolated", "learning")}


def _vxlan(data: Row) -> Row:
    remotes = [data[word] for word in ("remote", "remote6", "group", "group6") if word in data]
    locals_ = [data[word] for word in ("local", "local6") if word in data]
    return {
        "vni": data["id"],
        "local": locals_[0] if locals_ else None,
        "remote": remotes[0] if remotes else None,
        "port": data["port"],
        "learning": data["learning"],
    }


def _route(row: Row, family: str, names: Names) -> Row:
    way = _way(row, names)
    hops = [{**_way(hop, names), "weight": hop["weight"]} for hop in row.get("nexthops", [])]
    return {
        "family": family,
        "table": row["table"],
        "type": row["type"],
        "protocol": row["protocol"],
        "scope": row["scope"],
        "dst": row["dst"] if row["dst"] == "default" else _cidr(row["dst"], family),
        "prefsrc": row.get("prefsrc"),
        "metric": row.get("metric"),
        "nexthops": hops,
        **way,
    }


def _way(row: Row, names: Names) -> Row:
    gateway = row["via"]["host"] if "via" in row else row.get("gateway")
    return {"gateway": gateway, "dev": row.get("dev"), "oif": names[row["dev"]] if "dev" in row else None}


def _cidr(printed: str, family: str) -> str:
    return printed if "/" in printed else f"{printed}/{32 if family == 'inet' else 128}"


def _rule(row: Row, family: str) -> Row:
    mark = row.get("fwmark")
    return {
        "family": family,
        "priority": row["priority"],
        "src": _selector(row, "src", family),
        "dst": _selector(row, "dst", family),
        "iif": row.get("iif"),
        "oif": row.get("oif"),
        "fwmark": f"{mark}/{row['fwmask']}" if "fwmask" in row else mark,
        "action": "goto" if "goto" in row else "nop" if "nop" in row else row.get("action", "lookup"),
        "table": row.get("table"),
    }


def _selector(row: Row, word: str, family: str) -> str:
    address = row.get(word, "all")
    if address == "all":
        return "all"
    length = row.get(f"{word}len")
    return _cidr(address, family) if length is None else f"{address}/{length}"


def _neighbour(row: Row, names: Names) -> Row:
    return {
        "ifindex": names[row["dev"]],
        "dev": row["dev"],
        "ip": row["dst"],
        "mac": row.get("lladdr"),
        "state": row["state"][0],
    }


def _fdb(row: Row, names: Names) -> Row:
    return {
        "ifindex": names[row["ifname"]],
        "dev": row["ifname"],
        "bridge": names[row["master"]] if "master" in row else None,
        "mac": row["mac"],
        "vlan": row.get("vlan"),
        "dst": row.get("dst"),
        "state": row["state"],
        "flags": row["flags"],
    }
