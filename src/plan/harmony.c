/*
 * Harmony of a phrase, from its grammar or from a given sheet.
 *
 * The grammar's leaves have lengths in beats; a derivation is laid over the beats of the phrase's bars, each leaf's numeral read in the key
 * of the phrase.
 */
#include "plan/harmony.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"
#include "plan/fit.h"
#include "plan/walk.h"
#include "plan/weighted.h"

#include <string.h>

enum { SEAM_TRIES = 16 };

static const double unlike_before =
    1e-3;                              /* Weight of a chord other than the one that stands there. */
static const double most_misfit = 0.3; /* Of a derivation to a tune, nats a beat. */
static const double like_other = 0.12; /* Share that is left to a chord that is to be avoided. */

typedef struct laid_chord {
    es_chord chord;
    const char *roman;
    bool starts;
} laid_chord;

static uint32_t phrase_beats(const es_plan_phrase *phrase)
{
    uint32_t beats = 0;

    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        beats += (uint32_t)es_meter_beats(phrase->bar[b].meter);
    }
    return beats;
}

/* The leaves of a derivation over the beats. */
static estro_status lay(laid_chord *out, uint32_t beats, const es_plan_phrase *phrase,
                        const es_style *style, const uint16_t *leaves, uint32_t count,
                        estro_diag *diag)
{
    const es_chord_leaf *chords = style->chords[phrase->key.mode];
    uint32_t beat = 0;

    for (uint32_t i = 0; i < count; i++) {
        const es_chord_leaf *leaf = &chords[leaves[i]];
        laid_chord chord = {.roman = leaf->roman, .starts = true};
        if (!es_roman_parse(&chord.chord, leaf->roman, phrase->key)) {
            return es_fail(diag, ESTRO_ERR_STYLE, "\"%s\" is no Roman numeral", leaf->roman);
        }
        for (uint16_t k = 0; k < leaf->beats && beat < beats; k++) {
            out[beat++] = chord;
            chord.starts = false;
        }
    }
    return ESTRO_OK;
}

static const es_chord *chord_at(const es_plan_phrase *phrase, uint32_t beat)
{
    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        const uint32_t beats = (uint32_t)es_meter_beats(phrase->bar[b].meter);
        if (beat < beats) {
            return &phrase->bar[b].chord[beat];
        }
        beat -= beats;
    }
    return NULL;
}

static void put(es_plan_phrase *phrase, uint16_t first_bar, const laid_chord *laid)
{
    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        es_plan_bar *bar = &phrase->bar[b];
        const int beats = es_meter_beats(bar->meter);
        for (int k = 0; k < beats; k++, laid++) {
            if (b >= first_bar) {
                bar->chord[k] = laid->chord;
                bar->roman[k] = laid->roman;
                bar->chord_starts[k] = laid->starts || (b == first_bar && k == 0);
            }
        }
    }
}

static uint32_t beats_before(const es_plan_phrase *phrase, uint16_t first_bar)
{
    uint32_t beats = 0;

    for (uint16_t b = 0; b < first_bar; b++) {
        beats += (uint32_t)es_meter_beats(phrase->bar[b].meter);
    }
    return beats;
}

/* ---- by the grammar alone ---- */

static estro_status derive_freely(laid_chord *laid, uint32_t beats, const es_plan_phrase *phrase,
                                  const es_style *style, const es_span *span, uint32_t seam,
                                  es_rng *rng, es_derivation *tree, estro_diag *diag)
{
    uint16_t leaves[ES_PHRASE_BEATS];
    uint32_t count;

    for (int attempt = 0; attempt < SEAM_TRIES; attempt++) {
        if (tree) {
            tree->n_nodes = 0;
        }
        ES_TRY(es_span_draw(span, phrase->leaf->harmony[phrase->key.mode], beats, rng, leaves,
                            ES_PHRASE_BEATS, &count, tree, NULL, diag));
        ES_TRY(lay(laid, beats, phrase, style, leaves, count, diag));
        if (seam == 0 || es_chord_equal(laid[seam - 1].chord, *chord_at(phrase, seam - 1))) {
            break;
        }
    }
    return ESTRO_OK;
}

/* ---- to a tune ---- */

typedef struct suited {
    const es_plan_phrase *phrase, *other;
    const es_grammar *grammar;
    uint32_t beats, seam; /* Before the seam chords stand already. */
    es_chord *chords;     /* [n_leaves] */
    es_beat_fit *fits;    /* [beats] */
    double *best;         /* [beats]: weight of the chord that suits best. */
} suited;

