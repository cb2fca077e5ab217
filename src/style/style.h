/**
 * @file style.h
 * A compiled style: what the parser makes of a style file, and what plan, gen and perform read.
 *
 * Immutable after es_style_load; everything it points to lives in its arena, until es_style_free. Names with
 * arguments in the source ("phrase(half)") are instantiated by the compiler, so a grammar here is a plain weighted
 * context-free grammar.
 */
#ifndef ES_STYLE_STYLE_H
#define ES_STYLE_STYLE_H

#include "base/mem.h"
#include "music/chord.h"
#include "music/mark.h"
#include "music/time.h"

#include <estro/status.h>

#include <stdbool.h>
#include <stdint.h>

enum {
    ES_MAX_STYLE_BYTES = 1 << 20, /**< Of one file. */
    ES_MAX_SOURCES = 64,          /**< Files that one style is made of. */
    ES_MAX_PARTS = 16,
    ES_MAX_LINES = 24, /**< Monophonic lines of all parts together. */
    ES_PART_LINES = 6, /**< Lines of one part. */
    ES_MAX_PHRASE_BARS = 32,
    ES_MAX_CELL_HITS = 1024 /**< Of a cell; those of rules have half as many at most. */
};

/* ---- weighted grammars: form, harmony, rhythm ---- */

/** An item on the right of a rule: a symbol, or a leaf (an index into the block's own leaves). */
typedef struct es_item {
    bool is_leaf;
    uint16_t index;
} es_item;

enum { ES_SUBJECT_MAX_LASTS = 32 };

/** What a condition of a rhythm is about. All but `beat` are decided when a bar is planned. */
typedef enum es_subject {
    ES_SUBJECT_BAR,  /**< Of the phrase, from 1. */
    ES_SUBJECT_LEFT, /**< Bars of the phrase after this one. */
    ES_SUBJECT_LEVEL,
    ES_SUBJECT_TENSION,
    ES_SUBJECT_PLACE,    /**< Of the phrase in the piece: 0 first, 1 middle, 2 last. */
    ES_SUBJECT_SECTION,  /**< Rule of the form that the phrase stands in. */
    ES_SUBJECT_FUNCTION, /**< Of the chord: 0 tonic, 1 subdominant, 2 dominant, 3 other. */
    ES_SUBJECT_QUALITY,  /**< 0 major, 1 minor, 2 dominant, 3 diminished, 4 other. */
    ES_SUBJECT_DEGREE,   /**< Of its root in the scale, 1-7; 0: it is none. */
    ES_SUBJECT_NEXT,     /**< Semitones from its root up to that of the chord after. */
    ES_SUBJECT_CHANGE,   /**< 1: another chord begins on the next beat. */
    ES_SUBJECT_BEGINS,   /**< 1: the chord is another than on the beat before. */
    ES_SUBJECT_LASTS,    /**< Beats to the next chord, 1 to ES_SUBJECT_MAX_LASTS. */
    ES_SUBJECT_KEY,      /**< es_mode of the phrase. */
    ES_SUBJECT_BEAT, /**< Where the alternative begins, from 1; decided when cells are listed. */
    ES_SUBJECT_COUNT
} es_subject;

/** A condition of an alternative of the rhythm. */
typedef struct es_condition {
    es_tick at;       /**< Of a cell: where the alternative begins in it. */
    const char *word; /**< A section; else NULL. */
    int16_t value;    /**< A number, or a word of the subject as listed above. */
    uint8_t subject;  /**< es_subject. */
    char sign;        /**< '=', '!', '<' or '>'. */
} es_condition;

typedef struct es_rule {
    double weight;                /**< > 0; the weights of a symbol's rules sum to 1. */
    uint32_t first_item, n_items; /**< Into es_grammar.items; n_items >= 1. */
    int32_t line;                 /**< In the source. */
    uint32_t n_conditions;
    const es_condition
        *conditions; /**< Rhythm: all must hold, in cells that are made with the rule. */
} es_rule;

typedef struct es_symbol {
    const char *name; /**< With its arguments: "phrase(half)". */
    uint32_t first_rule, n_rules;
    int32_t line;
} es_symbol;

