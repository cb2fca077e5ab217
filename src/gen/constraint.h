/**
 * @file constraint.h
 * The constraints of a style, compiled for one group and one kind of instant, and tried on what a line or a pair is about to do.
 *
 * All `never` of a kind fold into one limit or one bit set, so a line or pair is tried in a handful of comparisons whatever the
 * length of the style; each `prefer` is kept apart with its factor. "A line moves" always means between two of its notes, rests
 * left out; parallels and the like need both notes to follow without a rest.
 */
#ifndef ES_GEN_CONSTRAINT_H
#define ES_GEN_CONSTRAINT_H

#include "base/bits.h"
#include "gen/cast.h"
#include "gen/moment.h"

enum {
    ES_SILENT = -1,     /**< In place of a pitch. */
    ES_FAR = INT16_MAX, /**< Of a limit: there is none. */
    ES_SCOPE_SETS = 1 << 6
};

/** What a line has done so far: while it sounds, `pitch` is `last`. Plain data. */
typedef struct es_line {
    int16_t pitch;   /**< Sounding up to now, or ES_SILENT. */
    int16_t last;    /**< Of its last note, or ES_SILENT when it had none. */
    int16_t anchor;  /**< Of its last note that was chosen by weights: moves are weighed from it. */
    int16_t move;    /**< Its last move that was not 0, semitones. */
    uint8_t run;     /**< Moves in that direction in a row. */
    uint8_t repeats; /**< Notes of the pitch `last` in a row. */
    uint8_t scopes;  /**< Of the instant at which `last` began. */
    bool was_foreign; /**< The sounding note was foreign to a chord that it sounded with. */
    uint8_t
        turned; /**< The tone (ES_TONE_UP, _DOWN) that goes the other way since the end of the range; 0 = none. */
    bool approaches; /**< Its next note is to be a step away, and a chord tone. */
    bool is_struck;  /**< For the caller: begun by a hit of the style. */
    es_tick since;   /**< When its note, or its silence, began. */
    es_tick min_end; /**< It may not end before ... */
    es_tick max_end; /**< ... nor last longer; also of a silence. */
} es_line;

/** What a line is about to do at an instant. */
typedef struct es_sound {
    int16_t before; /**< Sounding up to the instant, or ES_SILENT. */
    int16_t now;    /**< Sounding from it on, or ES_SILENT. */
    bool strikes;   /**< A note begins. */
    uint8_t bits;   /**< Members of the chord that `now` is (es_harmony.member). */
} es_sound;

/** Limits of one line. */
typedef struct es_line_rule {
    int16_t low, high;   /**< Range. */
    int16_t leap;        /**< Largest move. */
    int16_t unrecovered; /**< Largest move that needs no recovery. */
    int16_t repeat, run; /**< Most in a row. */
    uint32_t intervals;  /**< Forbidden moves: bit = semitones. */
    uint8_t unresolved;  /**< Foreign notes begun in these scopes must be left by step. */
    bool foreign, foreign_held, chromatic,
        chromatic_held; /**< Forbidden: when struck; at any time. */
    uint16_t scale[2];  /**< As in es_part. */
    bool leading, seventh;
    bool is_bass;  /**< No line can be below it, and it must be the chord's bass. */
    bool is_inner; /**< Its leading tone may fall a third. */
    es_tick shortest, longest, silence;
} es_line_rule;

/** Limits of a pair of lines, upper and lower in score order. */
typedef struct es_pair_rule {
    uint16_t parallel, hidden; /**< Forbidden interval classes. */
    uint64_t clash;            /**< Forbidden intervals, semitones. */
    int16_t spacing;           /**< Largest interval. */
    bool cross, overlap, unison;
    uint8_t doubled; /**< Members that may not be in both. */
} es_pair_rule;

/** A demand on several lines together. */
typedef struct es_set_rule {
    uint32_t lines; /**< Among all lines. */
    bool is_bass;   /**< The lowest must be the chord's bass; else: */
    uint8_t member; /**< one must be this member (a bit of es_harmony.member). */
} es_set_rule;

typedef enum es_rule_shape { ES_RULE_LINE, ES_RULE_PAIR, ES_RULE_SET } es_rule_shape;

/** A `prefer`: the weight of what breaks it is multiplied by `factor`. */
typedef struct es_preference {
    uint8_t shape;        /**< es_rule_shape. */
    uint8_t upper, lower; /**< Line; or pair: lines among all. */
    double factor;
    es_line_rule line;
    es_pair_rule pair;
    es_set_rule set;
} es_preference;

enum { ES_MAX_SETS = 32 };

