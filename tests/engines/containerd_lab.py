"""A real containerd with its CRI plugin, whose host is a network namespace of its own."""

import json
import subprocess
from pathlib import Path

from tests.engines.host import Host
from tests.engines.image import archive
from tests.engines.protobuf import Fields, encode, first_text
from tests.kernel.lab import wait

TOOLS = ("containerd", "ctr", "runc", "ip", "iptables", "nsenter", "busybox")
IMAGE = "localhost/busybox:local"
PODS = "k8s.io"
"""The namespace that the CRI plugin keeps its containers in."""
PYTHON = Path("/usr/bin/python3")
"""The one that Debian's python3-grpcio belongs to."""
_CNI = "/usr/lib/cni"
_CONFIG = """version = 2
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{image}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{cni}"
conf_dir = "{folder}/cni"
"""
_NETWORK = {
    "cniVersion": "0.4.0",
    "name": "lab",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipam": {"type": "host-local", "subnet": "10.89.0.0/24", "dataDir": ""},
        }
    ],
}


class ContainerdLab(Host):
    """containerd with one image, for `ctr` and for pods."""

    def __init__(self) -> None:
        super().__init__("cd")
        self.socket = self.folder / "c.sock"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._pods: list[str] = []

    def start(self) -> None:
        """Make the namespace, start the engine, build the image."""
        super().start()
        (self.folder / "cni").mkdir()
        network = json.loads(json.dumps(_NETWORK))
        network["plugins"][0]["ipam"]["dataDir"] = f"{self.folder}/ipam"
        (self.folder / "cni" / "lab.conflist").write_text(json.dumps(network))
        (self.folder / "config.toml").write_text(_CONFIG.format(image=IMAGE, cni=_CNI, folder=self.folder))
        places = ("--root", f"{self.folder}/root", "--state", f"{self.folder}/state")
        self._daemon = self.launch("containerd", "--config", f"{self.folder}/config.toml", "-a", str(self.socket), *places)
        assert wait(self._answers, 30), self.log()
        for namespace in (self.namespace, PODS):
            self.ctr("-n", namespace, "image", "import", "-", stdin=archive(IMAGE))

    def ctr(self, *arguments: str, stdin: bytes = b"") -> str:
        """What ctr prints."""
        return self.command("ctr", "-a", str(self.socket), *arguments, stdin=stdin)

    def run_pod(self, namespace: str, name: str) -> tuple[str, Fields]:
        """Start a pod sandbox as a kubelet does; its id and its configuration."""
        config: Fields = {1: {1: name, 2: f"uid-{name}", 3: namespace}, 2: name, 8: {1: f"/{self.namespace}/pod-{name}"}}
        self._pods.append(self.cri("RunPodSandbox", {1: config}))
        return self._pods[-1], config

    def run_in_pod(self, pod: str, config: Fields, name: str) -> str:
        """Start a container in a pod; its id."""
        id_ = self.cri("CreateContainer", {1: pod, 2: {1: {1: name}, 2: {1: IMAGE}, 15: {}}, 3: config})
        self.cri("StartContainer", {1: id_})
        return id_

    def cri(self, method: str, request: Fields) -> str:
        """The id that a call answers; empty where it answers nothing."""
        script = str(Path(__file__).with_name("cri_call.py"))
        answer = bytes.fromhex(self.command(str(PYTHON), script, str(self.socket), method, encode(request).hex()))
        return first_text(answer) if answer else ""

    def stop(self) -> None:
        """Remove pods and tasks, end the engine, remove everything."""
        if self._daemon is not None and self._daemon.poll() is None:
            for pod in self._pods:
                self.cri("StopPodSandbox", {1: pod})
                self.cri("RemovePodSandbox", {1: pod})
            for task in self.ctr("-n", self.namespace, "task", "ls", "-q").split():
                self.ctr("-n", self.namespace, "task", "rm", "-f", task)
            self._daemon.terminate()
            self._daemon.wait(20)
        super().stop()

    def _answers(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, self.log()
        return subprocess.run(["ctr", "-a", str(self.socket), "version"], capture_output=True, check=False).returncode == 0
