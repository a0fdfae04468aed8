"""One registry: names are unique, unknown ones list what there is."""

import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from core.detectors.network import NETWORKS
from core.errors import UnknownNameError
from core.plugins import Registry

REPOSITORY = Path(__file__).resolve().parents[2]


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


def test_a_plug_in_asked_for_by_its_name_imports_its_own_module_alone():
    code = (
        "import sys; from core.detectors.network import NETWORKS; NETWORKS.get('cnn2d-statspool'); "
        "print(sorted(m for m in sys.modules if m.startswith('core.detectors.zoo.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['core.detectors.zoo.cnn2d_statspool']"


def test_a_plug_in_is_found_whatever_its_module_is_called():
    # gmm lives in embedding_density.py, patchcnn-phase in patchcnn.py.
    assert {"gmm", "patchcnn-phase"} <= set(NETWORKS.names())
    assert NETWORKS.get("gmm").__module__ == "core.detectors.zoo.embedding_density"
