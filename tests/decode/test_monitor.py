from netview.decode.monitor import Monitor, monitor
from netview.model import Runtime


def cmdline(*argv: str) -> bytes:
    return b"".join(word.encode() + b"\0" for word in argv)


def test_conmon_tells_the_container_its_name_and_its_bundle() -> None:
    told = cmdline("/usr/bin/conmon", "--api-version", "1", "-c", "c0ffee", "-u", "c0ffee", "-b", "/x/userdata", "-n", "web")
    assert monitor(told) == Monitor(Runtime.PODMAN, "c0ffee", "/x/userdata", "web")


def test_a_shim_tells_its_first_container_and_whether_it_is_dockers() -> None:
    assert monitor(cmdline("/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", "c0ffee", "-address", "/c")) == (
        Monitor(Runtime.CONTAINERD, "c0ffee", None, None)
    )
    assert monitor(cmdline("containerd-shim", "-namespace", "moby", "-id", "c0ffee")) == Monitor(
        Runtime.DOCKER, "c0ffee", None, None
    )


def test_what_is_no_monitor_or_says_nothing_is_none() -> None:
    for argv in (("sh",), ("conmon",), ("conmon", "-c"), ("conmon", "-c", "c0ffee"), ("containerd-shim", "-id"), ("",)):
        assert monitor(cmdline(*argv)) is None
    assert monitor(b"") is None
