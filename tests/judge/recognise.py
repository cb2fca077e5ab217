#!/usr/bin/python3
"""Is each style told from the others by its own likelihood?

    recognise.py ESTRO [SEEDS [STYLE...]]

Generates SEEDS pieces (20) of each style as written, takes away programs, names, texts, tempo, key signatures and channels, and asks which style is likeliest. A piece that
no style can derive counts as wrong. Prints how many are right by style, and what the others were taken for; exit status 1 if fewer than 90 % of all, or of a style, are right.
"""
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

import mido

LEFT_OUT = ("program_change", "control_change", "pitchwheel", "track_name", "instrument_name", "text", "marker", "lyrics", "set_tempo", "key_signature",
            "copyright", "cue_marker", "sequencer_specific", "sysex", "midi_port", "channel_prefix", "device_name")


def strip(path):
    """Only notes, on channel 1, and time signatures; tracks in their order."""
    piece = mido.MidiFile(path)
    for track in piece.tracks:
        kept, waiting = [], 0
        for message in track:
            if message.type in LEFT_OUT:
                waiting += message.time
                continue
            message = message.copy(time=message.time + waiting)
            waiting = 0
            kept.append(message.copy(channel=0) if hasattr(message, "channel") else message)
        track[:] = kept
    piece.save(path)


def main():
    estro, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    styles = sys.argv[3:] or sorted(os.path.basename(p)[:-6] for p in glob.glob(os.path.join(top, "styles", "*.style")))
    chosen = [word for style in styles for word in ("--style", style)]
    bad = False
    right_of_all = 0
    with tempfile.TemporaryDirectory() as folder:
        for style in styles:
            names = [os.path.join(folder, f"{style}-{seed}.mid") for seed in range(1, seeds + 1)]
            for seed, name in enumerate(names, 1):
                subprocess.run([estro, "generate", style, "--score", "--seed", str(seed), "-o", name], check=True, stderr=subprocess.DEVNULL)
                strip(name)
            rows = json.loads(subprocess.run([estro, "recognise", "--json", *chosen, *names], check=True, capture_output=True).stdout)
            found = collections.Counter(row["styles"][0]["style"] if row["styles"] else "(no style)" for row in rows)
            right_of_all += found[style]
            bad |= found[style] < 0.9 * seeds
            others = ", ".join(f"{name} {count}" for name, count in found.most_common() if name != style)
            print(f"{style:<16} {found[style]:3} of {seeds}  {others}", flush=True)
    print(f"all              {right_of_all:3} of {seeds * len(styles)}")
    bad |= right_of_all < 0.9 * seeds * len(styles)
    return bad


if __name__ == "__main__":
    sys.exit(main())
