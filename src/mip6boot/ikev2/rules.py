"""What may stand where in an IKEv2 message: one row a rule, each with its section.

`RULES` speak of messages as they are on the wire, `SEALED_RULES` of what is inside their Encrypted
payload, with the header of the message around.  Decoding refuses none of this.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..schema.rules import (
    AnyOf,
    AtMost,
    Before,
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
from .algorithms import TransformType
from .codes import ConfigurationType, ExchangeType, ProtocolId
from .configuration import Configuration
from .configuration_prefixes import InternalIp6Address, Mip6HomePrefix
from .header import IkeFlags, IkeMessage
from .notify_types import NotifyType
from .payloads.authentication import Authentication
from .payloads.base import Payload
from .payloads.certificates import Certificate, CertificateRequest
from .payloads.delete import Delete, VendorId
from .payloads.eap import Eap
from .payloads.encrypted import Encrypted, EncryptedFragment
from .payloads.identification import Identification, IDi, IDr
from .payloads.key_exchange import KeyExchange, Nonce
from .payloads.notify import NotifyPayload
from .payloads.notify_core import Cookie
from .payloads.notify_extensions import TicketOpaque
from .payloads.notify_redirect import Redirect
from .payloads.security_association import Proposal, SecurityAssociation, Transform
from .payloads.traffic_selectors import TrafficSelectors, TSi, TSr

__all__ = ["RULES", "SEALED_RULES", "check"]

_INIT = Equal("exchange_type", ExchangeType.IKE_SA_INIT)
_AUTH = Equal("exchange_type", ExchangeType.IKE_AUTH)
_CHILD = Equal("exchange_type", ExchangeType.CREATE_CHILD_SA)
_INFORMATIONAL = Equal("exchange_type", ExchangeType.INFORMATIONAL)
_RESUME = Equal("exchange_type", ExchangeType.IKE_SESSION_RESUME)

_RESPONSE = Bit("flags", IkeFlags.R)
_REQUEST = Not(_RESPONSE)
#: The first IKE_AUTH request; with IKE_INTERMEDIATE (RFC 9242) it has a higher message id.
_FIRST = Equal("message_id", 1)

#: A notification below 16384 is an error (RFC 7296 3.10.1), and stands for what is missing.
_ERROR = HasWith(NotifyPayload, AtMost("notify_type", 16383))
_ANSWERS_OTHERWISE = AnyOf((_ERROR, Has(Cookie), Has(Redirect)))

_ENCRYPTED = (Encrypted, EncryptedFragment)
#: Payload types that RFC 7296 defines: the critical bit of none may be set.
_BASIC = (
    SecurityAssociation, KeyExchange, Identification, Certificate, CertificateRequest,
    Authentication, Nonce, NotifyPayload, Delete, VendorId, TrafficSelectors, Encrypted,
    Configuration, Eap,
)  # fmt: skip


def _notify(kind: NotifyType, *conditions: object, section: str, most: int = 1) -> Rule:
    """Row: so many notifications of a type."""
    return Rule(container=IkeMessage, element=NotifyPayload, where=Equal("notify_type", kind),
                most=most, conditions=conditions, section=section)  # fmt: skip


def _only(element: object, *conditions: object, section: str, least: int = 1) -> Rule:
    """Row: the payload stands there, once."""
    return Rule(container=IkeMessage, element=element, least=least, most=1,
                conditions=conditions, section=section)  # fmt: skip


def _none(element: object, *conditions: object, section: str) -> Rule:
    """Row: the payload has no place there."""
    return Rule(container=IkeMessage, element=element, most=0, conditions=conditions,
                section=section)  # fmt: skip


_EVERYWHERE: tuple[Rule | FieldRule, ...] = (
    FieldRule(container=Payload, field="reserved", allowed=(0,), section="7296 3.2"),
    FieldRule(container=_BASIC, field="critical", allowed=(False,), section="7296 3.2"),
    FieldRule(container=Nonce, field="nonce_data", size=(16, 256), section="7296 3.9"),
    FieldRule(container=Cookie, field="cookie", size=(1, 64), section="7296 2.6"),
    FieldRule(container=SecurityAssociation, field="proposals", size=(1, 255), section="7296 3.3"),
    FieldRule(container=TrafficSelectors, field="selectors", size=(1, 255), section="7296 3.13"),
    FieldRule(container=Proposal, field="transforms", size=(1, 255), section="7296 3.3"),
    FieldRule(container=Proposal, field="proposal_num", least=1, section="7296 3.3.1"),
    FieldRule(container=Proposal, field="spi", size=(4, 4),
              conditions=(AnyOf((Equal("protocol_id", ProtocolId.AH),
                                 Equal("protocol_id", ProtocolId.ESP))),),
              section="7296 3.3.1"),
    Rule(container=Proposal, element=Transform, least=1,
         where=Equal("transform_type", TransformType.SN),
         conditions=(Equal("protocol_id", ProtocolId.ESP),), section="7296 3.3.3"),
    Rule(container=Proposal, element=Transform, least=1,
         where=Equal("transform_type", TransformType.ENCR),
         conditions=(Not(Equal("protocol_id", ProtocolId.AH)),), section="7296 3.3.3"),
    Rule(container=Proposal, element=Transform, least=1,
         where=Equal("transform_type", TransformType.PRF),
         conditions=(Equal("protocol_id", ProtocolId.IKE),), section="7296 3.3.3"),
    Rule(container=Proposal, element=Transform, least=1,
         where=Equal("transform_type", TransformType.KE),
         conditions=(Equal("protocol_id", ProtocolId.IKE),), section="7296 3.3.3"),
    Rule(container=Proposal, element=Transform, least=1,
         where=Equal("transform_type", TransformType.INTEG),
         conditions=(Equal("protocol_id", ProtocolId.AH),), section="7296 3.3.3"),
    FieldRule(container=Delete, field="protocol_id", section="7296 3.11",
              allowed=(ProtocolId.IKE, ProtocolId.AH, ProtocolId.ESP)),
    FieldRule(container=Delete, field="spi_size", allowed=(0,),
              conditions=(Equal("protocol_id", ProtocolId.IKE),), section="7296 3.11"),
    FieldRule(container=Delete, field="spis", size=(0, 0),
              conditions=(Equal("protocol_id", ProtocolId.IKE),), section="7296 3.11"),
    FieldRule(container=Delete, field="spi_size", allowed=(4,),
              conditions=(AnyOf((Equal("protocol_id", ProtocolId.AH),
                                 Equal("protocol_id", ProtocolId.ESP))),),
              section="7296 3.11"),
    FieldRule(container=EncryptedFragment, field="fragment_number", least=1, section="7383 2.5"),
    FieldRule(container=EncryptedFragment, field="first_payload", allowed=(0,),
              conditions=(Not(AtMost("fragment_number", 1)),), section="7383 2.5"),
    FieldRule(container=EncryptedFragment, field="total_fragments", least=1, section="7383 2.5"),
)  # fmt: skip

RULES: tuple[Rule | FieldRule, ...] = (
    *_EVERYWHERE,
    # -- header -----------------------------------------------------------------------------
    FieldRule(container=IkeMessage, field="major_version", allowed=(2,), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="minor_version", allowed=(0,), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="reserved_high", allowed=(0,), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="reserved_low", allowed=(0,), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="flags", section="7296 3.1",
              allowed=(IkeFlags(0), IkeFlags.R, IkeFlags.I, IkeFlags.R | IkeFlags.I)),
    FieldRule(container=IkeMessage, field="initiator_spi", forbidden=(bytes(8),),
              section="7296 3.1"),
    FieldRule(container=IkeMessage, field="responder_spi", allowed=(bytes(8),),
              conditions=(_INIT, _REQUEST), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="responder_spi", forbidden=(bytes(8),),
              conditions=(AnyOf((_AUTH, _CHILD)),), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="message_id", allowed=(0,), conditions=(_INIT,),
              section="7296 2.2"),
    # -- IKE_SESSION_RESUME -----------------------------------------------------------------
    FieldRule(container=IkeMessage, field="responder_spi", allowed=(bytes(8),),
              conditions=(_RESUME, _REQUEST), section="5723 4.3.2"),
    _only(Nonce, _RESUME, _REQUEST, section="5723 4.3.2"),
    _only(TicketOpaque, _RESUME, _REQUEST, section="5723 4.3.2"),
    _only(Nonce, _RESUME, _RESPONSE,
          Not(AnyOf((_ANSWERS_OTHERWISE,
                     HasWith(NotifyPayload, Equal("notify_type", NotifyType.TICKET_NACK))))),
          section="5723 4.3.2"),
    _none((*_ENCRYPTED, SecurityAssociation, KeyExchange, Identification, Certificate,
           Authentication, TrafficSelectors, Configuration, Eap, Delete), _RESUME,
          section="5723 4.3.2"),
    # -- IKE_SA_INIT ------------------------------------------------------------------------
    _only(SecurityAssociation, _INIT, _REQUEST, section="7296 1.2"),
    _only(KeyExchange, _INIT, _REQUEST, section="7296 1.2"),
    _only(Nonce, _INIT, _REQUEST, section="7296 1.2"),
    _only(SecurityAssociation, _INIT, _RESPONSE, Not(_ANSWERS_OTHERWISE), section="7296 1.2"),
    _only(KeyExchange, _INIT, _RESPONSE, Not(_ANSWERS_OTHERWISE), section="7296 1.2"),
    _only(Nonce, _INIT, _RESPONSE, Not(_ANSWERS_OTHERWISE), section="7296 1.2"),
    Rule(container=IkeMessage, element=Cookie, most=1, position=Before((Payload,)),
         conditions=(_INIT, _REQUEST), section="7296 2.6"),
    _none(CertificateRequest, _INIT, _REQUEST, section="7296 C.1"),
    _none((*_ENCRYPTED, Identification, Certificate, Authentication, TrafficSelectors,
           Configuration, Eap, Delete), _INIT, section="7296 1.2"),
    _none(Redirect, _INIT, _REQUEST, section="5685 3"),
    _notify(NotifyType.REDIRECT_SUPPORTED, section="5685 3"),
    _notify(NotifyType.REDIRECTED_FROM, section="5685 3"),
    _notify(NotifyType.REDIRECT_SUPPORTED, _RESPONSE, section="5685 3", most=0),
    _notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED, section="7383 2.3"),
    _notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED, Not(_INIT), section="7383 2.3", most=0),
    # -- all other exchanges are sealed -----------------------------------------------------
    _only(_ENCRYPTED, AnyOf((_AUTH, _CHILD)), section="7296 1.2, 1.3"),
    # Outside of an IKE SA only a notification says what is wrong (RFC 7296 1.5).
    _only(_ENCRYPTED, _INFORMATIONAL, Not(Has(NotifyPayload)), section="7296 1.4"),
    _none((SecurityAssociation, KeyExchange, Nonce, Identification, Certificate,
           CertificateRequest, Authentication, TrafficSelectors, Configuration, Eap, Delete),
          Not(_INIT), Not(_RESUME), section="7296 1.2, 1.3, 1.4"),
)  # fmt: skip

SEALED_RULES: tuple[Rule | FieldRule, ...] = (
    *_EVERYWHERE,
    _none(_ENCRYPTED, section="7296 3.14"),
    # -- IKE_AUTH ---------------------------------------------------------------------------
    _only(IDi, _AUTH, _REQUEST, _FIRST, section="7296 1.2"),
    _only(IDi, _AUTH, _REQUEST, section="7296 1.2", least=0),
    _only(IDr, _AUTH, section="7296 1.2", least=0),
    _none(IDi, _AUTH, _RESPONSE, section="7296 1.2"),
    # Who sends no AUTH in the first request asks for EAP; the responder authenticates itself in the
    # first response, unless EAP alone is to do it (RFC 5998 3).
    _only(Authentication, _AUTH, section="7296 2.15", least=0),
    _only(Authentication, _AUTH, _RESPONSE, Has(IDr), Not(_ERROR), Not(Has(Eap)),
          section="7296 1.2"),
    _only(Eap, _AUTH, section="7296 2.16", least=0),
    _none(Eap, _AUTH, _REQUEST, _FIRST, section="7296 2.16"),
    _none(Eap, _AUTH, _REQUEST, Has(Authentication), section="7296 2.16"),
    # Without an SA payload the exchange makes no child SA (RFC 6023 3).
    _only(SecurityAssociation, _AUTH, section="7296 1.2", least=0),
    _only(TSi, _AUTH, Has(SecurityAssociation), section="7296 1.2"),
    _only(TSr, _AUTH, Has(SecurityAssociation), section="7296 1.2"),
    _none((TSi, TSr), _AUTH, Not(Has(SecurityAssociation)), section="7296 1.2"),
    _none((KeyExchange, Nonce, Delete), _AUTH, section="7296 1.2"),
    _notify(NotifyType.INITIAL_CONTACT, section="7296 2.4"),
    _notify(NotifyType.INITIAL_CONTACT, Not(_AUTH), section="7296 2.4", most=0),
    _notify(NotifyType.USE_TRANSPORT_MODE, section="7296 1.3.1"),
    _notify(NotifyType.EAP_ONLY_AUTHENTICATION, section="5998 3"),
    # -- the Configuration payload ----------------------------------------------------------
    _only(Configuration, section="7296 2.19", least=0),
    Rule(container=IkeMessage, element=Configuration, most=0, conditions=(_REQUEST,),
         where=AnyOf((Equal("cfg_type", ConfigurationType.REPLY),
                      Equal("cfg_type", ConfigurationType.ACK))),
         section="7296 3.15"),
    Rule(container=IkeMessage, element=Configuration, most=0, conditions=(_RESPONSE,),
         where=AnyOf((Equal("cfg_type", ConfigurationType.REQUEST),
                      Equal("cfg_type", ConfigurationType.SET))),
         section="7296 3.15"),
    Rule(container=Configuration, element=Mip6HomePrefix, most=1, section="5026 8.2"),
    # A node asks for a home address, or for the prefix to make one of, not for both.
    Rule(container=Configuration, element=Mip6HomePrefix, most=0,
         conditions=(Equal("cfg_type", ConfigurationType.REQUEST), Has(InternalIp6Address)),
         section="5026 5.3.2"),
    # -- CREATE_CHILD_SA --------------------------------------------------------------------
    _only(SecurityAssociation, _CHILD, _REQUEST, section="7296 1.3"),
    _only(Nonce, _CHILD, _REQUEST, section="7296 1.3"),
    _only(SecurityAssociation, _CHILD, _RESPONSE, Not(_ERROR), section="7296 1.3"),
    _only(Nonce, _CHILD, _RESPONSE, Not(_ERROR), section="7296 1.3"),
    _only(KeyExchange, _CHILD, section="7296 1.3", least=0),
    # A rekeyed IKE SA has no selectors and needs a key exchange.
    _only(KeyExchange, _CHILD, Has(SecurityAssociation), Not(Has(TSi)), section="7296 1.3.2"),
    _only(TSi, _CHILD, section="7296 1.3.1", least=0),
    _only(TSr, _CHILD, Has(TSi), section="7296 1.3.1"),
    _none(TSr, _CHILD, Not(Has(TSi)), section="7296 1.3.1"),
    _none((Identification, Certificate, CertificateRequest, Authentication, Eap, Delete), _CHILD,
          section="7296 1.3"),
    _notify(NotifyType.REKEY_SA, section="7296 1.3.3"),
    _notify(NotifyType.REKEY_SA, _RESPONSE, section="7296 1.3.3", most=0),
    # -- INFORMATIONAL ----------------------------------------------------------------------
    _none((SecurityAssociation, KeyExchange, Nonce, Identification, Certificate,
           CertificateRequest, Authentication, Eap, TrafficSelectors), _INFORMATIONAL,
          section="7296 1.4"),
)  # fmt: skip


def check(message: IkeMessage, inner: Sequence[Payload] | None = None) -> list[Violation]:
    """The rules that the message breaks, in the order of the wire; empty for a legal one.

    `inner` is the opened content of its Encrypted payload; paths in it begin with `inner`.
    """
    found = violations(message, RULES)
    if inner is not None:
        content = message.replace(payloads=tuple(inner))
        for violation in violations(content, SEALED_RULES):
            path = "inner" + violation.path.removeprefix("payloads")
            found.append(msgspec.structs.replace(violation, path=path))
    return found
