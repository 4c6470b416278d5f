"""Bundles as engines sign them; the values are those of real ones, cut to what is read."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.bundle import Bundle, bundle
from netview.model import Pod, Runtime

CRI = {"io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop"}
KUBELET = {"io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop"}
POD = Pod("shop", "web-0")


def told(annotations: object) -> Bundle | None:
    return bundle(json.dumps({"ociVersion": "1.0.2", "hostname": "x", "annotations": annotations}).encode())


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (CRI | {"io.kubernetes.cri.container-type": "sandbox"}, Bundle(Runtime.KUBERNETES, "web-0", POD, sandbox=True)),
        (
            CRI | {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": "nginx"},
            Bundle(Runtime.KUBERNETES, "nginx", POD, sandbox=False),
        ),
        (
            KUBELET | {"io.kubernetes.cri-o.ContainerType": "sandbox", "io.kubernetes.cri-o.Name": "k8s_web-0_shop_1"},
            Bundle(Runtime.KUBERNETES, "web-0", POD, sandbox=True),
        ),
        (
            KUBELET | {"io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.container.name": "nginx"},
            Bundle(Runtime.KUBERNETES, "nginx", POD, sandbox=False),
        ),
        ({"io.kubernetes.cri-o.Name": "box"}, Bundle(Runtime.CRIO, "box", None, sandbox=False)),
        ({"io.container.manager": "libpod"}, Bundle(Runtime.PODMAN, None, None, sandbox=False)),
        ({"nerdctl/name": "web", "nerdctl/namespace": "default"}, Bundle(Runtime.CONTAINERD, "web", None, sandbox=False)),
        ({"other": "x" * 2**20}, Bundle(None, None, None, sandbox=False)),
        ({}, Bundle(None, None, None, sandbox=False)),
        (None, Bundle(None, None, None, sandbox=False)),
    ],
)
def test_annotations_tell_engine_name_and_pod(annotations: object, expected: Bundle) -> None:
    assert told(annotations) == expected


@pytest.mark.parametrize("annotations", [[], 7, {"nerdctl/name": 3}, {"nerdctl/name": "x" * 5000}])
def test_annotations_of_another_form_are_none(annotations: object) -> None:
    assert told(annotations) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"annotations": %s}' % (b"[" * 100_000)])
def test_a_broken_bundle_is_none(content: bytes) -> None:
    assert bundle(content) is None


def test_hostile_names_stay_as_they_are() -> None:
    made = told({"nerdctl/name": "\x1b[2J[/red]"})
    assert made is not None
    assert made.name == "\x1b[2J[/red]"


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    with contextlib.suppress(AssertionError):
        assert bundle(content) is None
