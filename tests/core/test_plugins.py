"""One registry: names are unique, unknown ones list what there is."""

from abc import ABC, abstractmethod

import pytest

from core.errors import UnknownNameError
from core.plugins import Registry


def test_a_second_use_of_a_name_raises():
    registry: Registry[int] = Registry("thing", "core.frontends")
    registry.register("one")(1)
    with pytest.raises(ValueError, match="registered already"):
        registry.register("one")(2)
    assert registry.get("one") == 1


def test_an_unknown_name_lists_the_known_ones():
    registry: Registry[int] = Registry("thing", "core.frontends")
    registry.register("one")(1)
    with pytest.raises(UnknownNameError, match=r"No thing is called 'two'; there are: one\."):
        registry.get("two")


def test_a_plug_in_that_lacks_a_method_is_refused_when_it_registers():
    class Contract(ABC):
        @abstractmethod
        def answer(self) -> int: ...

    class Incomplete(Contract):
        pass

    with pytest.raises(TypeError, match="The thing 'half' implements no answer"):
        Registry("thing", "core.frontends").register("half")(Incomplete)
