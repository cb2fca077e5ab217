/**
 * @file evaluate.h
 * Exact likelihood of a piece under a model.
 */
#ifndef ES_GEN_EVALUATE_H
#define ES_GEN_EVALUATE_H

#include "gen/model.h"
#include "stream/drum_roll.h"
#include "stream/notes_roll.h"
#include "stream/roll.h"

/** Nats of a piece: include/estro/estro.h says how they are counted. Per voice-step = nats / (steps * voices). */
typedef struct es_evaluation {
    size_t steps, notes, voices;
    size_t tokens, plan_tokens; /**< Choices, of the notes and of the plan. */
    double nats;                /**< The notes alone, plan hidden. */
    double nats_plan;           /**< The plan, ends of the piece included; 0 when none is known. */
    double nats_given_plan;     /**< The notes given the plan. */
    int transposed; /**< Semitones that the piece was moved by to fit the model's ranges. */
} es_evaluation;

/**
 * Evaluate a roll. A piece outside of the model's ranges is moved by the fewest semitones that bring it inside.
 *
 * @param net  A net of the coding's shape; borrowed.
 * @return ESTRO_ERR_FORMAT when the piece does not fit the coding; ESTRO_ERR_MEMORY.
 */
estro_status es_evaluate_roll(es_evaluation *out, const es_net *net, const es_coding *coding,
                              const es_roll *roll, estro_diag *diag);

/** The same of drums: `voices` is 1, `steps` are grid steps, `notes` are hits. */
estro_status es_evaluate_drums(es_evaluation *out, const es_net *net, const es_drum_coding *coding,
                               const es_drum_roll *roll, estro_diag *diag);

/** A file of drums, under a model of them. */
estro_status es_evaluate_drum_file(es_evaluation *out, const es_model *model, const char *path,
                                   estro_diag *diag);

/** The same of chords without voices: `voices` is 1, and steps are frames. That the piece ends where it does is its plan. */
estro_status es_evaluate_frames(es_evaluation *out, const es_net *net,
                                const es_notes_coding *coding, const es_frames *frames,
                                estro_diag *diag);
estro_status es_evaluate_notes_file(es_evaluation *out, const es_model *model, const char *path,
                                    estro_diag *diag);

/**
 * Evaluate a MIDI file: read, cut into sections as for training, its voices and grid as the model has them. Sections that do not fit
 * the model are left out; ESTRO_ERR_FORMAT when none does.
 */
estro_status es_evaluate_file(es_evaluation *out, const es_model *model, const char *path,
                              estro_diag *diag);

#endif
