/*
 * The planner: key, tempo and form at once; each phrase when it is asked for.
 *
 * A phrase is a pure function of (seed, index, attempt) and of the phrases that it quotes, so the first chord of the next one can be
 * looked up before the present one is composed. Of earlier phrases only the first of each label is kept.
 */
#include "plan/plan.h"

#include "base/diag.h"
#include "plan/form.h"
#include "plan/harmony.h"
#include "plan/repeat.h"
#include "plan/restyle.h"
#include "plan/substitute.h"
#include "plan/texture.h"

#include <string.h>

/* Where a phrase begins in the piece. */
typedef struct place {
    uint32_t bar, beat;
} place;

struct es_planner {
    const es_style *style;
    es_plan_options options;
    es_plan_frame frame;
    es_span *form_span;
    es_span *harmony[ES_MODE_COUNT]; /* Made when a mode is first needed. */
    es_form form;
    es_derivation tree; /* Of the harmony of the last phrase. */
    uint32_t next;      /* Index of the phrase to be derived next. */
    place next_place;   /* Where it begins. */
    size_t position;    /* Its place in the form. */
    bool is_finishing;
    bool without_tune; /* The phrase in hand is derived without its tune. */
    es_plan_phrase
        *last; /* What es_planner_next gave last, without its bars, and where it stood. */
    size_t last_position;
    es_plan_phrase *first[ES_IDEAS]; /* The first phrase of each label and number of primes. */
};

/* ---- frame: key, tempo, form ---- */

static bool key_is_playable(const es_style *style, es_key key)
{
    return style->chords[key.mode] != NULL && style->harmony[key.mode].n_symbols > 0;
}

static estro_status choose_key(es_planner *planner, es_rng *rng, estro_diag *diag)
{
    const es_style *style = planner->style;
    const es_plan_options *options = &planner->options;

    if (options->has_key || options->chords) {
        planner->frame.key =
            options->has_key ? options->key : es_harmony_key(options->chords, options->n_chords);
        if (!options->chords && !key_is_playable(style, planner->frame.key)) {
            char name[16];
            es_key_write(name, sizeof name, planner->frame.key);
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "style %s has no harmony for %s", style->name,
                           name);
        }
        return ESTRO_OK;
    }
    double total = 0;
    for (uint32_t i = 0; i < style->n_keys; i++) {
        total += style->keys[i].weight;
    }
    double left = es_rng_unit(rng) * total;
    uint32_t i = 0;
    while (i + 1 < style->n_keys && left >= style->keys[i].weight) {
        left -= style->keys[i].weight;
        i++;
    }
    planner->frame.key = style->keys[i].key;
    return ESTRO_OK;
}

static void choose_tempo(es_planner *planner, es_rng *rng)
{
    const es_tempo_range *range = &planner->style->tempo;
    const uint32_t steps = (uint32_t)(range->high - range->low) + 1;

    planner->frame.tempo =
        planner->options.tempo > 0 ? planner->options.tempo : range->low + es_rng_below(rng, steps);
}

static uint32_t bars_wanted(const es_planner *planner)
{
    const es_plan_options *options = &planner->options;

    if (options->bars || !(options->seconds > 0)) {
        return options->bars;
    }
    const double quarters = (double)es_meter_bar(planner->style->meter) / ES_QUARTER;
    const double bars = options->seconds * planner->frame.tempo / 60 / quarters;
    return bars < 1 ? 1 : bars > 1e6 ? 1000000 : (uint32_t)bars + ((double)(uint32_t)bars < bars);
}

/* Whoever has tunes is told which phrases there will be. */
static estro_status tell_form(const es_planner *planner, estro_diag *diag)
{
    const es_tunes *tunes = &planner->options.tunes;
    const size_t count = planner->form.n_leaves;

    if (!tunes->form) {
        return ESTRO_OK;
    }
    const es_phrase_leaf **leaves = es_calloc(count, sizeof *leaves);
    if (!leaves) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < count; i++) {
        leaves[i] = &planner->style->phrases[planner->form.leaves[i]];
    }
    const estro_status status = tunes->form(tunes->self, leaves, count, planner->next, diag);
    es_free(leaves);
    return status;
}

