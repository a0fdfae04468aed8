"""WaveFake with the recordings it was made from: LJSpeech, and JSUT where it is there."""

import re
from pathlib import PurePosixPath
from typing import ClassVar

from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.splits import split_by_source
from core.corpus.tree import Tree

__all__ = ["WaveFake"]

_VOCODERS = (
    "melgan", "melgan_large", "multi_band_melgan", "full_band_melgan", "parallel_wavegan", "hifigan", "waveglow",
)  # fmt: skip
_FOLDER = re.compile(rf"(ljspeech|jsut)_({'|'.join(_VOCODERS)})", re.IGNORECASE)
_TTS_FOLDER = "common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech"
_SENTENCE = re.compile(r"LJ\d{3}-\d{4}|BASIC5000_\d{4}")
_REAL = {"LJ": ("LJSpeech", "public domain"), "BASIC5000": ("JSUT", "research only")}
_SPEAKERS = {"ljspeech": "LJSpeech", "jsut": "JSUT"}


@READERS.register("wavefake")
class WaveFake(Reader):
    """Folders such as ``ljspeech_melgan``; it holds no real speech, so LJSpeech-1.1 and JSUT stand beside it.

    File names end in ``_gen``, ``_generated`` or nothing, by vocoder; the sentence's name before it is the source that
    real and fake share, and decides the split. The text-to-speech folder holds its files a second time in a folder
    ``generated``, which is left out.

    References
    ----------
    J. Frank, L. Schönherr, "WaveFake: a data set to facilitate audio deepfake detection", NeurIPS 2021 (Datasets).
    """

    needs: ClassVar[str] = "folders {ljspeech,jsut}_{vocoder}, and LJSpeech-1.1 and jsut_ver1.1 beside them"
    splits: ClassVar[str] = "by source"

    def claims(self, tree: Tree) -> bool:
        """Return whether a recording lies in one of the folders of WaveFake."""
        return any(_made_by(tree, path) for path in tree.audio)

    def read(self, tree: Tree) -> Reading:
        """Return the clips, split by a hash of their sentence."""
        reading = Reading()
        rows, repeated = [], 0
        for path in tree.audio:
            if _is_repeated(tree, path):
                repeated += 1
            elif row := _fake(tree, path) or _real(path):
                rows.append(row)
        splits = split_by_source(row.source for row in rows)
        for row in rows:
            reading.add(tree, row._replace(split=splits[row.source]))
        if repeated:
            reading.warnings.append(f"{repeated:,} clips stand a second time in a folder 'generated': left out.")
        reading.warnings += _missing_real(rows)
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        sentences = [f"LJ001-{number:04d}" for number in range(1, 31)]
        japanese = [f"BASIC5000_{number:04d}" for number in range(1, 4)]
        tts = f"generated_audio/{_TTS_FOLDER}"
        paths = [
            *(f"LJSpeech-1.1/wavs/{name}.wav" for name in sentences),
            *(f"generated_audio/ljspeech_melgan/{name}_gen.wav" for name in sentences),
            *(f"generated_audio/ljspeech_hifiGAN/{name}_generated.wav" for name in sentences[:9]),
            *(f"generated_audio/ljspeech_waveglow/{name}.wav" for name in sentences[:9]),
            *(f"jsut_ver1.1/basic5000/wav/{name}.wav" for name in japanese),
            *(f"generated_audio/jsut_parallel_wavegan/{name}_gen.wav" for name in japanese),
            *(f"{tts}/{folder}gen_{number}.wav" for number in range(5) for folder in ("", "generated/")),
        ]
        return dict.fromkeys(paths)


def _made_by(tree: Tree, path: str) -> tuple[str, str] | None:
    """Return the imitated speaker and the system of a fake, or None for what is not one."""
    for folder in reversed(tree.folders(path)):
        if folder.lower() == _TTS_FOLDER:
            return "LJSpeech", "conformer-fastspeech2-pwg"
        if found := _FOLDER.fullmatch(folder):
            return _SPEAKERS[found[1].lower()], found[2].lower()
    return None


def _is_repeated(tree: Tree, path: str) -> bool:
    place = PurePosixPath(path)
    return place.parent.name == "generated" and str(place.parent.parent / place.name) in tree.sizes


def _fake(tree: Tree, path: str) -> Row | None:
    made_by = _made_by(tree, path)
    if made_by is None:
        return None
    speaker, system = made_by
    speaks_text = system == "conformer-fastspeech2-pwg"
    stem = PurePosixPath(path).stem
    sentence = _SENTENCE.match(stem)
    # The prompts are called gen_0, gen_1, ...: only a last part without digits is a suffix.
    source = sentence[0] if sentence else re.sub(r"_[a-zA-Z]+$", "", stem)
    return Row(
        path=path, label="spoof", system=system, source=f"common-voice-{source}" if speaks_text else source,
        speaker=speaker, dataset="WaveFake", licence="CC-BY-SA-4.0", part="made",
        kind="tts" if speaks_text else "vocoder",
    )  # fmt: skip


def _real(path: str) -> Row | None:
    sentence = _SENTENCE.fullmatch(PurePosixPath(path).stem)
    if sentence is None:
        return None
    dataset, licence = _REAL["LJ" if sentence[0].startswith("LJ") else "BASIC5000"]
    return Row(
        path=path, label="bonafide", source=sentence[0], speaker=dataset, dataset=dataset, licence=licence, part="made"
    )


def _missing_real(rows: list[Row]) -> list[str]:
    real = {row.dataset for row in rows if row.label == "bonafide"}
    imitated = {row.speaker for row in rows if row.label == "spoof"}
    return [
        f"There is no {name} under the root, the real speech that WaveFake imitates: add {folder}."
        for name, folder in (("LJSpeech", "LJSpeech-1.1/wavs"), ("JSUT", "jsut_ver1.1/basic5000/wav"))
        if name in imitated - real
    ]
