"""Which attribute may stand in which packet, and how often: one row a rule, with its section.

Decoding refuses none of this.  The tables of RFC 4187 (10.1), RFC 4186 (10.1) and RFC 9048 (3.5)
stand here as tables, with their own marks; the rows are made from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..schema.rules import (
    LAST,
    AnyOf,
    Bit,
    Equal,
    FieldRule,
    Has,
    HasWith,
    Not,
    Rule,
    Violation,
    violations,
)
from .aka import AkaPacket, AkaRequest, AkaResponse
from .aka_prime import AkaPrimeRequest, AkaPrimeResponse, AtBidding, AtKdf, AtKdfInput
from .attributes import AkaAttribute, NestedAttributes, UnknownAkaAttribute
from .basic import GtcRequest, NakResponse, NotificationRequest, NotificationResponse
from .challenge import AtAutn, AtAuts, AtCheckcode, AtMac, AtRand, AtRes, AtResultInd
from .codes import AkaSubtype, SimSubtype
from .encrypted import AtCounter, AtCounterTooSmall, AtEncrData, AtIv, AtNonceS, AtPadding
from .identity import (
    AtAnyIdReq,
    AtFullauthIdReq,
    AtIdentity,
    AtNextPseudonym,
    AtNextReauthId,
    AtPermanentIdReq,
    IdentityReq,
)
from .outcome import AtClientErrorCode, AtNotification
from .packet import EapPacket
from .sim import AtNonceMt, AtSelectedVersion, AtVersionList, SimPacket, SimRequest, SimResponse

__all__ = ["RULES", "check"]

_AKA = (AkaRequest, AkaResponse)
_PRIME = (AkaPrimeRequest, AkaPrimeResponse)
_ALL = (AkaPacket, SimPacket)

_IDENTITY = (Equal("subtype", AkaSubtype.IDENTITY),)
_CHALLENGE = (Equal("subtype", AkaSubtype.CHALLENGE),)
_START = (Equal("subtype", SimSubtype.START),)
_NOTIFICATION = (Equal("subtype", AkaSubtype.NOTIFICATION),)  # EAP-SIM has the same number.

#: Notifications before a challenge; there is no key for a MAC yet.
_EARLY = Bit("code", 0x4000)

# Each column of a table: 0 is a request, 1 a response; and the subtype.
_AKA_COLUMNS = (
    (0, AkaSubtype.IDENTITY), (1, AkaSubtype.IDENTITY),
    (0, AkaSubtype.CHALLENGE), (1, AkaSubtype.CHALLENGE),
    (0, AkaSubtype.NOTIFICATION), (1, AkaSubtype.NOTIFICATION),
    (1, AkaSubtype.CLIENT_ERROR),
    (0, AkaSubtype.REAUTHENTICATION), (1, AkaSubtype.REAUTHENTICATION),
    (1, AkaSubtype.AUTHENTICATION_REJECT), (1, AkaSubtype.SYNCHRONIZATION_FAILURE),
)  # fmt: skip
_SIM_COLUMNS = (
    (0, SimSubtype.START), (1, SimSubtype.START),
    (0, SimSubtype.CHALLENGE), (1, SimSubtype.CHALLENGE),
    (0, SimSubtype.NOTIFICATION), (1, SimSubtype.NOTIFICATION),
    (1, SimSubtype.CLIENT_ERROR),
    (0, SimSubtype.REAUTHENTICATION), (1, SimSubtype.REAUTHENTICATION),
)  # fmt: skip

# The tables have rows for encrypted attributes too, but nobody sees those in a packet.
_NESTED = (AtNextPseudonym, AtNextReauthId, AtPadding, AtCounter, AtCounterTooSmall, AtNonceS)

Table = dict[type[AkaAttribute], str]

_AKA_TABLE: Table = {
    AtPermanentIdReq:  "0-1  0   0   0   0   0   0   0   0   0   0 ",
    AtAnyIdReq:        "0-1  0   0   0   0   0   0   0   0   0   0 ",
    AtFullauthIdReq:   "0-1  0   0   0   0   0   0   0   0   0   0 ",
    AtIdentity:        " 0  0-1  0   0   0   0   0   0   0   0   0 ",
    AtRand:            " 0   0   1   0   0   0   0   0   0   0   0 ",
    AtAutn:            " 0   0   1   0   0   0   0   0   0   0   0 ",
    AtRes:             " 0   0   0   1   0   0   0   0   0   0   0 ",
    AtAuts:            " 0   0   0   0   0   0   0   0   0   0   1 ",
    AtIv:              " 0   0  0-1  0* 0-1 0-1  0   1   1   0   0 ",
    AtEncrData:        " 0   0  0-1  0* 0-1 0-1  0   1   1   0   0 ",
    AtCheckcode:       " 0   0  0-1 0-1  0   0   0  0-1 0-1  0   0 ",
    AtResultInd:       " 0   0  0-1 0-1  0   0   0  0-1 0-1  0   0 ",
    AtMac:             " 0   0   1   1  0-1 0-1  0   1   1   0   0 ",
    AtNotification:    " 0   0   0   0   1   0   0   0   0   0   0 ",
    AtClientErrorCode: " 0   0   0   0   0   0   1   0   0   0   0 ",
}  # fmt: skip

# The table of RFC 9048 has a 1 for AT_BIDDING, but servers of RFC 4187 alone do not know it.
_BIDDING_TABLE: Table = {
    AtBidding:         " 0   0  0-1  0   0   0   0   0   0   0   0 ",
}  # fmt: skip

# RFC 9048's table has a 1 for AT_RES in (4), but by 3.2 a response that asks for another key
# derivation function has AT_KDF and nothing else.
_PRIME_TABLE: Table = _AKA_TABLE | {
    AtRes:             " 0   0   0  0-1  0   0   0   0   0   0   0 ",
    AtMac:             " 0   0   1  0-1 0-1 0-1  0   1   1   0   0 ",
    AtKdf:             " 0   0   1+  0+  0   0   0   0   0   0   1+",
    AtKdfInput:        " 0   0   1   0   0   0   0   0   0   0   0 ",
    AtBidding:         " 0   0   0   0   0   0   0   0   0   0   0 ",
}  # fmt: skip

_SIM_TABLE: Table = {
    AtVersionList:     " 1   0   0   0   0   0   0   0   0 ",
    AtSelectedVersion: " 0  0-1  0   0   0   0   0   0   0 ",
    AtNonceMt:         " 0  0-1  0   0   0   0   0   0   0 ",
    AtPermanentIdReq:  "0-1  0   0   0   0   0   0   0   0 ",
    AtAnyIdReq:        "0-1  0   0   0   0   0   0   0   0 ",
    AtFullauthIdReq:   "0-1  0   0   0   0   0   0   0   0 ",
    AtIdentity:        " 0  0-1  0   0   0   0   0   0   0 ",
    AtRand:            " 0   0   1   0   0   0   0   0   0 ",
    AtIv:              " 0   0  0-1  0* 0-1 0-1  0   1   1 ",
    AtEncrData:        " 0   0  0-1  0* 0-1 0-1  0   1   1 ",
    AtResultInd:       " 0   0  0-1 0-1  0   0   0  0-1 0-1",
    AtMac:             " 0   0   1   1  0-1 0-1  0   1   1 ",
    AtNotification:    " 0   0   0   0   1   0   0   0   0 ",
    AtClientErrorCode: " 0   0   0   0   0   0   1   0   0 ",
}  # fmt: skip

#: Least and most of a mark; 0* is for later versions, which everybody has to read (RFC 4187 9.4).
_COUNTS: Mapping[str, tuple[int, int | None]] = {
    "0": (0, 0), "0-1": (0, 1), "0*": (0, 1), "1": (1, 1), "1+": (1, None),
}  # fmt: skip

# What has two reserved octets, and what ends in padding.
_RESERVED = (
    AkaPacket, SimPacket, IdentityReq, AtRand, AtAutn, AtMac, AtCheckcode, AtResultInd, AtIv,
    AtEncrData, AtCounterTooSmall, AtNonceS, AtNonceMt,
)  # fmt: skip
_PADDED = (AtIdentity, AtNextPseudonym, AtNextReauthId, AtRes, AtVersionList, AtKdfInput)


def _table(
    containers: tuple[type[EapPacket], ...], columns: tuple[Any, ...], table: Table, section: str
) -> Iterator[Rule]:
    """The rows of a table: one for each attribute, direction and mark."""
    for element, marks in table.items():
        cells: dict[tuple[int, str], list[Equal]] = {}
        for (direction, subtype), mark in zip(columns, marks.split(), strict=True):
            cells.setdefault((direction, mark), []).append(Equal("subtype", subtype))
        for (direction, mark), subtypes in cells.items():
            if mark != "0+":
                least, most = _COUNTS[mark]
                yield Rule(container=containers[direction], element=element, least=least,
                           most=most, conditions=(AnyOf(tuple(subtypes)),),
                           section=section)  # fmt: skip


def _never(
    containers: tuple[Any, ...], *elements: type[AkaAttribute], section: str
) -> Iterator[Rule]:
    """Rows: none of the elements stands in any of the containers."""
    for element in elements:
        yield Rule(container=containers, element=element, most=0, section=section)


RULES: tuple[Rule | FieldRule, ...] = (
    # -- the tables -------------------------------------------------------------------------
    *_table(_AKA, _AKA_COLUMNS, _AKA_TABLE, "4187 10.1"),
    *_table(_AKA, _AKA_COLUMNS, _BIDDING_TABLE, "9048 4.1"),
    *_table(_PRIME, _AKA_COLUMNS, _PRIME_TABLE, "9048 3.5"),
    *_table((SimRequest, SimResponse), _SIM_COLUMNS, _SIM_TABLE, "4186 10.1"),
    # -- attributes of other methods, which receivers may not skip ----------------------------
    *_never(_AKA, AtNonceMt, AtVersionList, AtSelectedVersion, AtKdf, AtKdfInput,
            section="4187 8.1"),
    *_never(_PRIME, AtNonceMt, AtVersionList, AtSelectedVersion, section="4187 8.1"),
    *_never((SimPacket,), AtAutn, AtRes, AtAuts, AtKdf, AtKdfInput, section="4186 8.1"),
    FieldRule(container=UnknownAkaAttribute, field="registry_code", least=128,
              section="4187 8.1"),
    # -- in the clear, and encrypted ----------------------------------------------------------
    *_never(_ALL, *_NESTED, section="4187 10.1"),
    *(Rule(container=NestedAttributes, element=element, most=1, section="4187 10.1")
      for element in _NESTED),
    *_never((NestedAttributes,), *(_PRIME_TABLE | _SIM_TABLE), section="4187 10.1"),
    Rule(container=NestedAttributes, element=AtPadding, position=LAST, section="4187 10.12"),
    FieldRule(container=AtPadding, field="padding", allowed=(bytes(2), bytes(6), bytes(10)),
              section="4187 10.12"),
    Rule(container=_ALL, element=AtIv, least=1, conditions=(Has(AtEncrData),),
         section="4187 10.12"),
    Rule(container=_ALL, element=AtEncrData, least=1, conditions=(Has(AtIv),),
         section="4187 10.12"),
    # -- directions ---------------------------------------------------------------------------
    FieldRule(container=(AkaRequest, AkaPrimeRequest), field="subtype",
              allowed=(AkaSubtype.CHALLENGE, AkaSubtype.IDENTITY, AkaSubtype.NOTIFICATION,
                       AkaSubtype.REAUTHENTICATION),
              section="4187 9"),
    FieldRule(container=(AkaResponse, AkaPrimeResponse), field="subtype",
              allowed=tuple(AkaSubtype), section="4187 9"),
    FieldRule(container=SimRequest, field="subtype",
              allowed=(SimSubtype.START, SimSubtype.CHALLENGE, SimSubtype.NOTIFICATION,
                       SimSubtype.REAUTHENTICATION),
              section="4186 9"),
    FieldRule(container=SimResponse, field="subtype", allowed=tuple(SimSubtype),
              section="4186 9"),
    # -- identities ---------------------------------------------------------------------------
    Rule(container=(AkaRequest, AkaPrimeRequest), element=IdentityReq, least=1, most=1,
         conditions=_IDENTITY, section="4187 9.1"),
    Rule(container=SimRequest, element=IdentityReq, most=1, conditions=_START,
         section="4186 9.1"),
    # The tables say 0-1.
    Rule(container=(AkaResponse, AkaPrimeResponse), element=AtIdentity, least=1,
         conditions=_IDENTITY, section="4187 9.2"),
    # -- versions of EAP-SIM: neither attribute stands with an identity for re-authentication -----
    *(Rule(container=SimResponse, element=element, least=1,
           conditions=(*_START, AnyOf((Has(other), Not(Has(AtIdentity))))), section="4186 9.2")
      for element, other in ((AtNonceMt, AtSelectedVersion), (AtSelectedVersion, AtNonceMt))),
    # -- challenges ---------------------------------------------------------------------------
    *(Rule(container=AkaPrimeResponse, element=element, least=1,
           conditions=(*_CHALLENGE, Not(Has(AtKdf))), section="4187 9.4")
      for element in (AtRes, AtMac)),
    *(Rule(container=AkaPrimeResponse, element=element, most=0,
           conditions=(*_CHALLENGE, Has(AtKdf)), section="9048 3.2")
      for element in (AtRes, AtMac, AtCheckcode, AtResultInd, AtIv, AtEncrData)),
    FieldRule(container=AtRand, field="count", allowed=(1,), inside=(AkaPacket,),
              section="4187 10.6"),
    FieldRule(container=AtRand, field="count", allowed=(2, 3), inside=(SimPacket,),
              section="4186 10.9"),
    FieldRule(container=AtRes, field="res_length", least=32, most=128, section="4187 10.8"),
    FieldRule(container=AtCheckcode, field="size", allowed=(0, 20), inside=_AKA,
              section="4187 10.13"),
    FieldRule(container=AtCheckcode, field="size", allowed=(0, 32), inside=_PRIME,
              section="9048 3.4.3"),
    FieldRule(container=AtKdfInput, field="actual_network_name_length", least=1,
              section="9048 3.1"),
    FieldRule(container=AtVersionList, field="actual_version_list_length", least=2,
              section="4186 10.2"),
    # -- notifications ------------------------------------------------------------------------
    Rule(container=(AkaRequest, AkaPrimeRequest, SimRequest), element=AtMac, least=1,
         conditions=(*_NOTIFICATION, HasWith(AtNotification, Not(_EARLY))),
         section="4187 9.10"),
    Rule(container=(AkaRequest, AkaPrimeRequest, SimRequest), element=AtMac, most=0,
         conditions=(*_NOTIFICATION, HasWith(AtNotification, _EARLY)), section="4187 9.10"),
    FieldRule(container=AtNotification, field="code", most=0x7FFF, conditions=(_EARLY,),
              section="4187 6.1"),
    # -- reserved octets and padding ------------------------------------------------------------
    FieldRule(container=_RESERVED, field="reserved", allowed=(0,), section="4187 8.1, 10"),
    FieldRule(container=AtBidding, field="reserved", allowed=(0,), section="9048 4"),
    FieldRule(container=_PADDED, field="padding", allowed=(b"",), section="4187 10"),
    # -- RFC 3748's own types, of which some may not be empty --------------------------------------
    FieldRule(container=NotificationRequest, field="length", least=6, section="3748 5.2"),
    FieldRule(container=NotificationResponse, field="length", most=5, section="3748 5.2"),
    FieldRule(container=NakResponse, field="length", least=6, section="3748 5.3.1"),
    FieldRule(container=GtcRequest, field="length", least=6, section="3748 5.6"),
)  # fmt: skip


def check(packet: EapPacket | NestedAttributes) -> list[Violation]:
    """The rules that a packet, or decrypted attributes, break, in the order of the wire."""
    return violations(packet, RULES)
