"""The reference run that ships: whole, without what it does not name, and true to the cards that ship with it."""

from core.detectors import checkpoint
from core.results.parts import part_folder
from core.usecases import reference_run


def test_no_part_ships_that_the_manifest_does_not_name():
    run = reference_run()
    assert run.measured is not None, "evaluate measures clips"
    named = {part.folder for part in (run.clip_part, run.measured, *run.parts.values())}
    unnamed = set((run.folder / "parts").iterdir()) - named
    assert unnamed == set(), "evaluate with --overwrite removes them"
    assert part_folder(run.folder, run.clip_part.about["key"]) in named


def test_outputs_are_calibrated_and_decided_as_the_cards_say():
    run = reference_run()
    for name in set(run.detectors) & set(checkpoint.shipped()):
        card, about = checkpoint.read_card(checkpoint.SHIPPED / name), run.manifest["detectors"][name]
        assert card.calibration is not None
        expected = (card.sha256, card.calibration.to_json(), card.decision.model_dump(mode="json"))
        stored = (about["weights_sha256"], about["calibration"], about["decision"])
        assert stored == expected, f"{name}: run evaluate, which scores nothing again where only the card has changed"
