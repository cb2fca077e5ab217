"""A MIDI file as a score: parts, notes, chords and phrases. Read with mido; nothing here is shared with the program that wrote it.

Times are fractions of a quarter note, exact. A file is expected to be written "as scored": straight times, written durations.
"""
import bisect
import collections
import re
from fractions import Fraction

import mido

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
QUALITIES = {
    "": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9),
    "sus4": (0, 5, 7), "6": (0, 4, 7, 9), "5": (0, 7),
}
# What a symbol may say beyond those: a stack in place of the quality's own figure, then tones added or altered, as semitones above the root.
STACKS = {
    "maj13": ("maj7", (2, 9)), "maj9": ("maj7", (2,)), "mmaj9": ("m", (2, 11)), "mmaj7": ("m", (11,)), "m9b5": ("m7b5", (2,)),
    "m11b5": ("m7b5", (2, 5)), "m13": ("m7", (2, 9)), "m11": ("m7", (2, 5)), "m9": ("m7", (2,)), "m69": ("m", (2, 9)), "m6": ("m", (9,)),
    "13sus4": ("sus4", (2, 9, 10)), "9sus4": ("sus4", (2, 10)), "7sus4": ("sus4", (10,)), "sus2": ("5", (2,)),
    "13": ("7", (2, 9)), "11": ("7", (2, 5)), "9": ("7", (2,)), "69": ("6", (2,)),
}
ADDED = {"b9": (1, 2), "#9": (3, 2), "#11": (6, 5), "b13": (8, 9), "add9": (2, None), "add11": (5, None), "add13": (9, None)}  # added, taken away


def spell(text):
    """(members, further tones) of what stands after a root, in semitones above it."""
    text = text.replace("(", "").replace(")", "")
    if text.endswith("alt"):
        return (0, 4, 6, 10), {1, 3, 8}
    names = [n for n in list(QUALITIES) + list(STACKS) if text.startswith(n)]
    name = max(names, key=len)
    quality, tones = STACKS.get(name, (name, ()))
    members, tones = QUALITIES[quality], set(tones)
    rest = text[len(name):]
    while rest:
        word = re.match(r"b5|#5|b9|#9|#11|b13|add9|add11|add13", rest).group()
        rest = rest[len(word):]
        if word in ("b5", "#5"):
            members = tuple((6 if word == "b5" else 8) if m == 7 else m for m in members)
        else:
            tones.discard(ADDED[word][1])
            tones.add(ADDED[word][0])
    return members, tones


SIGNATURES = {
    "Cb": -7, "Gb": -6, "Db": -5, "Ab": -4, "Eb": -3, "Bb": -2, "F": -1, "C": 0, "G": 1, "D": 2, "A": 3,
    "E": 4, "B": 5, "F#": 6, "C#": 7,
}
MINOR_SIGNATURES = {
    "Ab": -7, "Eb": -6, "Bb": -5, "F": -4, "C": -3, "G": -2, "D": -1, "A": 0, "E": 1, "B": 2, "F#": 3,
    "C#": 4, "G#": 5, "D#": 6, "A#": 7,
}

Note = collections.namedtuple("Note", "start end key velocity")


def pitch_class(text):
    """Pitch class at the start of `text`, and how many characters name it."""
    pc, used = LETTERS[text[0]], 1
    while used < len(text) and text[used] in "#b":
        pc += 1 if text[used] == "#" else -1
        used += 1
    return pc % 12, used


