"""What containers believe of their host, as JSON."""

from netview.derive.resolver import host_lines, resolver
from netview.export.contract import FactsJson
from netview.model import Namespace, Process, Snapshot
from netview.model.host_facts import HostFacts


def facts_json(snapshot: Snapshot, namespace: Namespace) -> list[FactsJson]:
    """One for each process whose files were read."""
    return [
        _facts(process, snapshot.facts[process.pid]) for process in namespace.found.processes if process.pid in snapshot.facts
    ]


def _facts(process: Process, facts: HostFacts) -> FactsJson:
    told = None if facts.resolv_conf is None else resolver(facts.resolv_conf)
    hosts = None if facts.hosts is None else host_lines(facts.hosts)
    return {
        "pid": process.pid,
        "comm": process.comm,
        "hostname": facts.hostname,
        "nameservers": None if told is None else list(told.nameservers),
        "search": None if told is None else list(told.search),
        "options": None if told is None else list(told.options),
        "hosts": None if hosts is None else [{"address": line.address, "names": list(line.names)} for line in hosts],
        "unknown": [{"field": unknown.field, "reason": unknown.reason} for unknown in facts.unknown],
    }
