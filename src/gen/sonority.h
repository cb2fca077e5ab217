/**
 * @file sonority.h
 * The legal sonorities of an instant: what all lines of a group may do together, and go on from.
 *
 * A search is prepared for an instant: the options of each line, and which of them agree in pairs. It then answers, for a
 * part of the options, whether there is any legal sonority with a legal successor, or lists all of them with their weights.
 */
#ifndef ES_GEN_SONORITY_H
#define ES_GEN_SONORITY_H

#include "base/bits.h"
#include "gen/scene.h"
#include "gen/tone.h"

enum { ES_MAX_OPTIONS = 64 };

/** One thing that a line may do. */
typedef struct es_option {
    double weight;
    int16_t pitch;  /**< Sounding afterwards, or ES_SILENT. */
    uint8_t act;    /**< es_act. */
    uint8_t action; /**< Index into the actions of its part. */
    uint8_t bits;   /**< Members of the chord that it is. */
} es_option;

/** Options of each line, by place in the drawing order, as bit sets. */
typedef struct es_options_left {
    uint64_t of[ES_GROUP_LINES];
} es_options_left;

/** A sonority: the option of each line, by place in the drawing order. */
typedef struct es_sonority {
    double weight;
    uint8_t option[ES_GROUP_LINES];
} es_sonority;

/** Pitches that a line may strike next, ascending, and look-ups on them as bit sets. */
typedef struct es_future_line {
    int count;
    int16_t pitch[ES_MAX_OPTIONS];
    uint8_t bits[ES_MAX_OPTIONS];
    int16_t low, high;   /**< Of the part. */
    uint64_t below[130]; /**< [p - low]: pitches below p; up to p = high + 1. */
    uint64_t of_class[12];
    uint64_t of_member[5]; /**< By bit of es_harmony.member. */
    uint64_t is_given;     /**< Those for which the weights of moves do not count. */
    uint64_t stands;       /**< Those that the line may strike whatever it did. */
    uint64_t seen;         /**< Options for which `stands` and the sets below are computed: */
    uint64_t strikes[ES_MAX_OPTIONS]; /**< pitches that may follow the option; */
    uint64_t holds, rests;            /**< options that may be followed by holding, by resting; */
    uint64_t open;                    /**< options that leave something unresolved at the end. */
} es_future_line;

/** The pitches of a line below `pitch`, and that pitch, as sets of bits. */
static inline uint64_t es_future_below(const es_future_line *line, int pitch)
{
    const int at = pitch > line->high ? line->high + 1 : pitch < line->low ? line->low : pitch;

    return line->below[at - line->low];
}

static inline uint64_t es_future_at(const es_future_line *line, int pitch)
{
    return es_future_below(line, pitch + 1) & ~es_future_below(line, pitch);
}

/** How strictly one looks ahead; each is tried when the one before leaves nothing. */
typedef enum es_ahead {
    ES_AHEAD_ONE,          /**< The next sure instant is to be reached in one move. */
    ES_AHEAD_TWO,          /**< A line that may act before may take one note more. */
    ES_AHEAD_ONE_ANYWHERE, /**< As ONE, whatever the next phrase promised to begin with; ... */
    ES_AHEAD_ANYWHERE,     /**< ... as TWO. */
    ES_AHEAD_COUNT
} es_ahead;

enum { ES_WITNESSES = 8 };

/** A successor that was found for some sonority. */
typedef struct es_witness {
    es_sound sound[ES_GROUP_LINES]; /**< By place in the drawing order. */
    uint64_t
        reached[ES_GROUP_LINES]; /**< Options, of those seen, from which the line may go there. */
} es_witness;

/** What may come next, for looking ahead. */
typedef struct es_future {
    bool is_known; /**< Successors are asked for; else only that nothing is left open at the end. */
    bool is_end;   /**< The instant looked at is the end of the phrase. */
    uint8_t ahead; /**< es_ahead. */
    es_moment moment;
    uint8_t members;       /**< That its chord has, bits of es_harmony.member. */
    bool keeps_chord;      /**< The members of the chord are as now. */
    const es_rules *rules; /**< NULL: not made yet. */
    es_outside outside;
    uint16_t key[ES_GROUP_LINES];        /**< By part: the action that it was made for. */
    es_outlook outlook[ES_GROUP_LINES];  /**< By part of the cast. */
    es_future_line line[ES_GROUP_LINES]; /**< By place in the drawing order. */
    uint32_t n_found;                    /**< Successors so far; the last of them are kept: */
    es_witness witness[ES_WITNESSES];    /**< likely the next sonority has one of them, too. */
} es_future;