static estro_status derive_form(es_planner *planner, es_rng *rng, estro_diag *diag)
{
    const uint32_t bars = bars_wanted(planner);

    if (bars) {
        return es_form_fill(&planner->form, planner->style, planner->form_span, bars, rng, diag);
    }
    return es_form_add(&planner->form, planner->style, planner->form_span, 0, rng, diag);
}

estro_status es_planner_new(es_planner **out, const es_style *style, const es_plan_options *options,
                            estro_diag *diag)
{
    es_rng rng = es_rng_at(options->seed, ES_FOR_FORM, 0, 0, 0);
    es_planner *planner = es_calloc(1, sizeof *planner);

    if (!planner) {
        return es_fail_memory(diag);
    }
    planner->style = style;
    planner->options = *options;
    planner->frame.meter = style->meter;
    planner->last = es_calloc(1, es_plan_phrase_size(0));
    estro_status status = planner->last ? ESTRO_OK : es_fail_memory(diag);
    if (status == ESTRO_OK) {
        status = choose_key(planner, &rng, diag);
    }
    if (status == ESTRO_OK) {
        choose_tempo(planner, &rng);
        status = es_span_new(&planner->form_span, &style->form, ES_FORM_BARS, diag);
    }
    if (status == ESTRO_OK) {
        status = derive_form(planner, &rng, diag);
    }
    if (status == ESTRO_OK) {
        status = tell_form(planner, diag);
    }
    if (status != ESTRO_OK) {
        es_planner_free(planner);
        return status;
    }
    planner->frame.n_phrases = options->endless ? 0 : (uint32_t)planner->form.n_leaves;
    planner->frame.n_bars = options->endless ? 0 : planner->form.n_bars;
    *out = planner;
    return ESTRO_OK;
}

void es_planner_free(es_planner *planner)
{
    if (!planner) {
        return;
    }
    es_span_free(planner->form_span);
    for (int m = 0; m < ES_MODE_COUNT; m++) {
        es_span_free(planner->harmony[m]);
    }
    for (int i = 0; i < ES_IDEAS; i++) {
        es_free(planner->first[i]);
    }
    es_form_done(&planner->form);
    es_derivation_done(&planner->tree);
    es_free(planner->last);
    es_free(planner);
}

const es_plan_frame *es_planner_frame(const es_planner *planner)
{
    return &planner->frame;
}

const es_derivation *es_planner_form(const es_planner *planner)
{
    return &planner->form.tree;
}

const es_derivation *es_planner_harmony(const es_planner *planner)
{
    return &planner->tree;
}

/* ---- a phrase ---- */

es_key es_phrase_key(const es_phrase_leaf *leaf, es_key home)
{
    es_key key = home;
    es_chord chord;

    if (leaf->degree && es_roman_parse(&chord, leaf->degree, key)) {
        key.tonic = chord.root;
        key.mode = chord.quality == ES_QUALITY_MIN ? ES_MINOR : ES_MAJOR;
    }
    if (leaf->key_mode >= 0) {
        key.mode = (uint8_t)leaf->key_mode;
    }
    return key;
}

/* Where a phrase's curve from one number to another is in bar `b`, to the nearest whole. */
static uint8_t on_curve(const uint8_t ends[2], uint16_t b, uint16_t n_bars)
{
    const int steps = n_bars > 1 ? n_bars - 1 : 1;
    const int way = (ends[1] - ends[0]) * b * 2;

    return (uint8_t)(ends[0] + (way + (way < 0 ? -steps : steps)) / (2 * steps));
}

