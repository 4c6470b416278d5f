"""Networks with a packet in each, by what is wrong there."""

from tests.kernel.paths import BRIDGED, EVERYBODY, OVERLAID, ROUTED, Situation

SITUATIONS = (
    # The journeys when nothing is wrong.
    Situation("to a neighbour", BRIDGED, "10.1.0.3", "delivered", "c2 eth0", mtu=1500),
    Situation("to a neighbour by IPv6", BRIDGED, "2001:db8:1::3", "delivered", "c2 eth0"),
    Situation("to the host", BRIDGED, "10.1.0.1", "delivered", "host br0"),
    Situation("to the host by IPv6", BRIDGED, "2001:db8:1::1", "delivered", "host br0"),
    Situation("from the host", BRIDGED, "10.1.0.3", "delivered", "c2 eth0", start="host", back_at="host br0"),
    Situation("across the host", ROUTED, "10.2.0.2", "delivered", "c3 eth0"),
    Situation("across the host by IPv6", ROUTED, "2001:db8:2::2", "delivered", "c3 eth0"),
    Situation("to another address of the host", ROUTED, "10.2.0.1", "delivered", "host br0"),
    Situation("to oneself", BRIDGED, "10.1.0.2", "delivered", "c1 lo", back_at="c1 lo"),
    Situation("through a tunnel", OVERLAID, "10.9.0.2", "delivered", "c2 eth0", bridge=EVERYBODY, mtu=1450),
    Situation("to a listener", BRIDGED, "10.1.0.3", "delivered", "c2 eth0", port=80, listen={"c2": 80}),
    Situation("to a listener by IPv6", BRIDGED, "2001:db8:1::3", "delivered", "c2 eth0", port=80, listen={"c2": 80}),
    Situation("to a port that nobody serves", BRIDGED, "10.1.0.3", "no listener", "c2 eth0", port=81, listen={"c2": 80}),
)
