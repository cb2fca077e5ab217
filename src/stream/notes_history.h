/**
 * @file notes_history.h
 * The state of profile `notes` as its files share it: the row of frames, the open frame, and what earlier places foretell.
 *
 * Inside, a note is its candidate: 0 is where the drawing stops, and the notes of a frame fall. "Top" is the note drawn first.
 * Everything here is a function of the choices made so far.
 */
#ifndef ES_STREAM_NOTES_HISTORY_H
#define ES_STREAM_NOTES_HISTORY_H

#include "stream/notes.h"

enum {
    ES_LAGS = 2048, /**< Earlier frames that are compared with the present. */
    ES_LAG_LONG =
        32 /**< Frames that likeness is counted over; and the last ES_LAG_SHORT of them again. */,
    ES_LAG_SHORT = 8,
    ES_N_TOLD = 6,  /**< Ways to find an earlier place: es_told_way. */
    ES_NO_NOTE = -1 /**< As es_pitch_set_below has it. */
};

typedef struct es_frame {
    es_pitch_set on;             /**< By candidates. */
    uint8_t n;                   /**< Notes. */
    bool is_event;               /**< Something changes. */
    uint8_t note[ES_NOTES_MOST]; /**< Falling. */
    uint8_t held[ES_NOTES_MOST]; /**< Frames that the note has sounded before, up to 255. */
    bool is_struck[ES_NOTES_MOST];
    uint32_t event;      /**< Events before this frame. */
    uint32_t weight[12]; /**< Frames that each pitch class sounded, this one included. */
} es_frame;

/** What the comparison of frames needs of each of them. */
typedef struct es_lag_frame {
    uint32_t whole; /**< Hash of all notes. */
    uint32_t lower; /**< Of all but the top. */
    uint32_t shape; /**< Of the distances between them. */
    uint8_t top, bottom;
    bool whole_changed, lower_changed, top_changed;
} es_lag_frame;

/** Frames that agree, for each distance back in time. All arrays are by distance. */
typedef struct es_lags {
    uint8_t whole[ES_LAGS]; /**< Changes in the past that is the same at that distance. */
    uint8_t lower[ES_LAGS]; /**< The same of the notes below the top, */
    uint8_t top[ES_LAGS];   /**< of the top, */
    uint8_t moved[ES_LAGS]; /**< of all, transposed by: */
    int8_t shift[ES_LAGS];
    uint16_t like[ES_LAGS];            /**< Likeness of the last frames. */
    uint8_t row[ES_LAG_LONG][ES_LAGS]; /**< Its summands, the frame's number modulo ES_LAG_LONG. */
} es_lags;

typedef enum es_told_way {
    ES_TOLD_WHOLE, /**< The longest past that is the same. */
    ES_TOLD_OTHER, /**< The longest that foretells something else. */
    ES_TOLD_LIKE,  /**< The most alike of the last frames. */
    ES_TOLD_TOP,   /**< The longest past with the same top, */
    ES_TOLD_LOWER, /**< with the same notes below the top, */
    ES_TOLD_MOVED  /**< or the same, transposed. */
} es_told_way;

/** What an earlier place foretells of the open frame. */
typedef struct es_told {
    uint8_t trust; /**< 0 = nothing is foretold; below ES_N_TRUST. */
    bool is_same;  /**< That nothing changes. */
    uint8_t n;
    es_pitch_set on;
} es_told;

enum { ES_N_TRUST = 13 };

struct es_notes {
    es_notes_coding coding;
    bool is_over;
    uint8_t stage;     /**< es_notes_slot. */
    uint8_t n_wanted;  /**< Notes of the open frame that FRAME said. */
    uint8_t n_decided; /**< Notes, and in STRIKE: notes gone through. */

    es_frame *frames; /**< [capacity]; the open one is frames[n_frames]. */
    es_lag_frame *lag_frames;
    uint32_t *events; /**< [capacity]: frames that are events. */
    uint32_t n_frames, n_events;
    size_t capacity;
    es_lags lags;            /**< Of the complete frames. */
    es_told told[ES_N_TOLD]; /**< Of the open frame. */
};

static inline int es_notes_range(const es_notes_coding *coding)
{
    return coding->high - coding->low + 1;
}

/** The open frame. */
static inline es_frame *es_notes_open(const es_notes *s)
{
    return &s->frames[s->n_frames];
}

/** The frame before the open one, or an empty one. */
static inline const es_frame *es_notes_before(const es_notes *s)
{
    static const es_frame nothing;

    return s->n_frames ? &s->frames[s->n_frames - 1] : &nothing;
}

/* ---- notes_lag.c ---- */

/** Forget all. */
void es_lags_clear(es_lags *lags);

/** Take in frame `frame`, the last complete one. */
void es_lags_push(es_notes *s, uint32_t frame);

/** Make the lags of the frames before n_frames anew. */
void es_lags_restore(es_notes *s);

/** Fill in what is foretold of the open frame. */
void es_lags_foretell(es_notes *s);

#endif
