/* Voices of parts, counted by a sweep over the notes of one part after another, in score order. */
#include "analysis/voices.h"

enum { MOST_AT_ONCE = 16, RARE = 20 };

/* Notes of a part that sound at the place of the sweep: their indices, in the order in which they began. */
typedef struct sweep {
    const es_note *notes;
    size_t index[MOST_AT_ONCE];
    int count;
} sweep;

static void let_end(sweep *s, es_tick now)
{
    int kept = 0;

    for (int k = 0; k < s->count; k++) {
        const es_note *note = &s->notes[s->index[k]];
        if (note->start + note->duration > now) {
            s->index[kept++] = s->index[k];
        }
    }
    s->count = kept;
}

static int voices_of_part(const es_analysis *analysis, size_t part)
{
    size_t at_level[MOST_AT_ONCE + 1] = {0};
    sweep s = {.notes = analysis->notes};
    size_t notes = 0;
    size_t above = 0;
    int voices = MOST_AT_ONCE;

    for (size_t i = 0; i < analysis->n_notes; i++) {
        if (analysis->notes[i].part != part) {
            continue;
        }
        let_end(&s, analysis->notes[i].start);
        s.count = s.count < MOST_AT_ONCE ? s.count + 1 : MOST_AT_ONCE;
        s.index[s.count - 1] = i;
        at_level[s.count]++;
        notes++;
    }
    for (; voices > 0 && (above + at_level[voices]) * RARE <= notes; voices--) {
        above += at_level[voices];
    }
    return voices;
}

int es_count_parts(const es_analysis *analysis)
{
    int parts = 0;

    for (size_t i = 0; i < analysis->n_parts; i++) {
        parts += !analysis->parts[i].is_drums;
    }
    return parts;
}

int es_count_voices(const es_analysis *analysis)
{
    int voices = 0;

    for (size_t i = 0; i < analysis->n_parts; i++) {
        voices += analysis->parts[i].is_drums ? 0 : voices_of_part(analysis, i);
    }
    return voices < ES_MAX_VOICES ? voices : ES_MAX_VOICES;
}

/* Mark what is too much in a part by a duration of 0. */
static void thin_part(es_analysis *analysis, size_t part)
{
    const int most = voices_of_part(analysis, part);
    es_found_part *found = &analysis->parts[part];
    sweep s = {.notes = analysis->notes};

    found->polyphony = (uint8_t)(most < found->polyphony ? most : found->polyphony);
    for (size_t i = 0; i < analysis->n_notes; i++) {
        es_note *note = &analysis->notes[i];
        if (note->part != part) {
            continue;
        }
        let_end(&s, note->start);
        int lowest = -1;
        for (int k = 0; k < s.count; k++) {
            const es_note *other = &analysis->notes[s.index[k]];
            if (other->start == note->start && other->key < note->key) {
                lowest =
                    lowest < 0 || other->key < analysis->notes[s.index[lowest]].key ? k : lowest;
            }
        }
        if (s.count < most) {
            s.index[s.count++] = i;
        } else if (lowest >= 0) {
            analysis->notes[s.index[lowest]].duration = 0;
            s.index[lowest] = i;
        } else {
            note->duration = 0;
        }
    }
}

size_t es_thin_voices(es_analysis *analysis)
{
    size_t kept = 0;

    for (size_t i = 0; i < analysis->n_parts; i++) {
        if (!analysis->parts[i].is_drums) {
            thin_part(analysis, i);
        }
    }
    for (size_t i = 0; i < analysis->n_notes; i++) {
        if (analysis->notes[i].duration > 0) {
            analysis->velocities[kept] = analysis->velocities[i];
            analysis->notes[kept++] = analysis->notes[i];
        }
    }
    const size_t taken = analysis->n_notes - kept;
    analysis->n_notes = kept;
    return taken;
}
