/*
 * The composer: plans become phrases, phrases are handed out bar by bar.
 *
 * A phrase is composed when its first bar is asked for. Its notes live in one of two buffers that alternate, so the last bar of a phrase
 * is still valid when the first of the next is given out. Of earlier phrases nothing is kept but what labels quote.
 */
#include "gen/composer.h"

#include "base/diag.h"
#include "base/real.h"
#include "gen/conflict.h"
#include "gen/draw.h"
#include "gen/engine.h"
#include "gen/freehand.h"
#include "gen/measure.h"

#include <string.h>

enum {
    PHRASE_TRIES = 8,  /* Derivations of a phrase that are drawn, ... */
    MOST_PLANS = 64,   /* ... of so many that are looked at. */
    FULL_ATTEMPTS = 4, /* Derivations to a tune that have a second line below it. */
    TUNE_TRIES = 8,    /* Of these, and as many more, with the tune that a phrase has. */
    MOST_CANDIDATES = 64,
    CANDIDATE_BAR = 1 << 20 /* In the address of the chance that chooses among them: no bar. */
};

/** A phrase in hand. */
typedef struct phrase_buffer {
    es_plan_phrase plan;
    es_tick start, bar; /* Where it begins, and how long a bar of it is. */
    es_note *notes;     /* Owned; in score order. */
    size_t n_notes, capacity;
} phrase_buffer;

struct es_composer {
    const es_style *style;
    es_compose_options options;
    es_planner *planner;
    es_engine engine;
    es_freehand *freehand; /* Instead of the engine; NULL = none. */
    phrase_buffer buffer[2];
    unsigned present; /* The buffer whose bars are given out. */
    bool is_planned;  /* A plan of the phrase was had, if no notes. */
    bool has_phrase;
    uint16_t next_bar; /* Of that phrase. */
    size_t next_note;
    size_t n_phrases; /* Composed. */
    es_given tunes;   /* Of the phrase in hand and the one before, where nothing else is given. */
    const es_tune *tune_before;
    es_tick tune_before_start;
    uint64_t redrawn_phrases;
};

es_compose_options es_compose_options_default(void)
{
    return (es_compose_options){
        .plan = {.seed = 1}, .temperature = 1, .candidates = 0, .max_copy = ES_USUAL_COPY};
}

estro_status es_composer_new(es_composer **out, const es_style *style,
                             const es_compose_options *options, estro_diag *diag)
{
    es_composer *composer = es_calloc(1, sizeof *composer);

    if (!composer) {
        return es_fail_memory(diag);
    }
    composer->style = style;
    composer->options = *options;
    es_compose_options inner = *options;
    if (options->plan.tunes.tune && !options->given) {
        composer->tunes.asks_nothing = true;
        inner.given = &composer->tunes;
    }
    estro_status status = options->freehand
                              ? es_freehand_new(&composer->freehand, &options->models[0]->net,
                                                &options->models[0]->notes, options->plan.seed,
                                                options->temperature, diag)
                              : es_engine_init(&composer->engine, style, &inner, diag);
    if (status == ESTRO_OK) {
        status = es_planner_new(&composer->planner, style, &options->plan, diag);
    }
    if (status != ESTRO_OK) {
        es_composer_free(composer);
        return status;
    }
    *out = composer;
    return ESTRO_OK;
}

void es_composer_free(es_composer *composer)
{
    if (!composer) {
        return;
    }
    es_planner_free(composer->planner);
    es_engine_done(&composer->engine);
    es_freehand_free(composer->freehand);
    es_given_done(&composer->tunes);
    es_free(composer->buffer[0].notes);
    es_free(composer->buffer[1].notes);
    es_free(composer);
}

const es_plan_frame *es_composer_frame(const es_composer *composer)
{
    return es_planner_frame(composer->planner);
}

const es_planner *es_composer_planner(const es_composer *composer)
{
    return composer->planner;
}

const es_plan_phrase *es_composer_phrase(const es_composer *composer)
{
    return composer->has_phrase ? &composer->buffer[composer->present].plan : NULL;
}

void es_composer_finish(es_composer *composer)
{
    es_planner_finish(composer->planner);
}

