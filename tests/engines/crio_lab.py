"""Pods as CRI-O leaves them, without CRI-O: its monitor and its runtime, over bundles that are signed as its own are."""

import contextlib
import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping

from tests.engines.control_groups import hierarchies, inside, ready
from tests.engines.host import Host
from tests.engines.image import unpack
from tests.kernel.lab import NETNS, run, wait

TOOLS = ("conmon", "runc", "ip", "nsenter", "busybox")
_UID = "0f0f-47110"
_NAMESPACES = ("pid", "mount", "ipc", "uts")


class CrioLab(Host):
    """Pods of a sandbox and containers, each kept by a conmon of its own."""

    def __init__(self) -> None:
        super().__init__("crio")
        self._root = self.folder / "root"
        self._pods: list[str] = []
        self._containers: list[str] = []

    def start(self) -> None:
        """Make the namespace, and the root of all containers."""
        super().start()
        unpack(self._root)
        for name in ("exits", "sockets", "runc"):
            (self.folder / name).mkdir()

    def add_pod(self, namespace: str, name: str, *containers: str, kubelet: bool) -> list[str]:
        """Start one; the ids of the sandbox and of its containers. A kubelet labels them with their names, crictl does not."""
        self._pods.append(f"{self.namespace}-{len(self._pods)}")
        run(["ip", "netns", "add", self._pods[-1]])
        sandbox = f"k8s_{name}_{namespace}_{_UID}_0"
        ids = []
        for container in (None, *containers):
            called = sandbox if container is None else f"k8s_{container}_{name}_{namespace}_{_UID}_0"
            labels = {
                "io.kubernetes.pod.name": name,
                "io.kubernetes.pod.namespace": namespace,
                "io.kubernetes.container.name": container or "POD",
            }
            told = {
                "io.container.manager": "cri-o",
                "io.kubernetes.cri-o.ContainerType": "sandbox" if container is None else "container",
                "io.kubernetes.cri-o.ImageName": "registry.example/pause:3.9" if container is None else f"shop/{container}:1",
                "io.kubernetes.cri-o.Labels": json.dumps({"tier": "front"} | (labels if kubelet else {})),
                "io.kubernetes.cri-o.Name": called,
                "io.kubernetes.cri-o.SandboxName": sandbox,
                "tier": "front",
            }
            ids.append(self._run(called, told | (labels if kubelet else {})))
        return ids

    def _run(self, name: str, annotations: Mapping[str, str]) -> str:
        id_ = hashlib.sha256(name.encode()).hexdigest()
        pod = f"{self.namespace}/kubepods/burstable/pod{_UID}"
        bundle = self.folder / "storage/overlay-containers" / id_ / "userdata"
        bundle.mkdir(parents=True)
        (bundle / "config.json").write_text(json.dumps(self._config(f"/{pod}/crio-{id_}", annotations)))
        groups = [path / pod / f"crio-conmon-{id_}" for path in ready(hierarchies())]
        for group in groups:
            group.mkdir(parents=True)
        runc = ("runc", "--root", f"{self.folder}/runc")
        options = (
            *("-b", str(bundle), "-c", id_, "-u", id_, "-n", name, "-r", str(shutil.which("runc")), "-l", f"{bundle}/log"),
            *("-p", f"{bundle}/pidfile", "--exit-dir", f"{self.folder}/exits", "--socket-dir-path", f"{self.folder}/sockets"),
            *("--runtime-arg", f"--root={self.folder}/runc"),
        )
        self.command(*inside(groups, ("conmon", *options)))
        self._containers.append(id_)
        assert wait(lambda: (bundle / "pidfile").exists() and bool((bundle / "pidfile").read_text()), 20)
        self.command(*runc, "start", id_)
        return id_

    def _config(self, group: str, annotations: Mapping[str, str]) -> Mapping[str, object]:
        own = [{"type": kind} for kind in _NAMESPACES]
        return {
            "ociVersion": "1.0.2",
            "process": {"args": ["/bin/sleep", "3600"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}},
            "root": {"path": str(self._root)},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
            "annotations": annotations,
            "linux": {"cgroupsPath": group, "namespaces": [*own, {"type": "network", "path": str(NETNS / self._pods[-1])}]},
        }

    def stop(self) -> None:
        """Kill the containers, and remove everything."""
        for id_ in self._containers:
            with contextlib.suppress(AssertionError):
                self.command("runc", "--root", f"{self.folder}/runc", "delete", "--force", id_)
        for pod in self._pods:
            subprocess.run(["ip", "netns", "del", pod], check=False)
        super().stop()
