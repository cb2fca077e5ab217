/**
 * @file freehand.h
 * A model of profile `notes` by itself: it writes what comes to it, chord by chord; nothing is planned but the length.
 */
#ifndef ES_GEN_FREEHAND_H
#define ES_GEN_FREEHAND_H

#include "score/score.h"
#include "stream/notes.h"

typedef struct es_freehand es_freehand;

/**
 * @param net          Of the coding's shape; kept.
 * @param temperature  Divides the exponent of the model.
 * @return ESTRO_ERR_MEMORY.
 */
estro_status es_freehand_new(es_freehand **out, const es_net *net, const es_notes_coding *coding,
                             uint64_t seed, double temperature, estro_diag *diag);
void es_freehand_free(es_freehand *freehand);

/** Notes in score order; owned, es_free. */
typedef struct es_note_list {
    es_note *notes;
    size_t count, capacity;
} es_note_list;

/**
 * Write on: the notes that begin from where the last call ended until `end`, which falls on a frame.
 *
 * @param out      Overwritten; its memory is used again.
 * @param is_last  The piece is over at `end`: no note lasts beyond it. Else one may, by a few bars at most.
 */
estro_status es_freehand_write(es_freehand *freehand, es_tick end, bool is_last, es_note_list *out,
                               estro_diag *diag);

/** Choices so far, and the sum of the logs of their probabilities: under the model, and as they were drawn. */
typedef struct es_freehand_stats {
    uint64_t draws;
    double log_p_model, log_p_sampler;
} es_freehand_stats;

es_freehand_stats es_freehand_stats_of(const es_freehand *freehand);

#endif