es_compose_stats es_composer_stats(const es_composer *composer)
{
    if (composer->freehand) {
        const es_freehand_stats written = es_freehand_stats_of(composer->freehand);
        return (es_compose_stats){.draws = written.draws,
                                  .sum_z = (double)written.draws,
                                  .log_p_model = written.log_p_model,
                                  .log_p_sampler = written.log_p_sampler};
    }
    es_compose_stats stats = composer->engine.state->stats;

    stats.redrawn_instants = composer->engine.redrawn_instants;
    stats.redrawn_bars = composer->engine.redrawn_bars;
    stats.redrawn_phrases = composer->redrawn_phrases;
    return stats;
}

bool es_same_but_params(const es_style *a, const es_style *b)
{
    bool is_same = memcmp(a->digest, b->digest, sizeof a->digest) == 0 &&
                   a->n_parts == b->n_parts && a->n_groups == b->n_groups &&
                   a->n_textures == b->n_textures && a->n_constraints == b->n_constraints &&
                   strcmp(a->name, b->name) == 0;

    for (uint32_t p = 0; is_same && p < a->n_parts; p++) {
        is_same = strcmp(a->parts[p].name, b->parts[p].name) == 0 &&
                  a->parts[p].n_lines == b->parts[p].n_lines;
    }
    return is_same;
}

estro_status es_composer_restyle(es_composer *composer, const es_style *style, estro_diag *diag)
{
    if (composer->freehand || !es_same_but_params(composer->style, style)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "this is not the style that is played");
    }
    ES_TRY(es_engine_restyle(&composer->engine, style, diag));
    const estro_status status = es_planner_restyle(composer->planner, style, diag);
    if (status == ESTRO_OK) {
        composer->style = style;
        return ESTRO_OK;
    }
    composer->engine.style = composer->style; /* its state may be roomier than that asks for */
    return status;
}

/* Whether a phrase begins with the chord that the phrase before led to. */
static bool keeps_promise(const es_composer *composer, const es_plan_phrase *plan)
{
    const es_plan_phrase *before = &composer->buffer[composer->present].plan;

    return !composer->has_phrase || es_chord_size(before->next_chord) == 0 ||
           es_chord_equal(before->next_chord, plan->bar[0].chord[0]);
}

static uint32_t n_candidates(const es_composer *composer)
{
    const uint32_t asked = composer->options.candidates;
    const uint32_t said = composer->style->n_candidates;
    const uint32_t count = asked > 0 ? asked : said > 0 ? said : 1;

    return count < MOST_CANDIDATES ? count : MOST_CANDIDATES;
}

/* Draw the candidates: which can be finished, and the weight of each. The engine is left before the phrase. */
static estro_status weigh_candidates(es_composer *composer, const es_plan_phrase *plan,
                                     uint32_t attempt, bool *stands, double *weights,
                                     estro_diag *diag)
{
    es_engine *engine = &composer->engine;
    const es_compose_stats before = engine->state->stats;
    double measures[ES_MERIT_COUNT];

    for (uint32_t c = 0; c < n_candidates(composer); c++) {
        const estro_status status = es_engine_phrase(engine, plan, attempt | c << 16, diag);
        if (status != ESTRO_OK && status != ESTRO_ERR_CONFLICT) {
            return status;
        }
        stands[c] = status == ESTRO_OK;
        weights[c] = 0;
        if (!stands[c]) {
            continue;
        }
        if (composer->style->is_measured) {
            es_measure_phrase(engine, &before, measures);
            weights[c] = es_measure_score(composer->style, measures);
        } else {
            weights[c] = engine->state->stats.sum_log_z - before.sum_log_z;
        }
        es_engine_undo(engine);
    }
    return ESTRO_OK;
}

/*
 * Of several candidates the best by the style's measures is kept; without measures one by resampling: the product of the Z of a phrase, the
 * model's mass on what the style allowed at each of its draws, is how likely the model would have kept to the style by itself. Only its weight
 * is kept of each; the one that is chosen is drawn again, from the same address.
 */
