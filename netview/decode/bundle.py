"""An OCI bundle's config.json: who made the container, what it is called, and what it was made of."""

from typing import Annotated, NamedTuple

import msgspec

from netview.decode import crio, nerdctl
from netview.decode.labels import labels, readable
from netview.model import Pod, PublishedPort, Runtime

_Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Bundle(NamedTuple):
    """What a bundle tells of its container."""

    runtime: Runtime | None
    """None: no engine has signed it."""
    name: str | None
    pod: Pod | None
    sandbox: bool
    """Whether it only holds a pod's namespaces."""
    image: str | None = None
    """None: the engine does not write it down here."""
    labels: tuple[tuple[str, str], ...] = ()
    """Of the container, where the engine writes them down (CRI-O)."""
    annotations: tuple[tuple[str, str], ...] = ()
    """All others; `ctr` and nerdctl write their labels here."""
    networks: tuple[str, ...] = ()
    """Where the engine writes them down (nerdctl)."""
    ports: tuple[PublishedPort, ...] = ()
    """Likewise."""


class _Annotations(msgspec.Struct):
    cri_type: _Text = msgspec.field(default="", name="io.kubernetes.cri.container-type")
    cri_pod: _Text = msgspec.field(default="", name="io.kubernetes.cri.sandbox-name")
    cri_namespace: _Text = msgspec.field(default="", name="io.kubernetes.cri.sandbox-namespace")
    cri_container: _Text = msgspec.field(default="", name="io.kubernetes.cri.container-name")
    crio_type: _Text = msgspec.field(default="", name="io.kubernetes.cri-o.ContainerType")
    cri_image: _Text = msgspec.field(default="", name="io.kubernetes.cri.image-name")
    crio_image: _Text = msgspec.field(default="", name="io.kubernetes.cri-o.ImageName")
    crio_name: _Text = msgspec.field(default="", name="io.kubernetes.cri-o.Name")
    crio_sandbox: _Text = msgspec.field(default="", name="io.kubernetes.cri-o.SandboxName")
    pod: _Text = msgspec.field(default="", name="io.kubernetes.pod.name")
    namespace: _Text = msgspec.field(default="", name="io.kubernetes.pod.namespace")
    container: _Text = msgspec.field(default="", name="io.kubernetes.container.name")
    manager: _Text = msgspec.field(default="", name="io.container.manager")
    nerdctl: _Text = msgspec.field(default="", name="nerdctl/name")


class _Config(msgspec.Struct):
    annotations: dict[str, str] | None = None


_CRIO_LABELS = "io.kubernetes.cri-o.Labels"
"""A JSON object in a string."""
_DECODER = msgspec.json.Decoder(_Config)
_LABELS = msgspec.json.Decoder(dict[str, str])


def bundle(content: bytes) -> Bundle | None:
    """What a config.json holds; None where it is none."""
    # msgspec reads no deeper than the interpreter's recursion limit.
    try:
        written = _DECODER.decode(content).annotations or {}
        signed = _signed(msgspec.convert(written, _Annotations))
    except (ValueError, RecursionError):
        return None
    kept = {name: value for name, value in written.items() if name != _CRIO_LABELS}
    return signed._replace(
        labels=_labels(written.get(_CRIO_LABELS, "{}")),
        annotations=labels(kept),
        networks=nerdctl.networks(written.get("nerdctl/networks", "[]")),
        ports=nerdctl.ports(written.get("nerdctl/ports", "[]")),
    )


def _signed(told: _Annotations) -> Bundle:
    return _named(told)._replace(image=readable(told.cri_image or told.crio_image) or None)


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return labels(_LABELS.decode(text))
    except (ValueError, RecursionError):
        return ()


def _named(told: _Annotations) -> Bundle:
    sandbox = "sandbox" in (told.cri_type, told.crio_type)
    pod = _pod(told)
    if pod is not None:
        # A kubelet labels pods and containers with their names; crictl does not.
        name = told.cri_container or told.container or crio.container(told.crio_name)
        return Bundle(Runtime.KUBERNETES, pod.name if sandbox or not name else name, pod, sandbox)
    if told.crio_name and told.manager != "libpod":
        return Bundle(Runtime.CRIO, told.crio_name, None, sandbox)
    if told.manager == "libpod":
        return Bundle(Runtime.PODMAN, None, None, sandbox)
    if told.nerdctl:
        return Bundle(Runtime.CONTAINERD, told.nerdctl, None, sandbox)
    return Bundle(None, None, None, sandbox)


def _pod(told: _Annotations) -> Pod | None:
    name, namespace = told.cri_pod or told.pod, told.cri_namespace or told.namespace
    return Pod(namespace, name) if name and namespace else crio.pod(told.crio_sandbox)
