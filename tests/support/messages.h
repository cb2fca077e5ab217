/*
 * A small piece as messages, for tests of sinks: two tracks, a change of tempo, one bar.
 */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <estro/estro.h>

#define MIDI(track_, tick_, ns_, size_, a, b, c)                                                   \
    {                                                                                              \
        .kind = ESTRO_MIDI, .track = track_, .tick = tick_, .time_ns = ns_, .size = size_,         \
        .data = {                                                                                  \
            a,                                                                                     \
            b,                                                                                     \
            c                                                                                      \
        }                                                                                          \
    }

static const estro_message test_messages[] = {
    {.kind = ESTRO_TEXT, .text = "made by \"a test\"\n"},
    {.kind = ESTRO_TRACK, .track = 1, .text = "lead"},
    {.kind = ESTRO_TRACK, .track = 2, .text = "drums"},
    {.kind = ESTRO_TEMPO, .value = 500000},
    {.kind = ESTRO_METER, .data = {6, 3}},
    {.kind = ESTRO_KEY, .data = {(uint8_t)-3, 1}},
    {.kind = ESTRO_MARKER, .text = "verse"},
    {.kind = ESTRO_CHORD, .text = "Cm i"},
    MIDI(0, 0, 0, 1, 0xF8, 0, 0), /* a clock pulse: not for files */
    MIDI(1, 0, 0, 2, 0xC0, 40, 0),
    MIDI(1, 0, 0, 3, 0xB0, 7, 100),
    MIDI(1, 0, 0, 3, 0x90, 60, 80),
    MIDI(2, 5, 248016, 3, 0x99, 36, 90),
    MIDI(2, 5040, 250000000, 3, 0x89, 36, 64),
    {.kind = ESTRO_TEMPO, .tick = 10080, .time_ns = 500000000, .value = 750000},
    MIDI(1, 15120, 875000000, 3, 0xE0, 0, 64),
    MIDI(1, 30240, 2000000000, 3, 0x80, 60, 64),
    {.kind = ESTRO_FINISH, .tick = 30240, .time_ns = 2000000000},
};

enum { N_TEST_MESSAGES = sizeof test_messages / sizeof test_messages[0] };

#endif