static double beat_weight(const suited *s, es_chord chord, uint32_t beat)
{
    if (beat < s->seam) {
        return es_chord_equal(chord, *chord_at(s->phrase, beat)) ? 1 : unlike_before;
    }
    const es_chord *avoided = s->other ? chord_at(s->other, beat) : NULL;
    const double weight = es_fit_weight(&s->fits[beat], chord);

    return avoided && es_chord_equal(*avoided, chord) ? weight * like_other : weight;
}

static double leaf_weight(void *self, uint32_t leaf, uint32_t at)
{
    const suited *s = self;
    double weight = 1;

    for (uint32_t k = at; k < at + s->grammar->leaf_length[leaf] && k < s->beats; k++) {
        weight *= beat_weight(s, s->chords[leaf], k) / s->best[k];
    }
    return weight;
}

/* Weights are taken relative to the best chord of each beat, so that those of long phrases stay within a double. */
static void find_best(suited *s)
{
    for (uint32_t k = 0; k < s->beats; k++) {
        s->best[k] = 0;
        for (uint32_t i = 0; i < s->grammar->n_leaves; i++) {
            const double weight = beat_weight(s, s->chords[i], k);
            s->best[k] = weight > s->best[k] ? weight : s->best[k];
        }
    }
}

/* How badly chords suit the tune: nats a beat. */
static double misfit(const suited *s, const uint16_t *leaves, uint32_t count)
{
    double sum = 0;
    uint32_t at = 0;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < s->grammar->leaf_length[leaves[i]] && at < s->beats; k++, at++) {
            sum -= es_log(beat_weight(s, s->chords[leaves[i]], at) / s->best[at]);
        }
    }
    return sum / s->beats;
}

/* The first leaf with the same numeral and length. */
static void find_alike(uint16_t *like, const suited *s, const es_chord_leaf *chords)
{
    for (uint32_t i = 0; i < s->grammar->n_leaves; i++) {
        uint32_t first = 0;
        while (first < i && (s->grammar->leaf_length[first] != s->grammar->leaf_length[i] ||
                             strcmp(chords[first].roman, chords[i].roman) != 0)) {
            first++;
        }
        like[i] = (uint16_t)first;
    }
}

/* Where no derivation suits the tune, since the grammar is made for other ones, its chords are taken without it. */
static estro_status walk_instead(const suited *s, const es_style *style, const es_span *span,
                                 es_rng *rng, uint16_t *leaves, uint32_t *count, estro_diag *diag)
{
    const es_leaf_weights weights = {(void *)(uintptr_t)s, leaf_weight};
    const double derived = misfit(s, leaves, *count);
    uint16_t walked[ES_PHRASE_BEATS];
    uint32_t n_walked;

    if (derived < most_misfit) {
        return ESTRO_OK;
    }
    uint16_t *like = es_calloc(s->grammar->n_leaves, sizeof *like);
    if (!like) {
        return es_fail_memory(diag);
    }
    find_alike(like, s, style->chords[s->phrase->key.mode]);
    const estro_status status =
        es_walk_draw(s->grammar, span, s->phrase->leaf->harmony[s->phrase->key.mode], s->beats,
                     (uint32_t)es_meter_beats(s->phrase->bar[0].meter), like, &weights, rng, walked,
                     ES_PHRASE_BEATS, &n_walked, diag);
    es_free(like);
    if (status == ESTRO_OK && misfit(s, walked, n_walked) < derived / 2) {
        memcpy(leaves, walked, n_walked * sizeof *leaves);
        *count = n_walked;
    }
    return status == ESTRO_ERR_CONFLICT ? ESTRO_OK : status;
}

static estro_status derive_suited(laid_chord *laid, suited *s, const es_style *style,
                                  const es_span *span, es_rng *rng, estro_diag *diag)
{
    const es_chord_leaf *chords = style->chords[s->phrase->key.mode];
    const es_leaf_weights weights = {s, leaf_weight};
    uint16_t leaves[ES_PHRASE_BEATS];
    uint32_t count;

    for (uint32_t i = 0; i < s->grammar->n_leaves; i++) {
        if (!es_roman_parse(&s->chords[i], chords[i].roman, s->phrase->key)) {
            return es_fail(diag, ESTRO_ERR_STYLE, "\"%s\" is no Roman numeral", chords[i].roman);
        }
    }
    es_fit_tune(s->fits, s->phrase);
    find_best(s);
    ES_TRY(es_weighted_draw(s->grammar, span, s->phrase->leaf->harmony[s->phrase->key.mode],
                            s->beats, &weights, rng, leaves, ES_PHRASE_BEATS, &count, diag));
    ES_TRY(walk_instead(s, style, span, rng, leaves, &count, diag));
    return lay(laid, s->beats, s->phrase, style, leaves, count, diag);
}