/** A weighted context-free grammar over leaves of known length. No empty rules, no cycles of unit rules. */
typedef struct es_grammar {
    es_symbol *symbols;
    es_rule *rules;
    es_item *items;
    uint32_t *leaf_length; /**< Form: bars. Harmony: beats. Rhythm: ticks. All > 0. */
    uint32_t n_symbols, n_rules, n_items, n_leaves;
} es_grammar;

/** Index of a symbol by its full name, or -1. */
int es_grammar_find(const es_grammar *grammar, const char *name);

/* ---- leaves ---- */

typedef enum es_cadence {
    ES_CADENCE_OPEN, /**< No cadence: the music goes on. */
    ES_CADENCE_HALF,
    ES_CADENCE_AUTHENTIC,
    ES_CADENCE_PLAGAL,
    ES_CADENCE_DECEPTIVE,
    ES_CADENCE_COUNT
} es_cadence;

const char *es_cadence_name(es_cadence cadence);
/** What a phrase does with a theme that is given, X(name, word). Several at once are done in this order. */
#define ES_THEME_LIST(X)                                                                           \
    X(STATED, "stated")                                                                            \
    X(AUGMENTED, "augmented")                                                                      \
    X(DIMINISHED, "diminished")                                                                    \
    X(RETROGRADE, "retrograde")                                                                    \
    X(INVERTED, "inverted")                                                                        \
    X(TRANSPOSED, "transposed")                                                                    \
    X(FRAGMENT, "fragment")                                                                        \
    X(SEQUENCE, "sequence")                                                                        \
    X(ORNAMENTED, "ornamented")                                                                    \
    X(REHARMONISED, "reharmonised")

typedef enum es_theme_kind {
#define ES_THEME_ENUM(name, word) ES_THEME_##name,
    ES_THEME_LIST(ES_THEME_ENUM)
#undef ES_THEME_ENUM
        ES_THEME_KINDS
} es_theme_kind;

const char *es_theme_kind_name(es_theme_kind kind);

/** A phrase in the form: <a' 4 half in V with full level 7 over verse>. */
typedef struct es_phrase_leaf {
    const char *section; /**< Name of the rule it stands in: the section marker. */
    char label;          /**< 'a'..'z': phrases of one label are one idea. */
    uint8_t
        primes; /**< a' is a with a new ending (the last bar, or half, recomposed); a'' likewise anew. */
    uint16_t bars;
    es_meter meter;  /**< Of its bars. */
    uint8_t cadence; /**< es_cadence. */
    const char *
        degree; /**< Key of the phrase as a Roman degree of the home key ("V", "vi", "bIII"), or NULL: the home key. */
    int8_t
        key_mode; /**< es_mode: as said, or by the case of the degree; -1: no degree, the mode of the home key. */
    uint8_t level[2];   /**< In its first bar and in its last, 0-9: how loud; 5 if not said. */
    uint8_t tension[2]; /**< The same; 0 if not said. For the conditions of rhythms. */
    double tempo;       /**< From here on, as a share of the tempo of the piece; 0: as before. */
    double ritard;      /**< Tempo at its end as a share of its own; 0: as the style has it. */
    bool has_fermata;   /**< Its last chord is held. */
    int16_t texture;    /**< Index into es_style.textures. */
    uint16_t
        theme; /**< Set of es_theme_kind: has the theme that is given, so; 0 = nothing is said. */
    int16_t harmony
        [ES_MODE_COUNT]; /**< By mode of the phrase's key: start symbol in harmony[mode]; -1 where the style cannot. */
} es_phrase_leaf;

/** A chord of some beats, as a Roman numeral, resolved in the key of the phrase. */
typedef struct es_chord_leaf {
    const char *roman;
    uint16_t beats;
} es_chord_leaf;

enum { ES_MAX_SUBSTITUTED = 16 /**< Chords of a side of a substitution. */ };

/** Chords that others may take the place of. */
typedef struct es_substitution {
    double chance; /**< 0-1. */
    uint8_t n_from, n_to;
    es_chord_leaf from[ES_MAX_SUBSTITUTED], to[ES_MAX_SUBSTITUTED]; /**< Both of so many beats. */
} es_substitution;

