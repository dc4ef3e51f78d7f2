"""Results of answers: which numbers are 3GPP's, and what an answer comes to (RFC 6733 7)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from ...diameter import (
    THREE_GPP,
    DiameterMessage,
    ExperimentalResult,
    ExperimentalResultCode,
    Result,
    ResultCode,
    ThreeGppResult,
)
from ...diameter.interfaces import Answer, VendorResult
from ..parts import find

__all__ = ["Refused"]

A = TypeVar("A", bound=Answer)

_THREE_GPP = frozenset(map(int, ThreeGppResult))

#: Where an answer of the home subscriber server helps nobody, its own result is not the client's.
_PASSED_ON = _THREE_GPP | {int(Result.DIAMETER_AUTHENTICATION_REJECTED)}


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that grants nothing."""

    result: int
    server: str = ""
    "The AAA server that serves the user instead."


def outcome(result: int) -> dict[str, Any]:
    """The field for a result: Experimental-Result for the numbers of 3GPP, else Result-Code.

    Numbers that 3GPP and the IETF have both used are meant as 3GPP's here.
    """
    if result in _THREE_GPP:
        return {"experimental_result": VendorResult(result_code=result)}
    return {"result_code": result}


def result_of(message: DiameterMessage | None) -> int:
    """The number of the result, a vendor's or that of the IETF; 0 for no answer, or one without."""
    avps = () if message is None else message.avps
    experimental = find(avps, ExperimentalResult)
    inside = () if experimental is None else experimental.value
    found = find(inside, ExperimentalResultCode) or find(avps, ResultCode)
    return 0 if found is None else int(found.value)


def is_success(result: int) -> bool:
    """What was asked for is granted."""
    return 2000 <= result < 3000


def why(result: int) -> str:
    """A result that is no success, in words."""
    return f"result {result}" if result else "no answer"


def read(kind: type[A], message: DiameterMessage | None) -> A | Refused:
    """The answer to a request to the home subscriber server, where it grants what was asked.

    Any other result than 3GPP's own, and silence, come to DIAMETER_UNABLE_TO_COMPLY: the client's
    own request was delivered, so that DIAMETER_UNABLE_TO_DELIVER would be wrong (RFC 6733 7.1.3).
    """
    unable = Refused(result=Result.DIAMETER_UNABLE_TO_COMPLY)
    if message is None or message.is_error or kind.refusal(message) is not None:
        return unable
    answer = kind.of(message)
    foreign = answer.experimental_result
    if foreign is not None and foreign.vendor_id != THREE_GPP:
        return unable
    if foreign is None and answer.result_code == Result.DIAMETER_SUCCESS:
        return answer
    if answer.result not in _PASSED_ON or (foreign is None and answer.result >= 5000):
        return unable
    return Refused(result=answer.result, server=getattr(answer, "aaa_server_name", None) or "")
