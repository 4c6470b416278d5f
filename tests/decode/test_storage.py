"""What containers/storage tells of the images of containers; the entry is a real one, cut to what is read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.storage import image

METADATA = {"image-name": "localhost/busybox:local", "image-id": "025f", "name": "web", "created-at": 1795800018}
ENTRY = {"id": "ce48", "names": ["web"], "image": "025f", "metadata": json.dumps(METADATA), "flags": {"MountLabel": ""}}


def told(*entries: object) -> str | None:
    return image(json.dumps(entries).encode(), "ce48")


def test_the_image_is_found_by_the_containers_id() -> None:
    assert told({"id": "other", "metadata": "{"}, ENTRY) == "localhost/busybox:local"
    assert told({"id": "other", "metadata": ENTRY["metadata"]}) is None


@pytest.mark.parametrize("metadata", ["", "{", "[]", "{}", '{"image-name": ""}', '{"image-name": 3}', "[" * 100_000, 3, None])
def test_metadata_of_another_form_tells_nothing(metadata: object) -> None:
    assert told(ENTRY | {"metadata": metadata}) is None


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    assert image(content, "ce48") is None