class Chord:
    """A chord symbol with its Roman numeral, as the file's text events have it."""

    def __init__(self, symbol, roman):
        self.symbol, self.roman = symbol, roman
        self.root = self.bass = None
        self.members, self.further = (), frozenset()
        if symbol in ("N", "?"):
            return
        name, _, slash = symbol.partition("/")
        self.root, used = pitch_class(name)
        members, further = spell(name[used:])
        self.members = tuple((self.root + i) % 12 for i in members)
        self.further = frozenset((self.root + i) % 12 for i in further)
        self.bass = pitch_class(slash)[0] if slash else self.root

    def __contains__(self, key):
        return not self.members or key % 12 in self.members or key % 12 in self.further or key % 12 == self.bass

    def member(self, n):
        """Pitch class of the n-th member (1, 3, 5, 7), or None."""
        index = {1: 0, 3: 1, 5: 2, 7: 3}[n]
        return self.members[index] if index < len(self.members) else None

    def leading(self):
        """The leading tone if this chord is a dominant (V or vii of something), and the tonic it wants; else None."""
        if not self.members or not self.roman:
            return None
        head = re.match(r"[b#]?([IViv]+)", self.roman)
        numeral = head.group(1) if head else ""
        third = (self.members[1] - self.root) % 12
        if numeral == "V" and third == 4:
            return (self.root + 4) % 12, (self.root + 5) % 12
        if numeral == "vii" and len(self.members) > 2 and (self.members[2] - self.root) % 12 == 6:
            return self.root, (self.root + 1) % 12
        return None


class Part:
    def __init__(self, name):
        self.name = name
        self.notes = []  # by start, then from the top
        self.channels = set()
        self.programs = {}
        self.pedals = []  # (time, value of control 64)
        self.troubles = []

    @property
    def is_drums(self):
        return self.channels == {9}


