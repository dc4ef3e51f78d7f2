"""Hypothesis strategies derived from the declarations (extra `mip6boot[hypothesis]`).

>>> from hypothesis import given
>>> from mip6boot import mipv6, strategies
>>> @given(strategies.messages(mipv6.BindingUpdate))
... def comes_back(message):
...     assert mipv6.decode(message.encode()) == message
>>> comes_back()
"""

from __future__ import annotations

from . import conversation
from .conversation import *
from .derive import messages
from .legal import legal_messages

__all__ = ["legal_messages", "messages"]
__all__ += conversation.__all__
