"""What may stand where in an IKEv2 message: one row a rule, each with its section.

`RULES` speak of messages as they are on the wire, `SEALED_RULES` of what is inside their Encrypted
payload, with the header of the message around.  Decoding refuses none of this.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..schema.rules import (
    AllOf,
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
from .algorithms import (
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    TransformAttributeType,
    TransformType,
)
from .codes import ConfigurationType, ExchangeType, ProtocolId
from .configuration import Configuration, ConfigurationAttribute
from .configuration_prefixes import Mip6HomePrefix
from .header import IkeFlags, IkeMessage
from .notify_types import NotifyType
from .payloads.authentication import Authentication
from .payloads.base import Payload
from .payloads.certificates import Certificate, CertificateRequest
from .payloads.delete import Delete, VendorId
from .payloads.eap import Eap
from .payloads.encrypted import Encrypted, EncryptedFragment
from .payloads.identification import Identification, Identity, IDi, IDr
from .payloads.key_exchange import KeyExchange, Nonce
from .payloads.notify import NotifyPayload
from .payloads.notify_core import Cookie, InvalidSpi
from .payloads.notify_extensions import TicketOpaque
from .payloads.notify_redirect import FqdnGateway, Redirect, RedirectedFrom
from .payloads.security_association import (
    Proposal,
    SecurityAssociation,
    Transform,
    TransformAttribute,
)
from .payloads.traffic_selectors import TrafficSelectors, TSi, TSr

__all__ = ["RULES", "SEALED_RULES", "check"]


def _kind(*kinds: NotifyType) -> AnyOf | Equal:
    """Condition: the notification is of one of the types."""
    conditions = tuple(Equal("notify_type", kind) for kind in kinds)
    return conditions[0] if len(conditions) == 1 else AnyOf(conditions)


def _cipher(*ciphers: EncryptionAlgorithm) -> AllOf:
    """Condition: the transform is one of the ciphers."""
    one = AnyOf(tuple(Equal("transform_id", cipher) for cipher in ciphers))
    return AllOf((Equal("transform_type", TransformType.ENCR), one))


_INIT = Equal("exchange_type", ExchangeType.IKE_SA_INIT)
_AUTH = Equal("exchange_type", ExchangeType.IKE_AUTH)
_CHILD = Equal("exchange_type", ExchangeType.CREATE_CHILD_SA)
_INFORMATIONAL = Equal("exchange_type", ExchangeType.INFORMATIONAL)
_RESUME = Equal("exchange_type", ExchangeType.IKE_SESSION_RESUME)
_INTERMEDIATE = Equal("exchange_type", ExchangeType.IKE_INTERMEDIATE)

#: The exchanges before there are keys; RFC 5723 4.3.2 has the second behave like the first.
_BEGINS = AnyOf((_INIT, _RESUME))
#: The exchanges that nobody but the original initiator of an IKE SA starts.
_LEADS = AnyOf((_INIT, _RESUME, _INTERMEDIATE, _AUTH))

_RESPONSE = Bit("flags", IkeFlags.R)
_REQUEST = Not(_RESPONSE)
#: The first IKE_AUTH request; with IKE_INTERMEDIATE (RFC 9242) it has a higher message id.
_FIRST = Equal("message_id", 1)

_IKE = Equal("protocol_id", ProtocolId.IKE)
_AH = Equal("protocol_id", ProtocolId.AH)
_ESP = Equal("protocol_id", ProtocolId.ESP)
#: What is offered is an IKE SA.
_REKEYS_IKE = HasWith(SecurityAssociation, HasWith(Proposal, _IKE))

#: A notification below 16384 is an error (RFC 7296 3.10.1), and stands for what is missing; but
#: USE_ASSIGNED_HOA comes with an answer that is whole (RFC 5026 5.3.2).
_ERROR = HasWith(
    NotifyPayload, AllOf((AtMost("notify_type", 16383), Not(_kind(NotifyType.USE_ASSIGNED_HOA))))
)
_ANSWERS_OTHERWISE = AnyOf((_ERROR, Has(Cookie), Has(Redirect)))

#: Answers to a message of an SA, or of a version, that nobody knows here.
_STRAY = _kind(NotifyType.INVALID_IKE_SPI, NotifyType.INVALID_MAJOR_VERSION)
#: The message is of no IKE SA (RFC 7296 1.5), so nothing in it is protected.
_OUTSIDE = AnyOf((HasWith(NotifyPayload, _STRAY), Has(InvalidSpi)))

#: AES has keys of three sizes, so a transform has to say which.
_AES = _cipher(*(c for c in EncryptionAlgorithm if "AES" in c.name))
_AES_SECTIONS = "7296 3.3.5, 3686 5.4, 4106 8.4, 4309 7.4, 4543 5.3"
_MODES = {"CCM", "GCM", "GMAC", "POLY1305", "MGM"}
#: Ciphers that protect integrity too.
_COMBINED = _cipher(*(c for c in EncryptionAlgorithm if _MODES & {*c.name.split("_")}))
_INTEGRITY = Equal("transform_type", TransformType.INTEG)

#: Notifications about a child SA, which is named by its SPI.
_OF_CHILD = _kind(NotifyType.REKEY_SA, NotifyType.CHILD_SA_NOT_FOUND)

_ENCRYPTED = (Encrypted, EncryptedFragment)
#: Payload types that RFC 7296 defines: the critical bit of none may be set.
_BASIC = (
    SecurityAssociation, KeyExchange, Identification, Certificate, CertificateRequest,
    Authentication, Nonce, NotifyPayload, Delete, VendorId, TrafficSelectors, Encrypted,
    Configuration, Eap,
)  # fmt: skip


def _notify(kind: NotifyType, *conditions: object, section: str, most: int = 1) -> Rule:
    """Row: so many notifications of a type."""
    return Rule(container=IkeMessage, element=NotifyPayload, where=_kind(kind),
                most=most, conditions=conditions, section=section)  # fmt: skip


def _only(element: object, *conditions: object, section: str, least: int = 1) -> Rule:
    """Row: the payload stands there, once."""
    return Rule(container=IkeMessage, element=element, least=least, most=1,
                conditions=conditions, section=section)  # fmt: skip


def _none(element: object, *conditions: object, section: str) -> Rule:
    """Row: the payload has no place there."""
    return Rule(container=IkeMessage, element=element, most=0, conditions=conditions,
                section=section)  # fmt: skip


def _mandatory(protocol: Equal, *types: TransformType) -> tuple[Rule, ...]:
    """Rows: each proposal for the protocol has transforms of the types."""
    return tuple(
        Rule(container=Proposal, element=Transform, least=1, where=Equal("transform_type", kind),
             conditions=(protocol,), section="7296 3.3.3")
        for kind in types
    )  # fmt: skip


_EVERYWHERE: tuple[Rule | FieldRule, ...] = (
    FieldRule(container=Payload, field="reserved", allowed=(0,), section="7296 3.2"),
    FieldRule(container=_BASIC, field="critical", allowed=(False,), section="7296 3.2"),
    FieldRule(container=Nonce, field="nonce_data", size=(16, 256), section="7296 3.9"),
    FieldRule(container=Cookie, field="cookie", size=(1, 64), section="7296 2.6"),
    FieldRule(container=SecurityAssociation, field="proposals", size=(1, 255), section="7296 3.3"),
    FieldRule(container=TrafficSelectors, field="selectors", size=(1, 255), section="7296 3.13"),
    FieldRule(container=Proposal, field="transforms", size=(1, 255), section="7296 3.3"),
    FieldRule(container=Proposal, field="proposal_num", least=1, section="7296 3.3.1"),
    FieldRule(container=Proposal, field="spi", size=(4, 4), conditions=(AnyOf((_AH, _ESP)),),
              section="7296 3.3.1"),
    # -- transforms -------------------------------------------------------------------------
    *_mandatory(_IKE, TransformType.ENCR, TransformType.PRF, TransformType.KE),
    *_mandatory(_ESP, TransformType.ENCR, TransformType.SN),
    *_mandatory(_AH, TransformType.INTEG, TransformType.SN),
    Rule(container=Proposal, element=Transform, least=1, where=_INTEGRITY,
         conditions=(_IKE, Not(HasWith(Transform, _COMBINED))), section="7296 3.3.3"),
    Rule(container=Proposal, element=Transform, most=0,
         where=AllOf((_INTEGRITY, Not(Equal("transform_id", IntegrityAlgorithm.NONE)))),
         conditions=(HasWith(Transform, _COMBINED),), section="7296 3.3"),
    FieldRule(container=Transform, field="key_length", forbidden=(None,), conditions=(_AES,),
              section=_AES_SECTIONS),
    FieldRule(container=Transform, field="key_length", allowed=(None,),
              conditions=(AnyOf((_INTEGRITY, Equal("transform_type", TransformType.PRF))),),
              section="7296 3.3.5"),
    FieldRule(container=TransformAttribute, field="short", allowed=(1,),
              conditions=(Equal("attribute_type", TransformAttributeType.KEY_LENGTH),),
              section="7296 3.3.5"),
    # -- reserved octets --------------------------------------------------------------------
    FieldRule(container=Proposal, field="reserved", allowed=(0,), section="7296 3.3.1"),
    FieldRule(container=Transform, field="reserved", allowed=(0,), section="7296 3.3.2"),
    FieldRule(container=Transform, field="reserved2", allowed=(0,), section="7296 3.3.2"),
    FieldRule(container=KeyExchange, field="reserved2", allowed=(0,), section="7296 3.4"),
    FieldRule(container=Identity, field="reserved", allowed=(0,), section="7296 3.5"),
    FieldRule(container=Authentication, field="reserved2", allowed=(0,), section="7296 3.8"),
    FieldRule(container=TrafficSelectors, field="reserved2", allowed=(0,), section="7296 3.13"),
    FieldRule(container=Configuration, field="reserved2", allowed=(0,), section="7296 3.15"),
    FieldRule(container=ConfigurationAttribute, field="reserved_bit", allowed=(False,),
              section="7296 3.15.1"),
    # -- notifications and deletions ----------------------------------------------------------
    # Later documents want a 1 here (RFC 6023 4), so the row ends with RFC 7296's own types.
    FieldRule(container=NotifyPayload, field="protocol_id", allowed=(0,),
              conditions=(Equal("spi", b""),
                          AtMost("notify_type", NotifyType.NON_FIRST_FRAGMENTS_ALSO)),
              section="7296 3.10"),
    FieldRule(container=NotifyPayload, field="protocol_id", conditions=(_OF_CHILD,),
              allowed=(ProtocolId.AH, ProtocolId.ESP), section="7296 3.10"),
    FieldRule(container=NotifyPayload, field="spi", size=(4, 4), conditions=(_OF_CHILD,),
              section="7296 3.10"),
    FieldRule(container=Delete, field="protocol_id", section="7296 3.11",
              allowed=(ProtocolId.IKE, ProtocolId.AH, ProtocolId.ESP)),
    FieldRule(container=Delete, field="spi_size", allowed=(0,), conditions=(_IKE,),
              section="7296 3.11"),
    FieldRule(container=Delete, field="spis", size=(0, 0), conditions=(_IKE,),
              section="7296 3.11"),
    FieldRule(container=Delete, field="spi_size", allowed=(4,), conditions=(AnyOf((_AH, _ESP)),),
              section="7296 3.11"),
    Rule(container=RedirectedFrom, element=FqdnGateway, most=0, section="5685 9.3"),
    # -- notifications of the first exchange ----------------------------------------------------
    _notify(NotifyType.REDIRECT_SUPPORTED, section="5685 9.1"),
    _notify(NotifyType.REDIRECT_SUPPORTED, AnyOf((_RESPONSE, Not(_BEGINS))), section="5685 9.1",
            most=0),
    _notify(NotifyType.REDIRECTED_FROM, section="5685 9.3"),
    _notify(NotifyType.REDIRECTED_FROM, AnyOf((_RESPONSE, Not(_BEGINS))), section="5685 9.3",
            most=0),
    _notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED, section="7383 2.3"),
    _notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED, Not(_BEGINS), section="7383 2.3", most=0),
    _notify(NotifyType.SIGNATURE_HASH_ALGORITHMS, section="7427 4"),
    _notify(NotifyType.SIGNATURE_HASH_ALGORITHMS, Not(_BEGINS), section="7427 4", most=0),
    # -- fragments ------------------------------------------------------------------------------
    FieldRule(container=EncryptedFragment, field="fragment_number", least=1, section="7383 2.5"),
    FieldRule(container=EncryptedFragment, field="first_payload", allowed=(0,),
              conditions=(Not(AtMost("fragment_number", 1)),), section="7383 2.5"),
    FieldRule(container=EncryptedFragment, field="total_fragments", least=1, section="7383 2.5"),
    FieldRule(container=EncryptedFragment, field="fragments_behind", least=0,
              conditions=(Not(AtMost("total_fragments", 0)),), section="7383 2.5"),
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
    FieldRule(container=IkeMessage, field="flags", section="7296 3.1",
              allowed=(IkeFlags.I, IkeFlags.I | IkeFlags.V), conditions=(_LEADS, _REQUEST)),
    FieldRule(container=IkeMessage, field="flags", section="7296 3.1",
              allowed=(IkeFlags.R, IkeFlags.R | IkeFlags.V), conditions=(_LEADS, _RESPONSE)),
    # Who does not know the SPI of an ESP packet has no SPIs of IKE that would mean something.
    FieldRule(container=IkeMessage, field="initiator_spi", forbidden=(bytes(8),),
              conditions=(Not(Has(InvalidSpi)),), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="responder_spi", allowed=(bytes(8),),
              conditions=(_BEGINS, _REQUEST), section="7296 3.1, 5723 4.3.2"),
    FieldRule(container=IkeMessage, field="responder_spi", forbidden=(bytes(8),),
              conditions=(_BEGINS, _RESPONSE, Has(Nonce)), section="7296 2.6, 5723 4.3.2"),
    FieldRule(container=IkeMessage, field="responder_spi", forbidden=(bytes(8),),
              conditions=(Has(_ENCRYPTED),), section="7296 3.1"),
    FieldRule(container=IkeMessage, field="message_id", allowed=(0,), conditions=(_BEGINS,),
              section="7296 2.2, 5723 4.3.2"),
    FieldRule(container=IkeMessage, field="message_id", least=1,
              conditions=(AnyOf((_AUTH, _INTERMEDIATE)),), section="7296 2.2, 9242 3.2"),
    # -- IKE_SESSION_RESUME -----------------------------------------------------------------
    _only(Nonce, _RESUME, _REQUEST, section="5723 4.3.2"),
    _only(TicketOpaque, _RESUME, _REQUEST, section="5723 4.3.2"),
    _only(Nonce, _RESUME, _RESPONSE,
          Not(AnyOf((_ANSWERS_OTHERWISE, HasWith(NotifyPayload, _kind(NotifyType.TICKET_NACK))))),
          section="5723 4.3.2"),
    _none((*_ENCRYPTED, SecurityAssociation, KeyExchange, Identification, Certificate,
           CertificateRequest, Authentication, TrafficSelectors, Configuration, Eap, Delete),
          _RESUME, section="5723 4.3.2"),
    # -- IKE_SA_INIT ------------------------------------------------------------------------
    _only(SecurityAssociation, _INIT, _REQUEST, section="7296 1.2"),
    _only(KeyExchange, _INIT, _REQUEST, section="7296 1.2"),
    _only(Nonce, _INIT, _REQUEST, section="7296 1.2"),
    _only(SecurityAssociation, _INIT, _RESPONSE, Not(_ANSWERS_OTHERWISE), section="7296 1.2"),
    _only(KeyExchange, _INIT, _RESPONSE, Not(_ANSWERS_OTHERWISE), section="7296 1.2"),
    _only(Nonce, _INIT, _RESPONSE, Not(_ANSWERS_OTHERWISE), section="7296 1.2"),
    Rule(container=IkeMessage, element=Cookie, most=1, position=Before((Payload,)),
         conditions=(_BEGINS, _REQUEST), section="7296 2.6, 5723 4.3.2"),
    Rule(container=IkeMessage, element=SecurityAssociation, most=0,
         where=HasWith(Proposal, Not(_IKE)), conditions=(_INIT,), section="7296 1.2"),
    Rule(container=IkeMessage, element=SecurityAssociation, most=0,
         where=HasWith(Proposal, Not(Equal("spi", b""))), conditions=(_INIT,),
         section="7296 3.3.1"),
    _none(CertificateRequest, _INIT, _REQUEST, section="7296 C.1"),
    _none((*_ENCRYPTED, Identification, Certificate, Authentication, TrafficSelectors,
           Configuration, Eap, Delete), _INIT, section="7296 1.2"),
    _none(Redirect, _INIT, _REQUEST, section="5685 3"),
    Rule(container=IkeMessage, element=Redirect, where=Equal("nonce_data", b""), most=0,
         conditions=(_INIT, _RESPONSE), section="5685 3"),
    # -- all other exchanges are sealed -----------------------------------------------------
    _only(_ENCRYPTED, AnyOf((_AUTH, _CHILD)), Not(_OUTSIDE), section="7296 1.2, 1.3"),
    _only(_ENCRYPTED, _INFORMATIONAL, Not(_OUTSIDE), section="7296 1.4"),
    _only(_ENCRYPTED, _INTERMEDIATE, Not(_OUTSIDE), section="9242 3.2"),
    # -- what belongs to no IKE SA ------------------------------------------------------------
    _none(_ENCRYPTED, _OUTSIDE, section="7296 1.5"),
    Rule(container=IkeMessage, element=NotifyPayload, where=_STRAY, most=0,
         conditions=(_REQUEST,), section="7296 1.5"),
    _none(InvalidSpi, _RESPONSE, section="7296 1.5"),
    FieldRule(container=IkeMessage, field="flags", section="7296 1.5",
              allowed=(IkeFlags.I, IkeFlags.I | IkeFlags.V),
              conditions=(Has(InvalidSpi), _REQUEST)),
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
    _only(IDr, _AUTH, _RESPONSE, _FIRST, Not(_ERROR), section="7296 1.2"),
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
    _notify(NotifyType.EAP_ONLY_AUTHENTICATION, AnyOf((_RESPONSE, Not(_AUTH))), section="5998 3",
            most=0),
    Rule(container=IkeMessage, element=SecurityAssociation, most=0,
         where=HasWith(Proposal, _IKE), conditions=(_AUTH,), section="7296 1.2"),
    _none((SecurityAssociation, TrafficSelectors), _AUTH, _RESPONSE, Has(Redirect),
          section="5685 6"),
    # A gateway answers IKE_AUTH with it, or tells it in an exchange of its own.
    _none(Redirect, AnyOf((_CHILD, AllOf((_AUTH, _REQUEST)), AllOf((_INFORMATIONAL, _RESPONSE)))),
          section="5685 5, 6"),
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
    Rule(container=Configuration, element=Mip6HomePrefix, most=0,
         where=Not(Equal("value", None)),
         conditions=(Equal("cfg_type", ConfigurationType.REQUEST),), section="5026 8.2"),
    Rule(container=Configuration, element=Mip6HomePrefix, most=0, where=Equal("value", None),
         conditions=(Equal("cfg_type", ConfigurationType.REPLY),), section="5026 8.2"),
    # -- CREATE_CHILD_SA --------------------------------------------------------------------
    _only(SecurityAssociation, _CHILD, _REQUEST, section="7296 1.3"),
    _only(Nonce, _CHILD, _REQUEST, section="7296 1.3"),
    _only(SecurityAssociation, _CHILD, _RESPONSE, Not(_ERROR), section="7296 1.3"),
    _only(Nonce, _CHILD, _RESPONSE, Not(_ERROR), section="7296 1.3"),
    _only(KeyExchange, _CHILD, section="7296 1.3", least=0),
    # A rekeyed IKE SA has no selectors and needs a key exchange.
    _only(KeyExchange, _CHILD, _REKEYS_IKE, section="7296 1.3.2"),
    _none(TrafficSelectors, _CHILD, _REKEYS_IKE, section="7296 1.3.2"),
    FieldRule(container=Proposal, field="spi", size=(8, 8), conditions=(_IKE,),
              section="7296 3.3.1"),
    _only(TSi, _CHILD, Has(SecurityAssociation), Not(_REKEYS_IKE), section="7296 1.3.1"),
    _only(TSr, _CHILD, Has(SecurityAssociation), Not(_REKEYS_IKE), section="7296 1.3.1"),
    _none(TrafficSelectors, _CHILD, Not(Has(SecurityAssociation)), section="7296 1.3.1"),
    _none((Identification, Certificate, CertificateRequest, Authentication, Eap, Delete), _CHILD,
          section="7296 1.3"),
    _notify(NotifyType.REKEY_SA, section="7296 1.3.3"),
    _notify(NotifyType.REKEY_SA, AnyOf((_RESPONSE, Not(_CHILD), _REKEYS_IKE)),
            section="7296 1.3.3", most=0),
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
