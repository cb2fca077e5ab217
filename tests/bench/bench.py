#!/usr/bin/python3
"""Speed, each row beside a peer or a limit. Whole programs are timed in turn, and the best of many runs is shown, since other work
only ever makes them slower; figures of one run can be compared, those of two cannot. A peer that is not there prints `skip: reason`.

    bench.py [--peers DIR] [--corpora DIR] [--only PART]      DIR holds style32.mma, tune32.abc, torch_rnn.py; jsb16/train, folk/
"""

import argparse
import os
import pathlib
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("ESTRO_BUILD", TOP / "build"))
ESTRO = os.environ.get("ESTRO", str(BUILD / "estro"))


def row(what, ours, peer="", note=""):
    print(f"{what:46} {ours:>14}  {peer:>14}  {note}", flush=True)


def skip(what, reason):  # also for a failure, so that the other rows are still made
    print(f"{what:46} skip: {reason}", flush=True)


def run_once(command, folder):
    """Seconds of one run."""
    start = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    process.wait()
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{command[0]} exits with {process.returncode}")
    return seconds


def best(commands, folder, runs):
    """The best time of each command, run in turn, in ms."""
    got = [[] for _ in commands]
    for _ in range(runs):
        for times, command in zip(got, commands):
            times.append(run_once(command, folder))
    return [1000 * min(times) for times in got]


def peak_memory(command, folder):
    """In MB."""
    run_once([BUILD / "bench" / "peak_memory", "peak", *command], folder)
    return int((folder / "peak").read_text()) / 1024


def bench_start(folder):
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", "empty", "empty.c"], cwd=folder, check=True)
    ours, empty = best([[ESTRO, "--help"], ["./empty"]], folder, 100)
    row("start: estro --help beside an empty program", f"{ours:.2f} ms", f"{empty:.2f} ms", f"+{ours - empty:.2f} ms (limit 2)")


# Beside which program, on which file; how many times as fast is wanted.
ANCHORS = (("mma", "style32.mma", ["-f", "m.mid"], 90), ("abc2midi", "tune32.abc", ["-o", "t.mid"], 1 / 1.5))


def bench_accompaniment(folder, peers):
    """32 bars of accompaniment, whole process; beside an empty program, which is the least that any can take, and peers."""
    anchor = [ESTRO, "generate", TOP / "tests" / "bench" / "anchor.style", "--no-model", "--seed", "7"]
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", "empty", "empty.c"], cwd=folder, check=True)
    commands, names = [[*anchor, "-o", "a.mid"], ["./empty"]], []
    for tool, file, more, wanted in ANCHORS:
        what = f"accompany 32 bars beside {tool}"
        if not peers or not (peers / file).exists():
            skip(what, f"no {file}; PEERS=DIR names its folder")
        elif not shutil.which(tool):
            skip(what, f"{tool} is not installed")
        else:
            shutil.copy(peers / file, folder / file)
            commands.append([tool, file, *more] if tool != "mma" else [tool, *more, file])
            names.append((what, wanted))
    ours, empty, *others = best(commands, folder, 31)
    row("accompany 32 bars by style alone", f"{ours:.2f} ms", f"{empty:.2f} ms",
        f"beside an empty program; {peak_memory(commands[0], folder):.1f} MB")
    for (what, wanted), peer in zip(names, others):
        row(what, f"{ours:.2f} ms", f"{peer:.2f} ms",
            f"{peer / ours:.2f} times as fast (wanted {wanted:.2f}; an empty program is {peer / empty:.1f} times as fast)")
    (hour,) = best([[*anchor, "--duration", "1h", "-o", "a.mid"]], folder, 3)
    row("accompany an hour by style alone", f"{hour:.0f} ms", "", "limit 1,000 ms")


def bench_generate(folder):
    alone = [ESTRO, "generate", "reel", "--no-model", "--bars", "32", "--seed", "7", "-o", "a.mid"]
    (ours,) = best([alone], folder, 15)
    row("generate 32 bars by style alone", f"{ours:.1f} ms", "", f"limit 20 ms; {peak_memory(alone, folder):.1f} MB (limit 32)")
    for style, model in (("chorale", "chorale"), ("reel", "folk")):
        what = f"generate 32 bars of {style} with its model"
        if not (TOP / "styles" / f"{model}.model").exists():
            skip(what, f"no {model}.model")
            continue
        command = [ESTRO, "generate", style, "--bars", "32", "--seed", "7", "-o", "a.mid"]
        try:
            (ours,) = best([command], folder, 7)
            memory = peak_memory(command, folder)
        except RuntimeError as failure:
            skip(what, failure)
            continue
        row(what, f"{ours:.0f} ms", "", f"limit 300 ms; {memory:.1f} MB (limit 32)")


