"""Every kind of `never`, counted on a score. Written from the words of the language, not from the program.

A part of one line is a row of notes. In a part of n lines the notes that begin together are a chord: the k-th from the top is of the k-th line.
A note that begins alone is of the top line in a melody (between its chords), of the lowest line in any other part (the bass of a stride).
"""
import collections
import itertools
from bisect import bisect_right
from fractions import Fraction

from style_lines import MINOR_PENTATONIC, SCALES

CLASSES = {"1": 0, "5": 7, "8": 0}


class Lines:
    """What sounds when: a score by lines, with the rules as methods. Each returns a list of breaches as text."""

    def __init__(self, score, style):
        self.score, self.style = score, style
        self.order = [p for p in style.parts if style.parts[p].role != "drums"]
        self.notes = {}
        for name in self.order:
            self.notes[name] = score.parts[name].notes if name in score.parts else []
        self.line = {name: self.number(name) for name in self.order}
        times = {n.start for notes in self.notes.values() for n in notes}
        times |= {n.end for notes in self.notes.values() for n in notes}
        self.times = sorted(times)
        self.sounding = {name: self._sweep(name) for name in self.order}
        self.cadences = score.cadences()
        self.last_chord = score.chords[-1][0] if score.chords else score.end

    def _sweep(self, name):
        """Notes sounding in [times[i], times[i+1]), from the top."""
        out = [[] for _ in self.times]
        index = {t: i for i, t in enumerate(self.times)}
        for note in self.notes[name]:
            for i in range(index[note.start], index[note.end]):
                out[i].append(note)
        for row in out:
            row.sort(key=lambda n: -n.key)
        return out

    # ---- helpers ----

    def lines(self, parts):
        """(part, notes) of each melodic line."""
        for name in parts:
            for notes in self.melodic(name) if name in self.notes else ():
                yield name, notes

    def melodic(self, name):
        rows = [[] for _ in range(self.style.parts[name].lines)]
        for note in self.notes[name]:
            for line in self.line[name][note]:
                rows[line].append(note)
        return rows

    def number(self, name):
        """The lines of each note of a part, from the top; a note is of several where lines meet in unison.

        Which lines meet in a chord of fewer notes than the part has lines is not written: they are taken so that the lines move least, by
        squares, from the chord before and to the one after.
        """
        part, groups = self.style.parts[name], collections.OrderedDict()
        for note in self.notes[name]:
            groups.setdefault(note.start, []).append(note)
        paths = [(0, [None] * part.lines, None)]  # (cost, key of each line, (path before, group, spread))
        for group in groups.values():
            group.sort(key=lambda n: -n.key)
            found = []
            for spread in self.spreads(len(group), part):
                tried = []
                for cost, last, trail in paths:
                    keys = list(last)
                    for k, row in spread:
                        keys[row] = group[k].key
                    move = sum((keys[row] - last[row]) ** 2 for _, row in spread if last[row] is not None)
                    tried.append((cost + move, keys, (trail, group, spread)))
                found.append(min(tried, key=lambda path: path[0]))
            paths = found
        line, trail = {}, min(paths, key=lambda path: path[0])[2]
        while trail:
            trail, group, spread = trail
            for k, row in spread:
                line.setdefault(group[k], []).append(row)
        return line

    @staticmethod
    def spreads(count, part):
        """Ways in which the lines of a part can have so many notes, as pairs (note, line)."""
        if count == 1 and part.role != "melody":
            return [[(0, part.lines - 1)]]
        if count == 1 or count >= part.lines:
            return [[(k, min(k, part.lines - 1)) for k in range(count)]]
        ways = []
        for cut in itertools.combinations(range(1, part.lines), count - 1):
            ends = (0,) + cut + (part.lines,)
            ways.append([(k, row) for k in range(count) for row in range(ends[k], ends[k + 1])])
        return ways

    def in_scope(self, time, scope):
        at, bar, beat = self.score.place(time)
        if scope == "everywhere":
            return True
        if scope == "on beats":
            return at % beat == 0
        if scope == "on strong":
            beats = bar / beat
            return at == 0 or (beats % 2 == 0 and at == bar / 2)
        if scope == "on downbeats":
            return at == 0
        if scope == "at end":
            return time >= self.last_chord
        return any(start <= time < end for start, _, end, _ in self.cadences)

    def where(self, time):
        at, _, beat = self.score.place(time)
        return f"bar {self.score.bar_of(time) + 1} beat {float(at / beat) + 1:g}"

    def pairs(self, parts):
        names = [p for p in self.order if p in parts]
        return [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]

    def at(self, name, i):
        return self.sounding[name][i] if 0 <= i < len(self.times) else []

    def outer(self, name, i, below):
        """The note of a part that faces the parts above (below=False) or below it."""
        row = self.at(name, i)
        return (row[-1] if below else row[0]) if row else None

    def moves(self, pair):
        """(time, upper before, upper after, lower before, lower after) where both lines move at once."""
        a, b = pair
        for i in range(1, len(self.times)):
            for up in self.at(a, i - 1):
                for low in self.at(b, i - 1):
                    ua, la = self.follow(a, up, i), self.follow(b, low, i)
                    if ua is not None and la is not None and ua != up.key and la != low.key:
                        yield self.times[i], up.key, ua, low.key, la

    def follow(self, name, note, i):
        """The key that the line of `note` has at instant i, where it sounded just before; None if it goes on or falls silent."""
        if note in self.at(name, i):
            return None
        line = self.line[name]
        return next((n.key for n in self.at(name, i) if set(line[n]) & set(line[note])), None)

    # ---- between lines ----

    def parallel(self, rule):
        classes = {CLASSES[a] for a in rule.arguments}
        for pair in self.pairs(rule.parts):
            for time, u0, u1, l0, l1 in self.moves(pair):
                if (u0 - l0) % 12 == (u1 - l1) % 12 and (u0 - l0) % 12 in classes:
                    if self.in_scope(time, rule.scope):
                        yield f"{self.where(time)}: {pair[0]} {u0}-{u1}, {pair[1]} {l0}-{l1}"

    def hidden(self, rule):
        classes = {CLASSES[a] for a in rule.arguments}
        for pair in self.pairs(rule.parts):
            for time, u0, u1, l0, l1 in self.moves(pair):
                if (u1 - u0) * (l1 - l0) > 0 and abs(u1 - u0) > 2 and (u1 - l1) % 12 in classes:
                    if self.in_scope(time, rule.scope):
                        yield f"{self.where(time)}: {pair[0]} {u0}-{u1}, {pair[1]} {l0}-{l1}"

    def vertical(self, rule, test, neighbours=False):
        """Instants at which an upper and a lower part stand so that test(upper lowest, lower highest, all pairs) holds."""
        for a, b in self.pairs(rule.parts):
            for i, time in enumerate(self.times):
                up, low = self.at(a, i), self.at(b, i)
                if up and low and self.in_scope(time, rule.scope) and test(up, low):
                    yield f"{self.where(time)}: {a} {[n.key for n in up]}, {b} {[n.key for n in low]}"

    def cross(self, rule):
        return self.vertical(rule, lambda up, low: up[-1].key < low[0].key)

    def spacing(self, rule):
        n = int(rule.arguments[0])
        return self.vertical(rule, lambda up, low: up[-1].key - low[0].key > n)

    def unison(self, rule):
        """Between parts: one key in both. In a part of several lines: a chord that has lost a note to a unison."""
        if not rule.between:
            return self.thin(rule)
        return self.vertical(rule, lambda up, low: {n.key for n in up} & {n.key for n in low})

    def thin(self, rule):
        for name in rule.parts:
            counts = collections.Counter(n.start for n in self.notes.get(name, []))
            for time, count in sorted(counts.items()):
                if 1 < count < self.style.parts[name].lines and self.in_scope(time, rule.scope):
                    yield f"{self.where(time)}: {name} has {count} notes"

    def clash(self, rule):
        n = int(rule.arguments[0])
        return self.vertical(rule, lambda up, low: any(abs(a.key - b.key) == n for a in up for b in low))

    def overlap(self, rule):
        names = [p for p in self.order if p in rule.parts]
        for a, b in zip(names, names[1:]):
            for i in range(1, len(self.times)):
                up0, low0 = self.at(a, i - 1), self.at(b, i - 1)
                up1, low1 = self.at(a, i), self.at(b, i)
                if up0 and low0 and up1 and low1 and self.in_scope(self.times[i], rule.scope):
                    if up1[-1].key < low0[0].key or low1[0].key > up0[-1].key:
                        yield f"{self.where(self.times[i])}: {a} {up0[-1].key}-{up1[-1].key}, {b} {low0[0].key}-{low1[0].key}"

    # ---- in a line ----

    def steps(self, rule):
        for name, notes in self.lines(rule.parts):
            for a, b in zip(notes, notes[1:]):
                if self.in_scope(b.start, rule.scope):
                    yield name, a, b

    def leap(self, rule):
        n = int(rule.arguments[0])
        for name, a, b in self.steps(rule):
            if abs(b.key - a.key) > n:
                yield f"{self.where(b.start)}: {name} {a.key}-{b.key}"

    def interval(self, rule):
        n = int(rule.arguments[0])
        for name, a, b in self.steps(rule):
            if abs(b.key - a.key) == n:
                yield f"{self.where(b.start)}: {name} {a.key}-{b.key}"

    def unrecovered(self, rule):
        """After a leap of more than n the next move goes back, by less."""
        n = int(rule.arguments[0])
        for name, notes in self.lines(rule.parts):
            for i in range(1, len(notes)):
                leap = notes[i].key - notes[i - 1].key
                if abs(leap) <= n or not self.in_scope(notes[i].start, rule.scope):
                    continue
                back = next((x.key - notes[i].key for x in notes[i + 1:] if x.key != notes[i].key), None)
                if back is not None and (back * leap > 0 or abs(back) >= abs(leap)):
                    yield f"{self.where(notes[i].start)}: {name} {notes[i - 1].key}-{notes[i].key} then {back:+d}"

    def repeat(self, rule):
        n = int(rule.arguments[0])
        for name, notes in self.lines(rule.parts):
            run = 1
            for a, b in zip(notes, notes[1:]):
                run = run + 1 if a.key == b.key else 1
                if run > n and self.in_scope(b.start, rule.scope):
                    yield f"{self.where(b.start)}: {name} {b.key} {run} times"

    def run(self, rule):
        n = int(rule.arguments[0])
        for name, notes in self.lines(rule.parts):
            run, way = 0, 0
            for a, b in zip(notes, notes[1:]):
                sign = (b.key > a.key) - (b.key < a.key)
                if sign == 0:
                    continue  # A repeated note is no move and interrupts none.
                run = run + 1 if sign == way else 1
                way = sign
                if run > n and self.in_scope(b.start, rule.scope):
                    yield f"{self.where(b.start)}: {name} {run} moves in one direction"

    # ---- notes and chords ----

    def scoped_notes(self, rule):
        for name in rule.parts:
            for note in self.notes.get(name, []):
                if self.in_scope(note.start, rule.scope):
                    yield name, note

    def foreign(self, rule):
        """On beats and the like: notes that begin there. Else also notes that are held into a chord they do not belong to."""
        held = not rule.scope.startswith("on ")
        for name, note in self.scoped_notes(rule):
            if note.key not in self.score.chord_at(note.start) or (held and self.is_foreign(note)):
                yield f"{self.where(note.start)}: {name} {note.key} in {self.score.chord_at(note.start).symbol}"

    def chromatic(self, rule):
        for name, note in self.scoped_notes(rule):
            chord = self.score.chord_at(note.start)
            if note.key not in chord and note.key % 12 not in self.scale_of(name, note.start):
                yield f"{self.where(note.start)}: {name} {note.key} in {chord.symbol}"

    def scale_of(self, name, time):
        """Pitch classes of the part's own scale on the tonic of the signature, or of the key's scale."""
        scale = self.style.parts[name].scale
        if not scale:
            return self.score.scale_at(time)
        _, sharps, minor = [key for key in self.score.keys if key[0] <= time][-1]
        tonic = 7 * sharps + (9 if minor else 0)
        steps = MINOR_PENTATONIC if minor and scale == "pentatonic" else SCALES[scale]
        return {(tonic + step) % 12 for step in steps}

    def is_foreign(self, note):
        """Outside some chord that it sounds over."""
        time = note.start
        while time < note.end:
            if note.key not in self.score.chord_at(time):
                return True
            time = self.score.chord_span(time)[1]
        return False

    def unresolved(self, rule):
        for name, notes in self.lines(rule.parts):
            for i, note in enumerate(notes):
                if not self.in_scope(note.start, rule.scope) or not self.is_foreign(note):
                    continue
                after = notes[i + 1] if i + 1 < len(notes) else None
                if after is None or not 0 < abs(after.key - note.key) <= 2:
                    yield f"{self.where(note.start)}: {name} {note.key} in {self.score.chord_at(note.start).symbol}"

    def together_at(self, parts, i):
        return [n.key for name in parts for n in self.at(name, i)]

    def doubled(self, rule):
        for i, time in enumerate(self.times):
            chord = self.score.chord_at(time)
            if not self.in_scope(time, rule.scope) or chord is None:
                continue
            keys = self.together_at(rule.parts, i)
            for what in rule.arguments:
                if what == "leading":
                    pc = (chord.leading() or (None,))[0]
                else:
                    pc = chord.member(int(what))
                if pc is not None and sum(k % 12 == pc for k in keys) > 1:
                    yield f"{self.where(time)}: {what} of {chord.symbol} in {keys}"

    def missing(self, rule):
        for i, time in enumerate(self.times):
            chord = self.score.chord_at(time)
            keys = self.together_at(rule.parts, i)
            if not self.in_scope(time, rule.scope) or chord is None or not keys or not self.begins(rule.parts, time):
                continue
            for what in rule.arguments:
                pc = chord.member(int(what))
                if pc is not None and all(k % 12 != pc for k in keys):
                    yield f"{self.where(time)}: no {what} of {chord.symbol} in {keys}"

    def begins(self, parts, time):
        return any(n.start == time for name in parts for n in self.notes.get(name, []))

    def inversion(self, rule):
        for i, time in enumerate(self.times):
            chord = self.score.chord_at(time)
            keys = self.together_at(rule.parts, i)
            if keys and chord and chord.members and self.in_scope(time, rule.scope) and min(keys) % 12 != chord.bass:
                yield f"{self.where(time)}: bass {min(keys)} under {chord.symbol}"

    def into_next(self, parts):
        """(part, is it an outer part, last key over a chord, first key over the next, the chords) for each change of chord."""
        names = [p for p in self.order if p in parts]
        for index, (time, chord) in enumerate(self.score.chords[1:]):
            before = self.score.chords[index][1]
            i = bisect_right(self.times, time) - 1
            if i < 0 or self.times[i] != time:
                continue
            for name in names:
                for note in self.at(name, i - 1):
                    after = note.key if note in self.at(name, i) else self.follow(name, note, i)
                    if after is not None:
                        yield name, name in (self.order[0], self.order[-1]), note.key, after, before, chord, time

    def leading(self, rule):
        for name, is_outer, a, b, before, chord, time in self.into_next(rule.parts):
            wanted = before.leading()
            if wanted and a % 12 == wanted[0] and chord.root == wanted[1] and self.in_scope(time, rule.scope):
                if b - a != 1 and not (not is_outer and b - a == -4):
                    yield f"{self.where(time)}: {name} {a}-{b}, {before.symbol} to {chord.symbol}"

    def seventh(self, rule):
        for name, _, a, b, before, chord, time in self.into_next(rule.parts):
            if before.member(7) is not None and a % 12 == before.member(7) and before.root != chord.root:
                if a - b not in (0, 1, 2) and self.in_scope(time, rule.scope):
                    yield f"{self.where(time)}: {name} {a}-{b}, {before.symbol} to {chord.symbol}"

    # ---- extent ----

    def span(self, rule):
        n = int(rule.arguments[0])
        for name in rule.parts:
            for i, time in enumerate(self.times):
                row = self.at(name, i)
                if row and row[0].key - row[-1].key > n and self.in_scope(time, rule.scope):
                    yield f"{self.where(time)}: {name} {row[-1].key}..{row[0].key}"

    def outside(self, rule):
        from style_lines import pitch
        low, high = (pitch(x) for x in rule.arguments[0].split(".."))
        for name, note in self.scoped_notes(rule):
            if not low <= note.key <= high:
                yield f"{self.where(note.start)}: {name} {note.key}"

    def length(self, rule, sign):
        from style_lines import VALUES
        text = rule.arguments[0]
        value = Fraction(VALUES[text.rstrip(".t")]) * (Fraction(3, 2) if "." in text else Fraction(2, 3) if "t" in text else 1)
        for name, note in self.scoped_notes(rule):
            if (note.end - note.start - value) * sign > 0:
                yield f"{self.where(note.start)}: {name} {note.key} of {float(note.end - note.start):g} quarters"

    def short(self, rule):
        return self.length(rule, -1)

    def long(self, rule):
        return self.length(rule, 1)

    def silence(self, rule):
        """Between two notes of a part, inside the phrases in which it plays."""
        most = int(rule.arguments[0]) * self.score.lines[0][2]
        starts = [t for t, *_ in self.score.phrases] + [self.score.end]
        for name in rule.parts:
            for a, b in zip(starts, starts[1:]):
                inside = [n for n in self.notes.get(name, []) if a <= n.start < b]
                edges = [a] + [n.start for n in inside] + [b]
                ends = [a] + [n.end for n in inside]
                for begin, end in zip(ends, edges[1:]):
                    if inside and end - begin > most and self.in_scope(begin, rule.scope):
                        yield f"{self.where(begin)}: {name} silent for {float(end - begin):g} quarters"

    # ---- drums ----

    def drum_hits(self, parts):
        hits = collections.defaultdict(set)
        for name in parts:
            if name in self.score.parts:
                for note in self.score.parts[name].notes:
                    hits[note.start].add(note.key)
        return hits

    def drum(self, word):
        from style_lines import DRUMS
        return DRUMS[word] if word in DRUMS else int(word)

    def together(self, rule):
        pair = {self.drum(word) for word in rule.arguments}
        for time, keys in sorted(self.drum_hits(rule.parts).items()):
            if pair <= keys and self.in_scope(time, rule.scope):
                yield f"{self.where(time)}: {sorted(pair)}"

    def absent(self, rule):
        key = self.drum(rule.arguments[0])
        hits = self.drum_hits(rule.parts)
        played = sorted({self.score.bar_of(t) for t in hits})
        for bar in played:
            times = [t for t, keys in hits.items() if self.score.bar_of(t) == bar and key in keys]
            scope = self.score.starts[bar] if rule.scope in ("on downbeats", "at end", "at cadence") else None
            if scope is not None and not self.in_scope(scope, rule.scope):
                continue
            if not times:
                yield f"{self.where(self.score.starts[bar])}: no {rule.arguments[0]}"

    def check(self, rule):
        return list(getattr(self, rule.kind)(rule))