static estro_status choose_candidate(es_composer *composer, const es_plan_phrase *plan,
                                     uint32_t attempt, uint32_t *chosen, estro_diag *diag)
{
    const uint32_t n = n_candidates(composer);
    double weights[MOST_CANDIDATES], ignored = 0;
    bool stands[MOST_CANDIDATES];
    int best = -1;

    ES_TRY(weigh_candidates(composer, plan, attempt, stands, weights, diag));
    for (uint32_t c = 0; c < n; c++) {
        best = stands[c] && (best < 0 || weights[c] > weights[best]) ? (int)c : best;
    }
    if (best < 0) {
        return ESTRO_ERR_CONFLICT;
    }
    *chosen = (uint32_t)best;
    if (composer->style->is_measured) {
        return ESTRO_OK;
    }
    const double most = weights[best];
    for (uint32_t c = 0; c < n; c++) {
        weights[c] = stands[c] ? es_exp(weights[c] - most) : 0;
    }
    es_rng rng =
        es_rng_at(composer->options.plan.seed, ES_FOR_TEXTURE, plan->index, CANDIDATE_BAR, attempt);
    const int drawn = es_draw_weighted(&rng, weights, (int)n, &ignored);
    *chosen = drawn < 0 ? 0 : (uint32_t)drawn;
    return ESTRO_OK;
}

/* ---- tunes ---- */

/* The chord on the beat with which a place of a phrase begins; NULL between beats. */
static const es_chord *chord_on_beat(const es_plan_phrase *plan, es_tick at)
{
    for (uint16_t b = 0; b < plan->n_bars; b++) {
        const es_tick bar = es_meter_bar(plan->bar[b].meter),
                      beat = es_meter_beat(plan->bar[b].meter);
        if (at < bar) {
            return at % beat == 0 && at / beat < ES_MAX_BEATS ? &plan->bar[b].chord[at / beat]
                                                              : NULL;
        }
        at -= bar;
    }
    return NULL;
}

/* A tone of the chord some way below a note, for the second line of a part; -1: none. */
static int tone_below(const es_plan_phrase *plan, const es_tune *tune, const es_part *part,
                      const es_note *note)
{
    const es_chord *chord = plan && part->n_lines > 1 && note->start + note->duration < tune->end
                                ? chord_on_beat(plan, note->start)
                                : NULL;

    for (int pitch = note->key - 3; chord && pitch >= note->key - 9 && pitch >= part->low;
         pitch--) {
        if (es_chord_set(*chord) >> es_pitch_class(pitch) & 1) {
            return pitch;
        }
    }
    return -1;
}

/* Notes of a tune, where the plan of its phrase is known with a second line below. */
static bool add_tune(es_composer *composer, const es_tune *tune, es_tick start,
                     const es_plan_phrase *plan)
{
    const es_part *part = tune ? &composer->style->parts[tune->part] : NULL;

    if (!tune) {
        return true;
    }
    if (!es_given_add_range(&composer->tunes, tune->part, start + tune->start, start + tune->end)) {
        return false;
    }
    for (size_t i = 0; i < tune->n_notes; i++) {
        const es_note *note = &tune->notes[i];
        const int below = tone_below(plan, tune, part, note);
        es_track_note given = {.start = start + note->start,
                               .end = start + note->start + note->duration,
                               .pitch = note->key,
                               .accent = note->accent,
                               .marks = note->marks};
        if (!es_given_add_note(&composer->tunes, part->first_line, &given)) {
            return false;
        }
        given.pitch = (int16_t)below;
        if (below >= 0 && !es_given_add_note(&composer->tunes, part->first_line + 1, &given)) {
            return false;
        }
    }
    return true;
}

/* The tune of a phrase is given, and those of the phrases before and after, for the seams; in the end the latter is not. */
static estro_status give_tune(es_composer *composer, const es_plan_phrase *plan, uint32_t attempt,
                              estro_diag *diag)
{
    const es_tick start = composer->engine.next_start;
    es_tick end = start;

    for (uint16_t b = 0; b < plan->n_bars; b++) {
        end += es_meter_bar(plan->bar[b].meter);
    }
    es_given_clear(&composer->tunes);
    return add_tune(composer, composer->tune_before, composer->tune_before_start, NULL) &&
                   add_tune(composer, plan->tune, start, attempt < FULL_ATTEMPTS ? plan : NULL) &&
                   add_tune(composer, attempt < ES_TUNE_ATTEMPTS ? plan->next_tune : NULL, end,
                            NULL)
               ? ESTRO_OK
               : es_fail_memory(diag);
}

