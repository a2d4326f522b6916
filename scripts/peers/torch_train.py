"""Trains a net of torch_nets.py: momentum SGD, batch 128, data in memory, shuffled.

torch_train.py NET fp32|bf16 last|default SECONDS wall|processor
prints images a second: the median of 5 samples. last is the channels-last layout, default is
PyTorch's own (channels first); bf16 is fp32 weights under CPU autocast. NET: lenet5 on random
images of Fashion-MNIST's size, else of CIFAR-10's, padded, cropped and flipped as the recipes do:
the time does not depend on what they show.
"""
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

import torch_nets

BATCH, COUNT = 128, 50000


def augment(x):
    """Every sample's own crop of 32 x 32 after padding by 4, and a flip of every second one."""
    n = x.shape[0]
    windows = F.pad(x, (4, 4, 4, 4)).unfold(2, 32, 1).unfold(3, 32, 1)
    x = windows[torch.arange(n), :, torch.randint(0, 9, (n,)), torch.randint(0, 9, (n,))]
    return torch.where(torch.rand(n, 1, 1, 1) < 0.5, x, x.flip(3))


def batches(pixels, labels, colour, layout):
    """Batches without end: bytes gathered in the order of a fresh shuffle, then normalised."""
    mean, std = (torch.tensor(x).reshape(1, -1, 1, 1) for x in
                 (((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)) if colour
                  else ((0.286,), (0.353,))))
    while True:
        order = torch.randperm(COUNT)
        for i in range(0, COUNT - BATCH + 1, BATCH):
            take = order[i:i + BATCH]
            x = augment(pixels[take]) if colour else pixels[take]
            x = x.to(torch.float32).div_(255).sub_(mean).div_(std)
            yield x.contiguous(memory_format=layout), labels[take]


def main(name, kind, layout, seconds, clock):
    now = time.process_time if clock == "processor" else time.perf_counter
    torch.manual_seed(1)
    layout = torch.channels_last if layout == "last" else torch.contiguous_format
    net, loss = getattr(torch_nets, name)().to(memory_format=layout), nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    shape = (COUNT, 1, 28, 28) if name == "lenet5" else (COUNT, 3, 32, 32)
    data = batches(torch.randint(0, 256, shape, dtype=torch.uint8),
                   torch.randint(0, 10, (COUNT,)), name != "lenet5", layout)

    def step():
        x, y = next(data)
        sgd.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind == "bf16"):
            error = loss(net(x), y)
        error.backward()
        sgd.step()

    def sample():
        images, begin = 0, now()
        while now() - begin < seconds / 5:
            step()
            images += BATCH
        return images / (now() - begin)

    for _ in range(5 if name == "lenet5" else 2):
        step()
    print(f"{statistics.median(sample() for _ in range(5)):.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:4], float(sys.argv[4]), sys.argv[5])
