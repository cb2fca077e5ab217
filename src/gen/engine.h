/**
 * @file engine.h
 * Drawing the notes of planned phrases: all that composing is, but for the plan.
 *
 * The state of drawing is one block of plain memory, so that going back to a bar line of the present phrase, or to the instant
 * before, is a copy.
 */
#ifndef ES_GEN_ENGINE_H
#define ES_GEN_ENGINE_H

#include "base/rng.h"
#include "gen/composer.h"
#include "gen/drum_writer.h"
#include "gen/quote.h"
#include "gen/writer.h"

enum {
    ES_INSTANT_TRIES = 8, /**< Times that an instant of a bar is redrawn before the bar is; ... */
    ES_BAR_TRIES = 4,     /**< ... a bar before one goes back another; ... */
    ES_BARS_BACK = 24,    /**< ... bars of a phrase before it is given up. */
    ES_ANEW_TRIES = 24,   /**< Times that a bar is drawn anew because it came out as it was; ... */
    ES_ANEW_EACH = 12,    /**< ... so many because one of its parts did; ... */
    ES_ANEW_PLANNED = 6,  /**< ... so many with the cells that its motifs fix. */
    ES_DRUM_ADDRESS = 32  /**< In addresses of chance: a drum part is this group, plus its index. */
};

/** The state, at the head of its block; cells of rhythms and states of nets follow. */
typedef struct es_state {
    es_line line[ES_MAX_LINES];
    es_rhythm rhythm[ES_MAX_PARTS];
    size_t n_notes[ES_MAX_LINES]; /**< Of the tracks. */
    size_t n_drums;
    es_copied copied[ES_MAX_LINES];
    es_stream_mark mark[ES_MAX_PARTS]; /**< Of the streams of groups that models write. */
    es_compose_stats stats;            /**< But for the retreats. */
} es_state;

typedef struct es_engine {
    const es_style *style;
    es_compose_options options;
    uint32_t n_groups;
    es_cast cast[ES_MAX_PARTS];
    es_rulebook book[ES_MAX_PARTS];
    es_beats beats;
    es_harmony before; /**< Harmony of the last beat of the phrase before. */
    bool has_before;
    es_harmony before_undo; /**< The same before the present phrase. */
    bool has_before_undo;
    es_meter meter, meter_undo; /**< Of the phrase before; and before the present one. */
    es_track track[ES_MAX_LINES];
    es_note *drums; /**< Notes of drum parts in this phrase. */
    size_t drums_capacity;
    es_tick silence[ES_MAX_LINES]; /**< Longest silence of each line within a phrase. */
    es_search search;
    es_writer *writer[ES_MAX_PARTS];           /**< Of each group; NULL = the weights alone. */
    es_drum_writer *drum_writer[ES_MAX_PARTS]; /**< The same of groups of drums. */
    size_t net_state
        [ES_MAX_PARTS]; /**< Where in the state's block the state of its net lies, bytes. */
    es_quote *quotes
        [ES_IDEAS]; /**< The phrase that first had each label and number of primes; or NULL. */
    const es_quote *quote; /**< What the present phrase quotes, or NULL. */
    uint64_t
        unquoted; /**< Groups (bits) that could not say the present bar again, and draw it anew. */
    const es_given *given;    /**< As in es_scene. */
    const es_track *promised; /**< As in es_scene. */
    uint32_t promised_parts;  /**< Bit p: part p. */
    es_tick promised_start;
    int promised_semitones;
    es_state *state;
    size_t state_size;
    uint8_t *saved;         /**< [ES_MAX_PHRASE_BARS + 1] states: at each bar line of the phrase. */
    uint8_t *saved_instant; /**< [2]: at the present instant and the one before. */
    es_tick next_start;     /**< Where the next phrase begins. */
    uint64_t address[3];    /**< Phrase, and attempt on it; attempt on the bar. */
    uint64_t redrawn_instants, redrawn_bars;
    bool is_loose;    /**< What is drawn anew is not bound to the cells of its motifs. */
    bool is_stuck;    /**< The last phrase failed; the state is that of the place where it did. */
    es_tick stuck_at; /**< Where a set was last empty, and in which group. */
    uint32_t stuck_group;
} es_engine;

