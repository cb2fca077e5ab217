/**
 * @file given.h
 * Fixed notes: what parts play at places where nothing is to be drawn.
 *
 * A part is given in ranges of ticks; within one its lines play the notes of their tracks and nothing else, outside all is drawn. A given
 * note is exempt from the rules of its own part; rules between it and what is drawn hold for what is drawn, and the last drawn note
 * before a range moves into it by the rules. Times count from the start of the piece.
 */
#ifndef ES_GEN_GIVEN_H
#define ES_GEN_GIVEN_H

#include "gen/track.h"
#include "score/score.h"

typedef struct es_given_range {
    es_tick start, end;
} es_given_range;

/** Where the chance of what is drawn is another than that of the piece. */
typedef struct es_given_chance {
    es_tick start, end;
    uint32_t parts;
    uint64_t seed;
} es_given_chance;

/** Zero-initialise; es_given_done. Only grows, in order of time; may grow between two phrases. */
typedef struct es_given {
    es_given_range *ranges[ES_MAX_PARTS]; /**< Owned; ascending, apart. */
    size_t n_ranges[ES_MAX_PARTS], ranges_capacity[ES_MAX_PARTS];
    es_track track[ES_MAX_LINES]; /**< Owned notes, all closed. */
    es_note *drums;               /**< Owned; ascending. */
    size_t n_drums, drums_capacity;
    es_given_chance *chances; /**< Owned. */
    size_t n_chances, chances_capacity;
    uint32_t *
        attempts; /**< Owned; the derivation of each phrase by which it is planned; of those past the last, any. */
    size_t n_attempts, attempts_capacity;
    bool
        asks_nothing; /**< Rules for single lines do not bind what is drawn to what is given before or after it. */
    bool is_anew; /**< What is drawn is new, even where its phrase says another again. */
} es_given;

void es_given_done(es_given *given);

/** A part is given from `start` to `end`; ranges that touch become one. @return False when there is no memory. */
bool es_given_add_range(es_given *given, int part, es_tick start, es_tick end);
/** A line (among all) plays a note. The one before it must have ended. @return False when there is no memory. */
bool es_given_add_note(es_given *given, int line, const es_track_note *note);
/** A hit of a drum part. */
bool es_given_add_drum(es_given *given, const es_note *note);
bool es_given_add_chance(es_given *given, const es_given_chance *chance);

/**
 * Take what a phrase came out as: its plan and all its notes, but no ranges.
 *
 * @param tracks  [ES_MAX_LINES], closed. @return False when there is no memory.
 */
bool es_given_take(es_given *given, uint32_t attempt, const es_track *tracks, const es_note *drums,
                   size_t n_drums);

/** Forget notes, ranges and chances. */
void es_given_clear(es_given *given);

/** The range of a part that a tick stands in; NULL where it is free. `given` may be NULL: nothing is. */
const es_given_range *es_given_at(const es_given *given, int part, es_tick tick);

/** When the next range of a part begins, at or after a tick at which it is free; ES_OPEN_END = none does. */
es_tick es_given_from(const es_given *given, int part, es_tick tick);

/** Whether a part is given all the time from `start` to `end`. */
bool es_given_covers(const es_given *given, int part, es_tick start, es_tick end);

/** The note of a line that sounds from a tick on, or NULL. The part is given there. */
const es_track_note *es_given_note(const es_given *given, int line, es_tick tick);

/**
 * The next tick after `tick`, at which the part is given, at which one of its lines does something; at most the end of the range.
 */
es_tick es_given_next(const es_given *given, const es_part *part, int index, es_tick tick);

/** Whether a note of a line was given up to `tick`, where its part becomes free: it is not to be held. */
bool es_given_ends(const es_given *given, int part, int line, es_tick tick);

/** Index of the first hit at or after a tick. */
size_t es_given_first_drum(const es_given *given, es_tick tick);

/**
 * What is left of a range of a part when all notes that sound over its ends are kept, with what else the part plays meanwhile.
 * Nothing is when `end` comes to `start`.
 */
es_given_range es_given_inside(const es_given *given, const es_part *part, es_given_range range);

/** Seed of the chance of a set of parts at a tick. @param usual  Where none is stated. */
uint64_t es_given_seed(const es_given *given, uint32_t parts, es_tick tick, uint64_t usual);

#endif