/** What a hit of a rhythm cell asks of its pitch. */
typedef enum es_tone {
    ES_TONE_ANY,      /**< x or nothing: by the weights of the part. */
    ES_TONE_CHORD,    /**< c */
    ES_TONE_SCALE,    /**< s */
    ES_TONE_APPROACH, /**< a: a step from the next onset's pitch, which must be a chord tone. */
    ES_TONE_REST,     /**< r */
    ES_TONE_MEMBER,   /**< 1 3 5 7: that chord member, `octave` octaves from the part's home. */
    ES_TONE_BASS,     /**< b: the bass of the chord, inversion and all. */
    ES_TONE_REPEAT,   /**< =: the pitch before. */
    ES_TONE_NEXT,     /**< n: a tone of the next chord. */
    ES_TONE_UP, /**< u: the next chord tone above the pitch before, turning at the end of the range. */
    ES_TONE_DOWN /**< d: the same downwards. */
} es_tone;

typedef struct es_hit {
    es_tick start; /**< From the start of the cell. */
    es_tick duration;
    uint8_t tone;   /**< es_tone. */
    uint8_t member; /**< For ES_TONE_MEMBER: 0 root .. 3 seventh; for ES_TONE_NEXT: 1 its bass. */
    int8_t octave;  /**< Octaves above (+) or below (-) home. */
    int8_t contour; /**< 1 higher than the pitch before, -1 lower, 0 either. */
    int8_t accent;  /**< -1 soft, 0 plain, 1 accented. */
    uint8_t drum;   /**< General MIDI key, for drum cells; else 0. */
    uint8_t chance; /**< Percent: 100 = always. */
    uint16_t marks; /**< Bits of es_mark. */
} es_hit;

/** Whether a number compares as the condition says. */
static inline bool es_condition_compare(const es_condition *condition, int number)
{
    switch (condition->sign) {
    case '=':
        return number == condition->value;
    case '!':
        return number != condition->value;
    case '<':
        return number < condition->value;
    default:
        return number > condition->value;
    }
}

/** One way to fill a pattern's span, with its weight. */
typedef struct es_cell {
    double weight; /**< > 0; the weights of a pattern's cells sum to 1. */
    uint32_t n_hits;
    const es_hit
        *hits; /**< Ascending starts. Rests included (ES_TONE_REST), except in drum cells. */
    uint32_t n_conditions;
    const es_condition *conditions; /**< All must hold where it is played. */
} es_cell;

/** A pattern: all ways to fill its span (bounded), from a rhythm rule or a groove. */
typedef struct es_pattern {
    const char *name;
    uint16_t bars;  /**< Its span. */
    es_meter meter; /**< Of these bars. */
    uint32_t n_cells;
    const es_cell *cells;
    bool is_drums;
    int32_t line;
} es_pattern;

/** How a part plays in a texture. */
typedef struct es_texture_part {
    bool plays;
    int16_t pattern;       /**< Index into es_style.patterns; -1: free rhythm on the part's grid. */
    int16_t first_pattern; /**< For the first bar of a phrase; -1 = as the others. */
    int16_t last_pattern;  /**< For the last bar: fills and endings; -1 = as the others. */
    char motif
        [17]; /**< Letters for the bars of a phrase; bars with one letter share rhythm and shape. Empty = none. */
} es_texture_part;

typedef struct es_texture {
    const char *name;
    es_meter
        meter; /**< Of the phrases that have it: those of another have a texture of the same name. */
    es_texture_part part[ES_MAX_PARTS];
} es_texture;

/* ---- parts ---- */

typedef enum es_role {
    ES_ROLE_MELODY,
    ES_ROLE_COUNTER,
    ES_ROLE_HARMONY,
    ES_ROLE_BASS,
    ES_ROLE_DRUMS,
    ES_ROLE_COUNT
} es_role;

const char *es_role_name(es_role role);

/** How the lines of a part stand to one another in a chord. */
typedef enum es_voicing {
    ES_VOICING_ANY,
    ES_VOICING_CLOSE, /**< No tone of the chord is left out between lines. */
    ES_VOICING_OPEN,  /**< One or two are. */
    ES_VOICING_DROP2, /**< Close, with the second line from the top an octave lower. */
    ES_VOICING_SHELL, /**< Third and seventh (or root) before other tones. */
    ES_VOICING_POWER, /**< Root, fifth, root ... from the lowest line up. */
    ES_VOICING_COUNT
} es_voicing;

