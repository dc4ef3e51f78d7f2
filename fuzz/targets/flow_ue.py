"""A UE in the middle of an attach; inputs are the scripts of `fuzz.rehearsal`."""

from __future__ import annotations

from ..rehearsal import Rehearsal

__all__ = ["mutate", "one", "seeds"]

_REHEARSAL = Rehearsal(
    lambda scenario: scenario.ue, lambda ue: ue.ike.keyring if ue.ike is not None else ue.keyring
)

one, mutate, seeds = _REHEARSAL.perform, _REHEARSAL.mutate, _REHEARSAL.seeds
