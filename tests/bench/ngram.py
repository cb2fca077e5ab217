#!/usr/bin/env python3
"""Order-4 back-off n-gram over (pitch, duration): the baseline that a model of tunes has to beat.

    ngram.py TRAIN VALID [ORDER]

TRAIN and VALID are folders of MIDI files. Each track is a tune of one voice (of notes that begin together the highest counts), a row of tokens, one a note or rest: pitch (or
"rest") and duration in 24ths of a quarter; a note that overlaps the next one is cut where that begins. With h the last k
tokens, c(h) how often h was followed by anything, c(h w) how often by w, and t(h) how many different tokens followed it:

    P_k(w | h) = (c(h w) + t(h) P_{k-1}(w | h')) / (c(h) + t(h))        Witten and Bell's interpolated back-off
    P_{-1}(w)  = 1 / (128 pitches and a rest, times 96 durations)       h' is h without its oldest token

Contexts reach over the start of a tune (a start token fills them); the end of a tune is not scored. Printed are nats a note: the sum of -log P over all
tokens, rests included, divided by the number of notes. Voices know nothing of one another.
"""
import collections
import math
import os
import struct
import sys

GRID = 24


def number(data, at):
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at


def track_notes(data):
    """(start, end, pitch) of the notes of a track, in its ticks."""
    at = tick = status = 0
    sounding, notes = {}, []
    while at < len(data):
        delta, at = number(data, at)
        tick += delta
        if data[at] & 128:
            status = data[at]
            at += 1
        if status in (0xFF, 0xF0, 0xF7):
            at += status == 0xFF
            size, at = number(data, at)
            at += size
        elif status & 0xF0 in (0xC0, 0xD0):
            at += 1
        else:
            pitch, velocity = data[at], data[at + 1]
            at += 2
            if status & 0xE0 == 0x80 and pitch in sounding:
                notes.append((sounding.pop(pitch), tick, pitch))
            if status & 0xF0 == 0x90 and velocity:
                sounding[pitch] = tick
    return notes


def tokens_of(notes, division):
    notes = sorted((round(a * GRID / division), -p, round(b * GRID / division)) for a, b, p in notes)
    notes = [n for i, n in enumerate(notes) if i == 0 or n[0] > notes[i - 1][0]]
    tokens, now = [], 0
    for i, (start, pitch, end) in enumerate(notes):
        if i + 1 < len(notes):
            end = min(end, notes[i + 1][0])
        if end <= start:
            continue
        if start > now:
            tokens.append(("rest", start - now))
        tokens.append((-pitch, end - start))
        now = end
    return tokens


def read_tunes(path):
    """The tunes of a file: one for each track with notes."""
    with open(path, "rb") as file:
        data = file.read()
    division = struct.unpack(">H", data[12:14])[0]
    tracks, at = [], 14
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        if data[at:at + 4] == b"MTrk":
            tracks.append(track_notes(data[at + 8:at + 8 + size]))
        at += 8 + size
    return [tokens_of(notes, division) for notes in tracks if notes]


def read_folder(folder):
    paths = [os.path.join(root, name) for root, _, names in os.walk(folder, followlinks=True)
             for name in names if name.endswith(".mid")]
    return [tune for path in sorted(paths) for tune in read_tunes(path)]


def contexts(tune, order):
    """Each token with its last `order` tokens."""
    row = [None] * order + tune
    for i in range(order, len(row)):
        yield row[i], tuple(row[i - order:i])


def main():
    train, valid = read_folder(sys.argv[1]), read_folder(sys.argv[2])
    order = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    counts = [collections.defaultdict(collections.Counter) for _ in range(order + 1)]
    for tune in train:
        for token, past in contexts(tune, order):
            for k in range(order + 1):
                counts[k][past[order - k:]][token] += 1
    totals = [{past: sum(c.values()) for past, c in table.items()} for table in counts]

    nats = notes = 0
    for tune in valid:
        for token, past in contexts(tune, order):
            p = 1 / (129 * 96)
            for k in range(order + 1):
                history = past[order - k:]
                if history in totals[k]:
                    seen = counts[k][history]
                    p = (seen[token] + len(seen) * p) / (totals[k][history] + len(seen))
            nats -= math.log(p)
            notes += token[0] != "rest"
    print(f"order {order}: {len(train)} tunes to count, {len(valid)} to score, {notes} notes, {nats / notes:.4f} nats a note")


if __name__ == "__main__":
    main()