/** When the pedal is changed. */
typedef enum es_pedal { ES_PEDAL_NONE, ES_PEDAL_CHORD, ES_PEDAL_BAR, ES_PEDAL_COUNT } es_pedal;

typedef struct es_part {
    const char *name;
    uint8_t role;    /**< es_role. */
    uint8_t program; /**< General MIDI, 0-127. */
    uint8_t channel; /**< 0-15; drums 9. */
    uint8_t n_lines; /**< Monophonic lines: 1, or the voices of a chordal part. */
    uint8_t
        first_line;    /**< Index of its first line among all lines. Line 0 of a part is its top. */
    uint8_t low, high; /**< Range, MIDI keys. */
    uint8_t home;      /**< Centre of the tessitura. */
    uint8_t group;     /**< Index into es_style.groups. */
    int8_t pan;        /**< -64..63. */
    uint8_t volume;    /**< 0-127, CC 7. */
    es_tick grid;      /**< Smallest step of a free rhythm, ticks. */
    double tone_strong[3]; /**< Weight of chord, scale, chromatic tones on beats ... */
    double tone_weak[3];   /**< ... and off them. */
    double move[13];       /**< Weight of a melodic interval of 0 .. 12 semitones. */
    double onset
        [4]; /**< Free rhythm: weight of moving (against 1 for holding) by strength 3, 2, 1, 0; */
    double fine; /**< ... at finer places; 0: only a model moves there. */
    double
        rest; /**< Free rhythm: weight of falling silent, against 1 for holding; 0: it never does. */
    double ornament[ES_ORNAMENTS]; /**< Chances of each ornament on notes of a quarter or more. */
    double strum_ms; /**< A chord's lines enter so long one after another; 0 = together. */
    uint8_t voicing; /**< es_voicing. */
    uint8_t pedal;   /**< es_pedal. */
    uint16_t scale
        [2]; /**< Its own scale on the tonic, bit 0, in major and in minor keys; 0 = that of the key. */
    int32_t line;
} es_part;

/** Parts drawn together, instant by instant; and who writes them. */
typedef struct es_group {
    const char *name;
    uint8_t n_parts;
    uint8_t part[ES_MAX_PARTS]; /**< In score order, top first. */
    const char *model;  /**< File name without folder or ending, or NULL: the weights alone. */
    double exponent;    /**< a of p_model^(a / temperature); 1 if not said. */
    double temperature; /**< 1 if not said. */
    int32_t
        copy; /**< Longest run of notes that may stand in the training material, 0 = any, -1 = not said. */
    uint32_t given; /**< Set of its parts that the style's weights write: the model is told them. */
} es_group;

/* ---- constraints ---- */

/** Kinds of constraint: enum, word in the language, what counts as one breach. `n` is the number given. */
#define ES_CONSTRAINT_LIST(X)                                                                      \
    X(PARALLEL, "parallel",                                                                        \
      "two lines move, in whatever directions, from an interval of class n to the same class")     \
    X(HIDDEN, "hidden",                                                                            \
      "two lines move in the same direction into an interval of class n, the upper by leap")       \
    X(CROSS, "cross", "a lower part sounds above a higher one")                                    \
    X(OVERLAP, "overlap", "a line moves past the note that its neighbour just left")               \
    X(SPACING, "spacing", "two parts are more than n semitones apart")                             \
    X(UNISON, "unison", "two lines sound the same key")                                            \
    X(CLASH, "clash", "two lines begin or hold an interval of exactly n semitones")                \
    X(LEAP, "leap", "a line moves by more than n semitones")                                       \
    X(INTERVAL, "interval", "a line moves by exactly n semitones")                                 \
    X(UNRECOVERED, "unrecovered",                                                                  \
      "a leap of more than n semitones not followed by a smaller move back")                       \
    X(REPEAT, "repeat", "more than n notes of one pitch in a row")                                 \
    X(SAME_WAY, "run", "more than n moves in one direction in a row")                              \
    X(FOREIGN, "foreign", "a note outside the chord")                                              \
    X(UNRESOLVED, "unresolved",                                                                    \
      "a note outside the chord that is not left by step (to 2 semitones)")                        \
    X(CHROMATIC, "chromatic", "a note outside both scale and chord")                               \
    X(DOUBLED, "doubled", "chord member n (or the leading tone) sounds in two lines")              \
    X(MISSING, "missing", "chord member n sounds in no line")                                      \
    X(WRONG_BASS, "inversion", "the lowest line does not have the bass that the chord names")      \
    X(LEADING, "leading",                                                                          \
      "the leading tone of a dominant does not go up a semitone (inner lines: or down a third) "   \
      "to the tonic")                                                                              \
    X(SEVENTH, "seventh",                                                                          \
      "the seventh of a chord goes elsewhere than a step down, or staying, into the next chord")   \
    X(SPAN, "span", "the lines of one part are more than n semitones apart")                       \
    X(OUTSIDE, "outside", "a note outside n .. m")                                                 \
    X(SHORT, "short", "a note shorter than n ticks")                                               \
    X(LONG, "long", "a note longer than n ticks")                                                  \
    X(SILENCE, "silence", "a part that plays is silent for more than n ticks")                     \
    X(TOGETHER, "together", "drum keys n and m at one instant")                                    \
    X(ABSENT, "absent", "drum key n does not sound in a bar in scope")

