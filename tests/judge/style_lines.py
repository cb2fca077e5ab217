"""What a judge needs of a style file and of those it imports: parts (role, range, lines) and `never` lines. A reader of its own, line by line."""
import collections
import os
import re

from score import LETTERS

DRUMS = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "open": 46, "pedal": 44, "ride": 51, "bell": 53,
    "crash": 49, "tom1": 48, "tom2": 45, "tom3": 41, "cowbell": 56, "tambourine": 54, "shaker": 82, "conga": 63,
    "bongo": 60,
}
VALUES = {"1": 4.0, "2": 2.0, "4": 1.0, "8": 0.5, "16": 0.25, "32": 0.125}
DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
SCOPES = ("everywhere", "on beats", "on strong", "on downbeats", "at cadence", "at end")

Part = collections.namedtuple("Part", "name role low high lines scale wide")  # wide: chords for two hands
Never = collections.namedtuple("Never", "line text kind arguments parts between scope")


def pitch(text):
    match = re.fullmatch(r"([A-G])([#b]*)(-?\d+)", text)
    return LETTERS[match[1]] + match[2].count("#") - match[2].count("b") + 12 * (int(match[3]) + 1)


def strip_comment(line):
    """A # begins a comment unless it is a sharp, as in F#3."""
    for match in re.finditer("#", line):
        at = match.start()
        if not (at > 0 and re.match(r"[A-Ga-g]", line[at - 1]) and (at < 2 or not line[at - 2].isalnum())):
            return line[:at]
    return line


# Scales that a part can have in place of the key's, in semitones above the tonic; the five tones of a minor key are others.
SCALES = {
    "blues": (0, 3, 5, 6, 7, 10), "pentatonic": (0, 2, 4, 7, 9), "wholetone": (0, 2, 4, 6, 8, 10), "octatonic": (0, 1, 3, 4, 6, 7, 9, 10),
    "major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10), "dorian": (0, 2, 3, 5, 7, 9, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10), "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11), "melodic": (0, 2, 3, 5, 7, 9, 11), "chromatic": tuple(range(12)),
}
MINOR_PENTATONIC = (0, 3, 5, 7, 10)
LINES = {"pad": 4, "strum": 5, "stride": 4}
ROLES = {"walking": "bass", "pad": "harmony", "arpeggio": "harmony", "strum": "harmony", "stride": "harmony"}


def find(name, folder):
    """The file that `import name` means, asked for from a file in this folder."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "styles")
    for place in (folder, os.path.join(folder, "lib"), top, os.path.join(top, "lib")):
        path = os.path.join(place, name + ".style")
        if os.path.exists(path):
            return os.path.abspath(path)
    raise FileNotFoundError(f"import {name}")


class Style:
    def __init__(self, path):
        self.parts = collections.OrderedDict()
        self._read = set()
        self._written = []  # (line number or file:line, text) of `never` lines
        self._settings = collections.OrderedDict()
        self.end = 0  # semitones from the tonic up to the root of the last chord, as `expect end` has it
        self._file(os.path.abspath(path), True)
        for name, settings in self._settings.items():
            low, high = settings.get("range", (0, 127))
            role = settings.get("role", "melody")
            self.parts[name] = Part(name, ROLES.get(role, role), low, high, settings.get("lines", LINES.get(role, 1)), settings.get("scale"),
                                    settings.get("voicing") in ("open", "drop2"))
        self.nevers = [self._never(number, line) for number, line in self._written]

    def _file(self, path, is_top):
        """Imports first, as if they stood before the file's own lines."""
        if path in self._read:
            return
        self._read.add(path)
        with open(path, encoding="utf-8") as file:
            lines = [strip_comment(line.rstrip("\n")) for line in file]
        text = "\n".join(lines)
        head = re.search(r"^(?:style|library)\s+(\w+)\s*(?::\s*(\w+))?", text, re.M)
        for name in ([head[2]] if head[2] else []) + re.findall(r"^\s*import\s+(\w+)", text, re.M):
            self._file(find(name, os.path.dirname(path)), False)
        self.name = head[1]
        for numeral in re.findall(r"^expect\s+end\s+(b?[IViv]+)", text, re.M):
            self.end = (DEGREES[numeral.lstrip("b").upper()] - numeral.count("b")) % 12
        for match in re.finditer(r"^part\s+(\w+)\s*\{(.*?)\}", text, re.M | re.S):
            self._part(match[1], match[2])
        dropped = re.findall(r"^drop\s+(\w+)", text, re.M)
        self._written = [row for row in self._written if row[1].split()[1] not in dropped]
        for i, line in enumerate(lines):
            if line.split()[:1] == ["never"]:
                self._written.append((i + 1 if is_top else f"{self.name}:{i + 1}", line))

    def _part(self, name, body):
        settings = self._settings.setdefault(name, {})
        role = re.search(r"\brole\s+(\w+)", body)
        span = re.search(r"\brange\s+(\S+?)\.\.(\S+)", body)
        lines = re.search(r"\blines\s+(\d+)", body)
        scale = re.search(r"\bscale\s+([a-z]+)", body)
        if role:
            settings["role"] = role[1]
        if span:
            settings["range"] = (pitch(span[1]), pitch(span[2]))
        if lines:
            settings["lines"] = int(lines[1])
        voicing = re.search(r"\bvoicing\s+(\w+)", body)
        if voicing:
            settings["voicing"] = voicing[1]
        if scale:
            settings["scale"] = scale[1]

    def _never(self, number, line):
        words = line.split()[1:]
        kind, scope, between, parts = words.pop(0), "everywhere", False, None
        for candidate in SCOPES:
            if words[-len(candidate.split()):] == candidate.split():
                scope = candidate
                del words[-len(candidate.split()):]
        for joint in ("in", "between"):
            if joint in words:
                at = words.index(joint)
                between, parts = joint == "between", words[at + 1:]
                del words[at:]
        if parts is None:
            between = kind in ("parallel", "hidden", "cross", "overlap", "unison", "clash", "spacing", "doubled", "missing", "inversion")
        if not parts or parts == ["all"]:
            parts = [p for p in self.parts if self.parts[p].role != "drums"] if kind not in ("together", "absent") else list(self.parts)
        return Never(number, " ".join(line.split()), kind, [w for w in words if w != ">"], parts, between, scope)