def big_midi_file(path, megabytes):
    """One track of notes with running status, as a long improvisation would have them."""
    chance = random.Random(1)
    body = bytearray(b"\0\x90\x3c\x40")
    while len(body) < megabytes * 1000000:
        key, wait = chance.randrange(36, 90), chance.randrange(1, 127)
        body += bytes((0, key, 80, wait, key, 0))
    body += b"\0\xff\x2f\0"
    path.write_bytes(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body)


def bench_read(folder):
    reader = BUILD / "bench" / "read_smf"
    big_midi_file(folder / "big.mid", 20)
    ours = float(subprocess.run([reader, folder / "big.mid", "1"], stdout=subprocess.PIPE, check=True).stdout)
    row("read a MIDI file of 20 MB", f"{ours:.0f} MB/s")
    what = "the same beside midicsv (whole program)"
    if not shutil.which("midicsv"):
        skip(what, "midicsv is not installed")
        return
    seconds, _ = run_once(["midicsv", "big.mid"], folder)
    row(what, f"{ours:.0f} MB/s", f"{20 / seconds:.1f} MB/s", f"{ours / (20 / seconds):.0f} times as fast")


def bench_train(folder, corpora):
    what = "train on jsb16/train, 1 thread, 20 s"
    if not corpora or not (corpora / "jsb16/train").is_dir():
        skip(what, "no jsb16/train; CORPORA=DIR names its folder")
        return
    done = subprocess.run([ESTRO, "train", str(corpora / "jsb16/train"), "--time", "20s", "--threads", "1", "-o", "t.model"], cwd=folder,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    rates = re.findall(r"(\d+) tokens/s", done.stderr.decode())
    if done.returncode or not rates:
        skip(what, done.stderr.decode().strip().splitlines()[-1])
        return
    row(what, f"{float(rates[-1]):.0f} tok/s")


# core, layers, hidden, vocabulary, batch, steps; threads; what is wanted.
LEARNER = (
    (("gru", 3, 256, 98, 32, 128), 1, 2.3),
    (("gru", 3, 256, 98, 32, 128), 2, 3.0),
    (("lstm", 2, 512, 256, 64, 128), 1, 1.8),
    (("lstm", 2, 512, 256, 64, 128), 2, 2.6),
    (("gru", 3, 256, 98, 1, 2000), 1, 14.0),
)
LEARNER_SECONDS = 3
LONGEST = 60  # Seconds: PyTorch's threads that wait actively come to a stand on a busy machine.


def numbers(command, pattern, changes=None):
    """The numbers that a pattern finds in what a command prints; None when it fails. Changes are of the environment; None takes one away."""
    environment = {**os.environ, **(changes or {})}
    try:
        done = subprocess.run([str(c) for c in command], env={k: v for k, v in environment.items() if v is not None}, timeout=LONGEST,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return None
    found = re.search(pattern, done.stdout.decode())
    return [float(x) for x in found.groups()] if found and not done.returncode else None


# Settings of the environment may keep OpenBLAS from what the processor has.
OWN_CHOICE = {"OPENBLAS_CORETYPE": None, "OPENBLAS_L2_SIZE": None}


def torch_rate(peers, shape, threads):
    """Tokens/s of PyTorch: the best of the settings of its environment that may help."""
    settings = [{}, OWN_CHOICE]
    if threads > 1:
        settings.append({**OWN_CHOICE, "OMP_WAIT_POLICY": "PASSIVE", "TORCH_BLAS": "1"})
    command = ["/usr/bin/python3", peers / "torch_rnn.py", "train", *shape, threads, LEARNER_SECONDS]
    rates = [numbers(command, r":\s+([\d.]+) tok/s", setting) for setting in settings]
    return max((rate[0] for rate in rates if rate), default=None)


def bench_learner(peers):
    """The learner on plain language models beside PyTorch, and beside what the processor's multiply-adds could do."""
    train_net = BUILD / "bench" / "train_net"
    has_peer = peers and (peers / "torch_rnn.py").exists()
    if not has_peer:
        skip("train beside PyTorch", "no torch_rnn.py; PEERS=DIR names its folder")
    for shape, threads, wanted in LEARNER:
        core, layers, hidden, vocabulary, batch, steps = shape
        what = f"train {core} {layers}x{hidden} v{vocabulary}, {batch} x {steps}, {threads} thread{'s' * (threads > 1)}"
        before = numbers([train_net, "peak", threads], r"([\d.]+) GFLOP/s with 256 bits, ([\d.]+)")
        ours = numbers([train_net, *shape, threads, LEARNER_SECONDS], r"([\d.]+) tok/s.* ([\d.]+) GFLOP/s")
        peer = torch_rate(peers, shape, threads) if has_peer else None
        again = numbers([train_net, *shape, threads, LEARNER_SECONDS], r"([\d.]+) tok/s.* ([\d.]+) GFLOP/s")
        after = numbers([train_net, "peak", threads], r"([\d.]+) GFLOP/s with 256 bits, ([\d.]+)")
        if not ours or not again or not before or not after:
            skip(what, "train_net fails")
            continue
        rate, flops = (max(pair) for pair in zip(ours, again))
        narrow, wide = (max(pair) for pair in zip(before, after))
        note = f"{flops:.0f} GFLOP/s: {100 * flops / narrow:.0f} % of the peak with 256 bits, {100 * flops / wide:.0f} % of the widest" \
            if wide else ""
        if peer:
            note = f"{rate / peer:.2f} times as fast (wanted {wanted}); " + note
        row(what, f"{rate:.0f} tok/s", f"{peer:.0f} tok/s" if peer else "", note)
        if has_peer and not peer:
            skip(what + " beside PyTorch", "PyTorch is not installed, or did not end in time")


# core, layers, hidden, vocabulary; what is wanted: floats and bytes beside PyTorch, 16 at once beside one.
PLAYERS = (
    (("gru", 3, 256, 98), 11, 16, 2.0),
    (("lstm", 2, 512, 256), 14, 22, 2.8),
)
PLAYER_SECONDS = 3
PLAYER_ROWS = ("floats", "floats, 16 at once", "bytes", "bytes, 16 at once", "limit of floats", "limit of bytes")


def play_rates(shape):
    """The best of each row of play_net; None when it fails."""
    pattern = r"\n".join(re.escape(name) + r" +\d+ +(\d+)" for name in PLAYER_ROWS)
    found = numbers([BUILD / "bench" / "play_net", *shape, PLAYER_SECONDS], pattern)
    return dict(zip(PLAYER_ROWS, found)) if found else None


def bench_play(peers):
    """Plain language models as they play, on one thread, beside the better loop of PyTorch and the limit that reading the weights sets."""
    has_peer = peers and (peers / "torch_rnn.py").exists()
    if not has_peer:
        skip("play beside PyTorch", "no torch_rnn.py; PEERS=DIR names its folder")
    for shape, *wanted in PLAYERS:
        core, layers, hidden, vocabulary = shape
        what = f"play {core} {layers}x{hidden} v{vocabulary}, "
        ours, theirs = [], []
        for setting in ({}, OWN_CHOICE):
            ours.append(play_rates(shape))
            rates = []
            for mode in ("gen", "jit") if has_peer else ():
                command = ["/usr/bin/python3", peers / "torch_rnn.py", mode, *shape, 1, 1, 1, PLAYER_SECONDS]
                rates.append(numbers(command, r"tok/s \[\d+\.\.(\d+)\]", setting))
            theirs.append(max((rate[0] for rate in rates if rate), default=0))
        if None in ours:
            skip(what + "floats", "play_net fails")
            continue
        best_of = {name: max(one[name] for one in ours) for name in PLAYER_ROWS}
        as_it_is, peer = theirs[0], max(theirs)
        if has_peer and not peer:
            skip(what + "beside PyTorch", "PyTorch is not installed")
        for kind, times, many in (("floats", wanted[0], wanted[2]), ("bytes", wanted[1], None)):
            rate, limit, all_rate = best_of[kind], best_of[f"limit of {kind}"], best_of[f"{kind}, 16 at once"]
            beside = f"{rate / peer:.1f} times as fast (wanted {times}), " if peer else ""
            if as_it_is and peer > as_it_is:
                beside += f"{rate / as_it_is:.1f} times with OpenBLAS as the environment sets it, "
            row(what + kind, f"{rate:.0f} tok/s", f"{peer:.0f} tok/s" if peer else "",
                f"{beside}{100 * rate / limit:.0f} % of what reading the weights allows")
            row(what + kind + ", 16 at once", f"{all_rate:.0f} tok/s", "",
                f"{all_rate / rate:.1f} times one" + (f" (wanted {many})" if many else ""))


# The same in PyTorch: start, make a net of the same core, draw 2,000 tokens.
TORCH_PIECE = """
import os
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
import torch
torch.set_num_threads(1)
embed, core, out = torch.nn.Embedding(98, 256), torch.nn.GRU(256, 256, 3), torch.nn.Linear(256, 98)
with torch.inference_mode():
    x, h = torch.zeros(1, 1, dtype=torch.long), torch.zeros(3, 1, 256)
    tokens = []
    for _ in range(2000):
        y, h = core(embed(x), h)
        x = torch.multinomial(torch.softmax(out(y)[-1], -1), 1)
        tokens.append(x.item())
open("tokens", "w").write(str(tokens))
"""


def bench_piece(folder, corpora):
    """A chorale of some 2,000 draws by a model with a core of 3 x 256, and 2,000 tokens in PyTorch: whole processes."""
    what = "generate 2,000 tokens, gru 3x256, whole process"
    if not corpora or not (corpora / "jsb16/valid").is_dir():
        skip(what, "no jsb16/valid; CORPORA=DIR names its folder")
        return
    subprocess.run([ESTRO, "train", str(corpora / "jsb16/valid"), "--layers", "3", "--hidden", "256", "--epochs", "1", "-o", "big.model"],
                   cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    def command(bars):
        return [ESTRO, "generate", "chorale", "--model", "big.model", "--bars", str(bars), "--seed", "7", "-o", "a.mid"]

    def count(bars):
        found = numbers(["sh", "-c", 'cd "$0" && "$@" --stats 2>&1', folder, *command(bars)], r"draws by a model: (\d+)")
        return found[0] if found else 0

    some = count(100)
    if not some:
        skip(what, "no model could be trained")
        return
    bars = round(100 * 2000 / some)
    ours, drawn = command(bars), count(bars)
    (folder / "piece.py").write_text(TORCH_PIECE)
    try:
        peer, rate = best([["/usr/bin/python3", "piece.py"], ours], folder, 7)
    except RuntimeError:
        (rate,) = best([ours], folder, 7)
        row(what, f"{rate:.0f} ms", "", f"{drawn:.0f} draws; {peak_memory(ours, folder):.1f} MB (limit 15)")
        skip(what, "PyTorch is not installed")
        return
    row(what, f"{rate:.0f} ms", f"{peer:.0f} ms",
        f"{peer / rate:.1f} times as fast (wanted 18); {drawn:.0f} draws; {peak_memory(ours, folder):.1f} MB (limit 15)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", type=pathlib.Path)
    parser.add_argument("--corpora", type=pathlib.Path)
    parser.add_argument("--only", choices=("start", "accompany", "generate", "read", "train", "learner", "play", "piece"))
    options = parser.parse_args()
    for name in ("peers", "corpora"):
        folder = getattr(options, name)
        if folder and not folder.is_dir():
            sys.exit(f"bench: {folder} is no folder")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="estro-bench-"))
    try:
        row("what", "estro", "peer")
        peers = options.peers and options.peers.resolve()
        parts = {
            "start": lambda: bench_start(folder),
            "accompany": lambda: bench_accompaniment(folder, peers),
            "generate": lambda: bench_generate(folder),
            "read": lambda: bench_read(folder),
            "train": lambda: bench_train(folder, options.corpora and options.corpora.resolve()),
            "learner": lambda: bench_learner(peers),
            "play": lambda: bench_play(peers),
            "piece": lambda: bench_piece(folder, options.corpora and options.corpora.resolve()),
        }
        for name, part in parts.items():
            if options.only in (None, name):
                part()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
