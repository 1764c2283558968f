"""Feature maps of one camera, queried by attention, and a head that classifies and localises crops."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

STRIDE = 4  # pixels per cell, in both directions
_NEAR = 2.5  # radius, in cells, of the neighbourhood of a peak that is averaged
_ELSEWHERE = 2.2  # radius, in cells, around a peak that is excluded from the next one


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Return convolution, batch norm and ReLU; only the stride changes the size."""
    padding = dilation * (kernel // 2)
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class _Residual(nn.Module):
    """Two convolutions, the second dilated for context, around a skip."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.first, self.second = conv(width, width, 3), conv(width, width, 3, dilation=dilation)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        return x + self.second(self.first(x))


def scaled(rgb: UInt8[Tensor, "*b h w 3"]) -> Float[Tensor, "*b h w 3"]:
    """Scale pixels to values near 1."""
    return (rgb.float() / 255.0 - 0.45) * 4.0


class Backbone(nn.Module):
    """Convolutional backbone of one camera; its cells are queried by attention."""

    grid: Tensor

    def __init__(self, side: int, width: int, residual_blocks: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            conv(3, 16, 5, stride=2),
            conv(16, width, 3, stride=2),
            *(_Residual(width, 2) for _ in range(residual_blocks)),
        )
        self.keys = nn.Linear(width, width)
        self.nudge = nn.Linear(width, 2)
        self.sharpness = nn.Parameter(torch.tensor(1.0))
        self.cell = 2.0 * STRIDE / side
        axis = (torch.arange(side // STRIDE) + 0.5) * self.cell - 1.0
        self.register_buffer("grid", torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).reshape(-1, 2), False)

    def forward(self, rgb: UInt8[Tensor, "b h w 3"]) -> Float[Tensor, "b n c"]:
        """Compute the features of each cell, row by row. Convolutions run channels-last, which avoids copies."""
        x = scaled(rgb).permute(0, 3, 1, 2)
        features = self.trunk(x.contiguous(memory_format=torch.channels_last))
        return features.permute(0, 2, 3, 1).flatten(1, 2)

    def ask(
        self,
        features: Float[Tensor, "b n c"],
        keys: Float[Tensor, "b n c"],
        queries: Float[Tensor, "q c"],
        looks: int = 1,
    ) -> tuple[Float[Tensor, "b q k a"], Float[Tensor, "b q k 2"], Float[Tensor, "b q n"]]:
        """Answer each query by soft attention around the k highest peaks of its attention map.

        Each answer averages the cells near one peak, which the next one excludes. An average over all cells would lie
        between two objects that look alike.

        Args:
            features: Features of each cell.
            keys: Attention keys of each cell.
            queries: One query per phrase or landmark.
            looks: Number of peaks, k.

        Returns:
            Answers (place, spread, height of the map, features there), places in the picture, one per peak, and the
            log probability of each cell.
        """
        raw = queries @ keys.transpose(1, 2) * (self.sharpness.exp() / keys.shape[2] ** 0.5)
        left, answers, places = raw, [], []
        for _ in range(looks):
            peak = left.argmax(-1)  # (B, Q)
            away = (self.grid[peak][..., None, :] - self.grid).abs().amax(-1)  # (B, Q, N)
            weights = left.masked_fill(away > _NEAR * self.cell, -torch.inf).softmax(-1)
            where = weights @ self.grid
            spread = (weights @ self.grid.square() - where.square()).clamp(min=1e-4).sqrt()
            there = weights @ features
            places.append(where + self.cell * self.nudge(there).tanh())
            height = left.gather(-1, peak[..., None]) * 0.1
            answers.append(torch.cat([places[-1], spread, height, there], dim=-1))
            left = left.masked_fill(away < _ELSEWHERE * self.cell, -1e4)
        return torch.stack(answers, 2), torch.stack(places, 2), raw.log_softmax(-1)


def _window_net(window: int, features: int) -> nn.Sequential:
    return nn.Sequential(
        conv(3, 16, 3),
        conv(16, 32, 3, stride=2),
        conv(32, 48, 3),  # still at half resolution: a cube's corners and a cylinder's rim differ by a pixel or two
        conv(48, 48, 3, stride=2),
        conv(48, 64, 3),
        nn.Flatten(),
        nn.Linear(64 * (window // 4) ** 2, features),
        nn.SiLU(),
    )


class CropHead(nn.Module):
    """Refines crops around a place: one small network (`net`) localises the object, another (`name`) classifies it.

    They share no weights, since localisation gradients would outweigh classification gradients.
    """

    def __init__(self, window: int, features: int, names: int) -> None:
        super().__init__()
        self.window = window
        self.net = _window_net(window, features)
        self.name = nn.Sequential(_window_net(window, features), nn.Linear(features, names))

    def windows(
        self, rgb: UInt8[Tensor, "b h w 3"], places: Float[Tensor, "b q 2"]
    ) -> tuple[Float[Tensor, "bq 3 s s"], Float[Tensor, "b q 2"]]:
        """Crop windows around places, shifted to lie inside the picture; return them and their centres."""
        side = rgb.shape[1]
        corner = ((places.detach() + 1.0) * 0.5 * side - 0.5 * self.window).round().long().clamp(0, side - self.window)
        steps = torch.arange(self.window, device=rgb.device)
        rows, columns = corner[..., 1:] + steps, corner[..., :1] + steps  # (B, Q, W)
        batch = torch.arange(len(rgb), device=rgb.device)[:, None, None, None]
        crops = rgb[batch, rows[..., :, None], columns[..., None, :]].flatten(0, 1)  # (B Q, W, W, 3)
        x = scaled(crops).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        return x, (corner + 0.5 * self.window) * (2.0 / side) - 1.0
