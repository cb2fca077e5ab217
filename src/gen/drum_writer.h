/**
 * @file drum_writer.h
 * A model that writes the drums of a group: its stream and its net, and what the style leaves open in the present bar.
 */
#ifndef ES_GEN_DRUM_WRITER_H
#define ES_GEN_DRUM_WRITER_H

#include "gen/model.h"
#include "stream/drums.h"
#include "style/style.h"

/** What may stand at a place of a bar in a lane, and as what it would sound. */
typedef struct es_drum_cell {
    double weight[ES_KIT_CANDIDATES]; /**< By candidate, 0 = not at all. */
    uint8_t key;                      /**< 0: that of the piece. */
    es_tick duration;                 /**< 0: a sixteenth. */
    uint16_t marks;
} es_drum_cell;

typedef struct es_drum_writer {
    const es_model *model; /**< Kept. */
    double exponent;       /**< Of its probabilities. */
    es_tick step;          /**< Ticks of a step of its grid. */
    es_drum_stream *stream;
    es_net_run *run;
    float log_p[ES_MAX_CANDIDATES]; /**< Of the draw that comes next. */
    es_choice choice;
    uint32_t bar_steps;             /**< Of the present bar. */
    bool is_free;                   /**< Nothing but constraints restricts the present bar. */
    bool has_echo;                  /**< It takes up an earlier bar, ... */
    bool echoes[ES_DRUM_BAR_STEPS]; /**< ... in which something was hit at these steps. */
    es_drum_cell cell[ES_DRUM_BAR_STEPS][ES_KIT_LANES];
} es_drum_writer;

/** @return ESTRO_ERR_MODEL when the model does not fit the group: parts, profile, metre; says which. */
estro_status es_drum_writer_new(es_drum_writer **out, const es_model *model, const es_style *style,
                                uint32_t group, double exponent, estro_diag *diag);
void es_drum_writer_free(es_drum_writer *writer);

/** Begin a piece. @param state [es_net_state_size], cleared. */
void es_drum_writer_begin(es_drum_writer *writer, float *state);

/** Look at the choice that comes next and compute log_p of its candidates. */
void es_drum_writer_look(es_drum_writer *writer, const float *state);

/** Make the choice. At the end of an instant `state` moves on. */
void es_drum_writer_push(es_drum_writer *writer, float *state, int candidate);

#endif
