/* Any bytes that are a MIDI file: the analysis is refused or holds what its header promises, and so do the voices made of it. */
#include "analysis/analysis.h"
#include "base/mem.h"

#include <stdlib.h>

enum { MAX_QUARTERS = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
    if (!truth) {
        abort();
    }
}

static void check_notes(const es_analysis *a)
{
    demand(a->n_notes > 0 && a->n_parts > 0 && a->n_parts <= ES_FOUND_PARTS);
    demand(a->meter.numerator > 0 && a->meter.denominator > 0 && a->meter.denominator <= 32);
    demand(a->length == (es_tick)a->n_bars * es_meter_bar(a->meter) && a->n_bars > 0);
    demand(a->length == (es_tick)a->n_beats * es_meter_beat(a->meter));
    demand(a->key.tonic < 12 && a->key.mode < ES_MODE_COUNT && a->tempo > 0);
    demand(a->key_confidence >= 0 && a->key_confidence <= 1);
    for (size_t i = 0; i < a->n_notes; i++) {
        const es_note *const note = &a->notes[i];
        demand(note->start >= 0 && note->duration > 0 && note->start + note->duration <= a->length);
        demand(i == 0 || note[-1].start <= note->start);
        demand(note->key < 128 && note->part < a->n_parts && a->velocities[i] > 0);
        demand(note->key >= a->parts[note->part].low && note->key <= a->parts[note->part].high);
        demand(!a->on_grid ||
               (note->start % (ES_QUARTER / 24) == 0 && note->duration % (ES_QUARTER / 24) == 0));
    }
}

static void check_plan(const es_analysis *a)
{
    for (uint32_t i = 0; i < a->n_beats; i++) {
        demand(a->chords[i].root < 12 && a->chords[i].quality < ES_QUALITY_COUNT);
        demand(a->chords[i].bass == 0 || es_chord_member(a->chords[i], a->chords[i].bass) >= 0);
    }
    for (uint32_t i = 0; i < a->n_bars; i++) {
        demand(a->bar_like[i] >= -1 && a->bar_like[i] < (int64_t)i);
    }
}

static void check_roll(const es_analysis *a, int n_voices, int grid)
{
    es_roll roll;
    size_t dropped = 0;
    estro_diag diag;

    if (es_analysis_roll(&roll, a, n_voices, grid, &dropped, &diag) != ESTRO_OK) {
        demand(diag.status == ESTRO_ERR_FORMAT);
        return;
    }
    size_t onsets = 0, pitched = 0;
    demand(roll.n_voices <= n_voices && roll.n_voices > 0 && roll.grid == grid);
    for (size_t i = 0; i < (size_t)roll.n_steps * roll.n_voices; i++) {
        demand(roll.pitch[i] >= -1 && roll.onset[i] <= 1);
        demand(!roll.onset[i] || roll.pitch[i] >= 0);
        onsets += roll.onset[i];
    }
    for (size_t i = 0; i < a->n_notes; i++) {
        pitched += !a->parts[a->notes[i].part].is_drums;
    }
    demand(onsets + dropped == pitched);
    es_roll_done(&roll);
}

/* Pieces of hours only take time. */
static int is_long(const es_smf *smf)
{
    for (size_t i = 0; i < smf->n_events; i++) {
        if (smf->division > 0 && smf->events[i].tick / smf->division > MAX_QUARTERS) {
            return 1;
        }
    }
    return 0;
}

static void check_whole(const es_analysis *analysis, size_t size)
{
    check_notes(analysis);
    check_plan(analysis);
    check_roll(analysis, 4, 4);
    check_roll(analysis, 1 + (int)(size % 8), 24);
}

static void check_sections(const es_smf *smf, size_t size)
{
    es_sections sections;
    estro_diag diag;

    if (es_analyse_sections(&sections, smf, &diag) != ESTRO_OK) {
        demand(diag.status == ESTRO_ERR_FORMAT && diag.text[0]);
        return;
    }
    demand(sections.count > 0);
    for (size_t i = 0; i < sections.count; i++) {
        check_whole(&sections.list[i], size);
    }
    es_sections_done(&sections);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    es_smf smf;
    es_analysis analysis;
    estro_diag diag;

    if (es_smf_read(&smf, data, size, "fuzz", &diag) != ESTRO_OK) {
        return 0;
    }
    if (is_long(&smf)) {
        es_smf_done(&smf);
        return 0;
    }
    if (es_analyse(&analysis, &smf, &diag) == ESTRO_OK) {
        check_whole(&analysis, size);
        check_sections(&smf, size);
        es_analysis_done(&analysis);
    } else {
        demand(diag.status == ESTRO_ERR_FORMAT && diag.text[0]);
    }
    es_smf_done(&smf);
    return 0;
}
