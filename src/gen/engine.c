/*
 * The engine: phrases bar by bar, groups in order within a bar, and going back.
 *
 * A bar that gets stuck is drawn again; after some tries one goes back a bar further. Each retreat is counted and bounded, and each
 * has its own address of chance, so the whole is a function of style, plan and seed.
 */
#include "gen/engine.h"

#include "base/diag.h"
#include "gen/ornaments.h"

#define ALL_GROUPS ((uint64_t)-1)

/* Tries of a bar in which only the groups that got stuck no longer repeat another. */
enum { ALONE_TRIES = 3 };

/* ---- quotes ---- */

static const es_quote *kept_phrase(const es_engine *engine, int32_t index)
{
    for (int q = 0; q < ES_IDEAS; q++) {
        const es_quote *quote = engine->quotes[q];
        if (quote && quote->is_kept && index >= 0 && quote->phrase == (uint32_t)index) {
            return quote;
        }
    }
    return NULL;
}

/* What the phrase quotes, and what the one after is bound to begin with. */
static void find_quotes(es_engine *engine, const es_plan_phrase *phrase)
{
    const es_quote *next = kept_phrase(engine, phrase->next_quotes);

    engine->quote = kept_phrase(engine, phrase->quotes);
    engine->promised = next ? next->track : NULL;
    engine->promised_start = next ? next->start : 0;
    engine->promised_semitones = phrase->next_shift;
    engine->promised_parts = phrase->next_repeats;
    if (phrase->next_quotes == (int32_t)phrase->index) {
        engine->promised = engine->track;
        engine->promised_start = engine->beats.start;
    }
}

estro_status es_engine_keep(es_engine *engine, estro_diag *diag)
{
    const es_plan_phrase *phrase = engine->beats.phrase;

    if (!phrase->is_first_of_idea) {
        return ESTRO_OK;
    }
    return es_quote_keep(&engine->quotes[phrase->idea], &engine->beats, engine->track,
                         engine->drums, engine->state->n_drums, diag);
}

/* ---- a bar, a phrase ---- */

estro_status es_engine_bar(es_engine *engine, uint16_t bar, uint32_t attempt, estro_diag *diag)
{
    es_engine_save_bar(engine, bar);
    engine->address[2] = attempt;
    for (uint32_t p = 0; p < engine->style->n_parts; p++) {
        const es_tick start = engine->beats.start + bar * engine->beats.bar;
        const bool is_loose = engine->is_loose && !es_given_covers(engine->given, (int)p, start,
                                                                   start + engine->beats.bar);
        es_rhythm_enter(&engine->state->rhythm[p], engine->style, &engine->beats, (int)p, bar,
                        is_loose);
    }
    for (uint32_t g = 0; g < engine->n_groups; g++) {
        ES_TRY(es_group_bar(engine, g, bar, diag));
        ES_TRY(es_drums_bar(engine, g, bar, diag));
    }
    return ESTRO_OK;
}

/* Models know one metre a piece: in another they begin anew. */
static void follow_meter(es_engine *engine)
{
    const bool is_other = engine->has_before && !es_meter_equal(engine->meter, engine->beats.meter);

    if (is_other) {
        es_engine_begin_writers(engine);
    }
}

static void begin_phrase(es_engine *engine, const es_plan_phrase *phrase, uint32_t attempt)
{
    es_state *state = engine->state;

    es_beats_lay(&engine->beats, phrase, engine->next_start,
                 engine->has_before ? &engine->before : NULL);
    follow_meter(engine);
    find_quotes(engine, phrase);
    engine->unquoted = 0;
    es_engine_find_given(engine);
    if ((attempt & 0xffff) >= ES_TUNE_ATTEMPTS) {
        es_engine_forget_given(engine);
    }
    engine->address[0] = phrase->index;
    engine->address[1] = attempt;
    for (int l = 0; l < ES_MAX_LINES; l++) {
        engine->track[l].count = 0;
        engine->track[l].entry = state->line[l].pitch;
    }
    for (int l = 0; l < ES_MAX_LINES; l++) {
        state->line[l].approaches = false;
        if (state->line[l].pitch == ES_SILENT) { /* Silences are counted within phrases. */
            state->line[l].since = engine->next_start;
            state->line[l].max_end = engine->next_start + engine->silence[l];
        }
    }
    state->n_drums = 0;
    for (int p = 0; p < ES_MAX_PARTS; p++) {
        state->rhythm[p].pattern = NULL;
        state->rhythm[p].n_live = 0;
    }
}

