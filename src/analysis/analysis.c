/*
 * Analysis of a MIDI file: the steps in their order, and what is counted of each part.
 */
#include "analysis/analysis.h"

#include "analysis/form.h"
#include "analysis/gather.h"
#include "analysis/grid.h"
#include "analysis/key.h"
#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

enum {
    MAX_BEATS = 1 << 20,
    MAX_POLYPHONY = 64, /* Is counted up to this. */
    BASS_LIMIT = 55,    /* Mean key below which a lowest part is a bass. */
    FIRST_BASS_PROGRAM = 32,
    LAST_BASS_PROGRAM = 39
};

/* Notes that sound in a part while the notes pass by in order. */
typedef struct sounding {
    es_tick ends[MAX_POLYPHONY];
    size_t count;
    int64_t key_sum;
} sounding;

static void note_begins(sounding *now, es_found_part *part, const es_note *note)
{
    size_t kept = 0;

    for (size_t i = 0; i < now->count; i++) {
        if (now->ends[i] > note->start) {
            now->ends[kept++] = now->ends[i];
        }
    }
    if (kept < MAX_POLYPHONY) {
        now->ends[kept++] = note->start + note->duration;
    }
    now->count = kept;
    now->key_sum += note->key;
    part->polyphony = kept > part->polyphony ? (uint8_t)kept : part->polyphony;
    part->low = part->n_notes == 0 || note->key < part->low ? note->key : part->low;
    part->high = note->key > part->high ? note->key : part->high;
    part->n_notes++;
}

/* The lowest part is the bass if it is low; the highest that is mostly one line is the melody; the rest accompanies. */
static void guess_roles(es_analysis *a, const sounding *now)
{
    ptrdiff_t lowest = -1, highest = -1;
    double low_mean = 128, high_mean = -1;

    for (size_t i = 0; i < a->n_parts; i++) {
        es_found_part *const part = &a->parts[i];
        const double mean = part->n_notes ? (double)now[i].key_sum / part->n_notes : 0;
        const bool is_line = part->polyphony <= 2;
        part->role = part->is_drums ? ES_ROLE_DRUMS : is_line ? ES_ROLE_COUNTER : ES_ROLE_HARMONY;
        if (part->is_drums || part->n_notes == 0) {
            continue;
        }
        if (part->program >= FIRST_BASS_PROGRAM && part->program <= LAST_BASS_PROGRAM) {
            part->role = ES_ROLE_BASS;
        } else if (is_line && mean > high_mean) {
            high_mean = mean;
            highest = (ptrdiff_t)i;
        }
        if (mean < low_mean) {
            low_mean = mean;
            lowest = (ptrdiff_t)i;
        }
    }
    if (highest >= 0) {
        a->parts[highest].role = ES_ROLE_MELODY;
    }
    if (lowest >= 0 && lowest != highest && low_mean < BASS_LIMIT &&
        a->parts[lowest].polyphony <= 2) {
        a->parts[lowest].role = ES_ROLE_BASS;
    }
}

static estro_status measure_parts(es_analysis *a, estro_diag *diag)
{
    sounding *const now = es_calloc(a->n_parts, sizeof *now);

    if (!now) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < a->n_notes; i++) {
        const uint8_t part = a->notes[i].part;
        note_begins(&now[part], &a->parts[part], &a->notes[i]);
    }
    guess_roles(a, now);
    es_free(now);
    return ESTRO_OK;
}

static estro_status take_notes(es_analysis *a, const es_gathered *gathered, estro_diag *diag)
{
    es_tick end = 0;

    a->notes = es_calloc(gathered->n_notes, sizeof *a->notes);
    a->velocities = es_calloc(gathered->n_notes, 1);
    if (!a->notes || !a->velocities) {
        return es_fail_memory(diag);
    }
    a->n_notes = gathered->n_notes;
    for (size_t i = 0; i < a->n_notes; i++) {
        const es_note *const note = &gathered->notes[i].note;
        a->notes[i] = *note;
        a->velocities[i] = gathered->notes[i].velocity;
        end = note->start + note->duration > end ? note->start + note->duration : end;
    }
    const es_tick bar = es_meter_bar(a->meter);
    const es_tick n_bars = (end + bar - 1) / bar;
    a->length = n_bars * bar;
    if (a->length / es_meter_beat(a->meter) > MAX_BEATS) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "it is longer than %d beats", MAX_BEATS);
    }
    a->n_bars = (uint32_t)n_bars;
    a->n_beats = (uint32_t)(a->length / es_meter_beat(a->meter));
    return ESTRO_OK;
}

static estro_status find_plan(es_analysis *a, const es_gathered *gathered, estro_diag *diag)
{
    const es_tick step = ES_QUARTER / a->grid;

    a->key = gathered->has_signature
                 ? es_key_find_signed(a->notes, a->n_notes, a->parts, gathered->signature,
                                      &a->key_confidence)
                 : es_analyse_key(a->notes, a->n_notes, a->parts, &a->key_confidence);
    a->chords = es_calloc(a->n_beats, sizeof *a->chords);
    a->bar_like = es_calloc(a->n_bars, sizeof *a->bar_like);
    if (!a->chords || !a->bar_like) {
        return es_fail_memory(diag);
    }
    if (es_analyse_chords(a->notes, a->n_notes, a->parts, a->meter, a->key, a->chords,
                          a->n_beats) != ESTRO_OK ||
        es_form_find(a->bar_like, a->n_bars, a->notes, a->n_notes, es_meter_bar(a->meter), step,
                     a->on_grid) != ESTRO_OK) {
        return es_fail_memory(diag);
    }
    return ESTRO_OK;
}

static estro_status analyse(es_analysis *a, es_gathered *gathered, estro_diag *diag)
{
    const es_grid_found grid = es_grid_find(gathered);

    a->grid = grid.grid;
    a->on_grid = grid.on_grid;
    a->meter = gathered->meter;
    a->tempo = gathered->tempo;
    a->n_parts = gathered->n_parts;
    memcpy(a->parts, gathered->parts, sizeof a->parts);
    es_grid_snap(gathered, grid);
    a->pickup = es_grid_align(gathered);
    ES_TRY(take_notes(a, gathered, diag));
    ES_TRY(measure_parts(a, diag));
    return find_plan(a, gathered, diag);
}

estro_status es_analyse_gathered(es_analysis *out, es_gathered *gathered, estro_diag *diag)
{
    es_analysis a = {0};
    const estro_status status = analyse(&a, gathered, diag);

    if (status != ESTRO_OK) {
        es_analysis_done(&a);
        return status;
    }
    *out = a;
    return ESTRO_OK;
}

estro_status es_analyse(es_analysis *out, const es_smf *smf, estro_diag *diag)
{
    es_gathered gathered = {0};

    ES_TRY(es_gather(&gathered, smf, diag));
    const estro_status status = es_analyse_gathered(out, &gathered, diag);
    es_gathered_done(&gathered);
    return status;
}

void es_analysis_done(es_analysis *analysis)
{
    es_free(analysis->notes);
    es_free(analysis->velocities);
    es_free(analysis->chords);
    es_free(analysis->bar_like);
    *analysis = (es_analysis){0};
}
