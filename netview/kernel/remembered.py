"""What lists of the match recent and sets of ipset say of one packet; neither is read as a whole where there is another way."""

import errno
from pathlib import PurePath

from netview.decode.ipset import GET_BYINDEX, HEADER, NOT_IN_IT, TEST, ask_header, ask_member, ask_name, header, name
from netview.decode.recent import stamps
from netview.kernel.modules import is_at_hand
from netview.kernel.place import HERE, Place
from netview.kernel.rulesets import NetfilterSocket, listens
from netview.model import Packet
from netview.model.ruleset import IpSet, Membership, Remembered

_NETFILTER = NetfilterSocket.protocol


def recent(name_: str, address: str, place: Place = HERE) -> Remembered:
    """What a list says of an address; raises OSError."""
    if PurePath(name_).name != name_ or name_ == "..":
        raise OSError(errno.EINVAL, "a name that no list has")
    with place.table(f"xt_recent/{name_}") as file:
        told = (stamps(line, address) for line in file)
        return Remembered(next((one for one in told if one is not None), None))


def member(match: IpSet, packet: Packet, place: Place = HERE) -> Membership:
    """Whether a packet is in a set, by its key alone; raises OSError."""
    if not (listens(_NETFILTER, place) and is_at_hand("ip_set")):
        return Membership(None)
    with NetfilterSocket(place) as socket:
        named = socket.request(GET_BYINDEX, ask_name(match.number))
        described = None if named is None else socket.request(HEADER, ask_header(name(*named)))
        question = None if described is None else ask_member(header(*described), match, packet)
        if not isinstance(question, bytes):
            return Membership(question)
        try:
            socket.request(TEST, question)
        except OSError as error:
            if error.errno == NOT_IN_IT:
                return Membership(found=False)
            raise
        return Membership(found=True)
