/**
 * @file drum_roll.h
 * A drummer's piece on a grid, with its plan: what is coded into a stream of drums, and what such a stream is decoded to.
 */
#ifndef ES_STREAM_DRUM_ROLL_H
#define ES_STREAM_DRUM_ROLL_H

#include "stream/coded.h"
#include "stream/drums.h"

/** Owned arrays; zero-initialise; es_drum_roll_done. */
typedef struct es_drum_roll {
    uint8_t grid; /**< Steps to a quarter. */
    es_meter meter;
    uint8_t family; /**< Below ES_FAMILIES. */
    bool has_plan;  /**< Family and kinds are known. */
    uint32_t bar_steps, n_bars;
    uint8_t *hit;  /**< [n_bars * bar_steps][ES_KIT_LANES]: candidates, 0 = nothing. */
    uint8_t *kind; /**< [n_bars]: ES_DRUM_GROOVE or ES_DRUM_FILL. */
} es_drum_roll;

/** @return ESTRO_ERR_FORMAT when a bar of the metre is not whole steps; ESTRO_ERR_MEMORY. */
estro_status es_drum_roll_init(es_drum_roll *roll, int grid, es_meter meter, uint32_t n_bars,
                               estro_diag *diag);
void es_drum_roll_done(es_drum_roll *roll);

static inline size_t es_drum_roll_steps(const es_drum_roll *roll)
{
    return (size_t)roll->n_bars * roll->bar_steps;
}

size_t es_drum_roll_hits(const es_drum_roll *roll);

/**
 * Code a piece.
 *
 * @param hidden  Leave the plan out.
 * @param is_end  The piece ends here: say END. (A window of a piece does not.)
 * @return ESTRO_ERR_FORMAT when the metre, the grid or a hit does not fit the coding.
 */
estro_status es_drum_roll_code(es_coded *out, const es_drum_roll *roll,
                               const es_drum_coding *coding, bool hidden, bool is_end,
                               estro_diag *diag);

/** The complete bars of a stream, which has not forgotten any: the inverse of es_drum_roll_code. */
estro_status es_drum_roll_decode(es_drum_roll *out, const es_drum_stream *stream, estro_diag *diag);

#endif
