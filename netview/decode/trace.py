"""One line of a packet's trace through the rules (NFT_MSG_TRACE); all numbers in it are of network order."""

from collections.abc import Mapping

from netview.decode import fields
from netview.decode.headers import headers
from netview.decode.netlink import MalformedError, attributes
from netview.decode.nftables import FAMILIES, HEADER, NFNL_SUBSYS_NFTABLES
from netview.model.trace import TraceHit, TraceKind

TRACE = (NFNL_SUBSYS_NFTABLES << 8) | 17
NFNLGRP_NFTRACE = 9
_KINDS: Mapping[int, TraceKind] = {1: "policy", 2: "return", 3: "rule"}
_VERDICTS: Mapping[int, str] = {
    0: "drop",
    1: "accept",
    2: "stolen",
    3: "queue",
    4: "repeat",
    -1: "continue",
    -2: "break",
    -3: "jump",
    -4: "goto",
    -5: "return",
}
_TABLE, _CHAIN, _HANDLE, _TYPE, _VERDICT, _ID = range(1, 7)
_NETWORK, _TRANSPORT, _IIF = 8, 9, 10
_OIF, _MARK, _POLICY = 12, 14, 16


def trace_hit(data: bytes, at: int, end: int) -> TraceHit:
    """A line; raises MalformedError."""
    if end - at < HEADER:
        raise MalformedError("a trace without a header")
    found = attributes(data, at + HEADER, end)
    kind = _KINDS.get(_u32(found.get(_TYPE)))
    if kind is None or _ID not in found or _TABLE not in found or _CHAIN not in found:
        raise MalformedError("a trace that names no packet, no chain or nothing that happened")
    verdict, to = _verdict(found)
    return TraceHit(
        packet=_u32(found[_ID]),
        family=FAMILIES.get(data[at], str(data[at])),
        table=fields.name(found[_TABLE]),
        chain=fields.name(found[_CHAIN]),
        kind=kind,
        verdict=verdict,
        handle=_u32(found[_HANDLE]) if _HANDLE in found else None,
        to=to,
        iif=_u32(found[_IIF]) if _IIF in found else None,
        oif=_u32(found[_OIF]) if _OIF in found else None,
        mark=_u32(found.get(_MARK)),
        headers=headers(found.get(_NETWORK, b""), found.get(_TRANSPORT, b"")),
    )


def _verdict(found: Mapping[int, bytes]) -> tuple[str, str | None]:
    """What is told, and the chain that it leads to: a policy has an attribute of its own."""
    if _VERDICT not in found:
        return (_word(found[_POLICY]), None) if _POLICY in found else ("", None)
    told = attributes(found[_VERDICT])
    return _word(told.get(1, b"")), fields.name(told[2]) if 2 in told else None


def _word(payload: bytes) -> str:
    code = int.from_bytes(payload, "big", signed=True)
    # A queue's number, or an errno, is in the upper half.
    return _VERDICTS.get(code & 0xFF if code >= 0 else code, str(code))


def _u32(payload: bytes | None) -> int:
    return int.from_bytes(payload or b"", "big")