static void set_curves(es_plan_phrase *phrase)
{
    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        phrase->bar[b].level = on_curve(phrase->leaf->level, b, phrase->n_bars);
        phrase->bar[b].tension = on_curve(phrase->leaf->tension, b, phrase->n_bars);
    }
}

static uint32_t longest_phrase_beats(const es_style *style)
{
    uint32_t beats = 1;

    for (uint32_t i = 0; i < style->form.n_leaves; i++) {
        const uint32_t own =
            style->phrases[i].bars * (uint32_t)es_meter_beats(style->phrases[i].meter);
        beats = own > beats ? own : beats;
    }
    return beats;
}

static estro_status harmony_span(es_planner *planner, unsigned mode, const es_span **out,
                                 estro_diag *diag)
{
    if (!planner->harmony[mode]) {
        ES_TRY(es_span_new(&planner->harmony[mode], &planner->style->harmony[mode],
                           longest_phrase_beats(planner->style), diag));
    }
    *out = planner->harmony[mode];
    return ESTRO_OK;
}

/* The phrase whose chords the tune is not to have again. */
static const es_plan_phrase *other_than(const es_planner *planner, const es_tune *tune)
{
    for (int i = 0; tune && tune->other_than >= 0 && i < ES_IDEAS; i++) {
        if (planner->first[i] && planner->first[i]->index == (uint32_t)tune->other_than) {
            return planner->first[i];
        }
    }
    return NULL;
}

static estro_status find_tune(const es_planner *planner, es_plan_phrase *phrase, size_t position,
                              uint32_t attempt, estro_diag *diag)
{
    const es_tunes *tunes = &planner->options.tunes;

    return tunes->tune && attempt < ES_TUNE_ATTEMPTS
               ? tunes->tune(tunes->self, position, phrase, &phrase->tune, diag)
               : ESTRO_OK;
}

static estro_status derive_harmony(es_planner *planner, es_plan_phrase *phrase, uint16_t kept,
                                   uint32_t attempt, es_derivation *tree, estro_diag *diag)
{
    es_rng rng = es_rng_at(planner->options.seed, ES_FOR_HARMONY, phrase->index, attempt, 0);
    const es_span *span;

    if (tree) {
        tree->n_nodes = 0;
    }
    if (planner->options.chords || kept == phrase->n_bars) {
        return ESTRO_OK;
    }
    ES_TRY(harmony_span(planner, phrase->key.mode, &span, diag));
    return es_harmony_derive(phrase, planner->style, span, other_than(planner, phrase->tune), kept,
                             &rng, tree, diag);
}

/* The tempo that the last phrase to say one has said. */
static double phrase_tempo(const es_planner *planner, size_t position)
{
    for (size_t i = position + 1; i-- > 0;) {
        const double tempo = planner->style->phrases[planner->form.leaves[i]].tempo;
        if (tempo > 0) {
            return tempo;
        }
    }
    return 1;
}

static uint16_t bars_at(const es_planner *planner, size_t position)
{
    const uint16_t bars = planner->style->phrases[planner->form.leaves[position]].bars;

    return bars > ES_MAX_PHRASE_BARS ? ES_MAX_PHRASE_BARS : bars;
}

static void begin_phrase(const es_planner *planner, es_plan_phrase *phrase, size_t position)
{
    const es_phrase_leaf *leaf = &planner->style->phrases[planner->form.leaves[position]];
    const uint16_t n_bars = bars_at(planner, position);

    memset(phrase, 0, es_plan_phrase_size(n_bars));
    phrase->leaf = leaf;
    phrase->idea = (int16_t)es_idea_of(leaf);
    phrase->key = es_phrase_key(leaf, planner->frame.key);
    phrase->cadence = (es_cadence)leaf->cadence;
    phrase->quotes = -1;
    phrase->next_quotes = -1;
    phrase->n_bars = n_bars;
    phrase->tempo = phrase_tempo(planner, position);
    phrase->next_chord = (es_chord){.quality = ES_QUALITY_NONE};
    for (uint16_t b = 0; b < phrase->n_bars; b++) {
        phrase->bar[b].meter = leaf->meter;
        phrase->bar[b].copy = -1;
    }
    set_curves(phrase);
}

