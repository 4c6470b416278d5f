"""The names that CRI-O makes up, of parts that hold no underscore."""

from netview.model import Pod

_SIGN = "k8s"


def pod(sandbox: str) -> Pod | None:
    """The pod of "k8s_<pod>_<namespace>_<uid>_<attempt>"."""
    parts = sandbox.split("_")
    return Pod(parts[2], parts[1]) if len(parts) == 5 and parts[0] == _SIGN and parts[1] and parts[2] else None


def container(name: str) -> str | None:
    """The container of "k8s_<container>_<pod>_<namespace>_<uid>_<attempt>"."""
    parts = name.split("_")
    return parts[1] or None if len(parts) == 6 and parts[0] == _SIGN else None
