"""The nets of models/nets in PyTorch, written by hand: what bittrue is set beside.

Modules have the names of bittrue's layers, so that parameters meet by name.
"""
from torch import nn
from torch.nn import functional as F


def conv(inputs, outputs, kernel=3, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=bias)


class Preact(nn.Module):
    """A basic pre-activation block; the shortcut's convolution reads the block's input."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, outputs, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), conv(outputs, outputs)
        if stride != 1 or inputs != outputs:
            self.down = conv(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.conv1(F.relu(self.bn1(x)))
        y = self.conv2(F.relu(self.bn2(y)))
        return y + (self.down(x) if hasattr(self, "down") else x)


class Basic(nn.Module):
    """A ResNet block: batch norm behind each convolution, ReLU behind the sum."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = conv(outputs, outputs), nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.down = nn.Sequential()
            self.down.conv = conv(inputs, outputs, 1, stride)
            self.down.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (self.down.bn(self.down.conv(x)) if hasattr(self, "down") else x))


def chain(*named):
    net = nn.Sequential()
    for name, module in named:
        net.add_module(name, module)
    return net


def stages(block, widths, blocks, inputs):
    """("s1b1", block), ...; every stage but the first halves the image."""
    for s, width in enumerate(widths, 1):
        for b in range(1, blocks + 1):
            yield f"s{s}b{b}", block(inputs, width, 2 if s > 1 and b == 1 else 1)
            inputs = width


def preresnet20():
    return chain(("conv1", conv(3, 16)), *stages(Preact, (16, 32, 64), 3, 16),
                 ("bn", nn.BatchNorm2d(64)), ("relu", nn.ReLU()), ("pool", nn.AvgPool2d(8)),
                 ("flatten", nn.Flatten()), ("fc", nn.Linear(64, 10)))


def resnet18():
    return chain(("conv1", conv(3, 64)), ("bn1", nn.BatchNorm2d(64)), ("relu", nn.ReLU()),
                 *stages(Basic, (64, 128, 256, 512), 2, 64), ("pool", nn.AvgPool2d(4)),
                 ("flatten", nn.Flatten()), ("fc", nn.Linear(512, 10)))


def vgg16(drop=0.5):
    layers, inputs, number = [], 3, 0
    for stage, (width, convs) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        for _ in range(convs):
            number += 1
            layers += [(f"conv{number}", conv(inputs, width, bias=True)),
                       (f"relu{number}", nn.ReLU())]
            inputs = width
        layers.append((f"pool{stage}", nn.MaxPool2d(2)))
    return chain(*layers, ("flatten", nn.Flatten()), ("drop1", nn.Dropout(drop)),
                 ("fc1", nn.Linear(512, 512)), ("relu14", nn.ReLU()), ("drop2", nn.Dropout(drop)),
                 ("fc2", nn.Linear(512, 512)), ("relu15", nn.ReLU()), ("fc3", nn.Linear(512, 10)))


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))
