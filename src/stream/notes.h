/**
 * @file notes.h
 * Profile `notes`: chords without voices, on a grid of frames; what sounds in each frame is one set of notes.
 *
 * In a frame are drawn, in this order,
 *
 *     FRAME: nothing changes, or how many notes sound now, or (has_end) the piece is over
 *     NOTE, as often:  the notes, from the top down (or from the bottom up: from_bottom), each beyond the one before
 *     STRIKE (has_onsets), for each note that sounded before too, in the same order:  does it go on, or is it struck again?
 *
 * A frame in which something changes is one event of the core; of those in which nothing does, only FRAME is drawn, from the
 * state after the last event. Every field is a function of what was drawn before, so the sum of nats is an exact
 * likelihood. Some rows of choices stand for no frames (the very notes of the frame before, drawn one by one, none struck; no
 * notes after none): nets learn that, samplers must see to it. The nats so bound the cost of the frames from above.
 */
#ifndef ES_STREAM_NOTES_H
#define ES_STREAM_NOTES_H

#include "nn/net.h"
#include "stream/pitch_set.h"

enum {
    ES_PROFILE_NOTES = 2,
    ES_NOTES_VOCABULARY = 1, /**< Number of this coding. */
    ES_NOTES_USUAL_GRID = 4, /**< Frames to a quarter where the data does not say. */
    ES_NOTES_MOST = 24,      /**< Notes of a frame, at most. */
    ES_NOTES_SLOTS = 4       /**< NOTE has at most so many slots. */
};

/** Settings of the coding that a model was trained with. Plain data; the model file's setup. */
typedef struct es_notes_coding {
    uint8_t low, high;   /**< Range of pitches. */
    uint8_t most;        /**< Notes of a frame, at most. */
    uint8_t from_bottom; /**< Notes are drawn from the bottom up. */
    uint8_t has_onsets;  /**< The data tells a note that is struck again from one that goes on. */
    uint8_t has_end;     /**< Pieces say where they end. */
    uint8_t grid;        /**< Frames to a quarter, 0 = not known. */
    uint8_t
        n_slots; /**< Of NOTE: the first notes of a frame have one each, the later ones share the last. */
} es_notes_coding;

/** What kind of choice comes next. Net slot of NOTE: ES_NOTES_NOTE + 0 .. n_slots - 1. */
typedef enum es_notes_slot {
    ES_NOTES_FRAME,  /**< 0 nothing changes, 1 + n: n notes, and after those: the piece is over. */
    ES_NOTES_STRIKE, /**< 0 goes on, 1 struck again. */
    ES_NOTES_NOTE    /**< Distance from that end of the range where the drawing stops. */
} es_notes_slot;

/** Bytes of the coding in a model file. @return false when they make no sense. */
void es_notes_pack(const es_notes_coding *coding, uint8_t out[64]);
bool es_notes_unpack(es_notes_coding *out, const uint8_t *bytes, size_t size);

/** Shape of a net for this coding; the caller fills core, n_layers, hidden, embed, decoder. */
void es_notes_shape(const es_notes_coding *coding, es_net_shape *shape);

/** The state of a piece: all that was drawn so far. */
typedef struct es_notes es_notes;

estro_status es_notes_new(es_notes **out, const es_notes_coding *coding, estro_diag *diag);
void es_notes_free(es_notes *notes);

/** Start a piece. */
void es_notes_begin(es_notes *notes);

/** Was the end of the piece drawn? */
bool es_notes_is_over(const es_notes *notes);

/** A choice to be made. */
typedef struct es_notes_choice {
    uint8_t slot;   /**< es_notes_slot; ES_NOTES_NOTE for any note. */
    uint8_t pitch;  /**< STRIKE: of which note. */
    uint32_t frame; /**< Number of the present frame. */
    uint32_t event; /**< Number of the core's state that the draw is made from. */
    es_draw draw;   /**< For the net. */
} es_notes_choice;

/** The choice that comes next. Cannot fail; the same until es_notes_push. */
void es_notes_peek(const es_notes *notes, es_notes_choice *choice);

/** The same without the fields for a net: cheap. Of `draw` only n_candidates is set. */
void es_notes_peek_slot(const es_notes *notes, es_notes_choice *choice);

/** Pitch of a candidate of NOTE, and back. */
int es_notes_pitch(const es_notes_coding *coding, int candidate);
int es_notes_candidate(const es_notes_coding *coding, int pitch);

/**
 * Make the choice. When it completes a frame in which something changed, `event` (may be NULL) is filled with what the core is
 * to read next and true is returned. Candidates not below the draw's n_candidates are the caller's mistake. Nothing can
 * fail here: use es_notes_reserve before.
 */
bool es_notes_push(es_notes *notes, uint16_t candidate, es_event_fields *event);

/** Make room for at least so many more frames. */
estro_status es_notes_reserve(es_notes *notes, size_t frames, estro_diag *diag);

/** Complete frames; what sounds in one of them, and what begins in it. */
size_t es_notes_count(const es_notes *notes);
es_pitch_set es_notes_sounding(const es_notes *notes, size_t frame);
es_pitch_set es_notes_struck(const es_notes *notes, size_t frame);

/** Go back to the start of a frame that is complete or open. */
void es_notes_rollback(es_notes *notes, size_t frame);

#endif
