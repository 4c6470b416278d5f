"""An OCI bundle's config.json: who made the container, and what it is called."""

from typing import Annotated, NamedTuple

import msgspec

from netview.model import Pod, Runtime

_Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Bundle(NamedTuple):
    """What a bundle tells of its container."""

    runtime: Runtime | None
    """None: no engine has signed it."""
    name: str | None
    pod: Pod | None
    sandbox: bool
    """Whether it only holds a pod's namespaces."""


class _Annotations(msgspec.Struct):
    cri_type: _Text = msgspec.field(default="", name="io.kubernetes.cri.container-type")
    cri_pod: _Text = msgspec.field(default="", name="io.kubernetes.cri.sandbox-name")
    cri_namespace: _Text = msgspec.field(default="", name="io.kubernetes.cri.sandbox-namespace")
    cri_container: _Text = msgspec.field(default="", name="io.kubernetes.cri.container-name")
    crio_type: _Text = msgspec.field(default="", name="io.kubernetes.cri-o.ContainerType")
    crio_name: _Text = msgspec.field(default="", name="io.kubernetes.cri-o.Name")
    pod: _Text = msgspec.field(default="", name="io.kubernetes.pod.name")
    namespace: _Text = msgspec.field(default="", name="io.kubernetes.pod.namespace")
    container: _Text = msgspec.field(default="", name="io.kubernetes.container.name")
    manager: _Text = msgspec.field(default="", name="io.container.manager")
    nerdctl: _Text = msgspec.field(default="", name="nerdctl/name")


class _Config(msgspec.Struct):
    annotations: _Annotations | None = None


_DECODER = msgspec.json.Decoder(_Config)


def bundle(content: bytes) -> Bundle | None:
    """What a config.json holds; None where it is none."""
    # msgspec reads no deeper than the interpreter's recursion limit.
    try:
        told = _DECODER.decode(content).annotations or _Annotations()
    except (ValueError, RecursionError):
        return None
    sandbox = "sandbox" in (told.cri_type, told.crio_type)
    pod, namespace = told.cri_pod or told.pod, told.cri_namespace or told.namespace
    if pod and namespace:
        name = told.cri_container or told.container
        return Bundle(Runtime.KUBERNETES, pod if sandbox or not name else name, Pod(namespace, pod), sandbox)
    if told.crio_name and told.manager != "libpod":
        return Bundle(Runtime.CRIO, told.crio_name, None, sandbox)
    if told.manager == "libpod":
        return Bundle(Runtime.PODMAN, None, None, sandbox)
    if told.nerdctl:
        return Bundle(Runtime.CONTAINERD, told.nerdctl, None, sandbox)
    return Bundle(None, None, None, sandbox)
