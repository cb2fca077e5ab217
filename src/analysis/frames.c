/* Chords on a grid: each note marks the steps that it sounds in. Where two parts play one pitch, it is one note that each of them strikes. */
#include "analysis/frames.h"

#include "base/diag.h"

static const es_tick most_steps = 1 << 22;

static bool is_drum(const es_analysis *analysis, const es_note *note)
{
    return analysis->parts[note->part].is_drums;
}

static size_t nearest(es_tick time, es_tick step)
{
    return (size_t)((time + step / 2) / step);
}

static size_t end_of(const es_note *note, es_tick step)
{
    const size_t start = nearest(note->start, step);
    const size_t end = nearest(note->start + note->duration, step);

    return end > start ? end : start + 1;
}

/* The notes of a frame, but for those in the middle that are too many. @return How many of those begin in it. */
static size_t thin(es_frames *frames, size_t t)
{
    es_pitch_set *set = &frames->sounding[t];
    es_pitch_set *struck = &frames->struck[t];
    size_t dropped = 0;
    int count = es_pitch_set_count(set);

    for (int pitch = 1, seen = 0; pitch < 128 && count > ES_NOTES_MOST; pitch++) {
        if (!es_pitch_set_has(set, pitch)) {
            continue;
        }
        if (seen++ > 0) {
            dropped += es_pitch_set_has(struck, pitch);
            es_pitch_set_remove(set, pitch);
            es_pitch_set_remove(struck, pitch);
            count--;
        }
    }
    return dropped;
}

/* A note that begins where it sounds already, unstruck because its beginning was thinned out, begins where it first sounds. */
static void strike_first(es_frames *frames, size_t t)
{
    for (int i = 0; i < 2; i++) {
        const uint64_t before = t ? frames->sounding[t - 1].bits[i] : 0;
        frames->struck[t].bits[i] |= frames->sounding[t].bits[i] & ~before;
    }
}

estro_status es_analysis_frames(es_frames *out, const es_analysis *analysis, int grid,
                                size_t *dropped, estro_diag *diag)
{
    const es_tick step = ES_QUARTER / grid;
    es_frames frames;
    size_t count = 0, lost = 0;

    for (size_t i = 0; i < analysis->n_notes; i++) {
        const es_note *note = &analysis->notes[i];
        if (!is_drum(analysis, note)) {
            if ((note->start + note->duration) / step >= most_steps) {
                return es_fail(diag, ESTRO_ERR_FORMAT, "the piece is too long");
            }
            count = end_of(note, step) > count ? end_of(note, step) : count;
        }
    }
    if (count == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "no notes but those of drums");
    }
    ES_TRY(es_frames_init(&frames, count, true, diag));
    for (size_t i = 0; i < analysis->n_notes; i++) {
        const es_note *note = &analysis->notes[i];
        if (!is_drum(analysis, note)) {
            const size_t start = nearest(note->start, step);
            es_pitch_set_add(&frames.struck[start], note->key);
            for (size_t t = start; t < end_of(note, step); t++) {
                es_pitch_set_add(&frames.sounding[t], note->key);
            }
        }
    }
    for (size_t t = 0; t < count; t++) {
        lost += thin(&frames, t);
        strike_first(&frames, t);
    }
    if (dropped) {
        *dropped = lost;
    }
    frames.grid = (uint8_t)grid;
    *out = frames;
    return ESTRO_OK;
}
