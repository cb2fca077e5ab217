/**
 * @file tree.h
 * The parse tree of a style: what was written, before names are looked up and rules are instantiated.
 *
 * It lives in the scratch arena of a compilation and is thrown away with it; texts that the compiled style keeps are in
 * the arena of the style.
 */
#ifndef ES_STYLE_TREE_H
#define ES_STYLE_TREE_H

#include "style/lex.h"
#include "style/style.h"

enum {
    ES_MAX_ARGUMENTS = 8,
    ES_DEF_BUCKETS = 64,
    ES_MAX_REPEAT = 256 /**< Of "*n". */
};

/** Which file said a thing: its index + 1; 0: none. */
typedef uint8_t es_said;

/** A name that stands somewhere. `text` NULL: not given. */
typedef struct es_word {
    const char *text;
    es_place place;
} es_word;

/* ---- rules ---- */

typedef enum es_expr_kind {
    ES_EXPR_NUMBER,
    ES_EXPR_NAME, /**< Of a variable, a param, or a word that stands for itself. */
    ES_EXPR_SIGN  /**< `left` and `right` counted together. */
} es_expr_kind;

/** An expression (expr.h). */
typedef struct es_expr {
    uint8_t kind; /**< es_expr_kind. */
    char sign;    /**< '+', '-', '*' or '/'. */
    double number;
    const char *word;
    struct es_expr *left, *right;
    es_place place;
} es_expr;

typedef enum es_arg_kind {
    ES_ARG_NUMBER,
    ES_ARG_WORD,
    ES_ARG_VARIABLE, /**< `word` is its letter; `number` is added to its value. */
    ES_ARG_ANY,      /**< "_", in a head. */
    ES_ARG_SUM       /**< Any other expression. */
} es_arg_kind;

typedef struct es_arg {
    uint8_t kind; /**< es_arg_kind. */
    int32_t number;
    const char *word;
    const es_expr *expr;
    es_place place;
} es_arg;

typedef struct es_comparison {
    es_expr *left, *right;
    char sign;    /**< '=', '!', '<' or '>'. */
    bool is_late; /**< Of a subject of the rhythm: decided where the cell is to be played. */
    struct es_comparison *next;
} es_comparison;

typedef struct es_def es_def;

/** A use of a rule: NAME or NAME(arguments). */
typedef struct es_call {
    es_word name;
    es_arg *args; /**< [n_args]. */
    uint32_t n_args;
    es_def *def; /**< Found by es_block_resolve. */
} es_call;

typedef enum es_element_kind {
    ES_ELEMENT_LEAF,
    ES_ELEMENT_CALL,
    ES_ELEMENT_GROUP,
    ES_ELEMENT_SHEET /**< Becomes a group when the metre is known. */
} es_element_kind;

/** "Dm7 G7 | Cmaj7" in C: chords as symbols. */
typedef struct es_sheet_tree {
    const char *text; /**< [size], in the source. */
    size_t size;
    es_key key;
    es_place place; /**< Of the text, after its quote. */
} es_sheet_tree;

typedef struct es_alternative es_alternative;

typedef struct es_element {
    uint8_t kind;    /**< es_element_kind. */
    uint16_t repeat; /**< At least 1. */
    uint32_t leaf;   /**< Index into the leaves of the block. */
    union {
        es_call *call;
        es_alternative *group;
        es_sheet_tree *sheet;
    };
    es_place place;
    struct es_element *next;
} es_element;

struct es_alternative {
    bool is_left;    /**< Some instance has it: its conditions held, its weight is not 0. */
    bool is_used;    /**< Set by es_fill_mark. */
    es_expr *weight; /**< NULL: 1. */
    es_comparison *conditions; /**< All must hold. */
    es_element *elements;
    es_place place;
    es_alternative *next;
};

/** One rule as written: NAME(head) = alternatives. */
typedef struct es_head {
    es_def *def;
    es_arg *args; /**< [n_args]. */
    uint32_t n_args;
    es_alternative *alternatives;
    es_place place;
    bool is_used; /**< An instance was made of it. */
    struct es_head *next;
} es_head;

struct es_instance;

/** All rules of one name in a block. */
struct es_def {
    const char *name;
    es_head *heads; /**< In the order of the file. */
    struct es_instance *instances;
    es_def *next, *next_in_bucket;
};

/* ---- leaves ---- */

/** <a' 4 half in V with full over verse(n) level n+1>, its names not yet looked up. */
typedef struct es_phrase_tree {
    es_phrase_leaf
        leaf; /**< Without texture and harmony; bars and level are 1 and 5 where a variable says them. */
    es_word texture;
    es_call over;                      /**< `name.text` NULL: not given. */
    es_arg bars, level[2], tension[2]; /**< Of the latter: at the start, and at the end. */
    bool
        is_model; /**< Holds variables: the phrases of the piece are instances of it, leaves of their own. */
    uint32_t
        instances; /**< Of a model: the newest one + 1; of an instance: the next older one + 1. */
    bool
        is_idle; /**< Of a rule that another took the place of, or imported and in no rule that the form reaches. */
    es_place place;
} es_phrase_tree;

typedef struct es_chord_tree {
    es_chord_leaf leaf;
    bool is_idle; /**< Of a rule that another took the place of. */
    es_place place;
} es_chord_tree;

typedef struct es_substitute_tree {
    es_substitution substitution; /**< Without its chance. */
    es_expr *chance;
    es_place place;
    struct es_substitute_tree *next;
} es_substitute_tree;

typedef struct es_groove es_groove;

