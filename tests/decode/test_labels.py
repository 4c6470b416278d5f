"""Labels as people read them."""

from netview.decode.labels import labels, readable


def test_a_text_is_cut_where_it_is_longer_than_anyone_reads() -> None:
    assert readable("x" * 256) == "x" * 256
    assert readable("x" * 257) == "x" * 255 + "…"


def test_labels_are_sorted_and_only_so_many() -> None:
    assert labels({"b": "2", "a": "1"}) == (("a", "1"), ("b", "2"))
    assert len(labels({str(number): "" for number in range(1000)})) == 64