/** Everything that holds for a group at instants of one set of scopes. */
typedef struct es_rules {
    es_line_rule line[ES_GROUP_LINES];
    uint32_t paired[ES_GROUP_LINES]; /**< Lines with which it has a pair rule. */
    es_set_rule set[ES_MAX_SETS];
    uint32_t n_sets;
    es_preference *preferences; /**< Owned. */
    uint32_t n_preferences;
    uint32_t
        *wishes; /**< Owned: preferences by line: about it alone and against earlier groups ... */
    uint32_t first_wish[ES_GROUP_LINES + 1]; /**< ... from here, ... */
    uint32_t first_mutual[ES_GROUP_LINES];   /**< ... and within the group from here; ascending. */
    bool has_set_preferences;
    bool has_motion;                   /**< Some pair rule looks at two moves. */
    es_pair_rule pair[][ES_MAX_LINES]; /**< Line of the group against any line. */
} es_rules;

/**
 * Compile the rules of a group.
 *
 * @param scopes    Bits of es_scope that hold at the instant.
 * @param left_out  [style->n_constraints], or NULL: constraints to leave out.
 * @return ESTRO_ERR_MEMORY, ESTRO_ERR_STYLE (too many sets).
 */
estro_status es_rules_new(es_rules **out, const es_style *style, const es_cast *cast,
                          uint8_t scopes, const bool *left_out, estro_diag *diag);
void es_rules_free(es_rules *rules);

/** The scopes that constraints of the style name: nothing else of an instant's scopes changes its rules. */
uint8_t es_rules_scopes(const es_style *style);

/** Where a line may go, as far as what it did before says. */
typedef struct es_moves {
    int16_t from;      /**< Its last note. */
    int16_t low, high; /**< Pitches beyond are barred, ... */
    uint64_t barred;   /**< ... and these moves: bit 32 = none, 33 = a semitone up. */
} es_moves;

enum { ES_BARRED_MOVES = 32 };

es_moves es_line_moves(const es_line_rule *rule, const es_line *line, const es_moment *moment);

static inline bool es_moves_bar(const es_moves *moves, int pitch)
{
    const unsigned bit = (unsigned)(pitch - moves->from + ES_BARRED_MOVES);

    return pitch < moves->low || pitch > moves->high || (bit < 64 && moves->barred >> bit & 1);
}

static inline bool es_is_wrong_bass(const es_line_rule *rule, const es_harmony *harmony, int pitch)
{
    return rule->is_bass && harmony->bass >= 0 && pitch % 12 != harmony->bass;
}

/** Whether a line breaks its rule by striking a pitch, whatever it did before. */
static inline bool es_pitch_breaks(const es_line_rule *rule, const es_moment *moment, int pitch)
{
    const es_harmony *harmony = moment->harmony;

    if (pitch < rule->low || pitch > rule->high || es_is_wrong_bass(rule, harmony, pitch)) {
        return true;
    }
    return (rule->foreign || rule->chromatic) && !(harmony->chord_set >> pitch % 12 & 1) &&
           (rule->foreign || !es_scale_has(rule->scale, harmony, pitch));
}

/** Whether a line breaks its rule by going to `pitch` (ES_SILENT: by falling or staying silent). */
bool es_line_breaks(const es_line_rule *rule, const es_line *line, const es_moment *moment,
                    int pitch, bool strikes);

/** Whether a pair that sounds breaks its rule by how it moves. */
bool es_pair_moves_badly(const es_pair_rule *rule, const es_sound *upper, const es_sound *lower);

/** Whether a pair breaks its rule. Tried more often than anything else, so it stands here. */
static inline bool es_pair_breaks(const es_pair_rule *rule, const es_sound *upper,
                                  const es_sound *lower)
{
    const int interval = upper->now - lower->now;
    const int size = interval < 0 ? -interval : interval;

    if (upper->now < 0 || lower->now < 0) {
        return false;
    }
    if ((rule->cross && interval < 0) || size > rule->spacing || (rule->unison && size == 0) ||
        (size < 64 && (rule->clash >> size & 1)) || (rule->doubled & upper->bits & lower->bits)) {
        return true;
    }
    return (rule->parallel | rule->hidden | rule->overlap) &&
           es_pair_moves_badly(rule, upper, lower);
}

/** What a rule says of how both move, and not of where they stand. */
es_pair_rule es_pair_moving(const es_pair_rule *rule);

/** The line after it did so. `rule` gives the limits of the length of what begins. */
void es_line_advance(es_line *line, const es_line_rule *rule, const es_moment *moment, int pitch,
                     bool strikes);

/** What the line has done asks for nothing: no resolution, no recovery. */
void es_line_forgive(es_line *line);

#endif
