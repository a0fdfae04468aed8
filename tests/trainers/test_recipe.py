"""A recipe on the command line: single keys may be changed, impossible ones are refused."""

import pytest

from trainers.recipe import RecipeError
from trainers.recipe_file import load_recipe


def test_a_change_reaches_into_tables_and_lists():
    changes = ["name=louder", "augmentation.codec=0.9", "phases.0.steps=7", "sampling.rare = 1"]
    changed = load_recipe("cnn2d-lfcc", changes)
    assert (changed.name, changed.augmentation.codec, changed.phases[0].steps) == ("louder", 0.9, 7)
    assert changed.sampling.rare == 1.0 and changed.sampling.pairs == load_recipe("cnn2d-lfcc").sampling.pairs


@pytest.mark.parametrize("change", ["augmentation.codek=1", "phases.9.steps=1", "name.first=x", "nonsense"])
def test_an_impossible_change_is_refused(change):
    with pytest.raises(RecipeError):
        load_recipe("cnn2d-lfcc", [change])
