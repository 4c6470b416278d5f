"""The screens that were read and found good: `.venv/bin/python -m tests.ui.golden` makes them anew."""

from collections.abc import Iterator

import pytest

from tests.ui.golden import FOLDER, GOLDENS, SIZES, Golden, drawn, path_of, utc


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with utc():
        yield


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
async def test_a_view_is_drawn_as_it_was_read(golden: Golden, size: tuple[int, int]) -> None:
    assert await drawn(golden, size) == path_of(size, golden.name).read_text(encoding="utf-8")


def test_no_golden_is_left_of_a_view_that_is_gone() -> None:
    assert set(FOLDER.glob("*/*")) == {path_of(size, golden.name) for size in SIZES for golden in GOLDENS}
