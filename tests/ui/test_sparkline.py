from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.ui.widgets.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "width", "top", "drawn"),
    [
        ([], 4, None, "    "),
        ([0.0, 0.0], 4, None, "  ▁▁"),
        ([0.0, 1.0, 4.0, 7.0], 4, None, "▁▂▅█"),
        ([7.0, 1.0, None, 7.0], 4, None, "█▂ █"),
        ([1.0, 2.0, 3.0, 7.0], 2, None, "▄█"),
        ([0.001, 7.0], 2, None, "▂█"),
        ([7.0], 1, 14.0, "▅"),
        ([99.0], 1, 7.0, "█"),
        ([1.0], 0, None, ""),
        ([1.0], -3, None, ""),
    ],
)
def test_the_newest_values_are_drawn_to_scale(values: Sequence[float | None], width: int, top: float | None, drawn: str) -> None:
    assert sparkline(values, width, top=top) == drawn


def test_the_ascii_form_is_ascii() -> None:
    assert sparkline([0.0, 1.0, 4.0, None, 7.0], 6, ascii=True) == " _.- #"


@given(st.lists(st.none() | st.floats(0, 1e300), max_size=80), st.integers(0, 70), st.booleans())
def test_it_is_always_as_wide_as_asked(values: list[float | None], width: int, plain: bool) -> None:
    assert len(sparkline(values, width, ascii=plain)) == width
