#!/usr/bin/python3
"""The tables of styles/README.md that set the language beside three others leave out none of their constructs, and no row is empty."""

import pathlib
import re
import unittest

import e2e

# The keywords of Impro-Visor's grammars (Grammar.java, its parameters) and styles (Style.java, its patterns).
IMPRO_VISOR = """
    rule base startsymbol terminals parameter comment fill none share unshare unshareall muse-switch builtin splice literal brick muse chord-family
    expectancy slope triadic min-pitch max-pitch min-interval max-interval leap-prob min-duration max-duration rest-prob chord-tone-weight
    color-tone-weight scale-tone-weight chord-tone-decay scale-root scale-type avoid-repeats rectify auto-fill use-grammar use-syncopation
    syncopation-constant syncopation-multiplier syncopation-type expectancy-constant expectancy-multiplier
    name bass-pattern bass-high bass-low bass-base swing drum-pattern chord-pattern chord-high chord-low chord-base use-extensions no-style
    voicing-type comments comp-swing define-rule bass chord drum voicing-name interpolate interpolable substitute rules weight push use volume
    pattern-name""".split()

# What may begin a line of MMA 21.09, or follow the name of a track.
MMA = """
    AdjustVolume After AllGrooves AllTracks Author AutoSoloTracks BeatAdjust Call ChannelPref ChordAdjust CmdLine Comment Cresc Cut Debug Dec Decresc
    DefAlias DefChord DefCall DefGroove Delete Doc DocVar DrumVolTr Else EndIf EndMSet EndRepeat EOF Fermata Goto Groove GrooveClear If IfEnd Inc
    Include KeySig Label Lyric MidiDef MIDI MidiCopyright MidiCue MidiFile MidiInc MidiVolume MidiCresc MidiDecresc ChannelInit MidiMark MidiSplit
    MidiText MidiTName MMAEnd MMAStart MSet MSetEnd NewSet Patch Plugin Print PrintActive PrintChord Repeat RepeatEnd RepeatEnding Restart RndSeed
    RndSet Seq SeqClear SeqRnd SeqRndWeight SeqSize Set SetIncPath SetLibPath SetMidiPlayer SetOutPath SetPlugPath SetSyncTone ShowVars StackValue
    Swell SwingMode Synchronize Tempo Time TimeSig ToneTr Truncate Tweaks Unset Use VarClear VExpand VoiceVolTr VoiceTr Volume Transpose
    Accent Arpeggiate Articulate Channel Chords DupRiff ChShare Compress Copy Delay Direction DrumType DupRoot ForceOut FretNoise Harmony HarmonyOnly
    HarmonyVolume Invert Limit Mallet MidiClear MidiGlis MidiPan MidiSeq MidiVoice MidiWheel MOctave Octave Off On Ornament Tuning Capo Shape Range
    RDuration Riff RSkip RTime RVolume RPitch ScaleType Sequence Stretch Sticky Trigger MidiNote NoteSpan Strum StrumAdd Tone Unify Voice Voicing
    Define""".split()

# The masks and options of patterns, as the Band-in-a-Box manual names them.
BAND_IN_A_BOX = ["weights", "substyle masks", "chord duration masks", "bar masks", "beat masks", "chord type masks", "Roman numeral masks",
                 "next interval masks", "pre-fill", "fill", "post-fill", "macro notes", "late triplets", "pushes", "riff-based", "Soloist", "Melodist",
                 "Harmonies", "embellisher", "RealTracks", "style checker", "voicing types"]

PARSER = pathlib.Path("/usr/share/mma/MMA/parse.py")


def tables():
    """The left column and the rows of each table, by the first word of its head."""
    text = (e2e.TOP / "styles/README.md").read_text(encoding="utf-8")
    text = text[text.index("\n## Beside other languages"):text.index("\n## Limits")]
    found = {}
    for table in re.findall(r"^\| (\S+?),? .*?\| estro \|\n\|---\|---\|\n((?:\|.*\n)+)", text, flags=re.M):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table[1].splitlines()]
        found.setdefault(table[0], []).extend(rows)
    return found


class Languages(e2e.Case):
    def test_nothing_is_left_out(self):
        found = tables()
        self.assertEqual(sorted(found), ["Band-in-a-Box", "Impro-Visor", "MMA"])
        for program, names in (("Impro-Visor", IMPRO_VISOR), ("MMA", MMA)):
            there = {name.lower() for row in found[program] for name in re.findall(r"`([^`]+)`", row[0])}
            self.assertEqual([name for name in names if name.lower() not in there], [], program)
        left = " ".join(row[0] for row in found["Band-in-a-Box"])
        self.assertEqual([name for name in BAND_IN_A_BOX if name not in left], [])

    def test_each_row_says_what_it_is_here_or_why_not(self):
        for program, rows in tables().items():
            for row in rows:
                self.assertEqual(len(row), 2, row)
                self.assertRegex(row[1].strip(), r"\w{2}|`", (program, row))
                if row[1].strip().startswith("-"):
                    self.assertGreater(len(row[1].split()), 3, (program, row))

    @unittest.skipUnless(PARSER.exists(), "mma is not installed")
    def test_the_list_of_mma_is_that_of_its_parser(self):
        code = PARSER.read_text(encoding="utf-8")
        words = set()
        for name in ("simpleFuncs", "trackFuncs"):
            start = code.index(f"\n{name} = {{")
            words |= set(re.findall(r"""['"]([A-Z]+)['"] *:""", code[start:code.index("}", start)]))
        self.assertEqual(words - {name.upper() for name in MMA}, set())


if __name__ == "__main__":
    e2e.main()
