"""EAP (RFC 3748), and what SIM cards authenticate with: EAP-SIM, EAP-AKA and EAP-AKA'.

    >>> from mip6boot import eap
    >>> packet = eap.decode(bytes.fromhex("01cd000c320500000d010000"))
    >>> packet
    AkaPrimeRequest(identifier=205, subtype=<AkaSubtype.IDENTITY: 5>, reserved=0, \
attributes=(AtAnyIdReq(reserved=0),))
    >>> answer = eap.AkaPrimeResponse(205, packet.subtype, attributes=(eap.AtIdentity("6123456"),))
    >>> answer.encode().hex()
    '02cd0014320500000e0300073631323334353600'

`decode` picks the class by the packet's code and type; `check` tells which rules of the RFCs a
packet breaks.  What an AT_ENCR_DATA holds is again a list of attributes: `decode_attributes` reads
it once it is decrypted.  `PACKETS` and `ATTRIBUTES` are the registries:
`@eap.ATTRIBUTES.register(200)` adds an attribute of one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import (
    aka,
    aka_prime,
    attributes,
    basic,
    challenge,
    codes,
    encrypted,
    identity,
    outcome,
    packet,
    sim,
)
from .aka import *
from .aka_prime import *
from .attributes import *
from .basic import *
from .challenge import *
from .codes import *
from .encrypted import *
from .identity import *
from .outcome import *
from .packet import *
from .rules import RULES, check
from .sim import *

__all__ = ["RULES", "check", "decode", "from_dict"]
__all__ += aka.__all__
__all__ += aka_prime.__all__
__all__ += attributes.__all__
__all__ += basic.__all__
__all__ += challenge.__all__
__all__ += codes.__all__
__all__ += encrypted.__all__
__all__ += identity.__all__
__all__ += outcome.__all__
__all__ += packet.__all__
__all__ += sim.__all__


#: The packet that takes all of the octets; arguments as those of `Registry.decode`.
#: DecodeError says where and why not.  With `lenient`, an attribute that does not parse becomes a
#: Malformed that keeps its octets.
decode = PACKETS.decode


def from_dict(data: Mapping[str, Any]) -> EapPacket:
    """The packet of a JSON form; DecodeError with path for anything else."""
    return PACKETS.from_dict(data)
