/*
 * Profiles: the same questions, asked of voices, of chords or of drums. The profile is that of the corpus, so all of its pieces have it.
 */
#include "train/profile.h"
#include "train/augment.h"
#include "train/chords.h"

#include "base/mem.h"

enum {
    OPENING = 24,            /* Intervals of the top voice that make a tune. */
    OPENING_BARS = 2,        /* The same of drums. */
    FAMILY_HIDDEN_ONE_IN = 4 /* Pieces whose plan is shown, but for the family. */
};

static bool is_drums(const es_corpus_piece *piece)
{
    return piece->drums.hit != NULL;
}

static bool is_chords(const es_corpus_piece *piece)
{
    return piece->frames.sounding != NULL;
}

uint32_t es_corpus_piece_steps(const es_corpus_piece *piece)
{
    if (is_chords(piece)) {
        return (uint32_t)piece->frames.count;
    }
    return is_drums(piece) ? (uint32_t)es_drum_roll_steps(&piece->drums) : piece->roll.n_steps;
}

uint32_t es_corpus_piece_grid(const es_corpus_piece *piece)
{
    if (is_chords(piece)) {
        return piece->frames.grid;
    }
    return is_drums(piece) ? piece->drums.grid : piece->roll.grid;
}

size_t es_corpus_piece_cells(const es_corpus_piece *piece)
{
    if (is_chords(piece)) {
        return piece->frames.count;
    }
    return is_drums(piece) ? es_drum_roll_steps(&piece->drums)
                           : (size_t)piece->roll.n_steps * piece->roll.n_voices;
}

void es_corpus_piece_done(es_corpus_piece *piece)
{
    if (!piece->is_mapped) {
        es_roll_done(&piece->roll);
        es_drum_roll_done(&piece->drums);
        es_frames_done(&piece->frames);
        es_free(piece->path);
    }
    piece->path = NULL;
}

/* ---- coding ---- */

estro_status es_corpus_piece_code(es_coded *out, const es_corpus *corpus,
                                  const es_corpus_piece *piece, estro_diag *diag)
{
    if (is_drums(piece)) {
        return es_drum_roll_code(out, &piece->drums, &corpus->drum_coding, true, true, diag);
    }
    if (is_chords(piece)) {
        return es_frames_code(out, &piece->frames, &corpus->notes_coding, 0, diag);
    }
    return es_roll_code(out, &piece->roll, &corpus->coding, 0, true, diag);
}

estro_status es_corpus_piece_augment(es_coded *out, const es_corpus *corpus,
                                     const es_corpus_piece *piece, bool hidden, es_rng *rng,
                                     size_t *cells, estro_diag *diag)
{
    if (is_drums(piece)) {
        es_drum_roll roll = piece->drums;
        *cells = es_corpus_piece_cells(piece);
        if (es_rng_below(rng, FAMILY_HIDDEN_ONE_IN) == 0) {
            roll.family = ES_FAMILIES - 1;
        }
        return es_drum_roll_code(out, &roll, &corpus->drum_coding, hidden, !piece->goes_on, diag);
    }
    if (is_chords(piece)) {
        return es_chords_augment(out, &piece->frames, &corpus->notes_coding, rng, cells, diag);
    }
    return es_augment_code(out, &piece->roll, &corpus->coding, hidden || !piece->roll.chord, rng,
                           cells, diag);
}

estro_status es_corpus_piece_evaluate(es_evaluation *out, const es_net *net,
                                      const es_corpus *corpus, const es_corpus_piece *piece,
                                      estro_diag *diag)
{
    if (is_chords(piece)) {
        return es_evaluate_frames(out, net, &corpus->notes_coding, &piece->frames, diag);
    }
    return is_drums(piece) ? es_evaluate_drums(out, net, &corpus->drum_coding, &piece->drums, diag)
                           : es_evaluate_roll(out, net, &corpus->coding, &piece->roll, diag);
}

/* ---- hashes ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 31;
}

/* Intervals of the first notes of the top voice, repeated pitches and all. */
static uint64_t opening_hash(const es_roll *roll)
{
    uint64_t hash = 1;
    int last = -1;
    int count = 0;

    for (uint32_t t = 0; t < roll->n_steps && count < OPENING; t++) {
        const size_t cell = (size_t)t * roll->n_voices;
        const int pitch = roll->pitch[cell];
        if (pitch < 0 || (!roll->onset[cell] && pitch == last)) {
            continue;
        }
        if (last >= 0) {
            hash = mix(hash, (uint64_t)(pitch - last + 128));
            count++;
        }
        last = pitch;
    }
    return hash;
}

/* All cells, relative to the first pitch of the piece. */
static uint64_t whole_hash(const es_roll *roll)
{
    uint64_t hash = roll->n_steps;
    int first = -1;

    for (size_t i = 0; i < (size_t)roll->n_steps * roll->n_voices; i++) {
        const int pitch = roll->pitch[i];
        if (pitch >= 0 && first < 0) {
            first = pitch;
        }
        hash = mix(hash, (uint64_t)(pitch < 0 ? 0 : (pitch - first + 200) * 2 + roll->onset[i]));
    }
    return hash;
}

static uint64_t drum_hash(const es_drum_roll *roll, size_t steps)
{
    uint64_t hash = steps;

    for (size_t i = 0; i < steps * ES_KIT_LANES; i++) {
        hash = mix(hash, roll->hit[i]);
    }
    return hash;
}

uint64_t es_corpus_piece_hash(const es_corpus_piece *piece)
{
    if (is_chords(piece)) {
        return es_chords_hash(&piece->frames);
    }
    return is_drums(piece) ? drum_hash(&piece->drums, es_drum_roll_steps(&piece->drums))
                           : whole_hash(&piece->roll);
}

uint64_t es_corpus_piece_opening(const es_corpus_piece *piece)
{
    if (is_chords(piece)) {
        return es_chords_opening(&piece->frames);
    }
    if (is_drums(piece)) {
        const uint32_t n = piece->drums.n_bars;
        return drum_hash(&piece->drums,
                         (size_t)(n < OPENING_BARS ? n : OPENING_BARS) * piece->drums.bar_steps);
    }
    return opening_hash(&piece->roll);
}

/* ---- the corpus ---- */

void es_corpus_shape(const es_corpus *corpus, es_net_shape *shape)
{
    if (corpus->profile == ES_PROFILE_DRUMS) {
        es_drum_coding_shape(&corpus->drum_coding, shape);
    } else if (corpus->profile == ES_PROFILE_NOTES) {
        es_notes_shape(&corpus->notes_coding, shape);
    } else {
        es_coding_shape(&corpus->coding, shape);
    }
}

void es_corpus_describe(const es_corpus *corpus, es_model_meta *meta)
{
    meta->setup_size = 64;
    if (corpus->profile == ES_PROFILE_DRUMS) {
        meta->vocabulary = ES_DRUM_VOCABULARY;
        meta->profile = ES_PROFILE_DRUMS;
        es_drum_coding_pack(&corpus->drum_coding, meta->setup);
    } else if (corpus->profile == ES_PROFILE_NOTES) {
        meta->vocabulary = ES_NOTES_VOCABULARY;
        meta->profile = ES_PROFILE_NOTES;
        es_notes_pack(&corpus->notes_coding, meta->setup);
    } else {
        meta->vocabulary = ES_VOCABULARY;
        meta->profile = ES_PROFILE_VOICES;
        es_coding_pack(&corpus->coding, meta->setup);
    }
}
