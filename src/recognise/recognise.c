/*
 * A piece under a style: tracks are given to parts, then for each key that the notes allow, the sum over the forms of the style, of each phrase
 * over its harmonies, of each bar over the cells of its patterns. What a bar's rhythm costs under a pattern is worked out once.
 */
#include "recognise/recognise.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/real.h"
#include "plan/harmony.h"
#include "plan/texture.h"
#include "recognise/bar.h"
#include "recognise/cast.h"
#include "recognise/inside.h"

/* Keys whose scale holds as large a share of the notes as the best one's, less this, are tried. */
static const double key_margin = 0.08;

enum { MOST_KEYS = 6, KEYS = 12 * ES_MODE_COUNT };

/* A phrase where it stands: what each part plays in its bars, and its chords. */
typedef struct phrase {
    struct recognition *r;
    const es_phrase_leaf *leaf;
    es_key key;
    uint32_t first_bar;
    uint32_t n_beats;
    uint32_t kept; /* Beats whose chords are of another derivation. */
    uint16_t bar_of[ES_PHRASE_BEATS];
    uint8_t beat_of[ES_PHRASE_BEATS];
    es_playing playing[ES_MAX_PHRASE_BARS][ES_MAX_PARTS];
    const es_fit *fit[ES_MAX_PHRASE_BARS][ES_MAX_PARTS]; /* Of these. */
    double *beat_log_p; /* [n_beats][chord leaves of the mode]: 1 = not known yet */
} phrase;

typedef struct recognition {
    const es_style *style;
    const es_heard *heard;
    es_arena arena;
    es_casting cast;
    es_key home;
    es_span *form_span, *harmony_span[ES_MODE_COUNT];
    es_harmony *harmonies[KEYS]; /* [chord leaves of the mode], made when first needed */
    double *phrase_log_p;        /* [form leaves][n_bars]: 1 = not known yet */
    estro_diag *diag;
    estro_status status;
} recognition;

static const es_harmony *harmonies_of(recognition *r, es_key key)
{
    es_harmony **out = &r->harmonies[key.mode * 12 + key.tonic];
    const es_grammar *grammar = &r->style->harmony[key.mode];

    if (!*out) {
        *out = es_arena_calloc(&r->arena, grammar->n_leaves ? grammar->n_leaves : 1, sizeof **out);
        for (uint32_t i = 0; *out && i < grammar->n_leaves; i++) {
            const char *roman = r->style->chords[key.mode][i].roman;
            es_chord chord;
            if (es_roman_parse(&chord, roman, key)) {
                es_harmony_prepare(&(*out)[i], key, chord, roman);
            }
        }
    }
    return *out;
}

/* ---- a phrase ---- */

/* What part `p` plays in bar `b` of a phrase: as es_texture_lay has it. */
static es_playing playing_of(const es_style *style, const es_phrase_leaf *leaf, uint32_t p,
                             uint16_t b)
{
    const es_texture_part *part = &style->textures[leaf->texture].part[p];
    const int16_t pattern = es_texture_pattern(part, b, leaf->bars);
    uint16_t run = 0;

    while (run < b && es_texture_pattern(part, (uint16_t)(b - run - 1), leaf->bars) == pattern) {
        run++;
    }
    return (es_playing){.pattern = pattern,
                        .cell_bar =
                            pattern >= 0 ? (uint8_t)(run % style->patterns[pattern].bars) : 0};
}

/* Rhythms of all parts over the bars of a phrase; it knows then what they play. */
static double phrase_rhythm(recognition *r, phrase *f)
{
    double log_p = 0;

    for (uint16_t b = 0; b < f->leaf->bars; b++) {
        for (uint32_t p = 0; p < r->style->n_parts; p++) {
            const es_playing playing = playing_of(r->style, f->leaf, p, b);
            const es_fit *fit = es_casting_fit(&r->cast, p, playing, f->first_bar + b);
            if (!fit) {
                r->status = es_fail_memory(r->diag);
            }
            if (!fit || fit->log_p <= ES_NEVER) {
                return ES_NEVER;
            }
            f->playing[b][p] = playing;
            f->fit[b][p] = fit;
            log_p += fit->log_p;
        }
    }
    return log_p;
}

