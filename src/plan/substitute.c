/*
 * Substitution. Chords are looked at as runs of beats; in a given sheet, where equal chords of neighbouring bars are one, a run ends with its
 * bar. A side that has no meaning in the mode of the phrase stands nowhere.
 */
#include "plan/substitute.h"

typedef struct beats {
    es_plan_phrase *phrase;
    int per_bar;
    uint32_t n;
} beats;

static es_plan_bar *bar_of(const beats *b, uint32_t beat)
{
    return &b->phrase->bar[beat / (uint32_t)b->per_bar];
}

static es_chord chord_at(const beats *b, uint32_t beat)
{
    return bar_of(b, beat)->chord[beat % (uint32_t)b->per_bar];
}

static bool starts_at(const beats *b, uint32_t beat)
{
    const es_plan_bar *bar = bar_of(b, beat);
    const uint32_t in_bar = beat % (uint32_t)b->per_bar;

    return bar->chord_starts[in_bar] || (in_bar == 0 && !bar->roman[0]);
}

static uint32_t run_at(const beats *b, uint32_t beat)
{
    uint32_t end = beat + 1;

    while (end < b->n && !starts_at(b, end)) {
        end++;
    }
    return end - beat;
}

/* The same chord; tensions count where they are asked for. */
static bool is_chord(es_chord wanted, es_chord found)
{
    found.tensions = wanted.tensions ? found.tensions : 0;
    return es_chord_equal(wanted, found);
}

static bool read(es_chord *out, const es_chord_leaf *leaf, es_key key)
{
    return es_roman_parse(out, leaf->roman, key) > 0;
}

static bool stands_at(const beats *b, const es_substitution *s, uint32_t beat)
{
    es_chord wanted;

    for (uint8_t i = 0; i < s->n_from; i++) {
        if (beat >= b->n || run_at(b, beat) != s->from[i].beats ||
            !read(&wanted, &s->from[i], b->phrase->key) || !is_chord(wanted, chord_at(b, beat))) {
            return false;
        }
        beat += s->from[i].beats;
    }
    for (uint8_t i = 0; i < s->n_to; i++) {
        if (!read(&wanted, &s->to[i], b->phrase->key)) {
            return false;
        }
    }
    return true;
}

static uint32_t replace(const beats *b, const es_substitution *s, uint32_t beat)
{
    for (uint8_t i = 0; i < s->n_to; i++) {
        es_chord chord = {0};
        read(&chord, &s->to[i], b->phrase->key);
        for (uint16_t k = 0; k < s->to[i].beats; k++, beat++) {
            const uint32_t in_bar = beat % (uint32_t)b->per_bar;
            bar_of(b, beat)->chord[in_bar] = chord;
            bar_of(b, beat)->roman[in_bar] = s->to[i].roman;
            bar_of(b, beat)->chord_starts[in_bar] = k == 0;
        }
    }
    return beat;
}

void es_substitute(es_plan_phrase *phrase, const es_style *style, uint16_t first_bar, es_rng *rng)
{
    beats b = {.phrase = phrase, .per_bar = es_meter_beats(phrase->bar[0].meter)};
    uint32_t beat = first_bar * (uint32_t)b.per_bar;

    b.n = phrase->n_bars * (uint32_t)b.per_bar;
    while (beat < b.n) {
        uint32_t next = beat + run_at(&b, beat);
        for (uint32_t i = 0; i < style->n_substitutions; i++) {
            const es_substitution *s = &style->substitutions[i];
            if (stands_at(&b, s, beat) && es_rng_unit(rng) < s->chance) {
                next = replace(&b, s, beat);
                break;
            }
        }
        beat = next;
    }
}