static es_rng substitution_rng(const es_planner *planner, const es_plan_phrase *phrase,
                               uint32_t attempt)
{
    const bool is_given = planner->options.chords && phrase->idea >= 0;
    const uint64_t which = is_given ? (uint64_t)phrase->idea : phrase->index;

    return es_rng_at(planner->options.seed, ES_FOR_HARMONY, which, attempt, 1);
}

static place place_after(const es_plan_phrase *phrase)
{
    const uint32_t beats = (uint32_t)es_meter_beats(phrase->bar[0].meter);

    return (place){phrase->first_bar + phrase->n_bars, phrase->first_beat + phrase->n_bars * beats};
}

static estro_status derive(es_planner *planner, es_plan_phrase *phrase, uint32_t index, place first,
                           size_t position, uint32_t attempt, es_derivation *tree, estro_diag *diag)
{
    const bool chords_given = planner->options.chords != NULL;
    uint16_t kept = 0;

    begin_phrase(planner, phrase, position);
    phrase->index = index;
    phrase->first_bar = first.bar;
    phrase->first_beat = first.beat;
    phrase->is_first = index == 0;
    if (chords_given) {
        es_harmony_given(phrase, planner->options.chords, planner->options.n_chords,
                         phrase->first_beat);
    }
    ES_TRY(find_tune(planner, phrase, position, attempt, diag));
    if (chords_given) { /* before a repeat is looked for: those of one label are drawn alike */
        es_rng rng = substitution_rng(planner, phrase, attempt);
        es_substitute(phrase, planner->style, 0, &rng);
    }
    const es_plan_phrase *quoted = es_quoted_phrase(planner->first, phrase);
    if (quoted && attempt == 0) {
        kept = es_repeat(phrase, quoted, planner->style, chords_given);
        set_curves(phrase);
    }
    ES_TRY(derive_harmony(planner, phrase, kept, attempt, tree, diag));
    if (!chords_given) {
        es_rng rng = substitution_rng(planner, phrase, attempt);
        es_substitute(phrase, planner->style, kept, &rng);
    }
    es_texture_lay(phrase, planner->style);
    return ESTRO_OK;
}

/* ---- the row of phrases ---- */

static void forget_ideas(es_planner *planner)
{
    for (int i = 0; i < ES_IDEAS; i++) {
        es_free(planner->first[i]);
        planner->first[i] = NULL;
    }
}

/* Endless: when the form is over, another follows. */
static estro_status extend_form(es_planner *planner, estro_diag *diag)
{
    es_rng rng = es_rng_at(planner->options.seed, ES_FOR_FORM, planner->next, 0, 0);

    if (!planner->options.endless || planner->is_finishing ||
        planner->position < planner->form.n_leaves) {
        return ESTRO_OK;
    }
    planner->form.n_leaves = 0;
    planner->position = 0;
    forget_ideas(planner); /* New form, new ideas. */
    ES_TRY(es_form_add(&planner->form, planner->style, planner->form_span, 0, &rng, diag));
    return tell_form(planner, diag);
}

