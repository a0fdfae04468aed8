"""Inference engines: PyTorch itself, or an export of the network that ONNX Runtime runs faster."""
