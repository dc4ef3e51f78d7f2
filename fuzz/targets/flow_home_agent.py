"""A home agent in the middle of an attach; inputs are the scripts of `fuzz.rehearsal`."""

from __future__ import annotations

from ..rehearsal import Rehearsal

__all__ = ["mutate", "one", "seeds"]

_REHEARSAL = Rehearsal(lambda scenario: scenario.home_agent, lambda agent: agent.responder.keyring)

one, mutate, seeds = _REHEARSAL.perform, _REHEARSAL.mutate, _REHEARSAL.seeds
