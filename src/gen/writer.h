/**
 * @file writer.h
 * A model that writes a group: its stream, its net, and the pitches and times of the composer as candidates of its draws.
 */
#ifndef ES_GEN_WRITER_H
#define ES_GEN_WRITER_H

#include "gen/cast.h"
#include "gen/model.h"
#include "gen/moment.h"

typedef struct es_writer {
    const es_model *model; /**< Kept. */
    double exponent;       /**< Of its probabilities. */
    es_tick step;          /**< Ticks of a step of its grid. */
    es_stream *stream;
    es_net_run *run;
    float log_p[ES_MAX_CANDIDATES]; /**< Of the draw that comes next. */
    es_choice choice;
} es_writer;

/**
 * A writer for a group.
 *
 * @return ESTRO_ERR_MODEL when the model does not fit the group: voices, ranges, metre or rhythms; says which.
 */
estro_status es_writer_new(es_writer **out, const es_model *model, const es_style *style,
                           const es_cast *cast, double exponent, estro_diag *diag);
void es_writer_free(es_writer *writer);

/** The smallest step of a free rhythm whose part has this grid: the least multiple of it that the model has, too. */
es_tick es_writer_grid(const es_writer *writer, es_tick grid);

/** Begin a piece. @param state [es_net_state_size], cleared. */
void es_writer_begin(es_writer *writer, float *state);

/** Make room for so many more instants. */
estro_status es_writer_reserve(es_writer *writer, size_t instants, estro_diag *diag);

/** Tell it the plan that its stream asks for at a moment: key, metre, chords. */
void es_writer_push_plan(es_writer *writer, const es_beats *beats, const es_moment *moment);

/** Look at the choice that comes next and compute log_p of its candidates. */
void es_writer_look(es_writer *writer, const float *state);

/** Make the choice. At the end of an instant `state` moves on. */
void es_writer_push(es_writer *writer, float *state, int candidate);

/** Candidate of a voice that goes to `pitch` (ES_SILENT = silence); -1 when it has none for it. */
int es_writer_candidate(const es_writer *writer, int voice, int before, int pitch, bool strikes);

/** Candidate of a step of so many ticks; -1 when it has none. */
int es_writer_step(const es_writer *writer, es_tick ticks);

#endif
