"""What Hypothesis loads when it is imported: `st.from_type` of every declared class.

Classes are registered as they are declared, so that nothing is imported before somebody needs it.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ..declared import listen

__all__ = ["register"]


def register() -> None:
    """Tell Hypothesis of all classes, declared before or later; its entry point calls this."""
    listen(_register)


def _register(cls: Any) -> None:
    from ..schema.fallback import Malformed, Unaligned

    # What stands for something that did not parse is not declared by anybody.
    if not issubclass(cls, (Malformed, Unaligned)):
        st.register_type_strategy(cls, _messages)


def _messages(cls: Any) -> st.SearchStrategy[Any]:
    from .making.derive import messages

    return messages(cls)
