/*
 * How well chords suit a tune. The weights are few, and were set by reading lead sheets: a foreign note held over a whole beat makes a chord some
 * twenty times less likely, a passing one hardly counts, and what rubs a semitone above a tone of the chord counts double.
 */
#include "plan/fit.h"

#include "base/real.h"

#include <string.h>

static const double whole_beat = 3;    /* Nats that a foreign note costs that lasts a beat. */
static const double on_the_beat = 1.6; /* Times more when it begins on it or lasts into it. */
static const double passing = 0.25;    /* Times less when it is a step away on both sides. */
static const double rubbing = 1;       /* Added, times the same, when it rubs. */
static const double most_cost = 6;

static bool is_step(const es_note *a, const es_note *b)
{
    const int interval = a->key - b->key;

    return interval >= -2 && interval <= 2 && interval != 0;
}

static double cost_of(const es_tune *tune, size_t i, es_tick from, es_tick beat)
{
    const es_note *note = &tune->notes[i];
    const es_tick end = note->start + note->duration;
    const es_tick start = note->start > from ? note->start : from;
    const es_tick stop = end < from + beat ? end : from + beat;
    double cost = whole_beat * (double)(stop - start) / (double)beat;

    if (note->start <= from) {
        return cost * on_the_beat;
    }
    const bool passes = i > 0 && i + 1 < tune->n_notes && is_step(note, note - 1) &&
                        is_step(note, note + 1) && 2 * note->duration <= beat;
    return passes ? cost * passing : cost;
}

void es_fit_tune(es_beat_fit *fits, const es_plan_phrase *phrase)
{
    const es_tune *tune = phrase->tune;
    es_tick at = 0;
    size_t first = 0; /* Notes before have ended. */

    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        const es_tick beat = es_meter_beat(phrase->bar[b].meter);
        for (int k = 0; k < es_meter_beats(phrase->bar[b].meter); k++, at += beat, fits++) {
            memset(fits, 0, sizeof *fits);
            while (first < tune->n_notes &&
                   tune->notes[first].start + tune->notes[first].duration <= at) {
                first++;
            }
            for (size_t i = first; i < tune->n_notes && tune->notes[i].start < at + beat; i++) {
                fits->foreign[tune->notes[i].key % 12] += cost_of(tune, i, at, beat);
            }
        }
    }
}

double es_fit_weight(const es_beat_fit *fit, es_chord chord)
{
    const uint16_t members = es_chord_set(chord);
    double cost = 0;

    for (int pc = 0; pc < 12; pc++) {
        if (fit->foreign[pc] > 0 && !(members >> pc & 1)) {
            const bool rubs = members >> (pc + 11) % 12 & 1;
            cost += fit->foreign[pc] * (rubs ? 1 + rubbing : 1);
        }
    }
    return es_exp(-(cost > most_cost ? most_cost : cost));
}
