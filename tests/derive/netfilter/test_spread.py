import pytest

from netview.derive.netfilter.spread import chosen, jhash2

_WORDS = (1, 0xFFFFFFF0, 3, 0x80000004, 5, 6, 7)


@pytest.mark.parametrize(
    ("count", "hash_"),
    [
        (0, 4041348455),
        (1, 574717940),
        (2, 1867297755),
        (3, 3562149803),
        (4, 3257612123),
        (5, 2527763573),
        (6, 23374709),
        (7, 3242068454),
    ],
)
def test_the_hash_is_that_of_the_kernels_own_source_compiled(count: int, hash_: int) -> None:
    assert jhash2(_WORDS[:count], 0x12345678) == hash_


@pytest.mark.parametrize("persistent", [True, False])
def test_of_a_range_each_one_is_chosen_by_somebody_and_none_beside_it(*, persistent: bool) -> None:
    first, last = bytes([10, 2, 0, 2]), bytes([10, 2, 0, 4])
    found = {
        chosen(f"10.1.{number}.9", "192.0.2.1", first, last, turns_destination=True, persistent=persistent)
        for number in range(64)
    }
    assert found == {bytes([10, 2, 0, number]) for number in (2, 3, 4)}


def test_who_is_persistent_comes_to_the_same_whatever_the_destination() -> None:
    first, last = bytes([10, 2, 0, 0]), bytes([10, 2, 0, 255])

    def found(*, persistent: bool) -> set[bytes]:
        those = (f"192.0.2.{number}" for number in range(32))
        return {chosen("10.1.0.9", one, first, last, turns_destination=False, persistent=persistent) for one in those}

    assert len(found(persistent=True)) == 1
    assert len(found(persistent=False)) > 1


def test_of_ipv6_words_after_one_that_is_not_the_last_are_any() -> None:
    first, last = bytes.fromhex("20010db8" + "00" * 12), bytes.fromhex("20010db8" + "00" * 3 + "01" + "ff" * 8)
    found = chosen("2001:db8:1::2", "2001:db8:9::9", first, last, turns_destination=True, persistent=False)
    assert first <= found <= last
