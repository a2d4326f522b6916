"""Trains models/nets/lenet5.yaml in PyTorch: momentum SGD, batch 128, data in memory, shuffled.

torch_lenet5.py fp32|bf16 SECONDS wall|processor    prints images a second: the median of 5 samples.
fp32 is channels-last; bf16 is fp32 weights under CPU autocast, channels-last.
The data are random images of Fashion-MNIST's size: the time does not depend on them.
"""
import statistics
import sys
import time

import torch
from torch import nn

BATCH, COUNT = 128, 60000


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10)).to(memory_format=torch.channels_last)


def epochs(pixels, labels):
    """Batches without end: bytes gathered in the order of a fresh shuffle, then normalised."""
    while True:
        order = torch.randperm(COUNT)
        for i in range(0, COUNT - BATCH + 1, BATCH):
            take = order[i:i + BATCH]
            x = pixels[take].to(torch.float32).div_(255).sub_(0.286).div_(0.353)
            yield x.contiguous(memory_format=torch.channels_last), labels[take]


def main(kind, seconds, clock):
    now = time.process_time if clock == "processor" else time.perf_counter
    torch.manual_seed(1)
    net, loss = lenet5(), nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    data = epochs(torch.randint(0, 256, (COUNT, 1, 28, 28), dtype=torch.uint8),
                  torch.randint(0, 10, (COUNT,)))

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

    for _ in range(5):
        step()
    print(f"{statistics.median(sample() for _ in range(5)):.0f}")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3])