static double beat_given(phrase *f, uint32_t beat, uint32_t chord)
{
    recognition *r = f->r;
    const es_harmony *harmony = &harmonies_of(r, f->key)[chord];
    const es_grammar *grammar = &r->style->harmony[f->key.mode];
    double *known = &f->beat_log_p[(size_t)beat * grammar->n_leaves + chord];
    const uint16_t b = f->bar_of[beat];
    const uint32_t bar = f->first_bar + b;
    const es_tick length = es_meter_beat(r->heard->bar_meter[bar]);
    const es_tick from = r->heard->bar_start[bar] + f->beat_of[beat] * length;

    if (*known <= 0) {
        return *known;
    }
    double sum = 0;
    for (uint32_t p = 0; p < r->style->n_parts && sum > ES_NEVER; p++) {
        const double log_p = es_fit_pitches(&r->cast.hearing[p], f->fit[b][p], f->playing[b][p],
                                            bar, from, from + length, harmony);
        sum = log_p > ES_NEVER ? sum + log_p : ES_NEVER;
    }
    *known = sum;
    return sum;
}

/* With whatever chord fits a beat best. */
static double best_given(phrase *f, uint32_t beat)
{
    double best = ES_NEVER;

    for (uint32_t chord = 0; chord < f->r->style->harmony[f->key.mode].n_leaves; chord++) {
        const double one = beat_given(f, beat, chord);
        best = one > best ? one : best;
    }
    return best;
}

static double chord_at(void *self, uint32_t leaf, uint32_t place)
{
    phrase *f = self;
    const uint32_t beats = f->r->style->harmony[f->key.mode].leaf_length[leaf];
    double log_p = 0;

    for (uint32_t k = 0; k < beats && log_p > ES_NEVER; k++) {
        const double one =
            place + k < f->kept ? best_given(f, place + k) : beat_given(f, place + k, leaf);
        log_p = one > ES_NEVER ? log_p + one : ES_NEVER;
    }
    return log_p;
}

/* Whether each beat of a phrase has a chord that fits it. */
static bool has_chords(phrase *f)
{
    for (uint32_t beat = 0; beat < f->n_beats; beat++) {
        if (best_given(f, beat) <= ES_NEVER) {
            return false;
        }
    }
    return true;
}

static double sum_of(recognition *r, phrase *f, int symbol)
{
    const es_span *span = r->harmony_span[f->key.mode];
    double log_p = ES_NEVER;

    if (es_span_weight(span, symbol, f->n_beats) <= 0) {
        return ES_NEVER;
    }
    const estro_status status = es_inside(&log_p, &r->style->harmony[f->key.mode], span,
                                          (uint32_t)symbol, f->n_beats, chord_at, f, r->diag);
    r->status = status != ESTRO_OK ? status : r->status;
    return log_p > ES_NEVER ? log_p - es_log(es_span_weight(span, symbol, f->n_beats)) : ES_NEVER;
}

/*
 * The sum over the harmonies of a phrase. Where none fits the whole of it, it repeats another phrase of its label, of another harmony; or it
 * begins as such a one, or its end was derived anew when it could not be finished: then its chords are of another derivation up to some bar line.
 */
static double sum_harmonies(recognition *r, phrase *f)
{
    const es_style *style = r->style;
    const uint32_t bar = f->n_beats / f->leaf->bars;
    double log_p = sum_of(r, f, f->leaf->harmony[f->key.mode]);

    for (uint32_t i = 0; i < style->form.n_leaves && log_p <= ES_NEVER; i++) {
        const es_phrase_leaf *other = &style->phrases[i];
        if (other->label == f->leaf->label && other->bars == f->leaf->bars) {
            log_p = sum_of(r, f, other->harmony[f->key.mode]);
        }
    }
    for (f->kept = bar; f->kept < f->n_beats && log_p <= ES_NEVER; f->kept += bar) {
        log_p = sum_of(r, f, f->leaf->harmony[f->key.mode]);
    }
    return log_p;
}

static double phrase_harmony(recognition *r, phrase *f)
{
    const size_t count = (size_t)f->n_beats * r->style->harmony[f->key.mode].n_leaves;

    if (f->leaf->harmony[f->key.mode] < 0) {
        return ES_NEVER;
    }
    f->beat_log_p = es_calloc(count, sizeof *f->beat_log_p);
    if (!f->beat_log_p || !harmonies_of(r, f->key)) {
        es_free(f->beat_log_p);
        r->status = es_fail_memory(r->diag);
        return ES_NEVER;
    }
    for (size_t i = 0; i < count; i++) {
        f->beat_log_p[i] = 1;
    }
    const double log_p = has_chords(f) ? sum_harmonies(r, f) : ES_NEVER;
    es_free(f->beat_log_p);
    return log_p;
}

static double phrase_log_p(recognition *r, const es_phrase_leaf *leaf, uint32_t first_bar)
{
    phrase f = {.r = r, .leaf = leaf, .key = es_phrase_key(leaf, r->home), .first_bar = first_bar};
    const es_meter meter = leaf->meter;

    for (uint16_t b = 0; b < leaf->bars; b++) {
        const es_meter heard = r->heard->bar_meter[first_bar + b];
        if (!es_meter_equal(heard, meter)) {
            return ES_NEVER;
        }
        for (int k = 0; k < es_meter_beats(meter); k++) {
            f.bar_of[f.n_beats] = b;
            f.beat_of[f.n_beats++] = (uint8_t)k;
        }
    }
    const double rhythm = phrase_rhythm(r, &f);
    const double harmony = rhythm > ES_NEVER ? phrase_harmony(r, &f) : ES_NEVER;
    return harmony > ES_NEVER ? rhythm + harmony : ES_NEVER;
}