estro_status es_planner_restyle(es_planner *planner, const es_style *style, estro_diag *diag)
{
    es_rng rng = es_rng_at(planner->options.seed, ES_FOR_FORM, planner->next, 1, 0);
    const bool goes_on = es_same_form(planner->style, style);
    es_span *span = NULL;
    es_form form = {0};

    ES_TRY(es_span_new(&span, &style->form, ES_FORM_BARS, diag));
    const estro_status status = goes_on ? ESTRO_OK : es_form_add(&form, style, span, 0, &rng, diag);
    if (status != ESTRO_OK) {
        es_span_free(span);
        es_form_done(&form);
        return status;
    }
    es_span_free(planner->form_span);
    planner->form_span = span;
    for (int m = 0; m < ES_MODE_COUNT; m++) {
        es_span_free(planner->harmony[m]);
        planner->harmony[m] = NULL;
    }
    if (!goes_on) {
        es_form_done(&planner->form);
        planner->form = form;
        planner->position = 0;
    }
    if (!goes_on || !es_same_patterns(planner->style, style)) {
        forget_ideas(planner);
    }
    es_rebind(planner->first, planner->style, style);
    planner->style = style;
    return goes_on ? ESTRO_OK : tell_form(planner, diag);
}

static estro_status remember(es_planner *planner, es_plan_phrase *phrase, estro_diag *diag)
{
    const int idea = phrase->idea;

    phrase->is_first_of_idea =
        idea >= 0 && (!planner->first[idea] || planner->first[idea]->index == phrase->index);
    if (!phrase->is_first_of_idea) {
        return ESTRO_OK;
    }
    if (!planner->first[idea]) {
        planner->first[idea] = es_calloc(1, es_plan_phrase_size(phrase->n_bars));
    }
    if (!planner->first[idea]) {
        return es_fail_memory(diag);
    }
    memcpy(planner->first[idea], phrase, es_plan_phrase_size(phrase->n_bars));
    return ESTRO_OK;
}

/* The chord that the phrase after begins with. */
static estro_status look_ahead(es_planner *planner, es_plan_phrase *phrase, size_t position,
                               estro_diag *diag)
{
    if (position + 1 >= planner->form.n_leaves || phrase->is_last) {
        return ESTRO_OK;
    }
    es_plan_phrase *after = es_calloc(1, es_plan_phrase_size(bars_at(planner, position + 1)));
    if (!after) {
        return es_fail_memory(diag);
    }
    const estro_status status =
        derive(planner, after, phrase->index + 1, place_after(phrase), position + 1, 0, NULL, diag);
    if (status == ESTRO_OK) {
        phrase->next_chord = after->bar[0].chord[0];
        phrase->next_tune = after->tune;
        phrase->next_quotes = after->bar[0].copy == 0 ? after->quotes : -1;
        phrase->next_repeats = after->bar[0].repeats;
        phrase->next_shift = after->shift;
    }
    es_free(after);
    return status;
}

estro_status es_planner_next(es_planner *planner, uint32_t attempt, es_plan_phrase *phrase,
                             estro_diag *diag)
{
    if (attempt == 0) {
        if (planner->next > 0 && planner->last->is_last) {
            return ESTRO_END;
        }
        ES_TRY(extend_form(planner, diag));
        planner->last_position =
            planner->is_finishing ? planner->form.n_leaves - 1 : planner->position;
        ES_TRY(derive(planner, phrase, planner->next, planner->next_place, planner->last_position,
                      0, &planner->tree, diag));
    } else {
        ES_TRY(derive(planner, phrase, planner->last->index,
                      (place){planner->last->first_bar, planner->last->first_beat},
                      planner->last_position, attempt, &planner->tree, diag));
    }
    phrase->is_last = planner->last_position + 1 == planner->form.n_leaves &&
                      (!planner->options.endless || planner->is_finishing);
    ES_TRY(remember(planner, phrase, diag));
    ES_TRY(look_ahead(planner, phrase, planner->last_position, diag));
    if (attempt == 0) {
        planner->next++;
        planner->next_place = place_after(phrase);
        planner->position = planner->last_position + 1;
    }
    memcpy(planner->last, phrase, es_plan_phrase_size(0));
    ES_TRY(es_texture_draw(phrase, planner->style, planner->options.seed, attempt, diag));
    return remember(planner, phrase, diag); /* what was drawn, too */
}

void es_planner_finish(es_planner *planner)
{
    planner->is_finishing = true;
}
