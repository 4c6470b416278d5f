"""A list of the match recent as text: /proc/net/xt_recent/<name>."""

from ipaddress import ip_address


def stamps(line: bytes, address: str) -> int | None:
    """How many times an address was seen, where a line is about it; None: it is about another one, or has another form."""
    words = line.split()
    if not words or not words[0].startswith(b"src=") or b"oldest_pkt:" not in words:
        return None
    try:
        told = ip_address(words[0][4:].decode("ascii", "replace"))
    except ValueError:
        return None
    # After it the number of the oldest one, then a time stamp each.
    return max(0, len(words) - words.index(b"oldest_pkt:") - 2) if told == ip_address(address) else None
