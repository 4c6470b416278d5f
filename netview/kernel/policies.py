"""Policies of IPsec in one namespace; asking for them loads no module."""

import errno

from netview.decode.netlink import MalformedError
from netview.decode.xfrm import EVERY_POLICY, GETPOLICY, NEWPOLICY, policy
from netview.derive.path.questions import Policies
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE, Place
from netview.kernel.rulesets import listens

_XFRM = 6


class PolicySocket(RouteSocket):
    """NETLINK_XFRM."""

    protocol = _XFRM
    guarded = True


def policies(place: Place = HERE) -> Policies:
    """Those of the namespace, the first to be looked at first; raises OSError. None where nobody can have made any."""
    if not listens(_XFRM, place):
        return Policies(())
    with PolicySocket(place) as socket:
        try:
            found = [policy(*message) for message in socket.dump(GETPOLICY, NEWPOLICY, EVERY_POLICY)]
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.EINVAL}:
                return Policies(())
            raise
        except MalformedError as error:
            raise OSError(errno.EBADMSG, str(error)) from None
    return Policies(tuple(sorted((one for one in found if one is not None), key=lambda one: one.priority)))
