"""What /sys adds about home's links, and only about home's."""

import json
import sys

from tests.kernel.lab import Lab, run
from tests.kernel.looking import sample

_PRINT = """
import json
from netview.kernel.live_source import LiveSource
from netview.live import Want
source = LiveSource()
seen = source.sample(Want())
source.close()
names = {link.ifindex: link.name for link in seen.tables[seen.home].links.values()}
print(json.dumps({names[i]: [told.speed_mbps, told.duplex, told.driver] for i, told in seen.hardware.items()}))
"""


def test_a_sys_that_shows_another_namespace_is_not_believed(lab: Lab) -> None:
    lab.add("host")
    assert sample(lab).hardware == {}


def test_a_sys_that_shows_home_tells_speed_and_duplex_of_all_but_veths(lab: Lab) -> None:
    lab.add("host")
    lab.ip("host", "link add v type veth peer name w\nlink set v up\nlink set w up\n")
    lab.ip("host", "link add br0 type bridge\nlink set v master br0\nlink set br0 up\n")
    # `ip netns exec` mounts a /sys of the namespace.
    told = json.loads(run(["ip", "netns", "exec", lab.full("host"), sys.executable, "-c", _PRINT]))
    assert told == {"lo": [None, None, None], "br0": [10000, None, None]}
