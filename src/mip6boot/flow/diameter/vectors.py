"""Authentication vectors over SWx: MAR, MAA and what they mean (TS 29.273 8.1.2.1)."""

from __future__ import annotations

from collections.abc import Iterable

from ...diameter import Anid, Result, SipAuthDataItem, SipAuthorization, ThreeGppResult
from ...diameter.interfaces import AuthenticationItem, Refusal, swx
from ...diameter.interfaces.typed import missing
from ...eap import EapType
from ...security import AuthenticationVector, Secret
from ..eap_server_session import VectorRequest
from ..usim import Resynchronisation
from .results import Refused

__all__: list[str] = []

_SCHEMES = {EapType.AKA: "EAP-AKA", EapType.AKA_PRIME: "EAP-AKA'"}
_METHODS = {scheme: method for method, scheme in _SCHEMES.items()}

#: Octets of RAND, AUTN and each key, and those of AUTS (TS 33.102 6.3).
_RAND, _AUTN, _KEY, _AUTS = 16, 16, 16, 14


def item_wanted(request: VectorRequest) -> AuthenticationItem:
    """What MAR asks for."""
    found = request.resynchronisation
    return AuthenticationItem(
        scheme=_SCHEMES[request.method],
        authorization=None if found is None else found.rand + found.auts,
    )


def wanted_of(request: swx.Mar, imsi: str) -> VectorRequest | Refusal | Refused:
    """What a MAR asks for, or why that cannot be."""
    item = request.auth_item
    method = _METHODS.get(item.scheme or "")
    if method is None:
        return Refused(result=ThreeGppResult.DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED)
    if method == EapType.AKA_PRIME and not request.anid:
        failed = (missing(Anid),)
        return Refusal(Result.DIAMETER_MISSING_AVP, "the keys are bound to the ANID", failed)
    told = item.authorization
    if told is not None and len(told) != _RAND + _AUTS:
        failed = (SipAuthDataItem((SipAuthorization(told),)),)
        return Refusal(Result.DIAMETER_INVALID_AVP_VALUE, "no RAND and AUTS", failed)
    return VectorRequest(
        imsi=imsi,
        method=method,
        network_name=request.anid or "" if method == EapType.AKA_PRIME else "",
        visited_network=text_of(request.visited_network_identifier),
        rat_type=request.rat_type,
        server=request.origin_host,
        resynchronisation=None if told is None else Resynchronisation(told[:_RAND], told[_RAND:]),
    )


def items_of(
    vectors: Iterable[AuthenticationVector], method: EapType
) -> tuple[AuthenticationItem, ...]:
    """What MAA gives; the numbers tell the order of use (TS 29.229 6.3.14)."""
    return tuple(
        AuthenticationItem(
            item_number=number,
            scheme=_SCHEMES[method],
            authenticate=vector.rand + vector.autn,
            authorization=vector.xres,
            confidentiality_key=vector.ck,
            integrity_key=vector.ik,
        )
        for number, vector in enumerate(vectors, 1)
    )


def vector_of(answer: swx.Maa, method: EapType) -> AuthenticationVector | Refused:
    """The first vector of an answer; an answer without a whole one grants nothing."""
    for item in sorted(answer.auth_items, key=lambda item: item.item_number or 0):
        challenge, xres = item.authenticate or b"", item.authorization or b""
        ck, ik = item.confidentiality_key or b"", item.integrity_key or b""
        sizes = (len(challenge), len(ck), len(ik))
        if sizes == (_RAND + _AUTN, _KEY, _KEY) and xres and item.scheme == _SCHEMES[method]:
            rand, autn = challenge[:_RAND], challenge[_RAND:]
            return AuthenticationVector(rand, autn, Secret(xres), Secret(ck), Secret(ik))
    return Refused(result=Result.DIAMETER_UNABLE_TO_COMPLY)


def text_of(visited_network: bytes | None) -> str:
    """The name of a visited network; octets that are no text are kept, so that it is its own."""
    return (visited_network or b"").decode(errors="surrogateescape")


def octets_of(visited_network: str) -> bytes | None:
    """Visited-Network-Identifier; none for the home network."""
    return visited_network.encode(errors="surrogateescape") or None
