/**
 * @file composer.h
 * The composer: plan and model in, bars out.
 *
 * Phrase by phrase: the plan is derived, then each group of parts is drawn bar by bar, instant by instant, from
 * p(token) = p_model(token)^a * w_style(token) over the allowed tokens. Works without a model. One thread; no globals; no files.
 */
#ifndef ES_GEN_COMPOSER_H
#define ES_GEN_COMPOSER_H

#include "gen/given.h"
#include "gen/model.h"
#include "plan/plan.h"
#include "score/score.h"

enum { ES_MAX_MODELS = 8 };

typedef struct es_compose_options {
    es_plan_options plan;
    const es_model
        *models[ES_MAX_MODELS]; /**< Kept. A group takes the one whose name its `model` says;
                                                the only one, if it is nobody's by name, is everybody's. */
    uint32_t n_models;
    bool
        freehand; /**< The only model, of profile notes, writes by itself; of the style the form counts alone. */
    double temperature;  /**< Divides the exponent of the model; 1. */
    uint32_t candidates; /**< Phrases drawn, of which one is kept; 0 = as the style says, or 1. */
    uint32_t
        max_copy; /**< Longest run of notes that may stand in the training material, 0 = no limit. */
    es_given *record; /**< Takes all that is composed, phrase by phrase; kept. NULL = none does. */
    const es_given *
        given; /**< Fixed notes; kept. NULL = none. What it holds of a phrase must stand when that is composed. */
} es_compose_options;

enum { ES_USUAL_COPY = 12 };

/** Defaults: seed 1, temperature 1, candidates as the style says, max_copy 12. */
es_compose_options es_compose_options_default(void);

/** What happened so far, for --stats. */
typedef struct es_compose_stats {
    uint64_t draws;       /**< Choices made in parts that a model writes. */
    uint64_t forced;      /**< Of these, choices of one. */
    double sum_z;         /**< Sum of Z: the model's mass on the allowed set, per draw. */
    double sum_log_z;     /**< Sum of its logarithms. */
    double log_p_model;   /**< Nats of the model-written notes under the model. */
    double log_p_sampler; /**< Sum of the logs of the renormalised draws: all parts. */
    uint64_t redrawn_instants, redrawn_bars, redrawn_phrases; /**< Retreats. */
} es_compose_stats;

/** The model that a group asks for, if it is at hand: by name; or the only one there is, if it is nobody's by name. NULL: none. */
const es_model *es_model_of_group(const es_compose_options *options, const es_style *style,
                                  uint32_t group);

typedef struct es_composer es_composer;

/** @param style Kept. @return ESTRO_ERR_STYLE, ESTRO_ERR_MODEL (does not fit its group: says why), ESTRO_ERR_MEMORY. */
estro_status es_composer_new(es_composer **out, const es_style *style,
                             const es_compose_options *options, estro_diag *diag);
void es_composer_free(es_composer *composer);

const es_plan_frame *es_composer_frame(const es_composer *composer);

/** The planner, for how form and harmony were derived. */
const es_planner *es_composer_planner(const es_composer *composer);
/** The phrase of the last bar that was given; NULL before the first. Valid until the next but one phrase. */
const es_plan_phrase *es_composer_phrase(const es_composer *composer);

/**
 * The next bar.
 *
 * @return ESTRO_END after the last; ESTRO_ERR_CONFLICT, with both lines of the style, when nothing can be drawn.
 */
estro_status es_composer_next(es_composer *composer, es_bar *bar, estro_diag *diag);

/**
 * Go on in the same style with params set otherwise, from the next phrase to be composed on.
 *
 * @param style  Kept. The one before is kept until two phrases more are composed.
 * @return ESTRO_ERR_ARGUMENT when it is another style; on failure all is as it was.
 */
estro_status es_composer_restyle(es_composer *composer, const es_style *style, estro_diag *diag);

/** Whether two styles differ in no more than what params decide. */
bool es_same_but_params(const es_style *a, const es_style *b);

/** End at the next cadence: the next phrase to be composed will be the last. */
void es_composer_finish(es_composer *composer);

es_compose_stats es_composer_stats(const es_composer *composer);

#endif