typedef enum es_constraint_kind {
#define ES_CONSTRAINT_ENUM(name, word, text) ES_CONSTRAINT_##name,
    ES_CONSTRAINT_LIST(ES_CONSTRAINT_ENUM)
#undef ES_CONSTRAINT_ENUM
        ES_CONSTRAINT_COUNT
} es_constraint_kind;

/** Where a constraint holds. */
typedef enum es_scope {
    ES_SCOPE_EVERYWHERE,
    ES_SCOPE_BEATS,   /**< Notes that begin on a beat ("on beats"). */
    ES_SCOPE_STRONG,  /**< On strong beats ("on strong"). */
    ES_SCOPE_CADENCE, /**< The last two chords of a phrase with a cadence ("at cadence"). */
    ES_SCOPE_END,     /**< The last chord of the piece ("at end"). */
    ES_SCOPE_DOWNBEAT /**< The first instant of a bar ("on downbeats"). */
} es_scope;

typedef struct es_constraint {
    uint8_t kind;  /**< es_constraint_kind. */
    uint8_t scope; /**< es_scope. */
    bool is_never; /**< Else prefer. */
    double
        weight; /**< "prefer 3 no ...": factor on the weight of a choice that does NOT breach it; > 0. */
    int32_t n, m;   /**< Arguments; DOUBLED, MISSING: member 0-3, or -1 for the leading tone. */
    uint32_t parts; /**< Set of parts, bit i = part i. */
    bool is_pair;   /**< Between the parts of the set, taken pairwise ("between"). */
    int32_t line;
} es_constraint;

/* ---- expectations ---- */

/** What "expect" can ask: enum, word in the language, what is measured. The first ones are about a piece, or all of them. */
#define ES_MEASURE_LIST(X)                                                                         \
    X(BARS, "bars", "bars of the piece")                                                           \
    X(SECONDS, "seconds", "how long it lasts as played")                                           \
    X(TEMPO, "tempo", "quarters per minute at the beginning")                                      \
    X(PHRASES, "phrases", "phrases of the piece")                                                  \
    X(SECTIONS, "sections", "different sections")                                                  \
    X(KEYS, "keys", "different keys of its phrases")                                               \
    X(CHORDS, "chords", "different chords, inversions apart")                                      \
    X(CHANGES, "changes", "changes of the chord, a bar")                                           \
    X(END, "end", "the last chord: a numeral of the home key")                                     \
    X(FORMS, "forms", "different rows of phrases among all pieces")                                \
    X(PIECES, "pieces", "pieces that are like no other, a key apart")                              \
    X(NOTES, "notes", "notes in a bar in which the part has any")                                  \
    X(VELOCITIES, "velocities", "different velocities as played")                                  \
    X(RANGE, "range", "semitones from the lowest note to the highest")                             \
    X(STRONG, "strong", "share of chord tones among notes that begin on strong beats")             \
    X(STEPS, "steps", "share of moves of one or two semitones among moves to another pitch")       \
    X(REPEATS, "repeats", "share of moves that stay on the pitch")                                 \
    X(LEAP, "leap", "the largest move, in semitones")                                              \
    X(RESTS, "rests", "share of the time in which the part is silent")                             \
    X(OFFBEATS, "offbeats", "share of notes that begin off the beats")                             \
    X(RHYTHMS, "rhythms", "different rhythms of bars")                                             \
    X(AGAIN, "again", "share of bars with notes that are like an earlier bar, note for note")      \
    X(FILLS, "fills", "share of phrases that others follow whose last bar is unlike the bar before")

