/*
 * What the engine remembers while it draws: made for a style and its models, set to the beginning, saved, and gone back to.
 *
 * All that a retreat has to undo is in one block of plain memory, or is told by a number in it: how many notes a track has, how far a stream
 * has come.
 */
#include "gen/engine.h"

#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

/* ---- making ---- */

static uint32_t largest_pattern(const es_style *style)
{
    uint32_t largest = 1;

    for (uint32_t p = 0; p < style->n_patterns; p++) {
        largest = style->patterns[p].n_cells > largest ? style->patterns[p].n_cells : largest;
    }
    return largest;
}

/* The longest silence of each line. */
static void find_silences(es_engine *engine)
{
    const es_style *style = engine->style;

    for (int l = 0; l < ES_MAX_LINES; l++) {
        engine->silence[l] = ES_OPEN_END / 4;
        for (uint32_t i = 0; i < style->n_constraints; i++) {
            const es_constraint *c = &style->constraints[i];
            if (c->kind == ES_CONSTRAINT_SILENCE && c->is_never &&
                (es_lines_of(style, c->parts) >> l & 1) && c->n < engine->silence[l]) {
                engine->silence[l] = c->n;
            }
        }
    }
}

static bool is_asked_for(const es_style *style, const es_model *model)
{
    for (uint32_t g = 0; g < style->n_groups; g++) {
        if (style->groups[g].model && strcmp(style->groups[g].model, model->name) == 0) {
            return true;
        }
    }
    return false;
}

const es_model *es_model_of_group(const es_compose_options *options, const es_style *style,
                                  uint32_t group)
{
    const char *name = style->groups[group].model;

    for (uint32_t m = 0; name && m < options->n_models; m++) {
        if (strcmp(options->models[m]->name, name) == 0) {
            return options->models[m];
        }
    }
    return name && options->n_models == 1 && !is_asked_for(style, options->models[0])
               ? options->models[0]
               : NULL;
}

static estro_status find_writer(es_engine *engine, uint32_t group, estro_diag *diag)
{
    const es_group *wants = &engine->style->groups[group];
    const es_model *model = es_model_of_group(&engine->options, engine->style, group);
    const double exponent = wants->exponent / (wants->temperature * engine->options.temperature);

    if (!model) {
        return ESTRO_OK;
    }
    return engine->cast[group].n_lines == 0
               ? es_drum_writer_new(&engine->drum_writer[group], model, engine->style, group,
                                    exponent, diag)
               : es_writer_new(&engine->writer[group], model, engine->style, &engine->cast[group],
                               exponent, diag);
}

float *es_engine_net_state(es_engine *engine, uint32_t group)
{
    return (float *)(void *)((uint8_t *)engine->state + engine->net_state[group]);
}

static estro_status make_state(es_engine *engine, estro_diag *diag)
{
    const uint32_t cells = largest_pattern(engine->style);
    const size_t cells_size = sizeof(es_live_cell) * cells * engine->style->n_parts;

    engine->state_size = sizeof *engine->state + cells_size;
    engine->state_size += (8 - engine->state_size % 8) % 8;
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        engine->net_state[g] = engine->state_size;
        const es_model *model = engine->writer[g]        ? engine->writer[g]->model
                                : engine->drum_writer[g] ? engine->drum_writer[g]->model
                                                         : NULL;
        if (model) {
            const size_t floats = es_net_state_size(&model->net);
            engine->state_size += (floats + floats % 2) * sizeof(float);
        }
    }
    engine->state = es_calloc(1, engine->state_size);
    engine->saved = es_calloc(ES_MAX_PHRASE_BARS + 1, engine->state_size);
    engine->saved_instant = es_calloc(2, engine->state_size);
    if (!engine->state || !engine->saved || !engine->saved_instant) {
        return es_fail_memory(diag);
    }
    es_live_cell *live = (es_live_cell *)(void *)(engine->state + 1);
    for (uint32_t p = 0; p < engine->style->n_parts; p++) {
        engine->state->rhythm[p].live = live + (size_t)p * cells;
    }
    return ESTRO_OK;
}

estro_status es_engine_init(es_engine *engine, const es_style *style,
                            const es_compose_options *options, estro_diag *diag)
{
    engine->style = style;
    engine->options = *options;
    engine->n_groups = style->n_groups;
    estro_status status = ESTRO_OK;
    for (uint32_t g = 0; g < style->n_groups && status == ESTRO_OK; g++) {
        status = es_cast_make(&engine->cast[g], style, g, diag);
        if (options->given) {
            es_cast_see_all(&engine->cast[g], style);
        }
    }
    for (uint32_t g = 0; g < style->n_groups && status == ESTRO_OK; g++) {
        status = find_writer(engine, g, diag);
    }
    if (status == ESTRO_OK) {
        status = make_state(engine, diag);
    }
    if (status == ESTRO_OK) {
        find_silences(engine);
        es_engine_reset(engine, options->plan.seed);
    }
    return status;
}

/* What stays between phrases, in a block laid out otherwise: no cells are live then. */
static void move_state(es_engine *engine, const es_engine *from)
{
    es_live_cell *live[ES_MAX_PARTS];

    for (uint32_t p = 0; p < engine->style->n_parts; p++) {
        live[p] = engine->state->rhythm[p].live;
    }
    *engine->state = *from->state;
    for (uint32_t p = 0; p < engine->style->n_parts; p++) {
        engine->state->rhythm[p].live = live[p];
        engine->state->rhythm[p].n_live = 0;
    }
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        const size_t next = g + 1 < engine->n_groups ? from->net_state[g + 1] : from->state_size;
        memcpy((uint8_t *)engine->state + engine->net_state[g],
               (const uint8_t *)from->state + from->net_state[g], next - from->net_state[g]);
    }
}