class Score:
    """parts: dict by name. chords: [(time, Chord)]. phrases: [(time, label, bars, cadence)]. keys: [(time, sharps, is_minor)]."""

    def __init__(self, path):
        self.path = path
        file = mido.MidiFile(path)
        self.format = file.type
        self.quarter = file.ticks_per_beat
        self.parts = collections.OrderedDict()
        self.chords, self.phrases, self.keys, self.markers = [], [], [], []
        self.tempos, self.meters, self.texts = [], [], []
        self.track_ends = []
        self.troubles = []
        for i, track in enumerate(file.tracks):
            self._read(track, i)
        self.end = max(self.track_ends) if self.track_ends else Fraction(0)
        self.meter = self.meters[0][1:] if self.meters else (4, 4)
        self.lines = self._bar_lines()  # [(start, length, length of a beat)] of the bars up to the end
        self.starts = [start for start, _, _ in self.lines]
        self.header = next((t for _, t in self.texts if t.startswith("estro ")), "")

    def _read(self, track, index):
        tick, part, sounding, begun = 0, None, {}, []
        for message in track:
            tick += message.time
            time = Fraction(tick, self.quarter)
            if message.is_meta:
                part = self._meta(message, time, index, part)
            elif message.type in ("note_on", "note_off"):
                if part is None:
                    part = self.parts.setdefault(f"track {index}", Part(f"track {index}"))
                    self.troubles.append(f"track {index} has no name")
                part.channels.add(message.channel)
                self._note(message, time, part, sounding, begun)
            elif message.type == "program_change" and part is not None:
                part.programs[message.channel] = message.program
            elif message.type == "control_change" and message.control == 64 and part is not None:
                part.pedals.append((time, message.value))
        for key in sounding:
            part.troubles.append(f"note {key} hangs")
        if part is not None:
            part.notes.sort(key=lambda n: (n.start, -n.key))

    def _meta(self, message, time, index, part):
        if message.type == "track_name" and index > 0:
            part = Part(message.name)
            if message.name in self.parts:
                self.troubles.append(f"two tracks named {message.name}")
            self.parts[message.name] = part
        elif message.type == "set_tempo":
            self.tempos.append((time, 60e6 / message.tempo))
        elif message.type == "time_signature":
            self.meters.append((time, message.numerator, message.denominator))
        elif message.type == "key_signature":
            minor = message.key.endswith("m")
            table = MINOR_SIGNATURES if minor else SIGNATURES
            self.keys.append((time, table[message.key[:-1] if minor else message.key], minor))
        elif message.type == "marker":
            self.markers.append((time, message.text))
        elif message.type == "text":
            self._text(message.text, time)
        elif message.type == "end_of_track":
            self.track_ends.append(time)
        return part

    def _text(self, text, time):
        words = text.split()
        if words and words[0] == "chord":
            roman = words[2] if len(words) > 2 else ""
            self.chords.append((time, Chord(words[1], roman.encode("latin-1", "replace").decode("utf-8", "replace"))))
        elif words and words[0] == "phrase":
            self.phrases.append((time, words[1], int(words[2]), words[3]))
        self.texts.append((time, text))

    def _note(self, message, time, part, sounding, begun):
        if message.type == "note_on" and message.velocity > 0:
            if message.note in sounding:
                part.troubles.append(f"note {message.note} begins at {time} while it sounds")
                self._end(sounding.pop(message.note), time, message.note, part)
            sounding[message.note] = (time, message.velocity)
        elif message.note in sounding:
            self._end(sounding.pop(message.note), time, message.note, part)

    @staticmethod
    def _end(begun, time, key, part):
        if time <= begun[0]:
            part.troubles.append(f"note {key} at {begun[0]} has no length")
        part.notes.append(Note(begun[0], time, key, begun[1]))

    def _bar_lines(self):
        lines, time = [], Fraction(0)
        changes = dict((t, (n, d)) for t, n, d in self.meters)
        n, d = self.meter
        while time < self.end or not lines:
            n, d = changes.pop(time, (n, d))
            compound = d >= 8 and n % 3 == 0 and n > 3
            lines.append((time, Fraction(4 * n, d), Fraction(12 if compound else 4, d)))
            time += lines[-1][1]
        late = [float(t) for t in changes if t < self.end]
        if late:
            self.troubles.append(f"metres change inside bars: {late}")
        return lines

    # ---- what holds at a time ----

    def bar_of(self, time):
        """Index of the bar at a time; times after the end are in the last one."""
        return bisect.bisect_right(self.starts, time) - 1

    def place(self, time):
        """(time since the bar line, length of the bar, length of its beats)."""
        start, length, beat = self.lines[self.bar_of(time)]
        return time - start, length, beat

    def beats(self, start, end):
        """The beats that begin in [start, end)."""
        for line, length, beat in self.lines[self.bar_of(start):]:
            for i in range(int(length / beat)):
                if line + i * beat >= end:
                    return
                if line + i * beat >= start:
                    yield line + i * beat

    def chord_at(self, time):
        found = None
        for start, chord in self.chords:
            if start > time:
                break
            found = chord
        return found

    def chord_span(self, time):
        """Index of the chord at a time, and when it ends."""
        index = -1
        for i, (start, _) in enumerate(self.chords):
            if start > time:
                break
            index = i
        end = self.chords[index + 1][0] if index + 1 < len(self.chords) else self.end
        return index, end

    def scale_at(self, time):
        """Pitch classes of the signature, altered where the chord alters them."""
        sharps = 0
        for start, value, _ in self.keys:
            if start > time:
                break
            sharps = value
        scale = {(7 * (i + sharps)) % 12 for i in range(-1, 6)}
        chord = self.chord_at(time)
        members = set(chord.members) | chord.further if chord else set()
        for pc in sorted(members - scale):
            for degree in ((pc - 1) % 12, (pc + 1) % 12):
                if degree in scale and degree not in members:
                    scale.discard(degree)
                    break
            scale.add(pc)
        return scale

    def cadences(self):
        """[(start of the last chord but one, start of the last chord, end, name)] of the phrases that have one."""
        out = []
        for i, (start, _, _, name) in enumerate(self.phrases):
            end = self.phrases[i + 1][0] if i + 1 < len(self.phrases) else self.end
            starts = [t for t, _ in self.chords if start <= t < end]
            if name != "open" and starts:
                out.append((starts[-2] if len(starts) > 1 else starts[-1], starts[-1], end, name))
        return out

    def bars(self):
        return len(self.lines)