static void end_phrase(es_engine *engine)
{
    for (int l = 0; l < ES_MAX_LINES; l++) {
        es_track_close(&engine->track[l], engine->beats.end);
    }
    engine->meter_undo = engine->meter;
    engine->meter = engine->beats.meter;
    engine->before_undo = engine->before;
    engine->has_before_undo = engine->has_before;
    engine->before = engine->beats.beats[engine->beats.n - 1].harmony;
    engine->has_before = true;
    engine->next_start = engine->beats.end;
}

estro_status es_engine_phrase(es_engine *engine, const es_plan_phrase *phrase, uint32_t attempt,
                              estro_diag *diag)
{
    uint32_t tries[ES_MAX_PHRASE_BARS] = {0}, anew[ES_MAX_PHRASE_BARS] = {0};
    int back = 0;
    uint16_t bar = 0;

    if (engine->is_stuck) {
        es_engine_rollback(engine, 0);
        engine->is_stuck = false;
    }
    begin_phrase(engine, phrase, attempt);
    while (bar < phrase->n_bars) {
        engine->is_loose = anew[bar] > ES_ANEW_PLANNED && anew[bar] < ES_ANEW_TRIES;
        const estro_status status = es_engine_bar(engine, bar, tries[bar], diag);
        if (status == ESTRO_OK && es_engine_is_to_differ(engine, bar, anew[bar])) {
            es_engine_rollback(engine, bar);
            engine->unquoted = ALL_GROUPS;
            anew[bar]++;
            tries[bar]++;
            continue;
        }
        if (status == ESTRO_OK) {
            engine->unquoted = 0;
            bar++;
            continue;
        }
        if (status != ESTRO_ERR_CONFLICT || ++back > ES_BARS_BACK) {
            engine->is_stuck = true;
            return status;
        }
        es_engine_rollback(engine, bar);
        engine->redrawn_bars++;
        tries[bar]++;
        /* Another way leads nowhere, in other rhythms or often enough: what was there may stay. */
        if (engine->is_loose || (anew[bar] > 0 && back > ES_BARS_BACK / 2)) {
            anew[bar] = ES_ANEW_TRIES;
        }
        engine->unquoted |=
            tries[bar] < ALONE_TRIES ? (uint64_t)1 << engine->stuck_group : ALL_GROUPS;
        if (tries[bar] % ES_BAR_TRIES == 0 && bar > 0) {
            bar--;
            tries[bar]++;
            es_engine_rollback(engine, bar);
        }
    }
    end_phrase(engine);
    return ESTRO_OK;
}

/* Whether a line above in the same part sounds the same note: two of its lines in unison are one. */
static bool is_double(const es_engine *engine, const es_part *part, int line,
                      const es_track_note *note)
{
    for (int above = part->first_line; above < line; above++) {
        const es_track *track = &engine->track[above];
        const int at = es_track_find(track, note->start);
        if (at >= 0 && track->notes[at].end > note->start &&
            track->notes[at].pitch == note->pitch) {
            return true;
        }
    }
    return false;
}

estro_status es_engine_notes(const es_engine *engine, es_note **notes, size_t *count,
                             size_t *capacity, estro_diag *diag)
{
    size_t most = engine->state->n_drums;

    *count = 0;
    for (int l = 0; l < ES_MAX_LINES; l++) {
        most += engine->track[l].count;
    }
    if (!es_reserve(notes, most, capacity, sizeof **notes)) {
        return es_fail_memory(diag);
    }
    for (int l = 0; l < ES_MAX_LINES; l++) {
        const es_track *track = &engine->track[l];
        const int part = track->count > 0 ? es_line_part(engine->style, l) : -1;
        for (size_t i = 0; i < track->count; i++) {
            const es_track_note *note = &track->notes[i];
            const es_tick end = note->end == ES_OPEN_END ? engine->beats.end : note->end;
            if (is_double(engine, &engine->style->parts[part], l, note)) {
                continue;
            }
            (*notes)[(*count)++] =
                (es_note){.start = note->start,
                          .duration = end - note->start,
                          .key = (uint8_t)note->pitch,
                          .part = (uint8_t)part,
                          .line = (uint8_t)(l - engine->style->parts[part].first_line),
                          .accent = note->accent,
                          .marks = note->marks,
                          .is_given = es_given_at(engine->given, part, note->start)};
        }
    }
    for (size_t i = 0; i < engine->state->n_drums; i++) {
        (*notes)[*count] = engine->drums[i];
        (*notes)[*count].is_given =
            es_given_at(engine->given, engine->drums[i].part, engine->drums[i].start);
        (*count)++;
    }
    es_ornaments_draw(engine->style, engine->options.plan.seed, &engine->beats, *notes, *count);
    es_notes_sort(*notes, *count);
    return ESTRO_OK;
}