static estro_status draw_phrase(es_composer *composer, const es_plan_phrase *plan, uint32_t attempt,
                                estro_diag *diag)
{
    uint32_t chosen = 0;

    if (n_candidates(composer) > 1) {
        ES_TRY(choose_candidate(composer, plan, attempt, &chosen, diag));
    }
    return es_engine_phrase(&composer->engine, plan, attempt | chosen << 16, diag);
}

/* The next phrase freehand. Its chords are what comes of it, so none are stated. */
static estro_status write_phrase(es_composer *composer, phrase_buffer *buffer, estro_diag *diag)
{
    es_note_list list = {buffer->notes, 0, buffer->capacity};

    ES_TRY(es_planner_next(composer->planner, 0, &buffer->plan, diag));
    buffer->bar = es_meter_bar(buffer->plan.bar[0].meter);
    const phrase_buffer *before = &composer->buffer[composer->present];
    buffer->start = composer->has_phrase ? before->start + before->bar * before->plan.n_bars : 0;
    for (uint16_t b = 0; b < buffer->plan.n_bars; b++) {
        es_plan_bar *bar = &buffer->plan.bar[b];
        for (int beat = 0; beat < ES_MAX_BEATS; beat++) {
            bar->chord[beat] = (es_chord){.quality = ES_QUALITY_NONE};
            bar->roman[beat] = NULL;
            bar->chord_starts[beat] = false;
        }
    }
    const estro_status status =
        es_freehand_write(composer->freehand, buffer->start + buffer->bar * buffer->plan.n_bars,
                          buffer->plan.is_last, &list, diag);
    buffer->notes = list.notes;
    buffer->n_notes = list.count;
    buffer->capacity = list.capacity;
    return status;
}

static void turn_to(es_composer *composer)
{
    composer->present ^= 1;
    composer->has_phrase = true;
    composer->next_bar = 0;
    composer->next_note = 0;
}

/* Plan and draw the next phrase. */
static estro_status draw_next(es_composer *composer, es_plan_phrase *plan, uint32_t *used,
                              estro_diag *diag)
{
    estro_status status = ESTRO_ERR_CONFLICT;
    uint32_t most = PHRASE_TRIES;

    for (uint32_t attempt = 0, tries = 0; tries <= most; attempt++) {
        status = es_planner_next(composer->planner, attempt, plan, diag);
        composer->is_planned = status == ESTRO_OK;
        if (status == ESTRO_ERR_CONFLICT && attempt < MOST_PLANS) {
            continue; /* Conditions of rhythms may hold over other chords. */
        }
        ES_TRY(status);
        if (!keeps_promise(composer, plan) && attempt < MOST_PLANS) {
            continue;
        }
        tries++;
        *used = attempt;
        ES_TRY(give_tune(composer, plan, attempt, diag));
        status = draw_phrase(composer, plan, attempt, diag);
        if (status != ESTRO_ERR_CONFLICT) {
            break;
        }
        composer->redrawn_phrases++;
        if ((plan->tune || plan->next_tune || composer->tune_before) &&
            tries == TUNE_TRIES) { /* What never happens is stronger than a tune. */
            attempt = attempt + 1 < ES_TUNE_ATTEMPTS ? ES_TUNE_ATTEMPTS - 1 : attempt;
            most += TUNE_TRIES;
        }
    }
    return status;
}

/* The same where it is stated which derivation it is to be. */
static estro_status draw_stated(es_composer *composer, es_plan_phrase *plan, uint32_t *used,
                                estro_diag *diag)
{
    estro_status status = ESTRO_ERR_CONFLICT;

    *used = composer->options.given->attempts[composer->n_phrases];
    estro_status planned = es_planner_next(composer->planner, 0, plan, diag);
    if (*used > 0 && (planned == ESTRO_OK || planned == ESTRO_ERR_CONFLICT)) {
        planned = es_planner_next(composer->planner, *used, plan, diag);
    }
    composer->is_planned = planned == ESTRO_OK;
    ES_TRY(planned);
    for (uint32_t tries = 0; tries <= PHRASE_TRIES && status == ESTRO_ERR_CONFLICT; tries++) {
        composer->redrawn_phrases += tries > 0;
        status = draw_phrase(composer, plan, *used | tries << 8, diag);
    }
    return status;
}

