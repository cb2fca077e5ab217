/**
 * @file history.h
 * The state of a stream as its files share it: the row of instants, the notes of each voice, and the open instant.
 *
 * Everything here is a function of the choices made so far. The first n_instants instants are complete; the one after
 * them is open: its place in time is known, its voices are decided one by one. Going back is cutting both arrays.
 */
#ifndef ES_STREAM_HISTORY_H
#define ES_STREAM_HISTORY_H

#include "stream/coding.h"

enum {
    ES_SILENT = 255,   /**< Pitch of a voice that does not sound. */
    ES_NOWHERE = -1,   /**< No earlier place. */
    ES_LOOK_BACKS = 5, /**< Earlier bars that are looked at; match.c says which. */
    ES_ROOT_NONE = 12, /**< Tokens of ROOT above the pitch classes. */
    ES_ROOT_UNKNOWN = 13,
    ES_ROOT_END = 14,
    ES_ROOT_HIDDEN = 15 /**< Not a token: the plan is hidden, or not drawn yet. */
};

/** What a voice does in an instant. */
typedef enum es_change {
    ES_HELD,   /**< Goes on: the same note, or silence. */
    ES_BEGAN,  /**< A note of another pitch, or after silence. */
    ES_STRUCK, /**< The same pitch again. */
    ES_ENDED   /**< Silence after a note. */
} es_change;

/** A chord as the tokens say it. Quality and bass are 0 unless root < 12. */
typedef struct es_chord_token {
    uint8_t root;
    uint8_t quality;
    uint8_t bass;
} es_chord_token;

typedef struct es_instant {
    uint32_t step;
    uint8_t place;                 /**< Steps since the beat began. */
    uint8_t length;                /**< STEP: steps to the next instant; 0 while open. */
    uint8_t pitch[ES_MAX_VOICES];  /**< ES_SILENT = silence. */
    uint8_t last[ES_MAX_VOICES];   /**< Pitch that sounded last, ES_SILENT = none yet. */
    uint8_t change[ES_MAX_VOICES]; /**< es_change. */
    uint32_t note
        [ES_MAX_VOICES]; /**< Number of the note (or silence) that the voice is in, forgotten ones counted. */
    es_chord_token chord, next; /**< Of this beat and of the next one. */
    uint32_t weight[12];        /**< Steps that each pitch class sounded, this instant included. */
    uint8_t tonality;           /**< The key that they suggest (tonality.h); while open, unknown. */
    uint32_t symbol;            /**< Hash of place, length, pitches and changes; 0 while open. */
} es_instant;

/** A note of a voice, or a silence. It ends where the next one begins. */
typedef struct es_voice_note {
    uint32_t step;
    uint8_t place;
    uint8_t pitch;
    bool is_struck;
} es_voice_note;

/** What an earlier place foretells of a voice. */
typedef struct es_foretold {
    uint8_t length; /**< How much agreed before, 0 = nothing is foretold. */
    uint8_t pitch;  /**< What sounds from now on. */
    uint8_t change; /**< es_change. */
    uint16_t wait;  /**< Steps until the voice changes there: 0 = now. */
} es_foretold;

struct es_stream {
    es_coding coding;
    bool is_hidden;
    bool is_over;
    es_meter meter;
    uint8_t meter_token;
    uint8_t key_token; /**< KEY candidate, or ES_KEYS = hidden. */
    uint8_t beat_steps;
    uint8_t bar_beats;    /**< 0 = no bars are known. */
    uint8_t stage;        /**< es_slot of the next choice; the first chord is drawn in is_first. */
    uint8_t n_decided;    /**< Voices of the open instant that are decided. */
    bool is_first;        /**< The chord that is being drawn is that of the first beat. */
    es_chord_token drawn; /**< The chord that is being drawn. */

    es_instant *instants; /**< [capacity]; the open one is instants[n_instants]. */
    uint32_t n_instants;
    uint32_t
        n_forgotten; /**< Instants before instants[0]: long streams forget what is out of every reach. */
    size_t capacity;
    es_voice_note *notes[ES_MAX_VOICES]; /**< [capacity + 2] each. */
    uint32_t n_notes[ES_MAX_VOICES];
    uint32_t n_notes_forgotten[ES_MAX_VOICES];

    /* Foretold of the open instant, found when it opens. */
    int64_t joint; /**< Earlier instant that stands where we do, or ES_NOWHERE. */
    uint8_t joint_length;
    es_foretold own[ES_MAX_VOICES];                 /**< By the voice alone, as it stands. */
    es_foretold shifted[ES_MAX_VOICES];             /**< By the voice alone, transposed. */
    es_foretold back[ES_LOOK_BACKS][ES_MAX_VOICES]; /**< By the same place some bars ago. */
    uint8_t back_step[ES_LOOK_BACKS]; /**< STEP of the instant there, 0 = there is none. */
};

enum { ES_KEYS = 12 * ES_TOLD_MODES };

/** The note that a voice is in at an instant. */
static inline const es_voice_note *es_note_at(const es_stream *stream, const es_instant *instant,
                                              int voice)
{
    return &stream->notes[voice][instant->note[voice] - stream->n_notes_forgotten[voice]];
}

/** The open instant. */
static inline const es_instant *es_open(const es_stream *stream)
{
    return &stream->instants[stream->n_instants];
}

/** The instant before the open one, or NULL at the start. */
static inline const es_instant *es_before(const es_stream *stream)
{
    return stream->n_instants ? &stream->instants[stream->n_instants - 1] : NULL;
}

/** Pitch of a voice before the open instant: ES_SILENT at the start. */
static inline uint8_t es_pitch_before(const es_stream *stream, int voice)
{
    const es_instant *before = es_before(stream);

    return before ? before->pitch[voice] : ES_SILENT;
}

/** Pitch that a voice sounded last before the open instant, ES_SILENT if none. */
static inline uint8_t es_last_before(const es_stream *stream, int voice)
{
    const es_instant *before = es_before(stream);

    return before ? before->last[voice] : ES_SILENT;
}

/** Did anything change in the open instant so far? */
bool es_open_changed(const es_stream *stream);

#endif