static estro_status derive_to_tune(laid_chord *laid, uint32_t beats, const es_plan_phrase *phrase,
                                   const es_plan_phrase *other, const es_style *style,
                                   const es_span *span, uint32_t seam, es_rng *rng,
                                   estro_diag *diag)
{
    suited s = {.phrase = phrase,
                .other = other && phrase_beats(other) == beats ? other : NULL,
                .grammar = &style->harmony[phrase->key.mode],
                .beats = beats,
                .seam = seam};
    estro_status status = ESTRO_ERR_MEMORY;

    s.chords = es_calloc(s.grammar->n_leaves, sizeof *s.chords);
    s.fits = es_calloc(beats, sizeof *s.fits);
    s.best = es_calloc(beats, sizeof *s.best);
    if (s.chords && s.fits && s.best) {
        status = derive_suited(laid, &s, style, span, rng, diag);
    } else {
        es_fail_memory(diag);
    }
    es_free(s.chords);
    es_free(s.fits);
    es_free(s.best);
    return status;
}

estro_status es_harmony_derive(es_plan_phrase *phrase, const es_style *style, const es_span *span,
                               const es_plan_phrase *other, uint16_t first_bar, es_rng *rng,
                               es_derivation *tree, estro_diag *diag)
{
    laid_chord laid[ES_PHRASE_BEATS];
    const uint32_t beats = phrase_beats(phrase);
    const uint32_t seam = beats_before(phrase, first_bar);
    estro_status status = ESTRO_ERR_CONFLICT;

    if (phrase->tune) {
        status = derive_to_tune(laid, beats, phrase, other, style, span, seam, rng, diag);
    }
    if (status == ESTRO_ERR_CONFLICT) {
        status = derive_freely(laid, beats, phrase, style, span, seam, rng, tree, diag);
    }
    ES_TRY(status);
    put(phrase, first_bar, laid);
    return ESTRO_OK;
}

void es_harmony_given(es_plan_phrase *phrase, const es_chord *chords, uint32_t n_chords,
                      uint32_t beat)
{
    const es_chord *before = NULL;

    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        es_plan_bar *bar = &phrase->bar[b];
        const int beats = es_meter_beats(bar->meter);
        for (int k = 0; k < beats; k++, beat++) {
            const es_chord *chord = &chords[beat % n_chords];
            bar->chord[k] = *chord;
            bar->roman[k] = NULL;
            bar->chord_starts[k] = !before || !es_chord_equal(*before, *chord);
            before = chord;
        }
    }
}

static int members_in(es_key key, es_chord chord)
{
    int count = 0;

    for (int i = 0; i < es_chord_size(chord); i++) {
        count += es_key_set(key) >> es_chord_member(chord, i) & 1;
    }
    return count;
}

es_key es_harmony_key(const es_chord *chords, uint32_t n_chords)
{
    es_key best = {0, ES_MAJOR};
    int best_score = -1;

    for (int i = 0; i < 24; i++) {
        const es_key key = {(uint8_t)(i % 12), i < 12 ? ES_MAJOR : ES_MINOR};
        int score = 0;
        for (uint32_t c = 0; c < n_chords; c++) {
            score += 4 * members_in(key, chords[c]);
        }
        const bool is_minor_chord = es_chord_member(chords[0], 1) == (chords[0].root + 3) % 12;
        score += chords[0].root == key.tonic && is_minor_chord == (key.mode == ES_MINOR) ? 3 : 0;
        score += chords[n_chords - 1].root == key.tonic ? 2 : 0;
        if (score > best_score) {
            best_score = score;
            best = key;
        }
    }
    return best;
}

bool es_harmony_same(const es_plan_bar *a, const es_plan_bar *b)
{
    for (int k = 0; k < es_meter_beats(a->meter); k++) {
        if (!es_chord_equal(a->chord[k], b->chord[k])) {
            return false;
        }
    }
    return true;
}
