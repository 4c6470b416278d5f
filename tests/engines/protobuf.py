"""As much of protobuf as a CRI request needs: fields of text and messages."""

from collections.abc import Mapping

Fields = Mapping[int, "str | Fields"]


def encode(fields: Fields) -> bytes:
    """A message; numbers are left at 0."""
    return b"".join(
        _field(number, value.encode() if isinstance(value, str) else encode(value)) for number, value in fields.items()
    )


def first_text(message: bytes) -> str:
    """The text in field 1 of a short message that begins with it."""
    assert message[0] == _tag(1)
    return message[2 : 2 + message[1]].decode()


def _field(number: int, content: bytes) -> bytes:
    return bytes([_tag(number)]) + _varint(len(content)) + content


def _tag(number: int) -> int:
    return number << 3 | 2


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