/** Zero-initialise; es_search_done. Large: one serves all groups. */
typedef struct es_search {
    const es_scene *scene;
    const es_rules *rules;
    es_moment moment;
    es_outside outside;
    int n;                         /**< Lines. */
    uint8_t order[ES_GROUP_LINES]; /**< Line (of the cast) that is drawn k-th. */
    uint8_t rank[ES_MAX_LINES];    /**< The same the other way: k of a line among all. */
    bool must_act;                 /**< Off the beat: some line acts, or it is no instant. */
    bool is_voiced;                /**< Voicings are kept to; ... */
    bool has_voicing;              /**< ... they left something out. */
    bool has_shell;                /**< Some part voices shells. */
    int n_actions[ES_GROUP_LINES]; /**< By part of the cast. */
    es_action action[ES_GROUP_LINES][ES_MAX_ACTIONS];
    es_tones tones[ES_MAX_ACTIONS]; /**< Of the actions of the part at hand, ... */
    uint32_t has_tones;             /**< ... as far as they were asked for. */
    int n_options[ES_GROUP_LINES];
    es_option option[ES_GROUP_LINES][ES_MAX_OPTIONS];
    es_sound sound[ES_GROUP_LINES][ES_MAX_OPTIONS]; /**< What a line does by each option. */
    uint64_t allowed
        [ES_GROUP_LINES]; /**< Options that may be taken: all, or those that say a quote again. */
    uint64_t of_action[ES_GROUP_LINES][ES_MAX_ACTIONS]; /**< Options of each action. */
    uint64_t agree[ES_GROUP_LINES][ES_MAX_OPTIONS][ES_GROUP_LINES];
    es_future future;
    es_sonority *found; /**< Owned. */
    size_t n_found, capacity;
    bool is_full;                   /**< No memory, or too many. */
    uint8_t chosen[ES_GROUP_LINES]; /**< Of the descent. */
} es_search;

void es_search_done(es_search *search);

/**
 * Prepare for the instant at `tick`. All options are those of the style; nothing is drawn.
 *
 * @param is_voiced  Lines of a part stand as its voicing says. Where that leaves nothing, prepare anew without.
 * @return ESTRO_ERR_MEMORY.
 */
estro_status es_search_prepare(es_search *search, const es_scene *scene, es_tick tick,
                               bool is_voiced, estro_diag *diag);

/**
 * Look ahead from the given options.
 *
 * @param actions  By part of the cast: the action that it takes, or -1 = any.
 */
estro_status es_search_foresee(es_search *search, const int *actions, int ahead, estro_diag *diag);

/** Whether the sonority that search->chosen holds has a legal successor. */
bool es_search_has_future(es_search *search);

/** All options that may be taken. */
void es_search_all(const es_search *search, es_options_left *left);

/** Whether any legal sonority, with a successor, can be made of the options left. */
bool es_search_any(es_search *search, const es_options_left *left);

/** The same, when search->chosen holds the options of the lines before k and of k, and `left` is narrowed by them. */
bool es_search_any_after(es_search *search, const es_options_left *left, int k);

/** Whether one sonority, by the option of each line, is legal and has a successor. */
bool es_search_stands(es_search *search, const uint8_t *chosen);

/** List them all, in the order of their options; see found, n_found. @return ESTRO_ERR_MEMORY. */
estro_status es_search_list(es_search *search, const es_options_left *left, estro_diag *diag);

/** Take option `o` of the k-th line: what is left for the others. False when some line has nothing left. */
bool es_search_narrow(const es_search *search, es_options_left *left, int k, int o);

/** Product of the preferences between option o of the k-th line and the options chosen for lines before it. */
double es_search_pair_weight(const es_search *search, const uint8_t *chosen, int k, int o);

/** Whether lines together break what is asked of one set of them, or of any. @param sounds [n], by place in the drawing order. */
bool es_set_breaks(const es_scene *scene, const es_set_rule *rule, const es_harmony *harmony,
                   const es_outside *outside, const uint8_t *order, const es_sound *sounds, int n);
bool es_sets_break(const es_scene *scene, const es_rules *rules, const es_harmony *harmony,
                   const es_outside *outside, const uint8_t *order, const es_sound *sounds, int n);

/** Of the look-ahead: what follows option o of the k-th line, after which it is `line`, where that line is given then. */
void es_search_see_given(es_search *search, int k, int o, const es_line *line);

/** Product of the preferences about all lines together. */
double es_search_set_weight(const es_search *search, const uint8_t *chosen);

#endif
