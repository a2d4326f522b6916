"""Runs bittrue and its peers turn by turn and prints one table. Called by bench-peers.sh.

Each round runs bittrue, then the peer, on one shape after another. Shown are the medians over
rounds with the least and the most; a ratio is taken within its round.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

BITTRUE, ONEDNN = os.environ["BITTRUE"], os.environ["ONEDNN"]
GEMM = ["512x512x4608", "4096x512x4608", "131072x64x576", "16384x256x2304", "1024x1024x1024",
        "576x64x131072:tn", "131072x576x64:nt"]
# VGG16's 3x3 layers after the first, batch 128, with how often each is there.
CONV = ["128x32x32x64-64k3p1s1*1", "128x16x16x64-128k3p1s1*1", "128x16x16x128-128k3p1s1*1",
        "128x8x8x128-256k3p1s1*1", "128x8x8x256-256k3p1s1*2", "128x4x4x256-512k3p1s1*1",
        "128x4x4x512-512k3p1s1*2", "128x2x2x512-512k3p1s1*3"]
TRAIN = {"lenet5": "lenet5-fashion.yaml", "vgg16": "vgg16-cifar10.yaml",
         "preresnet20": "preresnet20-cifar10.yaml", "resnet18": "resnet18-cifar10.yaml"}
SECONDS = "0.3"  # of a peer's turn on a shape


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def bittrue(*arguments):
    return json.loads(output(BITTRUE, "bench", *arguments, "--threads", str(options.threads),
                             "--clock", options.clock, "--repeat", "3", "--json"))


def onednn(kind, shape):
    _, rate, how = output(ONEDNN, SECONDS, options.clock, kind, shape.split("*")[0]).split()
    return float(rate), how


def torch(net, kind, layout):
    return float(output("/usr/bin/python3", str(Path(__file__).parent / "torch_train.py"), net,
                        kind, layout, "2", options.clock))


def torch_fastest(net, kind):
    """PyTorch in the layout that is faster now; which one is named below the table."""
    rates = {layout: torch(net, kind, layout) for layout in ("last", "default")}
    best = max(rates, key=rates.get)
    layouts.setdefault((net, kind), []).append(best)
    return rates[best]


class Table:
    """Values by (shape, what, unit): one list over rounds for bittrue, one for each peer."""

    def __init__(self):
        self.rows = {}

    def add(self, key, who, value):
        self.rows.setdefault(key, {}).setdefault(who, []).append(value)

    def results(self):
        for (shape, what, unit), values in self.rows.items():
            ours = values.pop("bittrue")
            percent = values.pop("percent", None)
            row = {"shape": shape, "what": what, "unit": unit, "bittrue": spread(ours)}
            if percent:
                row["percent_of_peak"] = spread(percent)
            row["peers"] = [{"peer": peer, "rate": spread(theirs),
                             "ratio": spread([a / b for a, b in zip(ours, theirs)])}
                            for peer, theirs in values.items()]
            yield row


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def gemm_round(table):
    for shape in GEMM:
        result = bittrue("gemm", "--shapes", shape)
        row, key = result["rows"][0], (shape, "gemm " + result["rows"][0]["what"], "GMAC/s")
        table.add(key, "bittrue", row["gmac_per_second"])
        table.add(key, "percent", row["percent_of_peak"])
        rate, how = onednn("gemm", shape)
        table.add(key, "oneDNN s8s8s32", rate)
        implementations.add(how)


def conv_round(table):
    """Rates by shape, and the mean weighted by products: all products over all seconds."""
    products, seconds, peaks = 0, {}, []
    for shape in CONV:
        name = shape.replace("*1", "")
        n, h, w, c, o, k, times = (float(x) for x in re.match(
            r"(\d+)x(\d+)x(\d+)x(\d+)-(\d+)k(\d+)p1s1\*(\d+)", shape).groups())
        macs = n * h * w * c * o * k * k * times * 1e-9
        products += macs
        result = bittrue("conv", "--shapes", shape)
        peaks.append(result["peak_gmac_per_second"])
        for row in result["rows"]:
            key = (name, "conv " + row["what"], "GMAC/s")
            table.add(key, "bittrue", row["gmac_per_second"])
            table.add(key, "percent", row["percent_of_peak"])
            who = row["what"]
            seconds[who] = seconds.get(who, 0) + macs / row["gmac_per_second"]
        rate, how = onednn("conv", shape)
        table.add((name, "conv forward", "GMAC/s"), "oneDNN s8", rate)
        seconds["oneDNN"] = seconds.get("oneDNN", 0) + macs / rate
        implementations.add(how)
    for what in ("forward", "data_gradient", "weight_gradient"):
        key = ("all, weighted by products", "conv " + what, "GMAC/s")
        table.add(key, "bittrue", products / seconds[what])
        table.add(key, "percent", 100 * products / seconds[what] / max(peaks))
    table.add(("all, weighted by products", "conv forward", "GMAC/s"), "oneDNN s8",
              products / seconds["oneDNN"])


def train_round(table):
    for net, recipe in TRAIN.items():
        if options.net and net not in options.net:
            continue
        print(f"  {net}", file=sys.stderr)
        key = (f"{net}, batch 128", "training", "images/s")
        rates = bittrue("train", str(Path(__file__).parents[2] / "models/recipes" / recipe))
        table.add(key, "bittrue", rates["images_per_second"]["median"])
        for kind in options.kind or ("fp32", "bf16"):
            table.add(key, f"PyTorch {kind}", torch_fastest(net, kind))


def facts():
    """The machine, and what the peers say they use."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    text = subprocess.run([ONEDNN, "0", "wall", "gemm", "8x8x8"], check=True, text=True,
                          stdout=subprocess.PIPE, env={**os.environ, "DNNL_VERBOSE": "1"}).stdout
    peer = re.search(r"info,cpu,isa:(.*)", text)
    version = re.search(r"info,oneDNN (v\S+)", text)
    return {"cpu": cpu.group(1) if cpu else "", "threads": options.threads,
            "rounds": options.rounds, "clock": options.clock, "load_average": os.getloadavg()[0],
            "bittrue_isa": bittrue("gemm", "--shapes", "8x8x8")["isa"],
            "onednn": f"{version.group(1) if version else ''} {peer.group(1) if peer else ''}",
            "onednn_exact": "vnni" in Path("/proc/cpuinfo").read_text()}


