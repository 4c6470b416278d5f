"""How pyroute2 hands over a decoded message."""

from typing import Any, Protocol


class Message(Protocol):
    """A message or a nested attribute: header fields by name, attributes by the kernel's name."""

    def __getitem__(self, field: str) -> Any:
        """A field of the header."""

    def get_attr(self, name: str) -> Any:
        """An attribute's value; None where there is none."""

    def get_attrs(self, name: str) -> list[Any]:
        """The values of an attribute that comes several times."""

    def __contains__(self, field: str) -> bool:
        """Whether the header has a field."""


def text(value: str | bytes | None) -> str | None:
    """A string as the kernel has it; pyroute2 leaves bytes that are not UTF-8 as they are."""
    return value.partition(b"\0")[0].decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def flag(own: Message, name: str, *, otherwise: bool) -> bool:
    """An attribute that is a boolean."""
    value = own.get_attr(name)
    return otherwise if value is None else value != 0
