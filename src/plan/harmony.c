/*
 * Harmony of a phrase, from its grammar or from a given sheet.
 *
 * The grammar's leaves have lengths in beats; a derivation is laid over the beats of the phrase's bars, each leaf's numeral read in the key
 * of the phrase.
 */
#include "plan/harmony.h"

#include "base/diag.h"

enum { SEAM_TRIES = 16 };

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

static estro_status lay(laid_chord *out, uint32_t beats, const es_plan_phrase *phrase,
                        const es_style *style, const es_span *span, es_rng *rng, estro_diag *diag)
{
    const es_chord_leaf *chords = style->chords[phrase->key.mode];
    uint16_t leaves[ES_PHRASE_BEATS];
    uint32_t count;
    uint32_t beat = 0;

    ES_TRY(es_span_draw(span, phrase->leaf->harmony[phrase->key.mode], beats, rng, leaves,
                        ES_PHRASE_BEATS, &count, NULL, diag));
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

estro_status es_harmony_derive(es_plan_phrase *phrase, const es_style *style, const es_span *span,
                               uint16_t first_bar, es_rng *rng, estro_diag *diag)
{
    laid_chord laid[ES_PHRASE_BEATS];
    const uint32_t beats = phrase_beats(phrase);
    uint32_t seam = 0;

    for (uint16_t b = 0; b < first_bar; b++) {
        seam += (uint32_t)es_meter_beats(phrase->bar[b].meter);
    }
    for (int attempt = 0; attempt < SEAM_TRIES; attempt++) {
        ES_TRY(lay(laid, beats, phrase, style, span, rng, diag));
        if (seam == 0 || es_chord_equal(laid[seam - 1].chord, *chord_at(phrase, seam - 1))) {
            break;
        }
    }
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