/** A hit of a rhythm, or a whole groove. */
typedef struct es_hit_tree {
    es_hit hit;
    es_groove *groove; /**< Or NULL. */
} es_hit_tree;

/* ---- blocks ---- */

typedef enum es_block_kind { ES_BLOCK_FORM, ES_BLOCK_HARMONY, ES_BLOCK_RHYTHM } es_block_kind;

typedef struct es_block {
    uint8_t kind; /**< es_block_kind. */
    int8_t mode;  /**< es_mode; -1: all modes without a block of their own. */
    bool is_given;
    es_place place;
    es_def *buckets[ES_DEF_BUCKETS];
    es_def *defs, *last_def; /**< In the order of the file. */
    void *leaves; /**< es_phrase_tree, es_chord_tree or es_hit_tree by kind, [n_leaves]. */
    size_t n_leaves, leaf_capacity;
    es_grammar grammar;       /**< What it was instantiated to, without leaf_length. */
    const uint32_t *order;    /**< [grammar.n_symbols], as es_grammar_check says. */
    es_alternative **origins; /**< [grammar.n_rules]: what each rule was made of. */
    size_t origin_capacity;
} es_block;

/* ---- other items ---- */

typedef struct es_drum_row {
    uint8_t key;
    const char *steps;
    size_t length;
    es_place place; /**< Of the text, after its quote. */
    struct es_drum_row *next;
} es_drum_row;

struct es_groove {
    es_word name;
    uint16_t bars;
    es_drum_row *rows;
    es_tick span;
    uint32_t n_hits;
    const es_hit *hits; /**< Made when the metre is known. */
    uint32_t leaf;      /**< Its leaf in the rhythm block + 1, 0 = none yet. */
    bool is_used;       /**< A texture or a rule names it. */
    es_groove *next;
};

/** A role as it is written. */
typedef enum es_manner {
    ES_MANNER_PLAIN, /**< One of the five. */
    ES_MANNER_PAD,
    ES_MANNER_ARPEGGIO,
    ES_MANNER_STRUM,
    ES_MANNER_WALKING,
    ES_MANNER_STRIDE,
    ES_MANNER_COUNT
} es_manner;

/** What a part leaves to its defaults is marked by the flags that are false. */
typedef struct es_part_tree {
    es_part part;
    es_place place;
    es_place range_place, home_place, instrument_place;
    bool has_role, has_instrument, has_range, has_home, has_lines, has_strong, has_weak, has_move,
        has_onset, has_fine, has_rest, has_pan, has_volume, has_grid, has_ornaments, has_strum,
        has_voicing, has_lead, has_pedal, has_scale;
    uint8_t manner; /**< es_manner: the role as it was written. */
    double lead;
} es_part_tree;

typedef struct es_part_list {
    es_word part;
    struct es_part_list *next;
} es_part_list;

typedef struct es_group_tree {
    es_word name;
    es_part_list *parts;
    es_part_list *given; /**< NULL: none. */
    const char *model;
    double exponent, temperature;
    int copy; /**< -1: not said. */
    struct es_group_tree *next;
} es_group_tree;

/** A line of a texture. */
typedef struct es_play_tree {
    es_word part;
    bool is_free;
    bool is_silent;               /**< Of a texture over another: it does not play here. */
    es_call pattern, first, last; /**< `name.text` NULL: not given. */
    char motif[17];
    struct es_play_tree *next;
} es_play_tree;

typedef struct es_texture_tree {
    es_word name;
    es_play_tree *plays;
    es_word base;                 /**< Of "NAME : BASE"; `text` NULL: none. */
    struct es_texture_tree *over; /**< What `base` stands for; its lines are in `plays` then. */
    uint8_t state;                /**< While that is looked up. */
    uint16_t index;
    bool is_used; /**< A phrase has it, or a texture is made of it. */
    struct es_texture_tree *next;
} es_texture_tree;

typedef struct es_constraint_tree {
    es_constraint constraint; /**< Without its parts. */
    es_part_list *parts;      /**< NULL: all. */
    bool has_list;            /**< "in" or "between" was written. */
    es_place place, list_place;
    struct es_constraint_tree *next;
} es_constraint_tree;

typedef struct es_expect_tree {
    es_expect expect;    /**< Without its parts. */
    es_part_list *parts; /**< NULL: all. */
    struct es_expect_tree *next;
} es_expect_tree;

typedef struct es_param_tree {
    es_word name;
    es_param param;
    struct es_param_tree *next;
} es_param_tree;

/** Everything that was written. Lists are in the order of the file. */
typedef struct es_tree {
    es_place name_place;
    es_said has_meter, has_tempo, has_keys, has_perform;
    es_param_tree *params;
    es_expr **key_weights; /**< By key of the style, unless it names none. */
    es_place keys_place;
    es_block form, rhythm;
    es_block harmony[ES_MODE_COUNT + 1]; /**< The last one is for all other modes. */
    es_substitute_tree *substitutes;
    es_groove *grooves;
    es_feel *feels; /**< In the arena of the style. */
    es_word feel;   /**< The one that is asked for; `text` NULL: none. */
    es_part_tree parts[ES_MAX_PARTS];
    uint32_t n_parts;
    es_group_tree *groups;
    es_texture_tree *textures;
    es_constraint_tree *constraints;
    es_expect_tree *expects, *last_expect;
    es_said has_candidates;
    es_said has_theme;
    es_word theme_part; /**< Has the themes that are given; `text` NULL: not said. */
} es_tree;

#endif
