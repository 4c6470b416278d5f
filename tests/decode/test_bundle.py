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
CRICTL = {"io.container.manager": "cri-o", "io.kubernetes.cri-o.SandboxName": "k8s_web-0_shop_u-1_1"}
POD = Pod("shop", "web-0")
BOX = Bundle(Runtime.CRIO, "box", None, sandbox=False)


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
        (CRICTL | {"io.kubernetes.cri-o.ContainerType": "sandbox"}, Bundle(Runtime.KUBERNETES, "web-0", POD, sandbox=True)),
        (
            CRICTL | {"io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.Name": "k8s_nginx_web-0_shop_u-1_0"},
            Bundle(Runtime.KUBERNETES, "nginx", POD, sandbox=False),
        ),
        ({"io.kubernetes.cri-o.SandboxName": "k8s_web_0_shop_u-1_1", "io.kubernetes.cri-o.Name": "box"}, BOX),
        ({"io.kubernetes.cri-o.SandboxName": "k8s__shop_u-1_1", "io.kubernetes.cri-o.Name": "box"}, BOX),
        ({"io.kubernetes.cri-o.SandboxName": "x_web-0_shop_u-1_1", "io.kubernetes.cri-o.Name": "box"}, BOX),
        ({"io.kubernetes.cri-o.Name": "box"}, BOX),
        ({"io.container.manager": "libpod"}, Bundle(Runtime.PODMAN, None, None, sandbox=False)),
        ({"nerdctl/name": "web", "nerdctl/namespace": "default"}, Bundle(Runtime.CONTAINERD, "web", None, sandbox=False)),
        ({"other": "x" * 2**20}, Bundle(None, None, None, sandbox=False)),
        ({}, Bundle(None, None, None, sandbox=False)),
        (None, Bundle(None, None, None, sandbox=False)),
    ],
)
def test_annotations_tell_engine_name_and_pod(annotations: object, expected: Bundle) -> None:
    made = told(annotations)
    assert made is not None
    assert made._replace(annotations=()) == expected


@pytest.mark.parametrize("name", ["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"])
def test_the_image_is_the_one_that_the_engine_wrote_down(name: str) -> None:
    made = told(CRI | {name: "docker.io/library/nginx:1.27"})
    assert made is not None
    assert made.image == "docker.io/library/nginx:1.27"


def test_the_labels_of_cri_o_are_a_text_of_their_own_and_all_else_stays_an_annotation() -> None:
    made = told({"io.kubernetes.cri-o.Labels": '{"tier": "front", "a": "b"}', "x": "y"})
    assert made is not None
    assert (made.labels, made.annotations) == ((("a", "b"), ("tier", "front")), (("x", "y"),))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 3}', "[" * 100_000])
def test_labels_of_another_form_are_left_out(text: str) -> None:
    made = told({"io.kubernetes.cri-o.Labels": text, "nerdctl/name": "web"})
    assert made is not None
    assert (made.name, made.labels) == ("web", ())


def test_an_annotation_of_a_megabyte_is_cut_to_what_people_read() -> None:
    made = told({"long": "x" * 2**20} | {f"n{number:04}": "" for number in range(1000)})
    assert made is not None
    assert made.annotations[0] == ("long", "x" * 255 + "…")
    assert len(made.annotations) == 64


@pytest.mark.parametrize("annotations", [[], 7, {"nerdctl/name": 3}, {"other": {}}, {"nerdctl/name": "x" * 5000}])
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