static double phrase_at(void *self, uint32_t leaf, uint32_t place)
{
    recognition *r = self;
    double *known = &r->phrase_log_p[(size_t)leaf * r->heard->n_bars + place];

    if (*known > 0) {
        *known =
            r->status == ESTRO_OK ? phrase_log_p(r, &r->style->phrases[leaf], place) : ES_NEVER;
    }
    return *known;
}

/* ---- the piece ---- */

static double in_key(recognition *r, es_key home)
{
    const size_t count = (size_t)r->style->form.n_leaves * r->heard->n_bars;
    double log_p = ES_NEVER;

    r->home = home;
    for (size_t i = 0; i < count; i++) {
        r->phrase_log_p[i] = 1;
    }
    const estro_status status =
        es_inside(&log_p, &r->style->form, r->form_span, (uint32_t)r->style->form_start,
                  r->heard->n_bars, phrase_at, r, r->diag);
    r->status = status != ESTRO_OK ? status : r->status;
    return log_p;
}

/* Share of the pitched notes in the scale of a key. */
static double share_in_scale(const recognition *r, es_key key)
{
    const uint16_t scale = es_key_set(key);
    size_t in = 0, all = 0;

    for (uint32_t p = 0; p < r->style->n_parts; p++) {
        const es_heard_track *track = r->cast.hearing[p].track;
        for (size_t e = 0; track && r->style->parts[p].role != ES_ROLE_DRUMS && e < track->n_events;
             e++) {
            for (int i = 0; i < track->events[e].count; i++, all++) {
                in += scale >> track->events[e].key[i] % 12 & 1;
            }
        }
    }
    return all ? (double)in / (double)all : 1;
}

/* The sum over keys; those that the notes do not fit are left out. */
static double over_keys(recognition *r)
{
    double best = 0, all = 0, log_p = ES_NEVER;
    int tried = 0;

    for (uint32_t k = 0; k < r->style->n_keys; k++) {
        const double share = share_in_scale(r, r->style->keys[k].key);
        best = share > best ? share : best;
        all += r->style->keys[k].weight;
    }
    for (uint32_t k = 0; k < r->style->n_keys && tried < MOST_KEYS; k++) {
        const es_key_choice *choice = &r->style->keys[k];
        if (share_in_scale(r, choice->key) >= best - key_margin && choice->weight > 0) {
            const double one = in_key(r, choice->key);
            log_p = one > ES_NEVER ? es_log_add(log_p, one + es_log(choice->weight / all)) : log_p;
            tried++;
        }
    }
    return log_p;
}

static estro_status prepare(recognition *r, estro_diag *diag)
{
    const es_style *style = r->style;
    const uint32_t bars = r->heard->n_bars;

    ES_TRY(es_span_new(&r->form_span, &style->form, bars, diag));
    for (int m = 0; m < ES_MODE_COUNT; m++) {
        if (style->harmony[m].n_symbols > 0) {
            ES_TRY(es_span_new(&r->harmony_span[m], &style->harmony[m], ES_PHRASE_BEATS, diag));
        }
    }
    r->phrase_log_p =
        es_arena_calloc(&r->arena, (size_t)style->form.n_leaves * bars, sizeof *r->phrase_log_p);
    return r->phrase_log_p ? ESTRO_OK : es_fail_memory(diag);
}

estro_status es_recognise(es_recognition *out, const es_style *style, const es_heard *heard,
                          estro_diag *diag)
{
    recognition r = {.style = style, .heard = heard, .diag = diag};
    double log_p = ES_NEVER;
    bool is_cast = false;

    estro_status status = es_casting_make(&r.cast, style, heard, &is_cast, diag);
    if (status == ESTRO_OK && is_cast) {
        status = prepare(&r, diag);
        log_p = status == ESTRO_OK ? over_keys(&r) : ES_NEVER;
        status = status == ESTRO_OK ? r.status : status;
    }
    *out =
        (es_recognition){.is_derivable = log_p > ES_NEVER, .nats = -log_p, .notes = heard->n_notes};
    es_span_free(r.form_span);
    for (int m = 0; m < ES_MODE_COUNT; m++) {
        es_span_free(r.harmony_span[m]);
    }
    es_casting_done(&r.cast);
    es_arena_done(&r.arena);
    return status;
}