/* Compose the next phrase into the other buffer. */
static estro_status compose_phrase(es_composer *composer, estro_diag *diag)
{
    phrase_buffer *buffer = &composer->buffer[composer->present ^ 1];
    const es_given *given = composer->options.given;
    es_engine *engine = &composer->engine;
    uint32_t used = 0;

    if (composer->freehand) {
        ES_TRY(write_phrase(composer, buffer, diag));
        turn_to(composer);
        return ESTRO_OK;
    }
    const bool is_stated = given && composer->n_phrases < given->n_attempts;
    const estro_status status = is_stated ? draw_stated(composer, &buffer->plan, &used, diag)
                                          : draw_next(composer, &buffer->plan, &used, diag);
    if (status == ESTRO_ERR_CONFLICT && composer->is_planned) {
        return es_conflict_explain(engine, diag);
    }
    ES_TRY(status);
    composer->n_phrases++;
    if (composer->options.record && !es_given_take(composer->options.record, used, engine->track,
                                                   engine->drums, engine->state->n_drums)) {
        return es_fail_memory(diag);
    }
    ES_TRY(es_engine_keep(engine, diag));
    ES_TRY(es_engine_notes(engine, &buffer->notes, &buffer->n_notes, &buffer->capacity, diag));
    buffer->start = engine->beats.start;
    buffer->bar = engine->beats.bar;
    composer->tune_before = buffer->plan.tune;
    composer->tune_before_start = buffer->start;
    turn_to(composer);
    return ESTRO_OK;
}

/* Levels go evenly from the first bar to the last; the plan has them as whole numbers. */
static void set_rise(const uint8_t ends[2], uint16_t b, uint16_t n_bars, es_bar *bar)
{
    const double steps = n_bars > 1 ? n_bars - 1 : 1;
    const double a_bar = ((double)ends[1] - ends[0]) / steps;
    const double at = ends[0] + a_bar * b;

    bar->rise[0] = at - bar->level;
    bar->rise[1] = bar->rise[0] + (n_bars == 1 || b + 1 < n_bars ? a_bar : 0);
}

static void fill_bar(const es_composer *composer, const phrase_buffer *buffer, uint16_t b,
                     es_bar *bar)
{
    const es_plan_phrase *phrase = &buffer->plan;
    const es_plan_bar *plan = &phrase->bar[b];

    memset(bar, 0, sizeof *bar);
    bar->index = phrase->first_bar + b;
    bar->start = buffer->start + b * buffer->bar;
    bar->length = buffer->bar;
    bar->meter = plan->meter;
    bar->key = phrase->key;
    bar->tempo = es_planner_frame(composer->planner)->tempo * phrase->tempo;
    bar->ritard = phrase->leaf->ritard;
    bar->has_fermata = phrase->leaf->has_fermata;
    bar->section = b == 0 ? phrase->leaf->section : NULL;
    bar->level = plan->level;
    set_rise(phrase->leaf->level, b, phrase->n_bars, bar);
    bar->phrase_bar = b;
    bar->phrase_bars = phrase->n_bars;
    bar->label = phrase->leaf->label;
    bar->primes = phrase->leaf->primes;
    bar->cadence = (uint8_t)phrase->cadence;
    bar->in_last_phrase = phrase->is_last;
    bar->is_cadence = b + 1 == phrase->n_bars && phrase->cadence != ES_CADENCE_OPEN;
    bar->is_last = b + 1 == phrase->n_bars && phrase->is_last;
    bar->n_beats = (uint8_t)es_meter_beats(plan->meter);
    memcpy(bar->chord, plan->chord, sizeof bar->chord);
    memcpy(bar->roman, plan->roman, sizeof bar->roman);
    memcpy(bar->chord_starts, plan->chord_starts, sizeof bar->chord_starts);
}

estro_status es_composer_next(es_composer *composer, es_bar *bar, estro_diag *diag)
{
    if (!composer->has_phrase ||
        composer->next_bar == composer->buffer[composer->present].plan.n_bars) {
        ES_TRY(compose_phrase(composer, diag));
    }
    const phrase_buffer *buffer = &composer->buffer[composer->present];
    const size_t first = composer->next_note;
    fill_bar(composer, buffer, composer->next_bar++, bar);
    while (composer->next_note < buffer->n_notes &&
           buffer->notes[composer->next_note].start < bar->start + bar->length) {
        composer->next_note++;
    }
    bar->notes = buffer->notes + first;
    bar->n_notes = composer->next_note - first;
    return ESTRO_OK;
}
