/*
 * Phrases that say others again: which one, and how much of it. In another key it is transposed.
 */
#include "plan/repeat.h"

#include "plan/harmony.h"
#include "plan/texture.h"

enum { LABELS = 26 };

/* Bars at the end of a phrase that are new although it quotes another. */
static uint16_t new_bars(const es_plan_phrase *phrase, const es_plan_phrase *quoted)
{
    const bool same_ending =
        phrase->leaf->primes == quoted->leaf->primes && phrase->cadence == quoted->cadence;

    if (same_ending) {
        return 0;
    }
    return phrase->n_bars <= 2 ? (uint16_t)((phrase->n_bars + 1) / 2) : 1;
}

int es_idea_of(const es_phrase_leaf *leaf)
{
    const int label = leaf->label - 'a';
    const int primes = leaf->primes < ES_MOST_PRIMES ? leaf->primes : ES_MOST_PRIMES;

    return label < 0 || label >= LABELS ? -1 : label * (ES_MOST_PRIMES + 1) + primes;
}

static bool can_quote(const es_plan_phrase *phrase, const es_plan_phrase *first)
{
    return first && first->index < phrase->index && first->n_bars == phrase->n_bars &&
           es_meter_equal(first->bar[0].meter, phrase->bar[0].meter) &&
           first->key.mode == phrase->key.mode;
}

const es_plan_phrase *es_quoted_phrase(es_plan_phrase *const first[ES_IDEAS],
                                       const es_plan_phrase *phrase)
{
    if (phrase->idea < 0) {
        return NULL;
    }
    if (can_quote(phrase, first[phrase->idea])) {
        return first[phrase->idea];
    }
    const int plain = phrase->idea - phrase->idea % (ES_MOST_PRIMES + 1);
    for (int primes = 0; primes <= ES_MOST_PRIMES; primes++) {
        const es_plan_phrase *one = first[plain + primes];
        if (can_quote(phrase, one)) {
            return one;
        }
    }
    return NULL;
}

/* The nearest way from one key to another, in semitones. */
static int8_t shift_between(es_key from, es_key to)
{
    return (int8_t)(es_pitch_class(to.tonic - from.tonic + 5) - 5);
}

/* A bar of the quoted phrase, in the key of this one. */
static void take_bar(es_plan_bar *bar, const es_plan_bar *quoted, int shift)
{
    *bar = *quoted;
    for (int beat = 0; shift != 0 && beat < es_meter_beats(bar->meter); beat++) {
        bar->chord[beat] = es_chord_moved(quoted->chord[beat], shift);
    }
}

uint16_t es_repeat(es_plan_phrase *phrase, const es_plan_phrase *quoted, const es_style *style,
                   bool chords_given)
{
    const uint16_t most = (uint16_t)(phrase->n_bars - new_bars(phrase, quoted));
    const int8_t shift = shift_between(quoted->key, phrase->key);
    es_tick at = 0;
    uint16_t kept = 0;

    while (
        kept < most &&
        es_tune_same(phrase->tune, quoted->tune, at, at + es_meter_bar(phrase->bar[kept].meter)) &&
        (!chords_given ||
         (shift == 0 && es_harmony_same(&phrase->bar[kept], &quoted->bar[kept])))) {
        const uint16_t repeats = es_texture_repeats(phrase, style, kept, &quoted->bar[kept]);
        if (repeats == 0) {
            break;
        }
        take_bar(&phrase->bar[kept], &quoted->bar[kept], shift);
        phrase->bar[kept].copy = (int16_t)kept;
        phrase->bar[kept].repeats = repeats;
        at += es_meter_bar(phrase->bar[kept].meter);
        kept++;
    }
    phrase->quotes = kept > 0 ? (int32_t)quoted->index : -1;
    phrase->shift = shift;
    return kept;
}
