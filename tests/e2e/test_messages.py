#!/usr/bin/python3
"""Every message that the compiler of styles can give is given in some test: those of src/style beside what tests/style/bad and the unit tests expect."""

import re

import e2e

# Calls that make messages: name, and which argument is the format.
CALLS = {"es_syntax_error": 2, "es_style_error": 2, "es_build_fail": 3, "es_expected": 1, "es_expect_sign": 2, "es_expect_name": 2,
         "es_expect_integer": 4, "es_expect_number": 4, "es_parse_call": 2,
         "es_expect_one_of": 3}
# What no text can bring about: there are fewer keys, and none may stand twice.
NOT_RUN = {"a style has at most %d keys"}


def arguments(text, at):
    """The arguments of a call whose bracket opens before `at`: strings of C are joined, all else stays."""
    depth, start, out, in_string = 0, at, [], False
    i = at
    while True:
        c = text[i]
        if in_string:
            if c == "\\":
                i += 1
            elif c == '"':
                in_string = False
        elif c == '"':
            in_string = True
        elif c == "'":
            i += 2 if text[i + 1] == "\\" else 1
            i += 1
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                out.append(text[start:i].strip())
                return out
            depth -= 1
        elif c == "," and depth == 0:
            out.append(text[start:i].strip())
            start = i + 1
        i += 1


def strings(argument):
    """The strings that an argument can be: one, or those of a choice."""
    found, current, last_end = [], None, None
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"', argument):
        between = argument[last_end:match.start()] if last_end is not None else ""
        if current is not None and not between.strip():
            current += match.group(1)
        else:
            if current is not None:
                found.append(current)
            current = match.group(1)
        last_end = match.end()
    if current is not None:
        found.append(current)
    return [s.encode().decode("unicode_escape") if "\\" in s else s for s in found if len(s) > 3]


def messages():
    out = {}
    for path in sorted((e2e.TOP / "src/style").glob("*.c")):
        text = re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S)
        for match in re.finditer(r"\b(" + "|".join(CALLS) + r")\(", text):
            given = arguments(text, match.end())
            which = CALLS[match.group(1)]
            if len(given) > which:
                for string in strings(given[which]):
                    out[string] = f"{path.name}:{text.count(chr(10), 0, match.start()) + 1}"
    return out


def is_said(message, said):
    """Whether a text is this message with its holes filled; it may begin later or end earlier, with some words left."""
    parts = [p for p in re.split(r"%[-+ 0-9.*]*l*[a-z%]", message) if p.strip()]
    for text in said:
        at, found, ends = 0, 0, False
        for part in parts:
            next_at = text.find(part.rstrip() if part is parts[-1] else part, at)
            if next_at < 0:
                tail = next((n for n in range(len(part), 3, -1) if text.endswith(part[:n])), 0)
                found += tail
                ends = bool(tail) or (found > 0 and at < len(text) and " " not in text[at:])
                break
            at, found, ends = next_at + len(part), found + len(part.strip()), True
        if ends and found >= min(12, sum(len(p.strip()) for p in parts)):
            return True
    return any(len(text) > 16 and text in message for text in said)


class Messages(e2e.Case):
    def test_every_message_is_given_in_a_test(self):
        said = []
        for path in sorted((e2e.TOP / "tests/style/bad").rglob("*.style")):
            said += re.findall(r"# expect-error: \d+:\d+ (.*)", path.read_text(errors="replace"))
        for path in sorted((e2e.TOP / "tests/unit").glob("test_style*.c")):
            said += [s for m in re.finditer(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+', path.read_text()) for s in strings(m.group(0))]
        missing = [f"{where}: {message}" for message, where in messages().items()
                   if message not in NOT_RUN and not is_said(message, said)]
        self.assertGreater(len(messages()), 200)
        self.assertEqual(missing, [], "\n" + "\n".join(missing))


if __name__ == "__main__":
    e2e.main()
