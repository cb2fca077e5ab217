/*
 * Texts of chords beyond the lexicon. Writing finds the largest stack that a chord holds and then names what is left, altered tones before
 * added ones, because an altered ninth takes the natural one of the stack away.
 */
#include "music/tension.h"

#include "base/text.h"

#define AT(n) (1u << (n))

enum { ALTERED = ES_NO_FIFTH | AT(1) | AT(3) | AT(6) | AT(8) };

/* Of one quality the larger stacks come first; of texts that mean the same, the first is written. */
static const es_stack stacks[] = {
    {"7alt", "7alt", ES_QUALITY_DOM7, ALTERED},
    {"13", "13", ES_QUALITY_DOM7, AT(2) | AT(9)},
    {"11", "11", ES_QUALITY_DOM7, AT(2) | AT(5)},
    {"9", "9", ES_QUALITY_DOM7, AT(2)},
    {"alt", "alt", ES_QUALITY_DOM7, ALTERED},
    {"aug7", NULL, ES_QUALITY_DOM7, ES_NO_FIFTH | AT(8)},
    {"+7", NULL, ES_QUALITY_DOM7, ES_NO_FIFTH | AT(8)},
    {"m13", "13", ES_QUALITY_MIN7, AT(2) | AT(9)},
    {"m11", "11", ES_QUALITY_MIN7, AT(2) | AT(5)},
    {"m9", "9", ES_QUALITY_MIN7, AT(2)},
    {"min11", NULL, ES_QUALITY_MIN7, AT(2) | AT(5)},
    {"min9", NULL, ES_QUALITY_MIN7, AT(2)},
    {"-11", NULL, ES_QUALITY_MIN7, AT(2) | AT(5)},
    {"-9", NULL, ES_QUALITY_MIN7, AT(2)},
    {"maj13", "13", ES_QUALITY_MAJ7, AT(2) | AT(9)},
    {"maj9", "9", ES_QUALITY_MAJ7, AT(2)},
    {"Maj13", NULL, ES_QUALITY_MAJ7, AT(2) | AT(9)},
    {"Maj9", NULL, ES_QUALITY_MAJ7, AT(2)},
    {"M13", NULL, ES_QUALITY_MAJ7, AT(2) | AT(9)},
    {"M9", NULL, ES_QUALITY_MAJ7, AT(2)},
    {"m11b5", "11", ES_QUALITY_HDIM7, AT(2) | AT(5)},
    {"m9b5", "9", ES_QUALITY_HDIM7, AT(2)},
    {"mmaj9", "maj9", ES_QUALITY_MIN, AT(2) | AT(11)},
    {"mmaj7", "maj7", ES_QUALITY_MIN, AT(11)},
    {"m69", "69", ES_QUALITY_MIN, AT(2) | AT(9)},
    {"m6", "add6", ES_QUALITY_MIN, AT(9)},
    {"mM7", NULL, ES_QUALITY_MIN, AT(11)},
    {"mMaj7", NULL, ES_QUALITY_MIN, AT(11)},
    {"m6/9", NULL, ES_QUALITY_MIN, AT(2) | AT(9)},
    {"min6", NULL, ES_QUALITY_MIN, AT(9)},
    {"69", "69", ES_QUALITY_MAJ6, AT(2)},
    {"6/9", NULL, ES_QUALITY_MAJ6, AT(2)},
    {"13sus4", "13sus4", ES_QUALITY_SUS4, AT(2) | AT(9) | AT(10)},
    {"9sus4", "9sus4", ES_QUALITY_SUS4, AT(2) | AT(10)},
    {"7sus4", "7sus4", ES_QUALITY_SUS4, AT(10)},
    {"13sus", NULL, ES_QUALITY_SUS4, AT(2) | AT(9) | AT(10)},
    {"9sus", NULL, ES_QUALITY_SUS4, AT(2) | AT(10)},
    {"7sus", NULL, ES_QUALITY_SUS4, AT(10)},
    {"sus2", "sus2", ES_QUALITY_POWER, AT(2)},
};

