"""ResNet-18 on the image of a log-mel spectrogram."""

import torch
from torch import nn
from torch.nn import functional

from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.logmel import LogMel

__all__ = ["Resnet18Mel"]

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)


@NETWORKS.register("resnet18-mel")
class Resnet18Mel(Network):
    """Log-mel, scaled to [0, 1], resized to a square image of three equal channels, into torchvision's ResNet-18.

    He et al., CVPR 2016. The image is resized directly, never centre-cropped: a crop would drop the edges of time
    and frequency. ImageNet's mean and standard deviation are applied so that its weights can be loaded.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the log-mel bands, per clip; with ``mean_var``, 4 standard deviations either side fill [0, 1].
    denoise : {'none', 'spectral-subtraction', 'wiener'}
        Of the waveform, before all else.
    n_mels, size : int
        Mel bands, and the side of the image in pixels.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", denoise: str = "none", n_mels: int = 96, size: int = 224
    ) -> None:
        # Imported here: every command loads the registry, and few need torchvision.
        from torchvision.models import resnet18

        super().__init__()
        self.frontend = LogMel(n_mels=n_mels, normalisation=normalisation, denoise=denoise)
        self.size = size
        self.backbone = resnet18(weights=None)
        self.backbone.fc = nn.Linear(512, 2)
        self.backbone.to(memory_format=torch.channels_last)
        self.mean = nn.Buffer(torch.tensor(_IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.std = nn.Buffer(torch.tensor(_IMAGENET_STD).view(1, 3, 1, 1), persistent=False)

    def image(self, features: torch.Tensor) -> torch.Tensor:
        """Return the image [shape=(batch, 3, size, size)]: frequency from low to high, then time."""
        scaled = (features[:, None] / 8 + 0.5).clamp(0, 1)
        square = functional.interpolate(scaled, (self.size, self.size), mode="bilinear", align_corners=False)
        return (square.expand(-1, 3, -1, -1) - self.mean) / self.std

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the 512-dimensional pooled embedding, and the log odds of bona fide."""
        net = self.backbone
        x = self.image(features).contiguous(memory_format=torch.channels_last)
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
        embedding = net.avgpool(x).flatten(1)
        logits = net.fc(embedding).float()
        return Output(logits[:, 1] - logits[:, 0], embedding, logits)

    def last_layer(self) -> nn.Module:
        """Return ResNet's own classifying layer."""
        return self.backbone.fc

    def cam(self) -> CamView:
        """The third stage's map: finer than the last (14 x 14 for 224 pixels), and still near the decision."""
        bins = torch.tensor(self.frontend.bins_hz)[None, None]
        steps = functional.interpolate(bins, -(-self.size // 16), mode="linear", align_corners=False)[0, 0]
        return CamView(self.backbone.layer3, time_axis=3, freq_axis=2, freqs_hz=steps.tolist())
