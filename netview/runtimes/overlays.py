"""Namespaces in which Docker's swarm keeps its networks: without a process, in mounts called after the network."""

from collections.abc import Iterable, Iterator, Mapping

from netview.model import Container, Owner, Runtime

# "1-" holds bridge and tunnel, "lb_" balances the load, both with the first characters of the network's id.
_PREFIXES = ("1-", "lb_")
_LEAST = 9
_INGRESS = "ingress_sbox"


def helpers(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the mounts that a swarm may have made."""
    return tuple(path for path in paths if _name(path) == _INGRESS or _short(_name(path)))


def overlays(paths: Iterable[str], networks: Mapping[str, str]) -> Iterator[Container]:
    """The helper namespaces as owners of their networks; `networks` are names by id."""
    for path in paths:
        name, short = _name(path), _short(_name(path))
        for id_, network in networks.items():
            if (short and id_.startswith(short)) or (name == _INGRESS and network == "ingress"):
                yield Container(Owner(Runtime.DOCKER, f"{id_}/{name}", name, networks=(network,)), None, path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _short(name: str) -> str | None:
    """The beginning of a network's id; None where the name is none of a swarm's."""
    for prefix in _PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and len(rest) >= _LEAST and rest.isalnum():
            return rest
    return None
