/*
 * Matches are found by plain search over the last ES_MATCH_WINDOW places: the first comparison fails almost always, so
 * the whole search costs a pass over one array of numbers. Longest agreement wins, of equal ones the latest.
 */
#include "stream/match.h"

#include "base/sorted.h"

#include <string.h>

static const uint8_t look_back_bars[ES_LOOK_BACKS] = {8, 1, 2, 4, 16};

enum { SHIFTED_LEAST = 3 }; /* Notes that a transposed match needs: fewer agree by chance. */

/* Instants agree as long as their symbols are equal; the places then agree too. */
static void match_joint(es_stream *s)
{
    const int64_t n = s->n_instants;
    const int64_t first = n > ES_MATCH_WINDOW ? n - ES_MATCH_WINDOW : 0;
    const es_instant *x = s->instants;

    s->joint = ES_NOWHERE;
    s->joint_length = 0;
    for (int64_t j = n - 1; j > first; j--) {
        uint8_t length = 0;
        if (x[j].place != x[n].place) {
            continue;
        }
        while (length < ES_MATCH_LONGEST && j - 1 - length >= first &&
               x[j - 1 - length].symbol == x[n - 1 - length].symbol) {
            length++;
        }
        if (length > s->joint_length) {
            s->joint = j;
            s->joint_length = length;
        }
    }
}

es_foretold es_match_joint(const es_stream *s, int voice)
{
    es_foretold foretold = {0};

    if (s->joint != ES_NOWHERE) {
        const es_instant *there = &s->instants[s->joint];
        foretold.length = s->joint_length;
        foretold.pitch = there->pitch[voice];
        foretold.change = there->change[voice];
        foretold.wait = there->change[voice] == ES_HELD ? there->length : 0;
    }
    return foretold;
}

/* Do notes a and b continue an agreement backwards: the same pitch (or interval to what follows) and duration? */
static bool notes_agree(const es_voice_note *a, const es_voice_note *b, bool shifted)
{
    if (a[1].step - a[0].step != b[1].step - b[0].step) {
        return false;
    }
    if (!shifted) {
        return a->pitch == b->pitch;
    }
    if ((a->pitch == ES_SILENT) != (b->pitch == ES_SILENT)) {
        return false;
    }
    return a->pitch == ES_SILENT || (a[1].pitch != ES_SILENT && b[1].pitch != ES_SILENT &&
                                     a[1].pitch - a[0].pitch == b[1].pitch - b[0].pitch);
}

static uint8_t agreement(const es_voice_note *notes, uint32_t j, uint32_t m, bool shifted)
{
    uint8_t length = 1;

    while (length < ES_MATCH_LONGEST && length <= j &&
           notes_agree(&notes[j - length], &notes[m - length], shifted)) {
        length++;
    }
    return length;
}

/* What comes after `waited` steps in note j, moved by `shift`; the length is left to the caller. */
static es_foretold told_by(const es_voice_note *notes, uint32_t j, uint32_t waited, int shift)
{
    const uint32_t duration = notes[j + 1].step - notes[j].step;
    es_foretold foretold = {.change = ES_HELD};
    const es_voice_note *note = &notes[duration > waited ? j : j + 1];

    foretold.wait = (uint16_t)(duration - waited > 1000 ? 1000 : duration - waited);
    foretold.pitch = (uint8_t)(note->pitch == ES_SILENT ? ES_SILENT : note->pitch + shift);
    if (duration == waited) {
        foretold.change = note->pitch == ES_SILENT ? ES_ENDED
                          : note->is_struck        ? ES_STRUCK
                                                   : ES_BEGAN;
    }
    return foretold;
}

/* Are this note and the next one, moved by `shift`, pitches of the voice? */
static bool stays_inside(const es_stream *s, int voice, const es_voice_note *note, int shift)
{
    for (int i = 0; i < 2; i++) {
        const int pitch = note[i].pitch + shift;
        if (note[i].pitch != ES_SILENT &&
            (pitch < s->coding.low[voice] || pitch > s->coding.high[voice])) {
            return false;
        }
    }
    return true;
}

es_foretold es_match_voice(const es_stream *s, int voice, bool shifted)
{
    const es_voice_note *notes = s->notes[voice];
    const uint32_t m = s->n_notes[voice] - 1;
    const uint32_t waited = es_open(s)->step - notes[m].step;
    const uint32_t first = m > ES_MATCH_WINDOW ? m - ES_MATCH_WINDOW : 0;
    const bool silent = notes[m].pitch == ES_SILENT;
    es_foretold best = {0};

    if (shifted && silent) {
        return best;
    }
    for (uint32_t j = m; j-- > first;) {
        if (notes[j].place != notes[m].place || notes[j + 1].step - notes[j].step < waited ||
            notes[j + 1].step == notes[j].step || (notes[j].pitch == ES_SILENT) != silent) {
            continue;
        }
        const int shift = silent ? 0 : notes[m].pitch - notes[j].pitch;
        if (!shifted && shift) {
            continue;
        }
        const uint8_t length = agreement(notes, j, m, shifted);
        if (length > best.length && length >= (shifted ? SHIFTED_LEAST : 1) &&
            stays_inside(s, voice, &notes[j], shift)) {
            best = told_by(notes, j, waited, shift);
            best.length = length;
        }
    }
    return best;
}

static bool has_begun(const void *instant, int64_t step)
{
    return ((const es_instant *)instant)->step <= step;
}

/* The last instant that begins at or before a step; the first one if none does. */
static const es_instant *instant_at(const es_stream *s, uint32_t step)
{
    const size_t begun =
        es_count_before(s->instants, s->n_instants, sizeof *s->instants, has_begun, step);

    return &s->instants[begun > 0 ? begun - 1 : 0];
}

/* What stood in the same place of the bar some bars ago. */
static void look_back(es_stream *s, int i)
{
    const uint32_t distance = look_back_bars[i] * (uint32_t)s->bar_beats * s->beat_steps;
    const uint32_t step = es_open(s)->step;

    if (!s->coding.has_bars || distance == 0 || step < distance) {
        return;
    }
    const es_instant *there = instant_at(s, step - distance);
    const bool is_there = there->step == step - distance;
    if (there->step > step - distance) {
        return;
    }
    s->back_step[i] = is_there ? there->length : 0;
    for (int v = 0; v < s->coding.n_voices; v++) {
        s->back[i][v] = (es_foretold){.length = 1,
                                      .pitch = there->pitch[v],
                                      .change = is_there ? there->change[v] : (uint8_t)ES_HELD};
    }
}

void es_match_open(es_stream *stream)
{
    match_joint(stream);
    for (int v = 0; v < stream->coding.n_voices; v++) {
        stream->own[v] = es_match_voice(stream, v, false);
        stream->shifted[v] = es_match_voice(stream, v, true);
    }
    memset(stream->back, 0, sizeof stream->back);
    memset(stream->back_step, 0, sizeof stream->back_step);
    for (int i = 0; i < ES_LOOK_BACKS; i++) {
        look_back(stream, i);
    }
}
