/*
 * Steps of a scale as keys of a part: in which key, in which octave, on which grid.
 */
#include "theme/voice.h"

enum { MOST_OCTAVES = 6, OCTAVE = 12 };

static bool has_minor_third(es_key key)
{
    return es_key_set(key) >> (key.tonic + 3) % 12 & 1 &&
           !(es_key_set(key) >> (key.tonic + 4) % 12 & 1);
}

int es_voice_pitch(const es_theme_voice *voice, int step, int alter)
{
    const bool of_minor = has_minor_third(voice->of), in_minor = has_minor_third(voice->in);

    if (of_minor !=
        in_minor) { /* The third step of minor is the tonic of its relative major, the sixth the way back. */
        return es_theme_pitch(voice->in, step + (in_minor ? 2 : -2), alter);
    }
    /* An altered step of another scale may be no step of this one: then the scale's own is taken. */
    const bool is_same = voice->of.mode == voice->in.mode;
    return es_theme_pitch(voice->in, step, is_same ? alter : 0);
}

int es_voice_octave(const es_theme_voice *voice, const es_theme_note *notes, size_t n_notes,
                    size_t *outside)
{
    int best = 0;
    int64_t best_cost = INT64_MAX;

    for (int octave = -MOST_OCTAVES; octave <= MOST_OCTAVES; octave++) {
        size_t count = 0;
        int64_t sum = 0;
        for (size_t i = 0; i < n_notes; i++) {
            const int pitch =
                es_voice_pitch(voice, notes[i].step, notes[i].alter) + OCTAVE * octave;
            count += pitch < voice->low || pitch > voice->high;
            sum += pitch - voice->home;
        }
        const int64_t far = sum < 0 ? -sum : sum;
        const int64_t cost = (int64_t)count * 1000 + far / (int64_t)(n_notes ? n_notes : 1);
        if (cost < best_cost) {
            best_cost = cost;
            best = octave;
            if (outside) {
                *outside = count;
            }
        }
    }
    return best;
}

static es_tick round_to(es_tick time, es_tick grid)
{
    return (time + grid / 2) / grid * grid;
}

static int fold(const es_theme_voice *voice, int pitch)
{
    while (pitch < voice->low && pitch + OCTAVE <= voice->high) {
        pitch += OCTAVE;
    }
    while (pitch > voice->high && pitch - OCTAVE >= voice->low) {
        pitch -= OCTAVE;
    }
    return pitch < voice->low ? voice->low : pitch > voice->high ? voice->high : pitch;
}

size_t es_voice_play(const es_theme_voice *voice, const es_shape *shape, int octave, es_note *notes)
{
    size_t count = 0;

    for (size_t i = 0; i < shape->n_notes; i++) {
        const es_theme_note *note = &shape->notes[i];
        const es_tick start = round_to(note->start, voice->grid);
        const es_tick end = round_to(note->start + note->duration, voice->grid);
        const int pitch = es_voice_pitch(voice, note->step, note->alter) + OCTAVE * octave;
        if (end <= start || start >= shape->length) {
            continue;
        }
        notes[count++] = (es_note){.start = start,
                                   .duration = (end < shape->length ? end : shape->length) - start,
                                   .key = (uint8_t)fold(voice, pitch)};
    }
    return count;
}
