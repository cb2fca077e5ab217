/* Augmentation. The piece itself is never changed: what changes is copied, the rest is borrowed. */
#include "train/augment.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

enum {
    HALF_OCTAVE = 6,
    JITTER_ONE_IN = 10 /* Chords of a jittered plan that are wrong. */
};

/* A wrong chord as an analysis would find it: that of a neighbour, a third off, another inversion, or none at all. */
static es_chord wrong_chord(const es_chord *chords, uint32_t n_beats, uint32_t beat, es_rng *rng)
{
    es_chord chord = chords[beat];
    const int size = es_chord_size(chord);

    switch (es_rng_below(rng, 4)) {
    case 0:
        return chords[beat ? beat - 1 : 0];
    case 1:
        return chords[beat + 1 < n_beats ? beat + 1 : beat];
    case 2:
        if (size > 0) {
            chord.bass = (uint8_t)es_rng_below(rng, (uint32_t)size);
        }
        return chord;
    default:
        break;
    }
    if (chord.quality == ES_QUALITY_MAJ) {
        return (es_chord){.root = (uint8_t)((chord.root + 9) % 12), .quality = ES_QUALITY_MIN};
    }
    if (chord.quality == ES_QUALITY_MIN) {
        return (es_chord){.root = (uint8_t)((chord.root + 3) % 12), .quality = ES_QUALITY_MAJ};
    }
    return (es_chord){.quality = ES_QUALITY_UNKNOWN};
}

/* Borrow a window of the roll: whole when it is short. */
static void choose_window(es_roll *window, int beat_steps, es_rng *rng)
{
    const int bar_beats = es_meter_beats(window->meter);
    const uint32_t bar = (uint32_t)(beat_steps * (bar_beats > 0 ? bar_beats : 1));
    const uint32_t length = (uint32_t)(ES_WINDOW_BEATS * beat_steps) / bar * bar;

    if (window->n_steps <= length || length == 0) {
        return;
    }
    const uint32_t start = bar * es_rng_below(rng, (window->n_steps - length) / bar + 1);
    window->pitch += (size_t)start * window->n_voices;
    window->onset += (size_t)start * window->n_voices;
    window->n_steps = length;
    if (window->chord) {
        window->chord += start / (uint32_t)beat_steps;
        window->n_beats = length / (uint32_t)beat_steps;
    }
}

/* A window that is not the end of its piece does not say END. */
static void drop_end(es_coded *coded)
{
    es_sequence *sequence = &coded->sequence;

    for (size_t i = sequence->n_draws; i-- > 0;) {
        if (coded->draws[i].slot == ES_SLOT_ROOT) {
            const size_t after = sequence->n_draws - 1 - i;
            memmove(&coded->draws[i], &coded->draws[i + 1], after * sizeof *coded->draws);
            memmove(&coded->draw_event[i], &coded->draw_event[i + 1],
                    after * sizeof *coded->draw_event);
            sequence->n_draws--;
            return;
        }
    }
}

estro_status es_augment_code(es_coded *out, const es_roll *roll, const es_coding *coding,
                             bool hidden, es_rng *rng, size_t *cells, estro_diag *diag)
{
    es_roll window = *roll;
    es_chord *jittered = NULL;
    const int beat = es_coding_beat(coding, roll->meter);
    int low, high;

    es_roll_transpositions(roll, coding, &low, &high);
    low = low < -HALF_OCTAVE ? -HALF_OCTAVE : low;
    high = high > HALF_OCTAVE - 1 ? HALF_OCTAVE - 1 : high;
    const int transpose = low < high ? low + (int)es_rng_below(rng, (uint32_t)(high - low + 1)) : 0;
    choose_window(&window, beat > 0 ? beat : 1, rng);
    if (!hidden && window.chord && es_rng_below(rng, 2)) {
        jittered = es_calloc(window.n_beats, sizeof *jittered);
        if (!jittered) {
            return es_fail_memory(diag);
        }
        for (uint32_t b = 0; b < window.n_beats; b++) {
            jittered[b] = es_rng_below(rng, JITTER_ONE_IN)
                              ? window.chord[b]
                              : wrong_chord(window.chord, window.n_beats, b, rng);
        }
        window.chord = jittered;
    }
    const size_t all_cells = (size_t)roll->n_steps * roll->n_voices;
    *cells = (size_t)window.n_steps * window.n_voices;
    const estro_status status = es_roll_code(out, &window, coding, transpose, hidden, diag);
    es_free(jittered);
    if (status == ESTRO_OK && window.pitch + *cells != roll->pitch + all_cells) {
        drop_end(out);
    }
    return status;
}