typedef enum es_measure {
#define ES_MEASURE_ENUM(name, word, text) ES_MEASURE_##name,
    ES_MEASURE_LIST(ES_MEASURE_ENUM)
#undef ES_MEASURE_ENUM
        ES_MEASURE_COUNT,
    ES_MEASURE_FIRST_OF_PARTS = ES_MEASURE_NOTES /**< From here on a measure is of parts. */
} es_measure;

/** Word of a measure; NULL past the last. */
const char *es_measure_word(int measure);

typedef struct es_expect {
    uint8_t measure;   /**< es_measure. */
    uint32_t parts;    /**< Set of parts that are looked at together. */
    double low, high;  /**< What it is to be; -/+ infinity where there is no limit. */
    double share;      /**< Of the pieces, 0-1: how many are to be so. */
    const char *chord; /**< ES_MEASURE_END: a numeral. */
    const char *text;  /**< As it was written. */
    int32_t line;      /**< See es_style_line. */
    int32_t column;
} es_expect;

/* ---- performance ---- */

enum {
    ES_MAX_STRESS = 32,
    ES_FEEL_PLACES = 16, /**< Sixteenths of a bar of 4/4. */
    ES_FEEL_LEVELS = 3,  /**< Soft, plain, accented. */
    ES_FEEL_ROWS = 16
};

/** How one drum is played. */
typedef struct es_feel_row {
    uint8_t key;
    uint8_t level[ES_FEEL_LEVELS]; /**< Velocity of each level of accent; 0 = that of the style. */
    int16_t late[ES_FEEL_PLACES];  /**< Milliseconds after the written time, negative: before. */
    int16_t loose[ES_FEEL_PLACES]; /**< Spread around it, milliseconds; at most twice as far off. */
    int16_t loud[ES_FEEL_PLACES];  /**< Added to the velocity. */
} es_feel_row;

/** How drummers of a kind play. */
typedef struct es_feel {
    const char *name;
    uint32_t n_rows;
    es_feel_row rows[ES_FEEL_ROWS];
    uint8_t source;       /**< While a style is compiled: the file it stands in; */
    struct es_feel *next; /**< ... the one before. */
} es_feel;

typedef struct es_performance {
    const es_feel *feel; /**< Of drums; NULL = none. */
    double feel_share;   /**< How much of it, 0-1.5. */
    double swing; /**< Share of the beat that its first half gets: 0.5 straight, 0.667 triplets. */
    es_tick swing_unit; /**< The pairs that swing: eighths or sixteenths, ticks of one. */
    uint8_t velocity_low, velocity_high; /**< Level 0 and level 9. */
    uint8_t accent;   /**< Added on the bar line; two thirds on strong beats, a third on beats. */
    uint8_t n_stress; /**< Places of the bar with an accent of their own; 0 = by the metre. */
    uint8_t stress[ES_MAX_STRESS]; /**< Percent of the accent, at each place. */
    double arch;                   /**< Phrase dynamics: share by which the middle is louder. */
    double gate;                   /**< Sounding share of a written duration, 0.2-1. */
    double human_ms;               /**< Largest random deviation in time, ms. */
    uint8_t human_velocity;        /**< Largest random deviation in velocity. */
    double ritard;                 /**< Tempo at the very end as a share of the tempo, 1 = none. */
    double breath;                 /**< Share of the last beat of a phrase that is silent. */
} es_performance;

/** Measures of a phrase, by which candidates are ranked: enum, word. */
#define ES_MERIT_LIST(X)                                                                           \
    X(LIKELIHOOD, "likelihood")                                                                    \
    X(SHAPE, "shape")                                                                              \
    X(VARIETY, "variety")                                                                          \
    X(RANGE, "range")                                                                              \
    X(CADENCE, "cadence")