enum { N_STACKS = sizeof stacks / sizeof *stacks };

/* What may be added; `takes` is the natural tone that goes. Written in this order. */
static const struct {
    const char *text;
    uint16_t adds, takes;
} additions[] = {
    {"b5", ES_NO_FIFTH | AT(6), 0},
    {"#5", ES_NO_FIFTH | AT(8), 0},
    {"b9", AT(1), AT(2)},
    {"#9", AT(3), AT(2)},
    {"#11", AT(6), AT(5)},
    {"b13", AT(8), AT(9)},
    {"add9", AT(2), 0},
    {"add11", AT(5), 0},
    {"add13", AT(9), 0},
    {"add2", AT(2), 0},
    {"add4", AT(5), 0},
};

enum { N_ADDITIONS = sizeof additions / sizeof *additions };

const es_stack *es_stack_of_symbol(const char *text, size_t *n_bytes)
{
    const es_stack *found = NULL;

    *n_bytes = 0;
    for (size_t i = 0; i < N_STACKS; i++) {
        const size_t length = es_prefix(text, stacks[i].symbol);
        if (length > *n_bytes) {
            found = &stacks[i];
            *n_bytes = length;
        }
    }
    return found;
}

/* Natural tones of a stack that the chord alters: naming those takes them away. */
static unsigned altered(unsigned stack, unsigned tensions)
{
    unsigned gone = 0;

    for (size_t i = 0; i < N_ADDITIONS; i++) {
        const unsigned adds = additions[i].adds;
        if ((tensions & adds) == adds && (stack & adds) != adds) {
            gone |= additions[i].takes;
        }
    }
    return stack & gone;
}

/* Only a ninth of it may be altered. */
const es_stack *es_stack_of_chord(es_chord chord)
{
    for (size_t i = 0; i < N_STACKS; i++) {
        if (!stacks[i].figures || stacks[i].quality != chord.quality) {
            continue;
        }
        const unsigned gone = altered(stacks[i].tensions, chord.tensions);
        const unsigned left = stacks[i].tensions & ~gone;
        if (left && !(left & ~(unsigned)chord.tensions) && !(gone & (chord.tensions | ~AT(2)))) {
            return &stacks[i];
        }
    }
    return NULL;
}

/* An altered fifth that the lexicon has makes the quality of that. */
static void settle(es_chord *chord)
{
    const unsigned flat = ES_NO_FIFTH | AT(6), sharp = ES_NO_FIFTH | AT(8);

    if (chord->quality == ES_QUALITY_MIN7 && (chord->tensions & flat) == flat) {
        chord->quality = ES_QUALITY_HDIM7;
        chord->tensions = (uint16_t)(chord->tensions & ~flat);
    } else if (chord->quality == ES_QUALITY_MAJ && (chord->tensions & sharp) == sharp) {
        chord->quality = ES_QUALITY_AUG;
        chord->tensions = (uint16_t)(chord->tensions & ~sharp);
    }
}

size_t es_additions_parse(es_chord *chord, const char *text)
{
    size_t used = 0, length = 0;

    do {
        length = 0;
        for (size_t i = 0; i < N_ADDITIONS && !length; i++) {
            length = es_prefix(text + used, additions[i].text);
            if (length) {
                chord->tensions = (uint16_t)((chord->tensions & ~(unsigned)additions[i].takes) |
                                             additions[i].adds);
            }
        }
        used += length;
    } while (length);
    settle(chord);
    return used;
}

void es_additions_write(char *out, size_t size, es_chord chord, const es_stack *stack)
{
    const unsigned own = stack ? stack->tensions : 0;
    unsigned left = chord.tensions & ~(own & ~altered(own, chord.tensions));

    *out = '\0';
    for (size_t i = 0; i < N_ADDITIONS; i++) {
        if (additions[i].adds && (left & additions[i].adds) == additions[i].adds) {
            left &= ~(unsigned)additions[i].adds;
            es_append(out, size, "%s", additions[i].text);
        }
    }
}
