"""The rich lab: every kind, table and peer that this kernel has, in eleven namespaces."""

from tests.kernel.lab import Lab

NAMES = ("host", "c1", "c2", "c3", "c4", "n1", "n2", "over", "rt")
HELD, HIDDEN = "held", "hidden"
"""Alive by another process's descriptor alone, and by one on its way."""

# Every container's eth0 is number 30, and so are both ends of two pairs.
_WIRES = """
link add v1 index 30 type veth peer name eth0 index 30 netns @c1
link add v2 index 31 type veth peer name eth0 index 30 netns @c2
link add self0 index 40 type veth peer name self1 index 41
link add vh index 42 type veth peer name eth0 index 30 netns @hidden
link add vd index 43 type veth peer name eth0 index 30 netns @held
link add u0 index 60 type veth peer name u1 index 61
link add low0 index 62 mtu 9000 txqueuelen 77 type veth peer name low1 index 63
link set lo up
link set u0 up
link set u1 up
link set v1 up
link set v2 up
link set low0 up
link set self0 up
link set self1 up
"""
_BRIDGES = """
link add br0 index 10 type bridge stp_state 1 hello_time 1000 ageing_time 120000 priority 4096 forward_delay 400
link add br1 index 11 type bridge nf_call_iptables 1
link add br2 index 12 mtu 1400 type bridge
link set br0 up
link set br1 up
link set v1 master br0
link set v2 master br0
link set self0 master br1
link set v1 type bridge_slave cost 7 priority 9 hairpin on
link set v2 type bridge_slave learning off isolated on
link set self0 type bridge_slave cost 65535 priority 63
"""
_KINDS = """
tuntap add mode tun user 1001 name tun0
tuntap add mode tap name tap0
link add mv0 link low0 type macvlan mode private
link add mv1 link low0 type macvlan mode vepa
link add mv2 link low0 type macvlan mode bridge
link add mv3 link low0 index 45 type macvlan mode source
link add mv4 link low1 type macvlan mode passthru
link add ifb7 type ifb
link set mv3 netns @c2
link property add dev v1 altname a_long_alternative_name_with_many_letters altname other
link set v1 alias 'a wire, "quoted"'
"""
# A vxlan keeps its number when it moves; the same numbers are then given to innocent links.
_TUNNELS = """
link add vx0 index 50 type vxlan id 4097 local 192.0.2.1 remote 192.0.2.8 dstport 4789 nolearning
link add vx1 index 51 type vxlan id 4098 dstport 8472 dev u0
link add vx2 type vxlan id 4099 dstport 8472 group 239.1.1.1 dev u0
link add vx3 type vxlan id 4100 dstport 4789 local 2001:db8::1 remote 2001:db8::2
link set vx0 netns @over
link set vx1 netns @over
link add br50 index 50 type bridge
link add br51 index 51 type bridge
"""
_OVERLAY = """
link add br60 index 60 type bridge
link add br0 type bridge
link set vx0 master br0
link set br0 up
link set vx0 up
"""
_ADDRESSES = """
addr add 172.30.0.1/24 brd + dev br0
addr add 172.30.0.2/24 dev br0 label br0:x
addr add 172.31.0.1/30 dev br1 scope link
addr add 10.9.0.1/32 dev br1 scope host
addr add 10.9.0.2 peer 10.9.0.3/32 dev u0 scope 77
addr add 10.9.0.9/24 dev u0 broadcast 10.9.0.250 preferred_lft 0 valid_lft 3000
addr add 192.0.2.1/24 dev u1 noprefixroute
addr add 2001:db8:1::1/64 dev u0 nodad
addr add 2001:db8:1::2/64 dev u0 preferred_lft 0 valid_lft 3000 nodad
addr add 2001:db8:2::1 peer 2001:db8:2::9/128 dev u1 nodad
addr add fec0::1/64 dev u1 nodad
addr add 2001:db8:3::1/64 dev br2
addr add 127.9.9.9/32 dev lo
"""
_ROUTE_LINKS = """
link set lo up
link add a0 index 20 type veth peer name a1 index 21
link add b0 index 22 type veth peer name b1 index 23
link set a0 up
link set a1 up
link set b0 up
link set b1 up
addr add 10.1.0.1/24 dev a0
addr add 10.2.0.1/24 dev b0
addr add 2001:db8:a::1/64 dev a0 nodad
addr add 2001:db8:b::1/64 dev b0 nodad
"""
_ROUTES = """
route add default via 10.1.0.254
route add default via 10.2.0.254 metric 500
route add 10.50.0.0/16 via 10.1.0.9 table 4242424242 metric 7
route add 10.51.0.0/16 dev a0 scope link src 10.2.0.1 table 100 proto 77
route add 10.52.0.0/16 nexthop via 10.1.0.2 dev a0 weight 3 nexthop via 10.2.0.2 dev b0 weight 5
route add 10.53.0.0/16 nexthop via 10.1.0.2 dev a0 weight 1 nexthop dev b0 weight 256
route add blackhole 10.60.0.0/16
route add unreachable 10.61.0.0/16 metric 4294967295
route add prohibit 10.62.0.0/16 table 200
route add throw 10.63.0.0/16 table 200
route add broadcast 10.64.0.255 dev a0 table local
route add local 10.65.0.0/16 dev lo table local
route add multicast 239.7.0.0/16 dev a0 table 201
route add 10.66.0.0/16 via 203.0.113.9 dev b0 onlink
route add 10.67.0.0/16 via inet6 2001:db8:a::9 dev a0
route add 10.68.0.0/16 via 10.1.0.7 tos 0x10 mtu 1280
route add 10.69.0.0/16 via 10.1.0.7 mtu lock 1281 advmss 1000 proto static
route add 0.0.0.0/1 dev a0 scope 150 table 202
route add 128.0.0.0/1 dev a0 scope site table 202
route add default via 2001:db8:a::fe metric 30
route add 2001:db8:50::/48 via 2001:db8:a::9 table 4242424242
route add 2001:db8:51::/48 nexthop via 2001:db8:a::2 dev a0 weight 2 nexthop via 2001:db8:b::2 dev b0 weight 4
route add blackhole 2001:db8:60::/48
route add unreachable 2001:db8:61::/48 metric 9
route add prohibit 2001:db8:62::/48 table 200
route add throw 2001:db8:63::/48 table 200
route add 2001:db8:64::/48 from 2001:db8:a::/64 via 2001:db8:b::2 dev b0
route add default from 2001:db8:b::/64 via 2001:db8:b::3 dev b0 metric 40
route add 2001:db8:65::/48 via 2001:db8:dead::1 dev b0 onlink
route add 2001:db8:66::/48 dev a0 src 2001:db8:b::1 mtu 1280 proto ra pref high
route add local 2001:db8:67::/48 dev lo table local
route add multicast ff05::/16 dev a0 table 201
nexthop add id 11 via 10.1.0.11 dev a0
nexthop add id 12 via 10.2.0.12 dev b0
nexthop add id 13 group 11,3/12,5
nexthop add id 14 blackhole
nexthop add id 15 via 2001:db8:a::15 dev a0
route add 10.80.0.0/16 nhid 11
route add 10.81.0.0/16 nhid 13
route add 10.82.0.0/16 nhid 14
route add 2001:db8:80::/48 nhid 15
"""
_RULES = """
rule add priority 100 fwmark 0x1/0xff table 100
rule add priority 101 fwmark 0xdeadbeef lookup 4242424242
rule add priority 102 iif a0 to 10.50.0.0/16 lookup 100
rule add priority 103 oif b0 from 10.1.0.0/24 lookup 200
rule add priority 104 from 10.1.0.5 goto 110
rule add priority 105 not from 10.2.0.0/16 lookup 100
rule add priority 106 to 10.99.0.0/16 prohibit
rule add priority 107 to 10.98.0.0/16 blackhole
rule add priority 108 to 10.97.0.0/16 unreachable
rule add priority 109 iif gone0 nop
rule add priority 110 tos 0x10 lookup main suppress_prefixlength 0
rule add priority 111 uidrange 100-200 ipproto tcp sport 10-20 dport 80 lookup 100
rule add priority 112 from 10.1.0.6 goto 9999
"""
_RULES_6 = """
rule add priority 100 fwmark 0x2 lookup 200
rule add priority 101 from 2001:db8:a::/64 lookup 4242424242
rule add priority 102 not iif a0 to 2001:db8:62::/48 prohibit
"""
_NEIGHBOURS = """
neigh add 10.1.0.10 lladdr 02:00:00:00:00:10 dev a0 nud permanent
neigh add 10.1.0.11 lladdr 02:00:00:00:00:11 dev a0 nud noarp
neigh add 10.1.0.12 lladdr 02:00:00:00:00:12 dev a0 nud reachable
neigh add 10.1.0.13 lladdr 02:00:00:00:00:13 dev a0 nud stale
neigh add 10.1.0.15 dev a0 nud failed
neigh add 10.1.0.16 lladdr 02:00:00:00:00:16 dev a0 nud permanent router
neigh add proxy 10.1.0.99 dev a0
neigh add 2001:db8:a::10 lladdr 02:00:00:00:00:10 dev a0 nud permanent
neigh add 2001:db8:a::11 lladdr 02:00:00:00:00:11 dev a0 nud stale router
neigh add 2001:db8:a::12 lladdr 02:00:00:00:00:12 dev a0 nud reachable extern_learn
neigh add 2001:db8:a::13 dev a0 nud failed
"""
_PORT_FDB = """
fdb add 02:00:00:00:01:01 dev v1 master static
fdb add 02:00:00:00:01:02 dev v1 master permanent
fdb add 02:00:00:00:01:03 dev self0 master dynamic
fdb add 02:00:00:00:01:04 dev v2 master static sticky
fdb add 02:00:00:00:01:05 dev v2 master static extern_learn
fdb add 02:00:00:00:01:06 dev br0 self permanent
fdb add 02:00:00:00:01:07 dev mv4 self
"""
_VXLAN_FDB = """
fdb add 02:00:00:00:02:01 dev vx0 dst 192.0.2.9 self permanent
fdb add 02:00:00:00:02:02 dev vx0 dst 192.0.2.10 port 4790 vni 99 self static
fdb append 02:00:00:00:02:02 dev vx0 dst 192.0.2.11 self static
fdb add 02:00:00:00:02:03 dev vx1 dst 192.0.2.12 via br60 self permanent
fdb add 02:00:00:00:02:04 dev vx0 master static
fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.13 self permanent
"""


def build(lab: Lab) -> None:
    """Make the rich lab; `host` is where netview starts."""
    lab.add(*NAMES, HELD, HIDDEN)
    for batch in (_WIRES, _BRIDGES, _KINDS, _TUNNELS, _ADDRESSES):
        lab.ip("host", batch)
    lab.ip("c3", "link add eth0 index 30 type veth peer name eth0 index 30 netns @c4\nlink set lo up\nlink set eth0 up\n")
    lab.ip("c4", "link set eth0 up\n")
    lab.ip("c1", "link set eth0 up\nlink add vn index 31 type veth peer name eth0 index 30 netns @n1\nlink set vn up\n")
    lab.ip("n1", "link set eth0 up\nlink add vn index 31 type veth peer name eth0 index 30 netns @n2\n")
    lab.ip("c2", "link set eth0 up\nlink set mv3 up\n")
    lab.ip("over", _OVERLAY)
    for batch in (_ROUTE_LINKS, _ROUTES, _RULES, _NEIGHBOURS):
        lab.ip("rt", batch)
    lab.ip("rt", _RULES_6, "-6")
    lab.bridge("host", _PORT_FDB)
    lab.bridge("over", _VXLAN_FDB)
    lab.hold(HELD)
    lab.hide(HIDDEN)
