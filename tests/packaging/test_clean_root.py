"""What is built is installed where nothing but Debian's Python is, and run there by an ordinary user."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.require import missing

ROOT = Path(__file__).parents[2]
# The root becomes the machine's: where it were one by chroot(2) alone, the kernel would allow no user namespace, and no demo.
_ENTER = """
mount --make-rprivate /; mount --bind "$0" "$0"; cd "$0"; mkdir -p .old
mount -t proc proc proc; mount -t sysfs sysfs sys; mount --rbind /dev dev
pivot_root . .old; umount -l /.old; exec "$@"
"""
_USER = "env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/tmp setpriv --reuid 1000 --regid 1000 --clear-groups"


class Clean:
    """A Debian of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, command: str, *, user: bool = False) -> str:
        words = [*(_USER.split() if user else ()), *command.split()]
        enter = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-ec", _ENTER, str(self.path)]
        done = subprocess.run([*enter, *words], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clean]:
    if os.geteuid() or shutil.which("debootstrap") is None:
        missing("a clean root needs root and debootstrap")
    path = tmp_path_factory.mktemp("clean") / "root"
    packages = "--include=python3,iproute2"
    subprocess.run(["debootstrap", "--variant=minbase", packages, "bookworm", path], check=True, capture_output=True, timeout=600)
    yield Clean(path)
    shutil.rmtree(path)


def _built(script: str, clean: Clean) -> str:
    """Where the clean root has what a script builds."""
    if not Path("/usr/bin/python3.11").exists():
        missing("bookworm's Python is not installed")
    name = f"netview.{script}"
    environ = os.environ | {"PATH": f"/usr/bin:{os.environ['PATH']}"}
    subprocess.run([ROOT / ".packaging" / script, clean.path / name], env=environ, check=True, capture_output=True, timeout=300)
    return f"/{name}"


def test_the_package_brings_all_but_python(clean: Clean) -> None:
    clean.run(f"dpkg --install {_built('deb', clean)}")
    assert clean.run("netview --version").startswith("netview ")
    assert "docker0 · bridge · 2 ports" in clean.run("netview --demo", user=True)
    assert clean.run("netview which nginx-1 --demo", user=True).startswith("nginx-1 eth0 · netns · docker0 port 1")
    there = [clean.path / "usr/share" / name for name in ("man/man1/netview.1.gz", "bash-completion/completions/netview")]
    assert all(path.stat().st_size for path in there)
    clean.run("dpkg --remove netview")
    assert not (clean.path / "usr/lib/netview").exists()


def test_one_file_is_enough(clean: Clean) -> None:
    assert "docker0 · bridge · 2 ports" in clean.run(f"{_built('pyz', clean)} --demo", user=True)
