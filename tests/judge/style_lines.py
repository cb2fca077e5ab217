"""What a judge needs of a style file: its parts (role, range, lines) and its `never` lines. A reader of its own, line by line."""
import collections
import re

from score import LETTERS

DRUMS = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "open": 46, "pedal": 44, "ride": 51, "bell": 53,
    "crash": 49, "tom1": 48, "tom2": 45, "tom3": 41, "cowbell": 56, "tambourine": 54, "shaker": 82, "conga": 63,
    "bongo": 60,
}
VALUES = {"1": 4.0, "2": 2.0, "4": 1.0, "8": 0.5, "16": 0.25, "32": 0.125}
SCOPES = ("everywhere", "on beats", "on strong", "on downbeats", "at cadence", "at end")

Part = collections.namedtuple("Part", "name role low high lines")
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


class Style:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            lines = [strip_comment(line.rstrip("\n")) for line in file]
        text = "\n".join(lines)
        self.name = re.search(r"^style\s+(\w+)", text, re.M)[1]
        self.parts = collections.OrderedDict()
        for match in re.finditer(r"^part\s+(\w+)\s*\{(.*?)\}", text, re.M | re.S):
            self._part(match[1], match[2])
        self.nevers = [self._never(i + 1, line) for i, line in enumerate(lines) if line.split()[:1] == ["never"]]

    def _part(self, name, body):
        role = re.search(r"\brole\s+(\w+)", body)
        span = re.search(r"\brange\s+(\S+?)\.\.(\S+)", body)
        lines = re.search(r"\blines\s+(\d+)", body)
        low, high = (pitch(span[1]), pitch(span[2])) if span else (0, 127)
        self.parts[name] = Part(name, role[1] if role else "melody", low, high, int(lines[1]) if lines else 1)

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
