/* The coding around the pieces of a corpus: what holds all of them, and what of it means something. */
#include "train/chords.h"
#include "train/corpus.h"

#include "analysis/drums.h"

#include <string.h>

enum { MARGIN = 2 }; /* Semitones beyond the range of the data that transposed copies may reach. */

/* Do notes of the voice begin again on the pitch that sounds? */
static bool has_restrikes(const es_roll *roll)
{
    const size_t n = roll->n_voices;

    for (size_t i = n; i < (size_t)roll->n_steps * n; i++) {
        if (roll->onset[i] && roll->pitch[i] >= 0 && roll->pitch[i] == roll->pitch[i - n]) {
            return true;
        }
    }
    return false;
}

/*
 * Do bar lines mean something? Where they do, notes that begin on them are longer or more frequent than on other beats. Counted: steps
 * at which the top voice changes, by beat of the bar, in metres of four beats.
 */
static bool is_barless(const es_corpus *corpus)
{
    double count[4] = {0};
    double total = 0;

    for (size_t p = 0; p < corpus->n_pieces; p++) {
        const es_roll *roll = &corpus->pieces[p].roll;
        const uint32_t n = roll->n_voices;
        if (es_meter_beats(roll->meter) != 4) {
            return false;
        }
        for (uint32_t t = roll->grid; t < roll->n_steps; t += roll->grid) {
            for (uint32_t v = 0; v < n; v++) {
                if (roll->pitch[t * n + v] != roll->pitch[(t - 1) * n + v]) {
                    count[t / roll->grid % 4]++;
                    total++;
                }
            }
        }
    }
    for (int i = 0; i < 4; i++) {
        if (count[i] < total * 0.235 || count[i] > total * 0.265) {
            return false;
        }
    }
    return true;
}

/* What most pieces have for a voice, if they say it. */
static uint8_t common_program(const es_corpus *corpus, int voice)
{
    size_t count[ES_PROGRAMS + 1] = {0};
    int best = 0;

    for (size_t p = 0; p < corpus->n_pieces; p++) {
        count[corpus->pieces[p].roll.program[voice]]++;
    }
    for (int i = 1; i <= ES_PROGRAMS; i++) {
        best = count[i] > count[best] ? i : best;
    }
    return (uint8_t)best;
}

static void voices_coding(es_corpus *corpus, bool no_bars)
{
    es_coding *coding = &corpus->coding;

    *coding = (es_coding){.n_voices = (uint8_t)corpus->n_voices, .grid = (uint8_t)corpus->grid};
    memset(coding->low, 127, sizeof coding->low);
    for (size_t p = 0; p < corpus->n_pieces; p++) {
        const es_roll *roll = &corpus->pieces[p].roll;
        const es_coding any = {.grid = roll->grid, .max_step = ES_LONGEST_STEP};
        const int beat = es_coding_beat(&any, roll->meter);
        coding->max_step = beat > coding->max_step ? (uint8_t)beat : coding->max_step;
        coding->has_onsets |= has_restrikes(roll);
        for (size_t i = 0; i < (size_t)roll->n_steps * roll->n_voices; i++) {
            const size_t v = i % roll->n_voices;
            const int pitch = roll->pitch[i];
            if (pitch >= 0) {
                coding->low[v] = pitch < coding->low[v] ? (uint8_t)pitch : coding->low[v];
                coding->high[v] = pitch > coding->high[v] ? (uint8_t)pitch : coding->high[v];
            }
        }
    }
    for (int v = 0; v < ES_MAX_VOICES; v++) {
        const bool is_used = v < corpus->n_voices && coding->low[v] <= coding->high[v];
        coding->low[v] = is_used ? (uint8_t)(coding->low[v] > MARGIN ? coding->low[v] - MARGIN : 0)
                                 : (uint8_t)(v < corpus->n_voices ? 60 : 0);
        coding->high[v] =
            is_used ? (uint8_t)(coding->high[v] + MARGIN < 127 ? coding->high[v] + MARGIN : 127)
                    : coding->low[v];
        coding->program[v] = v < corpus->n_voices ? common_program(corpus, v) : 0;
    }
    coding->has_bars = !no_bars && !is_barless(corpus);
}

static void drums_coding(es_corpus *corpus)
{
    const es_drum_coding any = {.grid = ES_DRUM_GRID, .max_step = ES_DRUM_BAR_STEPS};

    corpus->drum_coding.grid = ES_DRUM_GRID;
    for (size_t p = 0; p < corpus->n_pieces; p++) {
        const int beat = es_drum_coding_beat(&any, corpus->pieces[p].drums.meter);
        if (beat > corpus->drum_coding.max_step) {
            corpus->drum_coding.max_step = (uint8_t)beat;
        }
    }
}

void es_corpus_make_coding(es_corpus *corpus, bool no_bars)
{
    if (corpus->profile == ES_PROFILE_VOICES) {
        voices_coding(corpus, no_bars);
    } else if (corpus->profile == ES_PROFILE_DRUMS) {
        drums_coding(corpus);
    } else {
        es_chords_coding(&corpus->notes_coding, corpus, corpus->grid);
    }
}
