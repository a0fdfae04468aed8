"""A recogniser's weights are the numbers that its file's whole numbers stand for."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.detectors.network import NETWORKS
from core.detectors.published.recogniser_weights import read_recogniser
from core.errors import CheckpointError

WHOLE = np.array([[0, 10, 20], [255, 128, 7]], np.uint8)
BIAS = np.array([1.0, 2.0, 3.0], np.float32)


@pytest.fixture
def published(tmp_path):
    """One quantised layer, two values in and three out, under the names of the published file."""
    stem, layer = "onnx::MatMul_1", "layers.0.mlp.fc1"
    constants = {
        f"{stem}_quantized": WHOLE, f"{stem}_scale": np.float32(0.5), f"{stem}_zero_point": np.uint8(10),
        f"{layer}.bias": BIAS,
    }  # fmt: skip
    node = helper.make_node(
        "DynamicQuantizeMatMul", ["x", *constants], ["y"], name="/layers.0/mlp/fc1/MatMul_quant", domain="com.microsoft"
    )
    graph = helper.make_graph(
        [node], "encoder",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / "encoder_model.onnx")
    return tmp_path / "encoder_model.onnx"


def test_a_quantised_matrix_is_what_its_whole_numbers_stand_for(published):
    weights = read_recogniser(published)
    assert weights.keys() == {"layers.0.mlp.fc1.weight", "layers.0.mlp.fc1.bias"}
    np.testing.assert_array_equal(weights["layers.0.mlp.fc1.weight"], (WHOLE.T.astype(np.float32) - 10) / 2)
    np.testing.assert_array_equal(weights["layers.0.mlp.fc1.bias"], BIAS)


def test_a_file_that_is_no_encoder_is_refused_in_words(tmp_path):
    with pytest.raises(CheckpointError, match="moonshine-voice"):
        read_recogniser(tmp_path / "absent.ort")
    (tmp_path / "letter.ort").write_text("Dear reader")
    with pytest.raises(CheckpointError, match=r"letter\.ort is not the encoder"):
        read_recogniser(tmp_path / "letter.ort")


def test_another_file_is_refused_by_the_detector(published):
    with pytest.raises(CheckpointError, match="lacks"):
        NETWORKS.get("moonshine-statspool")(model=str(published))
