"""IKEv2: initiator and responder of IKE SAs and child SAs (RFC 7296, RFC 4877, RFC 5026).

`IkeInitiator` and `IkeResponder` are actors; `Settings` say who they are, whom they believe and
which algorithms they know.  What both have in common is `End`, with an `IkeSa` for each IKE SA and
a `Session` for what outlives its rekeying.

>>> from ipaddress import IPv6Address, IPv6Network
>>> from random import Random
>>> from mip6boot.flow import ike
>>> from mip6boot.ikev2 import FqdnIdentity, Rfc822Identity
>>> def settings(identity):
...     return ike.Settings(
...         credentials=ike.Credentials(identity=identity, shared_key=b"known to both"),
...         peers=(ike.PadEntry(identity="*", shared_key=b"known to both"),),
...     )
>>> ue = ike.IkeInitiator(
...     "UE", settings(Rfc822Identity(address="mn1@example.org")), rng=Random(1),
...     local=IPv6Address("2001:db8::10"), remote=IPv6Address("2001:db8::1"),
...     wanted=ike.Wanted(address=True),
... )
>>> ha = ike.IkeResponder(
...     "HA", settings(FqdnIdentity(fqdn="ha.example.org")), rng=Random(2),
...     addresses=ike.Pool(IPv6Network("2001:db8:100::/64")),
... )
>>> ue.start(0.0)
>>> for end, other in ((ue, ha), (ha, ue)) * 2:
...     for unit in end.to_send():
...         other.receive(unit, 0.1)
>>> ue.established.home.address
IPv6Address('2001:db8:100::1')
"""

from __future__ import annotations

from . import (
    addresses,
    admission,
    credentials,
    end,
    initiator,
    initiator_authentication,
    pool,
    proposals,
    responder,
    sa,
    selectors,
    session,
    settings,
)
from .addresses import *
from .admission import *
from .credentials import *
from .end import *
from .initiator import *
from .initiator_authentication import *
from .pool import *
from .proposals import *
from .responder import *
from .sa import *
from .selectors import *
from .session import *
from .settings import *

__all__: list[str] = []
__all__ += addresses.__all__
__all__ += admission.__all__
__all__ += credentials.__all__
__all__ += end.__all__
__all__ += initiator.__all__
__all__ += initiator_authentication.__all__
__all__ += pool.__all__
__all__ += proposals.__all__
__all__ += responder.__all__
__all__ += sa.__all__
__all__ += selectors.__all__
__all__ += session.__all__
__all__ += settings.__all__
