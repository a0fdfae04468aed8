"""Recipes: built on one another, changed key by key, and refused in a sentence where they ask for the impossible."""

import pytest

from core.detectors.network import NETWORKS
from trainers.recipe import Augmentation, Masks, Phase, Recipe, RecipeError, Sampling, Splices
from trainers.recipe_file import load_recipe, merge, recipe_names


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / f"{name}.toml"
        path.write_text(text)
        return str(path)

    return write


def test_a_change_reaches_into_tables_and_lists():
    changes = ["name=louder", "augmentation.codec=0.9", "phases.0.steps=7", "sampling.rare = 1"]
    changed = load_recipe("cnn2d-lfcc", changes)
    assert (changed.name, changed.augmentation.codec, changed.phases[0].steps) == ("louder", 0.9, 7)
    assert changed.sampling.rare == 1.0 and changed.sampling.pairs == load_recipe("cnn2d-lfcc").sampling.pairs


def test_a_star_changes_all_numbers_of_a_table():
    before, after = load_recipe("cnn2d-statspool.light"), load_recipe("cnn2d-statspool.light", ["augmentation.*=0"])
    assert (before.augmentation.noise, after.augmentation.noise, after.augmentation.codec) == (0.2, 0.0, 0.0)
    assert after.augmentation.noise_snr_db == before.augmentation.noise_snr_db
    assert before.augmentation.changes_anything and not after.augmentation.changes_anything


@pytest.mark.parametrize(
    ("change", "stated"),
    [
        ("augmentation.codek=1", "no key augmentation.codek; there are: silence_trim"),
        ("learning=1", "no key learning; there are: name"),
        ("phases.0.rate=1", "no key phases.0.rate; there are: steps"),
        ("phases.9.steps=1", "no key 'phases.9.steps'"),
        ("name.first=x", "no key 'name.first'"),
        ("augmentation.noise=2", "augmentation.noise: input should be less than or equal to 1"),
        ("nonsense", "key=value"),
    ],
)
def test_an_impossible_change_is_refused_in_one_line(change, stated):
    with pytest.raises(RecipeError) as refused:
        load_recipe("cnn2d-lfcc", [change])
    assert stated in str(refused.value) and "\n" not in str(refused.value)


def test_tables_are_merged_deeply_and_lists_replaced():
    base = {"a": {"b": {"c": 1, "d": 2}}, "list": [1, 2], "e": 1}
    assert merge(base, {"a": {"b": {"c": 3}}, "list": [4]}) == {"a": {"b": {"c": 3, "d": 2}}, "list": [4], "e": 1}
    assert base["a"]["b"]["c"] == 1


def test_a_recipe_extends_a_chain_of_others(write):
    write("one", 'extends = "cnn2d-statspool.dense-light"\nsummary = "One."\n[hyperparameters.lfcc]\nwindow = 200\n')
    two = write("two", 'extends = "one.toml"\nsummary = "Two."\n[[phases]]\nsteps = 5\nlearning_rate = 1e-4\n')
    recipe, base = load_recipe(two), load_recipe("cnn2d-statspool.dense-light")
    assert (recipe.name, recipe.architecture, recipe.summary) == ("two", "cnn2d-statspool", "Two.")
    assert recipe.hyperparameters == {"lfcc": {"hop": 80, "window": 200}}
    assert [phase.steps for phase in recipe.phases] == [5]
    assert recipe.augmentation == base.augmentation and recipe.masks == base.masks


def test_a_file_is_named_and_its_architecture_found_by_its_name(write):
    recipe = load_recipe(write("tinycnn-mfcc.quick", 'extends = "_light"\nsummary = "Quick."\n'))
    assert (recipe.name, recipe.architecture) == ("tinycnn-mfcc.quick", "tinycnn-mfcc")


def test_a_circle_of_recipes_is_refused_with_its_way(write):
    write("a", 'extends = "b.toml"\nsummary = "A."\n')
    write("b", 'extends = "a.toml"\nsummary = "B."\n')
    with pytest.raises(RecipeError, match=r"a\.toml extends itself \(a\.toml -> b\.toml -> a\.toml\)"):
        load_recipe(str(write("c", 'extends = "a.toml"\nsummary = "C."\n')).replace("c.toml", "a.toml"))


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ('extends = "nobody"\nsummary = ""', "no recipe 'nobody'"),
        ('extends = ["_base"]\nsummary = ""', "the name of one recipe"),
        ("summary = ", "cannot be read"),
        ('extends = "cnn2d-lfcc"', "summary: field required"),
    ],
)
def test_a_file_that_cannot_be_a_recipe_is_refused(write, text, stated):
    with pytest.raises(RecipeError, match=stated):
        load_recipe(write("x", text))


@pytest.mark.parametrize("name", recipe_names())
def test_a_shipped_recipe_is_named_after_its_architecture_and_found_by_its_old_name(name):
    recipe = load_recipe(name)
    assert (recipe.name, recipe.architecture) == (name, name.partition(".")[0])
    assert recipe.architecture in NETWORKS.names()
    assert load_recipe(name.replace(".", "-")) == recipe


@pytest.mark.parametrize("model", [Recipe, Phase, Masks, Sampling, Splices, Augmentation])
def test_every_key_has_a_description(model):
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_what_is_only_there_to_be_extended_is_no_recipe():
    assert not any(name.startswith("_") for name in recipe_names())
    with pytest.raises(RecipeError, match="cannot be used"):
        load_recipe("_base")


def test_an_unknown_recipe_lists_what_there_is():
    with pytest.raises(RecipeError, match="cnn2d-lfcc"):
        load_recipe("nothing")
