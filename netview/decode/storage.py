"""The list of containers that containers/storage keeps for Podman (`containers.json`): which image each was made of."""

import msgspec

from netview.decode.labels import readable


class _Entry(msgspec.Struct):
    id: str = ""
    metadata: str = ""


class _Metadata(msgspec.Struct):
    image: str = msgspec.field(default="", name="image-name")


_LIST = msgspec.json.Decoder(list[_Entry])
_METADATA = msgspec.json.Decoder(_Metadata)


def image(content: bytes, id_: str) -> str | None:
    """The image's name of one container; None where the list does not tell, or is none."""
    # msgspec reads no deeper than the interpreter's recursion limit.
    try:
        found = next((entry.metadata for entry in _LIST.decode(content) if entry.id == id_), "")
        return readable(_METADATA.decode(found).image) or None if found else None
    except (ValueError, RecursionError):
        return None
