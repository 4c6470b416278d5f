"""An image of nothing but a static busybox: no lab pulls one."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

_APPLETS = ("sh", "sleep", "nc", "httpd", "cat", "ip", "ping", "wget")


def root_file_system() -> bytes:
    """A tar of it."""
    busybox = shutil.which("busybox")
    assert busybox is not None
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("bin", "dev", "etc", "proc", "run", "sys", "tmp", "usr"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        tar.add(busybox, "bin/busybox")
        for applet in _APPLETS:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    return buffer.getvalue()


def unpack(folder: Path) -> None:
    """A container's root file system in a folder of its own."""
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-x", "-C", folder], input=root_file_system(), check=True)


def archive(name: str) -> bytes:
    """An image of one layer as `docker save` writes it; it sleeps unless told otherwise."""
    layer = root_file_system()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["sleep", "3600"], "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {"config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode(), "layer.tar": layer}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file, content in files.items():
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
