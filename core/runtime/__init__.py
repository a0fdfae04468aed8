"""What hears on a detector's behalf: PyTorch itself, or an export of the network that ONNX Runtime hears faster."""
