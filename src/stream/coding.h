/**
 * @file coding.h
 * The stream: one sequence of choices that stands for a piece, plan and notes interleaved, and back.
 *
 * Profile `voices`: n monophonic voices (1 to 8). The stream is a row of *instants*: every beat, and every other grid
 * step at which some voice begins, ends or changes a note. In an instant are drawn, in this order,
 *
 *     at the start of the piece:  KEY, METER, and the chord of the first beat (ROOT, QUALITY, BASS)
 *     at every beat:              ROOT, QUALITY, BASS of the chord of the NEXT beat (ROOT may be END: no next beat)
 *     for each voice, in the drawing order (top, bottom, then the inner ones downward):
 *                                 VOICE k: a pitch (the one that sounds = hold), silence, or re-strike
 *     STEP: grid steps to the next instant, at most to the next beat
 *
 * Plan draws (KEY to BASS) may be *hidden* for a whole piece: then they are not drawn, and their fields say "hidden".
 * Off the beat something changes: with all other voices held, the last one must not hold (nets learn that, samplers
 * must see to it). Quality and bass are drawn only for a root that is a pitch class.
 *
 * The instant with its STEP is then one event of the core. Every field of an event or draw is a function of what was drawn
 * before; so the sum of nats is an exact likelihood.
 */
#ifndef ES_STREAM_CODING_H
#define ES_STREAM_CODING_H

#include "music/chord.h"
#include "music/time.h"
#include "nn/net.h"

enum {
    ES_VOCABULARY = 1, /**< Number of this coding; a model names the one it was trained on. */
    ES_PROFILE_VOICES = 1,
    ES_MAX_VOICES = 8,
    ES_PROGRAMS = 128,    /**< Of General MIDI. */
    ES_LONGEST_STEP = 160 /**< Steps to the next instant at most. */
};

/** Settings of the coding that a model was trained with. Plain data; the model file's setup. */
typedef struct es_coding {
    uint8_t n_voices;
    uint8_t grid;       /**< Steps to a quarter. */
    uint8_t has_onsets; /**< Re-strikes occur in the data. */
    uint8_t has_bars;   /**< Bar lines of the data mean something: place in the bar is a field. */
    uint8_t max_step;   /**< Longest STEP: steps of the longest beat seen. */
    uint8_t low[ES_MAX_VOICES]; /**< Lowest pitch of each voice with all transpositions. */
    uint8_t high[ES_MAX_VOICES];
    uint8_t program
        [ES_MAX_VOICES]; /**< What most often plays it, General MIDI + 1; 0 = not known. The net does not see it. */
} es_coding;

/** What kind of choice comes next. Net slot = kind, VOICE k = ES_SLOT_VOICE + k (k in drawing order). */
typedef enum es_slot {
    ES_SLOT_KEY,     /**< tonic + 12 * mode. */
    ES_SLOT_METER,   /**< Index into the metres of the coding (es_meter_token). */
    ES_SLOT_ROOT,    /**< 0-11, 12 no chord, 13 unknown, 14 END. */
    ES_SLOT_QUALITY, /**< es_quality below UNKNOWN. */
    ES_SLOT_BASS,    /**< Member in the bass, 0-3. */
    ES_SLOT_STEP,    /**< Steps - 1. */
    ES_SLOT_VOICE    /**< pitch - low, then SILENCE, then RE-STRIKE. */
} es_slot;

/** Token of a metre (0 .. ES_METERS-1), the last one for any other metre; and back ({0,0} for the last). */
enum { ES_METERS = 9 };
int es_meter_token(es_meter meter);
es_meter es_meter_of_token(int token);

/** Index of voice k-th drawn: top, bottom, then inner ones downward. 4 voices: 0, 3, 1, 2. */
int es_drawing_order(int n_voices, int k);

/** Grid steps to a beat of a metre; 0 when the coding cannot hold it. Metres without a token have beats of a quarter. */
int es_coding_beat(const es_coding *coding, es_meter meter);

/** Shape of a net for this coding; the caller fills core, n_layers, hidden, embed, decoder. */
void es_coding_shape(const es_coding *coding, es_net_shape *shape);

/** Bytes of the coding in a model file. @return false when they make no sense. */
void es_coding_pack(const es_coding *coding, uint8_t out[64]);
bool es_coding_unpack(es_coding *out, const uint8_t *bytes, size_t size);

/** Candidates of a voice slot. */
int es_voice_silence(const es_coding *coding, int voice);
int es_voice_restrike(const es_coding *coding, int voice);

/** The state of a stream: all that was drawn so far. */
typedef struct es_stream es_stream;

estro_status es_stream_new(es_stream **out, const es_coding *coding, estro_diag *diag);
void es_stream_free(es_stream *stream);

/**
 * Start a piece. With `hidden_plan` no plan draws come, and `meter` (for beats) is given here; else it is drawn.
 * A metre that the coding cannot hold (es_coding_beat) gets its longest beat and no bars.
 */
void es_stream_begin(es_stream *stream, bool hidden_plan, es_meter meter);

/** Was the chord of the present beat END? Nothing is to be drawn then. With a hidden plan a stream has no end of its own. */
bool es_stream_is_over(const es_stream *stream);

/** A choice to be made. */
typedef struct es_choice {
    uint8_t slot;   /**< es_slot; ES_SLOT_VOICE for any voice. */
    uint8_t voice;  /**< For ES_SLOT_VOICE: which, 0 = top. */
    uint32_t step;  /**< Grid step of the present instant, from the start of the piece. */
    uint32_t event; /**< Index of the present instant: the core state that the draw is made from. */
    es_draw
        draw; /**< For the net. Canonical: candidates that cannot be are cut where they are at the end. */
} es_choice;

/** The choice that comes next. Cannot fail; the same until es_stream_push. */
void es_stream_peek(const es_stream *stream, es_choice *choice);

/** Only what comes next, without the fields for a net: cheap. */
void es_stream_peek_slot(const es_stream *stream, uint8_t *slot, uint8_t *voice);

/**
 * Make the choice. When it completes the instant, `event` (may be NULL) is filled with what the core is to read next and
 * true is returned. Candidates not below the draw's n_candidates are the caller's mistake. Nothing can fail here: use
 * es_stream_reserve before. A pitch equal to the one that sounds holds it.
 */
bool es_stream_push(es_stream *stream, uint16_t candidate, es_event_fields *event);

/** Instants that a stream remembers at least half of; es_stream_reserve forgets older ones. */
enum { ES_STREAM_REMEMBERED = 8192 };

/** Make room for at least so many more instants. Marks older than ES_STREAM_REMEMBERED / 2 instants become invalid. */
estro_status es_stream_reserve(es_stream *stream, size_t instants, estro_diag *diag);

/** A place to come back to: taken at an instant's start, valid until the stream goes back beyond it. */
typedef struct es_stream_mark {
    uint32_t event;
} es_stream_mark;
es_stream_mark es_stream_mark_of(const es_stream *stream);
void es_stream_rollback(es_stream *stream, es_stream_mark mark);

#endif
