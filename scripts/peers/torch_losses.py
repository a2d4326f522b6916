"""The fp32 baseline beside PyTorch: the losses of the first steps, from the same start.

torch_losses.py [--steps 50] [--lr LR] [--double] [--threads 2] [preresnet20] [vgg16]
prints each net's largest relative difference of a step's loss; status 1 if one is above 1e-4.
`bittrue baseline --trace` writes the initial weights, the order of samples and its losses for the
recipe models/recipes/NET-cifar10.yaml without augmentation, dropout's probability 0. PyTorch then
trains the net of torch_nets.py on the same batches, read from CIFAR-10's own files. --double: both
in double precision (the target baseline_double); --mixed: PyTorch alone; --alone: PyTorch in fp32
beside PyTorch in double, which tells what fp32's rounding does to it. BITTRUE and BASELINE_DOUBLE name the programs if they are not in
build/release.
"""
import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import torch_nets

ROOT = Path(__file__).resolve().parents[2]
BITTRUE = os.environ.get("BITTRUE", str(ROOT / "build/release/bittrue"))
DOUBLE = os.environ.get("BASELINE_DOUBLE", str(ROOT / "build/release/baseline_double"))
BATCH, LIMIT = 128, 1e-4
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)


def plain_recipe(net, directory):
    """The recipe without randomness but its order: no augmentation, dropout 0."""
    text = (ROOT / f"models/recipes/{net}-cifar10.yaml").read_text()
    text = re.sub(r"(?m)^  (crop_pad|flip):.*\n", "", text)
    text = re.sub(r"(?m)^net:.*$", "net: net.yaml", text)
    if options.lr:
        text = re.sub(r"(?m)^lr:.*$", f"lr: {options.lr}", text)
    (directory / "recipe.yaml").write_text(text)
    layers = (ROOT / f"models/nets/{net}-cifar10.yaml").read_text()
    (directory / "net.yaml").write_text(re.sub(r"p: 0\.5", "p: 0", layers))
    return directory / "recipe.yaml", float(re.search(r"(?m)^lr: *(\S+)", text).group(1)), \
        float(re.search(r"(?m)^weight_decay: *(\S+)", text).group(1))


def images():
    """All training images as bytes [50000][3][32][32], and their labels."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    where = Path(os.environ["BITTRUE_DATA"]) if "BITTRUE_DATA" in os.environ \
        else Path(home) / "bittrue"
    records = np.concatenate([np.fromfile(where / f"cifar-10/data_batch_{i}.bin", np.uint8)
                              for i in range(1, 6)]).reshape(-1, 1 + 3072)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64)


def load_weights(net, directory):
    """bittrue's convolutions are [out][height][width][in]; scale and shift are a norm's."""
    ours = {path.name[:-4]: path for path in directory.glob("*.npy") if path.name != "order.npy"}
    for name, parameter in net.named_parameters():
        layer, kind = name.rsplit(".", 1)
        norm = isinstance(net.get_submodule(layer), torch.nn.BatchNorm2d)
        array = np.load(ours.pop(f"{layer}.{dict(weight='scale', bias='shift')[kind]}" if norm
                                 else name))
        value = torch.from_numpy(array)
        value = value.permute(0, 3, 1, 2) if value.dim() == 4 else value
        assert value.shape == parameter.shape, name
        parameter.data.copy_(value)
    assert not ours, f"parameters that the PyTorch net lacks: {sorted(ours)}"


def torch_losses(name, directory, lr, decay, kind):
    torch.manual_seed(1)
    net = torch_nets.vgg16(drop=0) if name == "vgg16" else getattr(torch_nets, name)()
    load_weights(net, directory)
    net = net.to(kind).train()
    order = np.load(directory / "order.npy")
    pixels, labels = images()
    mean, std = (torch.tensor(x, dtype=kind).reshape(1, 3, 1, 1) for x in (MEAN, STD))
    sgd = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, weight_decay=decay)
    for step in range(options.steps):
        take = order[step * BATCH:(step + 1) * BATCH]
        x = (torch.from_numpy(pixels[take]).to(kind) / 255 - mean) / std
        loss = F.cross_entropy(net(x), torch.from_numpy(labels[take]))
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        yield loss.item()


def compare(name, directory):
    recipe, lr, decay = plain_recipe(name, directory)
    program = [DOUBLE] if options.double else [BITTRUE, "baseline"]
    subprocess.run([*program, recipe, "--steps", str(options.steps), "--threads",
                    str(options.threads), "--trace", directory],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(directory / "losses.csv", newline="") as f:
        ours = [float(row["loss"]) for row in csv.DictReader(f)]
    if options.alone:
        ours = list(torch_losses(name, directory, lr, decay, torch.float32))
    wide = options.double or options.mixed or options.alone
    kind = torch.float64 if wide else torch.float32
    theirs = []
    for theirs_now, ours_now in zip(torch_losses(name, directory, lr, decay, kind), ours):
        theirs.append(theirs_now)
        if options.each:
            print(f"  {len(theirs)} {ours_now:.8f} {theirs_now:.8f} "
                  f"{abs(ours_now - theirs_now) / theirs_now:.1e}", flush=True)
    assert len(ours) == len(theirs) == options.steps
    apart = [abs(a - b) / b for a, b in zip(ours, theirs)]
    worst = max(range(options.steps), key=lambda i: apart[i])
    print(f"{name}, lr {lr}, {options.steps} steps, "
          f"{'double' if options.double else 'PyTorch fp32' if options.alone else 'fp32'}, "
          f"PyTorch {torch.__version__} {kind}: loss {ours[0]:.6f} to {ours[-1]:.6f}, "
          f"PyTorch's {theirs[0]:.6f} to {theirs[-1]:.6f}; "
          f"largest relative difference {apart[worst]:.1e} at step {worst + 1} "
          f"(expected at most {LIMIT:.0e})", flush=True)
    return apart[worst] <= LIMIT


parser = argparse.ArgumentParser(prog="torch_losses.py")
parser.add_argument("--steps", type=int, default=50)
parser.add_argument("--lr", type=float, help="instead of the recipe's")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--double", action="store_true", help="both in double precision")
parser.add_argument("--mixed", action="store_true", help="PyTorch in double precision")
parser.add_argument("--alone", action="store_true",
                    help="PyTorch in fp32 beside PyTorch in double, in place of bittrue")
parser.add_argument("--each", action="store_true",
                    help="print every step's losses, bittrue's, PyTorch's, and their difference")
parser.add_argument("net", nargs="*", choices=["preresnet20", "vgg16", "resnet18", []])
options = parser.parse_args()
torch.set_num_threads(options.threads)
good = True
for each in options.net or ["preresnet20", "vgg16"]:
    with tempfile.TemporaryDirectory() as place:
        good = compare(each, Path(place)) and good
sys.exit(0 if good else 1)
