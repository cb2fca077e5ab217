/**
 * @file tone.h
 * How much the style likes a pitch at an instant, looked at alone.
 */
#ifndef ES_GEN_TONE_H
#define ES_GEN_TONE_H

#include "gen/constraint.h"
#include "gen/rhythm.h"

/**
 * Weight of a pitch as the tone that a hit asks for; 0 = it is not such a tone.
 *
 * @param line  History of the line (ES_TONE_REPEAT).
 */
double es_tone_weight(const es_part *part, const es_action *action, const es_moment *moment,
                      const es_line *line, int pitch);

/** The same where a model weighs the pitches: 1, or next to nothing for what is not quite meant. For pitches that have a weight. */
double es_tone_fit(const es_part *part, const es_action *action, const es_moment *moment,
                   const es_line *line, int pitch);

/** Pitches of a part that have a weight as the tone of an action, ascending, with it. */
typedef struct es_tones {
    int count;
    uint8_t pitch[128];
    double weight[128];
} es_tones;

void es_tones_find(es_tones *out, const es_part *part, const es_action *action,
                   const es_moment *moment, const es_line *line);

/** Whether the weight of an action's tone depends on what the line did before. */
bool es_tone_looks_back(const es_action *action);

/** Whether a hit (b 1 3 5 7 u d) sounds on the lowest line of a chordal part alone. */
bool es_tone_is_single(uint8_t tone);

/**
 * Whether a hit sounds on a line of its part: a root or bass on the lowest alone; in a melody of several lines all but chords on the
 * top line alone; else on all.
 *
 * @param line  Within the part, 0 = top.
 */
bool es_tone_sounds(const es_part *part, uint8_t tone, int line);

/** After a line struck `pitch` for a hit: from where its next move is weighed, and whether it is to move by step. */
void es_tone_struck(es_line *line, const es_part *part, const es_action *action, int pitch);

/** Whether `pitch`, struck for a hit that asks for `tone`, is what an approaching line is to come to; true for other lines. */
bool es_tone_arrives(const es_line *line, const es_moment *moment, uint8_t tone, int pitch);

/** Whether a hit names its tone, so that a move without weight does not forbid it. */
bool es_tone_is_given(uint8_t tone);

/** Weight of the move that leads to a pitch; 1 where there is none to judge. */
static inline double es_move_weight(const es_part *part, const es_line *line, int pitch)
{
    const int size = pitch > line->anchor ? pitch - line->anchor : line->anchor - pitch;

    if (line->anchor == ES_SILENT) {
        return 1;
    }
    return size <= 12 ? part->move[size] : part->move[12] * 0.1;
}

/**
 * Weight of a move by what the line did before: a step likes to go on, a leap to be filled, and nothing to go to and fro.
 */
double es_shape_weight(const es_line *line, int pitch);

/**
 * Centre of a melody's tessitura at a place in the phrase: it rises to three fifths of it and comes down to the end.
 *
 * @param place  0 at the beginning, 1 at the end.
 */
double es_shape_centre(const es_part *part, double place);

/** Pull of the tessitura: 1 at `centre`, falling off towards the ends of the range. */
double es_pull(const es_part *part, double centre, int pitch);

#endif
