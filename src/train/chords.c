/* Chords without voices in training. The piece itself is never changed: a window is borrowed from it. */
#include "train/chords.h"
#include "train/augment.h"

enum {
    HALF_OCTAVE = 6,
    ROOM = 2,    /* Semitones beyond the range of the data. */
    OPENING = 24 /* Intervals of the top that make a tune. */
};

static int clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

/* A window that begins on a beat: whole when the piece is short. */
static es_frames choose_window(const es_frames *whole, int grid, es_rng *rng)
{
    const size_t beat = (size_t)(grid ? grid : ES_NOTES_USUAL_GRID);
    const size_t length = (size_t)ES_WINDOW_BEATS * beat;
    es_frames window = *whole;

    if (whole->count <= length) {
        return window;
    }
    const size_t start = beat * es_rng_below(rng, (uint32_t)((whole->count - length) / beat + 1));
    window.sounding += start;
    window.struck = whole->struck ? whole->struck + start : NULL;
    window.count = length;
    window.goes_on = whole->goes_on || start + length < whole->count;
    return window;
}

estro_status es_chords_augment(es_coded *out, const es_frames *frames,
                               const es_notes_coding *coding, es_rng *rng, size_t *cells,
                               estro_diag *diag)
{
    const es_frames window = choose_window(frames, coding->grid, rng);
    es_notes_coding used = {.low = 127};
    int transpose = 0;

    es_frames_measure(&used, &window);
    if (used.low <= used.high) {
        const int low = clamp(coding->low - used.low, -HALF_OCTAVE, 0);
        const int high = clamp(coding->high - used.high, 0, HALF_OCTAVE - 1);
        transpose = low + (int)es_rng_below(rng, (uint32_t)(high - low + 1));
    }
    *cells = window.count;
    return es_frames_code(out, &window, coding, transpose, diag);
}

void es_chords_coding(es_notes_coding *out, const es_corpus *corpus, int grid)
{
    es_notes_coding coding = {.low = 127, .most = 1};

    for (size_t i = 0; i < corpus->n_pieces; i++) {
        es_frames_measure(&coding, &corpus->pieces[i].frames);
    }
    *out = (es_notes_coding){.low = (uint8_t)clamp(coding.low - ROOM, 0, 127),
                             .high = (uint8_t)clamp(coding.high + ROOM, 0, 127),
                             .most = coding.most,
                             .has_onsets = 1,
                             .has_end = 1,
                             .grid = (uint8_t)grid,
                             .n_slots = 1};
}

/* ---- hashes ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 31;
}

uint64_t es_chords_hash(const es_frames *frames)
{
    uint64_t hash = frames->count;
    int first = -1;

    for (size_t t = 0; t < frames->count; t++) {
        for (int pitch = 0; pitch < 128; pitch++) {
            if (es_pitch_set_has(&frames->sounding[t], pitch)) {
                const bool struck = frames->struck && es_pitch_set_has(&frames->struck[t], pitch);
                first = first < 0 ? pitch : first;
                hash = mix(hash, (uint64_t)((pitch - first + 200) * 2 + struck));
            }
        }
        hash = mix(hash, 0);
    }
    return hash;
}

uint64_t es_chords_opening(const es_frames *frames)
{
    uint64_t hash = 1;
    int last = -1;
    int count = 0;

    for (size_t t = 0; t < frames->count && count < OPENING; t++) {
        const int top = es_pitch_set_below(&frames->sounding[t], 128);
        if (top < 0 || top == last) {
            continue;
        }
        if (last >= 0) {
            hash = mix(hash, (uint64_t)(top - last + 128));
            count++;
        }
        last = top;
    }
    return hash;
}
