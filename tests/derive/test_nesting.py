"""What is around the user namespace of a namespace."""

from dataclasses import replace

import pytest

from netview.derive.build import build
from netview.derive.nesting import around
from netview.model import NamespaceId, UserNamespace
from tests.factories import HOME, NGINX_1, NGINX_2, docker_sample

OUTER = UserNamespace(1, 1001)
INNER = UserNamespace(2, 101_000, OUTER)
EMPTY = UserNamespace(3, 1001, OUTER)
INNERMOST = UserNamespace(4, 1001, EMPTY)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (None, []),
        (OUTER, []),
        (INNER, [NGINX_1]),
        (INNERMOST, [NGINX_1]),
        (UserNamespace(5, 0, UserNamespace(6, 0)), []),
    ],
)
def test_it_is_what_was_made_in_the_nearest_one_around_its_own(user: UserNamespace | None, expected: list[NamespaceId]) -> None:
    sample = docker_sample()
    found = dict(sample.found)
    found[NGINX_1] = replace(found[NGINX_1], user_namespace=OUTER)
    found[NGINX_2] = replace(found[NGINX_2], user_namespace=user)
    snapshot = build(replace(sample, found=found))
    assert [one.id for one in around(snapshot, snapshot.namespaces[NGINX_2])] == expected
    assert around(snapshot, snapshot.namespaces[HOME]) == ()
