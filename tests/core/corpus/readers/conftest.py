"""Small made-up trees in the layout of each corpus; a file's content is its own path, so that no two are alike."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

Builder = Callable[[Path], None]


def fill(root: Path, paths: Iterable[str]) -> None:
    """Write a file for each path."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def write(path: Path, *lines: str) -> None:
    """Write a text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def asvspoof2019_la(root: Path) -> None:
    rows = {
        "train.trn": ["LA_0079 LA_T_1 - - bonafide", "LA_0079 LA_T_2 - A01 spoof", "LA_0080 LA_T_3 - A06 spoof"],
        "dev.trl": ["LA_0069 LA_D_1 - - bonafide", "LA_0070 LA_D_2 - A05 spoof"],
        "eval.trl": ["LA_0039 LA_E_1 - - bonafide", "LA_0040 LA_E_2 - A19 spoof"],
    }
    for name, lines in rows.items():
        write(root / f"LA/ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.{name}.txt", *lines)
        split = name.split(".")[0]
        fill(root, [f"LA/ASVspoof2019_LA_{split}/flac/{line.split()[1]}.flac" for line in lines])


def asvspoof2021_la(root: Path) -> None:
    lines = [
        "LA_0009 LA_E_11 alaw ita_tx A07 spoof notrim eval",
        "LA_0010 LA_E_12 none - bonafide bonafide notrim eval",
        "LA_0011 LA_E_13 opus loc_tx A13 spoof notrim progress",
        "LA_0012 LA_E_14 none - A17 spoof trim hidden",
    ]
    write(root / "keys/LA/CM/trial_metadata.txt", *lines)
    fill(root, [f"ASVspoof2021_LA_eval/flac/{line.split()[1]}.flac" for line in lines])


def asvspoof2021_df(root: Path) -> None:
    lines = [
        "LA_0023 DF_E_11 nocodec asvspoof A14 spoof notrim progress traditional_vocoder - - - -",
        "LA_0024 DF_E_12 high_mp3 asvspoof bonafide bonafide notrim eval bonafide - - - -",
        "TEF2 DF_E_13 low_m4a vcc2020 Task1-team20 spoof notrim eval neural_vocoder Task1 team20 FF E",
    ]
    write(root / "keys/DF/CM/trial_metadata.txt", *lines)
    parts = ("part00/ASVspoof2021_DF_eval", "part01/ASVspoof2021_DF_eval", "ASVspoof2021_DF_eval")
    fill(root, [f"{part}/flac/{line.split()[1]}.flac" for part, line in zip(parts, lines, strict=True)])


def asvspoof5(root: Path) -> None:
    lists = {
        "train": ("flac_T", "T_4850 T_0000000000 F - - - AC3 A05 spoof -", "T_1 T_1 M - - - - bonafide bonafide -"),
        "dev.track_1": ("flac_D", "D_0062 D_1 F - - - - bonafide bonafide -", "D_1 D_2 F - - - AC1 A14 spoof -"),
        "eval.track_1": ("flac_E_eval", "E_1 E_1 F C05 3 9 AC2 A31 spoof -", "E_2 E_2 F C00 - - - bonafide bonafide -"),
    }
    for name, (folder, *lines) in lists.items():
        write(root / f"ASVspoof5.{name}.tsv", *lines)
        fill(root, [f"{folder}/{line.split()[1]}.flac" for line in lines])
    # Of the second track, and not read.
    write(root / "ASVspoof5.dev.track_2.trial.txt", "D_0062 D_1 bonafide target")


def in_the_wild(root: Path) -> None:
    folder = root / "release_in_the_wild"
    write(folder / "meta.csv", "file,speaker,label", "0.wav,Alec Guinness,spoof", "1.wav,Donald Trump,bona-fide")
    fill(folder, ["0.wav", "1.wav"])


def wavefake(root: Path) -> None:
    sentences = [f"LJ001-{number:04d}" for number in range(1, 31)]
    fill(root, [f"LJSpeech-1.1/wavs/{name}.wav" for name in sentences])
    fill(root, [f"generated_audio/ljspeech_melgan/{name}_gen.wav" for name in sentences])
    fill(root, [f"generated_audio/ljspeech_hifiGAN/{name}_generated.wav" for name in sentences[:9]])
    fill(root, [f"generated_audio/ljspeech_waveglow/{name}.wav" for name in sentences[:9]])
    fill(root, [f"jsut_ver1.1/basic5000/wav/BASIC5000_{number:04d}.wav" for number in range(1, 4)])
    fill(root, [f"generated_audio/jsut_parallel_wavegan/BASIC5000_{number:04d}_gen.wav" for number in range(1, 4)])
    tts = "generated_audio/common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech"
    fill(root, [f"{tts}/{folder}gen_{number}.wav" for number in range(5) for folder in ("", "generated/")])


def fake_or_real(root: Path) -> None:
    for split in ("training", "validation", "testing"):
        fill(root, [f"for-norm/for-norm/{split}/real/file1.wav", f"for-norm/for-norm/{split}/fake/file1.mp3"])
    (root / "for-norm/for-norm/testing/fake/file2.wav").touch()


def antideepfake(root: Path) -> None:
    write(
        root / "protocols/SpoofCeleb.csv",
        "ID,Label,Duration,SampleRate,Path,Attack,Speaker,Proportion,AudioChannel,AudioEncoding,AudioBitSample,Language",
        "SC-1,real,4.5,16000,$ROOT/SpoofCeleb/train/a/1.flac,-,id1,train,1,FLAC,16,EN",
        "SC-2,fake,3.25,16000,$ROOT/SpoofCeleb/train/b/1.flac,a07,id2,train,1,FLAC,16,EN",
        "SC-3,real,4,16000,$ROOT/SpoofCeleb/valid/1.flac,-,id3,valid,1,FLAC,16,EN",
        "SC-4,fake,4,16000,$ROOT/SpoofCeleb/test/2.flac,a08,id4,test,1,FLAC,16,EN",
    )  # fmt: skip
    fill(root, [f"SpoofCeleb/{name}.flac" for name in ("train/a/1", "train/b/1", "valid/1", "test/2")])


def folders(root: Path) -> None:
    fill(root, [f"Real/clip{number}.wav" for number in range(20)])
    fill(root, [f"fake/{system}/clip{number}.wav" for number in range(20) for system in ("world", "lpc")])


BUILDERS: dict[str, Builder] = {
    "asvspoof2019-la": asvspoof2019_la, "asvspoof2021-la": asvspoof2021_la, "asvspoof2021-df": asvspoof2021_df,
    "asvspoof5": asvspoof5, "in-the-wild": in_the_wild, "wavefake": wavefake, "fake-or-real": fake_or_real,
    "antideepfake": antideepfake, "folders": folders,
}  # fmt: skip


@pytest.fixture
def made_up(tmp_path: Path) -> Callable[..., Path]:
    """A function that lays out a corpus by its name, in a folder of its own or in the one given."""

    def build(name: str, root: Path | None = None) -> Path:
        folder = tmp_path / name if root is None else root
        BUILDERS[name](folder)
        return folder

    return build
