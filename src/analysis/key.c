/*
 * Key finding: the profile (Krumhansl and Kessler 1982) that correlates best with how long each pitch class sounds, with weight for the
 * last bass note, the first one, and what the file says. Modes beyond major and minor are told by their sixth and seventh.
 */
#include "analysis/key.h"

#include <math.h>

/* How much a sign is worth, in units of correlation. */
static const double last_bass_weight = 0.2;
static const double first_bass_weight = 0.05;
static const double signature_weight = 0.3;

static const double sure_lead = 0.3; /* Of the best key before the second one: no doubt is left. */

/* Profiles with mean 0 and length 1, from the tonic up. */
static const double profiles[2][12] = {
    {0.65533, -0.28624, -0.00057, -0.26339, 0.20511, 0.13884, -0.21997, 0.39023, -0.24968, 0.04057,
     -0.27253, -0.13769},
    {0.65506, -0.25723, -0.04728, 0.41762, -0.27723, -0.04478, -0.29223, 0.26015, 0.06769, -0.25474,
     -0.09227, -0.13476},
};

typedef struct evidence {
    double share[12]; /* Of the sounding time, by pitch class. */
    double norm;      /* Length of the shares around their mean. */
    int last_bass;    /* Pitch class, -1: no note. */
    int first_bass;
    int signature; /* Sharps, when has_signature. */
    bool has_signature;
} evidence;

static bool is_pitched(const es_note *note, const es_found_part *parts)
{
    return !parts || !parts[note->part].is_drums;
}

static evidence gather_evidence(const es_note *notes, size_t n_notes, const es_found_part *parts)
{
    evidence found = {.last_bass = -1, .first_bass = -1};
    int64_t ticks[12] = {0};
    int64_t total = 0;
    const es_note *first = NULL;
    const es_note *last = NULL;

    for (size_t i = 0; i < n_notes; i++) {
        const es_note *const note = &notes[i];
        if (!is_pitched(note, parts)) {
            continue;
        }
        ticks[note->key % 12] += note->duration;
        total += note->duration;
        if (!first || note->start < first->start ||
            (note->start == first->start && note->key < first->key)) {
            first = note;
        }
        const es_tick end = note->start + note->duration;
        const es_tick last_end = last ? last->start + last->duration : 0;
        if (!last || end > last_end || (end == last_end && note->key < last->key)) {
            last = note;
        }
    }
    if (total == 0) {
        return found;
    }
    double squares = 0;
    for (int pc = 0; pc < 12; pc++) {
        found.share[pc] = (double)ticks[pc] / (double)total;
        squares += (found.share[pc] - 1.0 / 12) * (found.share[pc] - 1.0 / 12);
    }
    found.norm = sqrt(squares);
    found.first_bass = first->key % 12;
    found.last_bass = last->key % 12;
    return found;
}

/* How well a key signature suits a key: fully its own, a quarter that of the mode which has the same third. */
static double agreement(int signature, es_key key)
{
    const es_key modal = {.tonic = key.tonic,
                          .mode = (uint8_t)(key.mode == ES_MAJOR ? ES_MIXOLYDIAN : ES_DORIAN)};

    if ((es_key_signature(key) - signature) % 12 == 0) {
        return 1;
    }
    return (es_key_signature(modal) - signature) % 12 == 0 ? 0.25 : 0;
}

static double score_of(const evidence *found, es_key key)
{
    double score = 0;

    for (int pc = 0; pc < 12; pc++) {
        score += found->share[pc] * profiles[key.mode][(pc + 12 - key.tonic) % 12];
    }
    score = found->norm > 0 ? score / found->norm : 0;
    score += key.tonic == found->last_bass ? last_bass_weight : 0;
    score += key.tonic == found->first_bass ? first_bass_weight : 0;
    return found->has_signature ? score + signature_weight * agreement(found->signature, key)
                                : score;
}

/*
 * Dorian is a minor with the major sixth and the minor seventh; mixolydian a major with the minor seventh. A signature that fits
 * one of the two modes decides between them.
 */
static es_mode mode_of(const evidence *found, es_key key)
{
    const es_mode modal = key.mode == ES_MAJOR ? ES_MIXOLYDIAN : ES_DORIAN;
    const double *const share = found->share;
    const double minor_sixth = share[(key.tonic + 8) % 12];
    const double major_sixth = share[(key.tonic + 9) % 12];
    const double minor_seventh = share[(key.tonic + 10) % 12];
    const double major_seventh = share[(key.tonic + 11) % 12];

    if (found->has_signature && agreement(found->signature, key) > 0) {
        return agreement(found->signature, key) < 1 ? modal : (es_mode)key.mode;
    }
    const bool is_flat = minor_seventh > 3 * major_seventh && minor_seventh > 0.02;
    const bool is_modal =
        key.mode == ES_MAJOR || (major_sixth > 3 * minor_sixth && major_sixth > 0.01);
    return is_flat && is_modal ? modal : (es_mode)key.mode;
}

static es_key find_key(const evidence *found, double *confidence)
{
    es_key best = {0};
    double best_score = -10, second = -10;

    for (uint8_t mode = ES_MAJOR; mode <= ES_MINOR; mode++) {
        for (uint8_t tonic = 0; tonic < 12; tonic++) {
            const es_key key = {.tonic = tonic, .mode = mode};
            const double score = score_of(found, key);
            if (score > best_score) {
                second = best_score;
                best_score = score;
                best = key;
            } else if (score > second) {
                second = score;
            }
        }
    }
    if (confidence) {
        const double lead = (best_score - second) / sure_lead;
        *confidence = lead > 1 ? 1 : lead;
    }
    best.mode = (uint8_t)mode_of(found, best);
    return best;
}

es_key es_analyse_key(const es_note *notes, size_t n_notes, const es_found_part *parts,
                      double *confidence)
{
    const evidence found = gather_evidence(notes, n_notes, parts);

    return find_key(&found, confidence);
}

es_key es_key_find_signed(const es_note *notes, size_t n_notes, const es_found_part *parts,
                          int signature, double *confidence)
{
    evidence found = gather_evidence(notes, n_notes, parts);

    found.has_signature = true;
    found.signature = signature;
    return find_key(&found, confidence);
}
