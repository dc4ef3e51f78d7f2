"""A property that is worked out once and kept beside the fields of a frozen object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["kept"]

T = TypeVar("T")


class kept(Generic[T]):  # noqa: N801 - it is used as a decorator
    """`functools.cached_property` without the lock that makes it slow in Python 3.11.

    The object needs a `__dict__`; what stands there under the name already is taken.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self.work, self.__doc__ = work, work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, obj: None, owner: type) -> kept[T]: ...
    @overload
    def __get__(self, obj: object, owner: type) -> T: ...
    def __get__(self, obj: object | None, owner: type) -> kept[T] | T:
        if obj is None:
            return self
        value = obj.__dict__[self.name] = self.work(obj)
        return value
