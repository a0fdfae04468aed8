"""The convolutional part of the light CNN."""

from torch import nn

from core.detectors.layers.blocks import max_feature_conv

__all__ = ["lcnn_trunk"]


def lcnn_trunk(*, dropout: float) -> nn.Sequential:
    """Return nine max-feature-map convolutions: [batch, 1, a, b] becomes [batch, 32, a // 16, b // 16].

    Lavrentyeva et al. 2019 (arXiv:1904.05576), in the layout of Wang and Yamagishi 2021 (arXiv:2103.11326); batch
    normalisation scales nothing, and the dropout, high as published, stands before what pools over time.
    """
    return nn.Sequential(
        *max_feature_conv(1, 64, 5), nn.MaxPool2d(2),
        *max_feature_conv(32, 64, 1), nn.BatchNorm2d(32, affine=False),
        *max_feature_conv(32, 96, 3), nn.MaxPool2d(2), nn.BatchNorm2d(48, affine=False),
        *max_feature_conv(48, 96, 1), nn.BatchNorm2d(48, affine=False),
        *max_feature_conv(48, 128, 3), nn.MaxPool2d(2),
        *max_feature_conv(64, 128, 1), nn.BatchNorm2d(64, affine=False),
        *max_feature_conv(64, 64, 3), nn.BatchNorm2d(32, affine=False),
        *max_feature_conv(32, 64, 1), nn.BatchNorm2d(32, affine=False),
        *max_feature_conv(32, 64, 3), nn.MaxPool2d(2), nn.Dropout(dropout),
    )  # fmt: skip
