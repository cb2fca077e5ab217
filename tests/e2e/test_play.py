#!/usr/bin/python3
"""Playing through the real program: the same messages as a file gets, and how it ends when asked to."""

import signal
import subprocess
import time

import e2e


class Play(e2e.Case):
    def test_same_messages_as_the_file(self):
        for style in e2e.STYLES:
            self.good("generate", style, "--no-model", "--seed", 11, "-o", "a.txt")
            played = self.good("play", style, "--no-model", "--seed", 11, "--text")
            self.assertEqual(played.out, (self.folder / "a.txt").read_text(), style)

    def test_midi_file_is_played_as_it_is_rendered(self):
        self.good("generate", "reel", "--no-model", "--seed", 11, "-o", "a.mid")
        self.good("render", "a.mid", "-o", "b.txt")
        played = self.good("play", "a.mid", "--text")
        self.assertEqual(played.out, (self.folder / "b.txt").read_text())

    def play_endless(self, *signals):
        running = subprocess.Popen([e2e.PROGRAM, "play", "chorale", "--no-model", "--seed", "1", "--endless", "--text"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        head = running.stdout.read(2000)
        for number in signals:
            running.send_signal(number)
            time.sleep(0.05)
        out, err = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 0, err)
        return (head + out).decode(), err.decode()

    def assert_all_notes_end(self, text):
        sounding = set()
        for line in text.splitlines():
            words = line.split()
            if "on" in words[3:4]:
                sounding.add((words[5], words[6]))
            elif "off" in words[3:4]:
                sounding.discard((words[5], words[6]))
        self.assertEqual(sounding, set())

    def test_ctrl_c_ends_with_a_cadence(self):
        text, _ = self.play_endless(signal.SIGINT)
        self.assert_all_notes_end(text)
        phrases = [line for line in text.splitlines() if '"phrase ' in line]
        self.assertRegex(phrases[-1], "authentic|plagal")

    def test_params_are_moved_while_it_plays(self):
        style = self.write("dial.style", """estro 1
style dial "A dial"
tempo 480
param energy 0..1 = 0 cc 1
form { piece = <a 2 half> <b 2 half> <a 2 half> }
harmony { phrase = I:4 | I:4 phrase }
rhythm { beat = [1-energy] 4*4 | [energy] 16*16 }
part top { role melody }
texture main { top beat }
""")
        running = subprocess.Popen([e2e.PROGRAM, "play", style, "--control", "-", "--seed", "1", "--endless", "--text"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE)
        text = running.stdout.read(20000)
        for line in (b"energy=9\n", b"what\nenergy=1\n"):
            running.stdin.write(line)
            running.stdin.flush()
            until = time.monotonic() + 0.7
            while time.monotonic() < until:
                text += running.stdout.read(1 << 16)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 0, err)
        onsets = [int(row.split()[0]) for row in (text + out).decode().splitlines() if " note-on " in row]
        gaps = [b - a for a, b in zip(onsets, onsets[1:])]
        self.assertEqual(set(gaps[:200]), {10080})
        self.assertEqual(set(gaps[-40:]), {2520})
        self.assertIn(b"'energy' is a number from 0 to 1; not '9'", err)
        self.assertIn(b"not 'what'", err)
        self.bad(1, "play", "reel", "--control", "nothing", "--text", says="no param with a controller")
        self.bad(2, "play", "--control", "-", "--text", "x.mid", says="--control")

    def test_second_ctrl_c_and_sigterm_end_at_once(self):
        for signals in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)):
            text, _ = self.play_endless(*signals)
            self.assert_all_notes_end(text)


if __name__ == "__main__":
    e2e.main()
