/*
 * Transformations of a passage. All of them work on steps of the scale, so that what comes out is in the key; an altered step keeps its
 * alteration, or has the opposite one when it is turned over. Invariant: notes ascend, and do not overlap.
 */
#include "theme/shape.h"

#include "base/mem.h"

void es_shape_done(es_shape *shape)
{
    es_free(shape->notes);
    *shape = (es_shape){0};
}

bool es_shape_add(es_shape *shape, const es_theme_note *note)
{
    if (!es_grow(&shape->notes, shape->n_notes, &shape->capacity, sizeof *shape->notes)) {
        return false;
    }
    shape->notes[shape->n_notes++] = *note;
    return true;
}

void es_shape_cut(es_shape *shape, es_tick length)
{
    while (shape->n_notes > 0 && shape->notes[shape->n_notes - 1].start >= length) {
        shape->n_notes--;
    }
    if (shape->n_notes > 0) {
        es_theme_note *last = &shape->notes[shape->n_notes - 1];
        const es_tick left = length - last->start;
        last->duration = last->duration < left ? last->duration : left;
    }
    shape->length = shape->length < length ? shape->length : length;
}

void es_shape_invert(es_shape *shape)
{
    for (size_t i = 1; i < shape->n_notes; i++) {
        es_theme_note *note = &shape->notes[i];
        note->step = (int16_t)(2 * shape->notes[0].step - note->step);
        note->alter = (int8_t)-note->alter;
    }
}

void es_shape_reverse(es_shape *shape)
{
    for (size_t i = 0, k = shape->n_notes; i < k; i++) {
        const es_theme_note first = shape->notes[i];
        k--;
        shape->notes[i] = shape->notes[k];
        shape->notes[k] = first;
    }
    for (size_t i = 0; i < shape->n_notes; i++) {
        es_theme_note *note = &shape->notes[i];
        note->start = shape->length - note->start - note->duration;
    }
}

void es_shape_stretch(es_shape *shape, int num, int den)
{
    for (size_t i = 0; i < shape->n_notes; i++) {
        es_theme_note *note = &shape->notes[i];
        const es_tick end = (note->start + note->duration) * num / den;
        note->start = note->start * num / den;
        note->duration = end - note->start;
    }
    shape->length = shape->length * num / den;
}

void es_shape_transpose(es_shape *shape, int steps)
{
    for (size_t i = 0; i < shape->n_notes; i++) {
        shape->notes[i].step = (int16_t)(shape->notes[i].step + steps);
    }
}

bool es_shape_sequence(es_shape *shape, es_tick head, int steps, es_tick length)
{
    es_shape_cut(shape, head);
    const size_t count = shape->n_notes;

    for (int turn = 1; turn * head < length; turn++) {
        for (size_t i = 0; i < count; i++) {
            es_theme_note note = shape->notes[i];
            note.start += turn * head;
            note.step = (int16_t)(note.step + turn * steps);
            if (!es_shape_add(shape, &note)) {
                return false;
            }
        }
    }
    shape->length = length;
    es_shape_cut(shape, length);
    return true;
}

/* ---- ornaments ---- */

/* Notes at the end of `out`: the note's share of its time, then a step beside it, then the rest. */
static bool add_split(es_shape *out, const es_theme_note *note, es_tick main, int16_t step,
                      es_tick beside)
{
    es_theme_note part = *note;

    part.duration = main;
    if (!es_shape_add(out, &part)) {
        return false;
    }
    part = (es_theme_note){
        .start = note->start + main, .duration = beside, .step = step, .source = note->source};
    if (!es_shape_add(out, &part)) {
        return false;
    }
    if (main + beside == note->duration) {
        return true;
    }
    part = *note;
    part.start = note->start + main + beside;
    part.duration = note->duration - main - beside;
    return es_shape_add(out, &part);
}

static bool ornament(es_shape *out, const es_theme_note *note, const es_theme_note *next,
                     es_tick beat, es_tick least, es_rng *rng)
{
    const int interval = next ? next->step - note->step : 0;
    const es_tick half = note->duration / 2;
    const bool leads = next && next->start == note->start + note->duration;

    if (half < least || note->alter) {
        return es_shape_add(out, note);
    }
    if (leads && (interval == 2 || interval == -2)) {
        return add_split(out, note, half, (int16_t)(note->step + interval / 2), half);
    }
    if (leads && interval == 0) {
        return add_split(out, note, half, (int16_t)(note->step + 1), half);
    }
    if (note->duration >= beat && half / 2 >= least && es_rng_below(rng, 3) > 0) {
        return add_split(out, note, half, (int16_t)(note->step + 1), half / 2);
    }
    return es_shape_add(out, note);
}

bool es_shape_ornament(es_shape *shape, es_tick beat, es_tick least, es_rng *rng)
{
    es_shape out = {.length = shape->length};

    for (size_t i = 0; i < shape->n_notes; i++) {
        const es_theme_note *next = i + 1 < shape->n_notes ? &shape->notes[i + 1] : NULL;
        if (!ornament(&out, &shape->notes[i], next, beat, least, rng)) {
            es_shape_done(&out);
            return false;
        }
    }
    es_free(shape->notes);
    *shape = out;
    return true;
}