/**
 * @param engine  Zeroed; most of it is never touched. es_engine_done, whatever comes of it.
 * @param style   Kept.
 * @return ESTRO_ERR_STYLE, ESTRO_ERR_MODEL, ESTRO_ERR_MEMORY.
 */
estro_status es_engine_init(es_engine *engine, const es_style *style,
                            const es_compose_options *options, estro_diag *diag);
void es_engine_done(es_engine *engine);

/** Between phrases: go on in the same style with params set otherwise. @param style Kept; the one before until the next phrase is drawn. @return ESTRO_ERR_MEMORY: all is as it was. */
estro_status es_engine_restyle(es_engine *engine, const es_style *style, estro_diag *diag);

/** Start a piece anew, with another seed. */
void es_engine_reset(es_engine *engine, uint64_t seed);

/**
 * Draw a phrase.
 *
 * @param phrase   Kept until the next call.
 * @param attempt  Part of the address of its chance.
 * @return ESTRO_ERR_CONFLICT when it cannot be finished; the next call starts from where this one did. ESTRO_ERR_MEMORY.
 */
estro_status es_engine_phrase(es_engine *engine, const es_plan_phrase *phrase, uint32_t attempt,
                              estro_diag *diag);

/** Go back to before the present phrase, so that it can be drawn again. */
void es_engine_undo(es_engine *engine);

/** Keep the present phrase, which is complete, for later ones that quote it. */
estro_status es_engine_keep(es_engine *engine, estro_diag *diag);

/** Go back to bar line `bar` of the present phrase. */
void es_engine_rollback(es_engine *engine, uint16_t bar);
/** Draw one bar from where the engine stands: the bar line `bar` of the present phrase. ESTRO_ERR_CONFLICT when it is stuck. */
estro_status es_engine_bar(es_engine *engine, uint16_t bar, uint32_t attempt, estro_diag *diag);

/** Notes of the present phrase as they are now, in score order. @param notes Grown; owned by the caller. */
estro_status es_engine_notes(const es_engine *engine, es_note **notes, size_t *count,
                             size_t *capacity, estro_diag *diag);

/* ---- between the files of the engine ---- */

/** Draw a bar of a group. ESTRO_ERR_CONFLICT when it is stuck. */
estro_status es_group_bar(es_engine *engine, uint32_t group, uint16_t bar, estro_diag *diag);

/** Draw the drum parts of a group in a bar. */
estro_status es_drums_bar(es_engine *engine, uint32_t group, uint16_t bar, estro_diag *diag);

/** See whether anything is given in the present phrase or where it ends. */
void es_engine_find_given(es_engine *engine);

/** Let lines that were given up to the present phrase begin anew. */
void es_engine_forget_given(es_engine *engine);

/** Whether a bar that is drawn anew came out as it was, and another one may yet be found after so many tries. */
bool es_engine_is_to_differ(const es_engine *engine, uint16_t bar, uint32_t tries);

/** State of the net of a group that a model writes. */
float *es_engine_net_state(es_engine *engine, uint32_t group);

void es_engine_scene(es_engine *engine, uint32_t group, uint16_t bar, es_scene *out);
void es_engine_save(const es_engine *engine, uint8_t *to);
void es_engine_restore(es_engine *engine, const uint8_t *from);
/** Keep the state for es_engine_rollback to bar line `bar`. */
void es_engine_save_bar(es_engine *engine, uint16_t bar);

/** Note where a group got stuck. @return ESTRO_ERR_CONFLICT. */
estro_status es_engine_stuck(es_engine *engine, uint32_t group, es_tick tick);

/** Let the models begin a piece. */
void es_engine_begin_writers(es_engine *engine);

/** Chance of a group in the present bar. @param attempt On the instant. */
es_rng es_engine_rng(const es_engine *engine, es_purpose purpose, uint16_t bar, uint32_t group,
                     uint64_t attempt);

#endif