typedef enum es_merit {
#define ES_MERIT_ENUM(name, word) ES_MERIT_##name,
    ES_MERIT_LIST(ES_MERIT_ENUM)
#undef ES_MERIT_ENUM
        ES_MERIT_COUNT
} es_merit;

typedef struct es_tempo_range {
    double low, high; /**< Quarters per minute. */
} es_tempo_range;

typedef struct es_key_choice {
    es_key key;
    double weight;
} es_key_choice;

/** A number or a choice that whoever loads the style may set. */
typedef struct es_param {
    const char *name, *title; /**< `title` is "" where none is given. */
    const char *const *words; /**< [n_words]: what can be chosen; none: it is a number. */
    uint32_t n_words;
    double low, high;      /**< Of a number. */
    double initial, value; /**< Of a choice: the index of a word. */
    int16_t controller;    /**< MIDI controller that moves it in live play; -1: none. */
    const char *said; /**< What whoever loaded the style set it to, as written; NULL: nothing. */
    int32_t line;
} es_param;

/* ---- the style ---- */

typedef struct es_style {
    es_arena arena;
    const char *name;                    /**< Identifier. */
    const char *title;                   /**< One line. */
    const char *source;                  /**< File name, or what the caller said. */
    const char *sources[ES_MAX_SOURCES]; /**< The same, and the files that it imports. */
    uint32_t n_sources;
    uint8_t digest[8]; /**< Of the text of all of them. */
    es_param *params;
    uint32_t n_params;
    es_meter meter;
    es_tempo_range tempo;
    es_key_choice *keys;
    uint32_t n_keys;

    es_grammar form;
    int32_t form_start;                /**< Symbol "piece". */
    es_phrase_leaf *phrases;           /**< [form.n_leaves]; some may stand in no rule. */
    es_grammar harmony[ES_MODE_COUNT]; /**< By mode; modes may share one (same pointers). */
    es_chord_leaf *chords[ES_MODE_COUNT];
    es_substitution *substitutions; /**< In the order of the file. */
    uint32_t n_substitutions;

    es_part parts[ES_MAX_PARTS];
    uint32_t n_parts, n_lines;
    es_group groups[ES_MAX_PARTS];
    uint32_t n_groups;
    es_pattern *patterns;
    uint32_t n_patterns;
    es_texture *textures;
    uint32_t n_textures;
    es_constraint *constraints;
    uint32_t n_constraints;
    es_expect *expects;
    uint32_t n_expects;
    es_performance performance;
    uint32_t n_candidates;        /**< Phrases drawn for each that is kept; 0 = not said. */
    bool is_measured;             /**< The best by `merit` is kept; else one by the model's mass. */
    double merit[ES_MERIT_COUNT]; /**< Weights of the measures, by es_merit. */
    uint8_t theme_part; /**< Has the themes that are given: index of the part + 1; 0: not said. */
} es_style;

/**
 * Compile a style from text.
 *
 * @param out     The style; es_style_free by the caller. NULL on failure.
 * @param text    [size], borrowed; need not end in a NUL.
 * @param source  Name for messages; borrowed.
 * @return ESTRO_ERR_SYNTAX or ESTRO_ERR_STYLE with line, column and excerpt; ESTRO_ERR_MEMORY.
 */
estro_status es_style_parse(es_style **out, const char *text, size_t size, const char *source,
                            estro_diag *diag);

/** What params are set to: "name=value", borrowed. */
typedef struct es_settings {
    const char *const *texts; /**< [count] */
    size_t count;
} es_settings;

/** The same with params set. @param settings NULL: none. @return Also ESTRO_ERR_ARGUMENT: no such param, or no value of it. */
estro_status es_style_parse_with(es_style **out, const char *text, size_t size, const char *source,
                                 const es_settings *settings, estro_diag *diag);
void es_style_free(es_style *style);

/** Index of a part by its name, or -1. */
int es_part_find(const es_style *style, const char *name);

/* A line number in a style says the file too: where it is not the style's own, its index stands above the 24 bits of the line. */
enum { ES_LINE_BITS = 24 };

/** The number, and the name of the file. */
int es_style_line(int32_t line);
const char *es_style_source(const es_style *style, int32_t line);
/** "line 12", or "line 12 of kit.style". @param out [size], overwritten. */
void es_style_where(char *out, size_t size, const es_style *style, int32_t line);

#endif