estro_status es_engine_restyle(es_engine *engine, const es_style *style, estro_diag *diag)
{
    const es_engine before = *engine;

    engine->style = style;
    if (largest_pattern(style) <= largest_pattern(before.style)) {
        return ESTRO_OK;
    }
    const estro_status status = make_state(engine, diag);
    if (status == ESTRO_OK) {
        move_state(engine, &before);
    }
    const es_engine *gone = status == ESTRO_OK ? &before : engine;
    es_free(gone->state);
    es_free(gone->saved);
    es_free(gone->saved_instant);
    if (status != ESTRO_OK) {
        *engine = before;
    }
    return status;
}

void es_engine_done(es_engine *engine)
{
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        es_rulebook_done(&engine->book[g]);
        es_writer_free(engine->writer[g]);
        es_drum_writer_free(engine->drum_writer[g]);
    }
    for (int l = 0; l < ES_MAX_LINES; l++) {
        es_free(engine->track[l].notes);
    }
    for (int q = 0; q < ES_IDEAS; q++) {
        es_quote_free(engine->quotes[q]);
    }
    es_search_done(&engine->search);
    es_free(engine->drums);
    es_free(engine->state);
    es_free(engine->saved);
    es_free(engine->saved_instant);
}

void es_engine_begin_writers(es_engine *engine)
{
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        if (engine->writer[g]) {
            es_writer_begin(engine->writer[g], es_engine_net_state(engine, g));
        }
        if (engine->drum_writer[g]) {
            es_drum_writer_begin(engine->drum_writer[g], es_engine_net_state(engine, g));
        }
    }
}

void es_engine_reset(es_engine *engine, uint64_t seed)
{
    es_state *state = engine->state;

    engine->options.plan.seed = seed;
    engine->has_before = false;
    engine->is_stuck = false;
    engine->next_start = 0;
    engine->redrawn_instants = engine->redrawn_bars = 0;
    for (int l = 0; l < ES_MAX_LINES; l++) {
        state->line[l] = (es_line){
            .pitch = ES_SILENT, .last = ES_SILENT, .anchor = ES_SILENT, .max_end = ES_OPEN_END};
        state->n_notes[l] = 0;
        engine->track[l].count = 0;
        engine->track[l].entry = ES_SILENT;
    }
    for (int p = 0; p < ES_MAX_PARTS; p++) {
        state->rhythm[p].pattern = NULL;
        state->rhythm[p].n_live = 0;
    }
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        for (int p = 0; p < engine->cast[g].n_parts; p++) {
            const int part = engine->cast[g].parts[p];
            const es_tick grid = engine->style->parts[part].grid;
            state->rhythm[part].is_modelled =
                engine->writer[g] && !(engine->style->groups[g].given >> part & 1);
            state->rhythm[part].grid =
                engine->writer[g] ? es_writer_grid(engine->writer[g], grid) : grid;
        }
    }
    es_engine_begin_writers(engine);
    state->n_drums = 0;
    memset(state->copied, 0, sizeof state->copied);
    memset(&state->stats, 0, sizeof state->stats);
}

/* ---- going back ---- */

void es_engine_save(const es_engine *engine, uint8_t *to)
{
    for (int l = 0; l < ES_MAX_LINES; l++) {
        engine->state->n_notes[l] = engine->track[l].count;
    }
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        if (engine->writer[g]) {
            engine->state->mark[g] = es_stream_mark_of(engine->writer[g]->stream);
        }
        if (engine->drum_writer[g]) {
            engine->state->mark[g] = es_drum_stream_mark_of(engine->drum_writer[g]->stream);
        }
    }
    memcpy(to, engine->state, engine->state_size);
}

void es_engine_restore(es_engine *engine, const uint8_t *from)
{
    memcpy(engine->state, from, engine->state_size);
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        if (engine->writer[g]) {
            es_stream_rollback(engine->writer[g]->stream, engine->state->mark[g]);
        }
        if (engine->drum_writer[g]) {
            es_drum_stream_rollback(engine->drum_writer[g]->stream, engine->state->mark[g]);
        }
    }
    for (int l = 0; l < ES_MAX_LINES; l++) {
        es_track *track = &engine->track[l];
        track->count = engine->state->n_notes[l];
        if (track->count > 0 && engine->state->line[l].pitch != ES_SILENT) {
            track->notes[track->count - 1].end = ES_OPEN_END;
        }
    }
}

static uint8_t *saved_bar(es_engine *engine, uint16_t bar)
{
    return engine->saved + bar * engine->state_size;
}

void es_engine_save_bar(es_engine *engine, uint16_t bar)
{
    es_engine_save(engine, saved_bar(engine, bar));
}

void es_engine_rollback(es_engine *engine, uint16_t bar)
{
    es_engine_restore(engine, saved_bar(engine, bar));
}

void es_engine_undo(es_engine *engine)
{
    es_engine_rollback(engine, 0);
    engine->before = engine->before_undo;
    engine->meter = engine->meter_undo;
    engine->has_before = engine->has_before_undo;
    engine->next_start = engine->beats.start;
}

estro_status es_engine_stuck(es_engine *engine, uint32_t group, es_tick tick)
{
    engine->stuck_at = tick;
    engine->stuck_group = group;
    return ESTRO_ERR_CONFLICT;
}
