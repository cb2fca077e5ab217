/*
 * Voicings by the tones of the chord that are left out between neighbouring lines. A close chord of n lines has the places 0, 1 ... n - 1 among
 * the chord's tones from the top down; drop 2 moves the place 1 down by an octave, that is by as many places as the chord has tones.
 */
#include "gen/voicing.h"

#include "base/bits.h"

enum { OPEN_GAP = 2 /* most tones left out between lines of an open voicing */ };

/* Weight of a shell without its third, or without its seventh. */
#define SHELL_LACKS 1e-3

/* Tones of the chord below a pitch. */
static int rank(uint16_t chord, int size, int pitch)
{
    return pitch / 12 * size + es_count_bits(chord & ((1u << pitch % 12) - 1u));
}

static bool is_close(int gap, int size, int lines, int interval)
{
    return size > lines ? gap >= 0 && gap <= 1 && interval <= 12 : gap == 0;
}

static bool is_drop2(int gap, int size, int lines, int line)
{
    const int last = size - lines + 1 > 0 ? size - lines + 1 : 0;

    if (lines == 2) {
        return gap >= 1;
    }
    if (line == 0) {
        return gap == 1;
    }
    return line + 2 == lines ? gap == last : gap == 0;
}

/* Root and fifth in turn, with the root on the lowest line. */
static bool is_power(const es_harmony *harmony, int lines, int above, int below, int line)
{
    const unsigned root = 1u << 0, fifth = 1u << 2;
    const bool on_root = (lines - line) % 2 == 0; /* the lower one of the two */

    return above - below < 12 && (harmony->member[below % 12] & (on_root ? root : fifth)) &&
           (harmony->member[above % 12] & (on_root ? fifth : root));
}

bool es_voicing_agrees(const es_part *part, const es_harmony *harmony, int above, int below,
                       int line)
{
    const uint16_t chord = harmony->upper_set;
    const int size = es_count_bits(chord), lines = part->n_lines;

    if (size == 0 || !(chord >> above % 12 & 1) || !(chord >> below % 12 & 1)) {
        return true;
    }
    const int gap = rank(chord, size, above) - rank(chord, size, below) - 1;
    switch ((es_voicing)part->voicing) {
    case ES_VOICING_CLOSE:
        return is_close(gap, size, lines, above - below);
    case ES_VOICING_OPEN:
        return gap >= 1 && gap <= OPEN_GAP;
    case ES_VOICING_DROP2:
        return is_drop2(gap, size, lines, line);
    case ES_VOICING_POWER:
        return is_power(harmony, lines, above, below, line);
    case ES_VOICING_ANY:
    case ES_VOICING_SHELL:
    case ES_VOICING_COUNT:
        break;
    }
    return true;
}

double es_voicing_weight(const es_part *part, const es_harmony *harmony, uint8_t members)
{
    const unsigned root = 1u << 0, third = 1u << 1, seventh = 1u << 3;
    const unsigned has = es_harmony_members(harmony);
    const unsigned second = has & seventh ? seventh : has & root;
    double weight = 1;

    if (part->voicing != ES_VOICING_SHELL) {
        return 1;
    }
    weight *= has & third && !(members & third) ? SHELL_LACKS : 1;
    weight *= second && !(members & second) ? SHELL_LACKS : 1;
    return weight;
}