def cell(s, form="{:.1f}"):
    return " ".join([form.format(s["median"]),
                     f"({form.format(s['min'])}..{form.format(s['max'])})"])


def print_table(about, rows):
    print(f"{about['cpu']}, threads {about['threads']}, {about['rounds']} rounds, "
          f"{about['clock']} clock, load average {about['load_average']:.1f} at the start; "
          f"bittrue {about['bittrue_isa']}, "
          f"oneDNN {about['onednn']} ({', '.join(sorted(implementations))})")
    if not about["onednn_exact"]:
        print("oneDNN's int8 on this CPU (no VNNI) multiplies with vpmaddubsw, which saturates "
              "at 16 bits: fewer instructions than exact sums need.")
    print("\n| shape | what | bittrue | % of peak | peer | its rate | bittrue / peer |\n"
          "|---|---|---|---|---|---|---|")
    for row in rows:
        percent = cell(row["percent_of_peak"], "{:.0f}") if "percent_of_peak" in row else ""
        for peer in row["peers"] or [None]:
            theirs = (f"{peer['peer']} | {cell(peer['rate'])} | {cell(peer['ratio'], '{:.2f}')}"
                      if peer else " | | ")
            print(f"| {row['shape']} | {row['what']}, {row['unit']} | {cell(row['bittrue'])} | "
                  f"{percent} | {theirs} |")
    for (net, kind), best in layouts.items():
        print(f"\n{net}, PyTorch {kind}: faster with channels last in {best.count('last')} of "
              f"{len(best)} rounds, else with channels first.")


def main():
    table, rounds = Table(), {"gemm": gemm_round, "conv": conv_round, "train": train_round}
    about = facts()
    for i in range(options.rounds):
        for subject in options.subject or rounds:
            print(f"round {i + 1} of {options.rounds}: {subject}", file=sys.stderr)
            rounds[subject](table)
    rows = list(table.results())
    if options.json:
        print(json.dumps({**about, "implementations": sorted(implementations),
                          "layouts": {" ".join(k): v for k, v in layouts.items()}, "rows": rows},
                         indent=2))
    else:
        print_table(about, rows)


parser = argparse.ArgumentParser(prog="bench-peers.sh")
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--clock", choices=["wall", "processor"], default="wall",
                    help="processor, with --threads 1, on a machine that others use too")
parser.add_argument("--json", action="store_true")
parser.add_argument("--net", action="append", choices=list(TRAIN), help="train: of all nets, these")
parser.add_argument("--kind", action="append", choices=["fp32", "bf16"],
                    help="train: of PyTorch's, these")
parser.add_argument("subject", nargs="*", metavar="gemm|conv|train",
                    choices=["gemm", "conv", "train", []])
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)
implementations, layouts = set(), {}
main()
