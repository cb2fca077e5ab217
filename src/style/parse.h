/**
 * @file parse.h
 * The parser of styles: text to es_tree. Within src/style only.
 *
 * One static function per production, one token ahead. A function is called with the token it expects, and leaves the
 * first token after what it read. From the top: parse.c (a file), then a file for each kind of item: parse_rules.c (form, harmony, rhythm)
 * with parse_phrase.c, parse_leaf.c and parse_hit.c (their leaves), parse_parts.c (part, group, texture) with parse_playing.c (settings of a
 * part), parse_items.c (the small items), parse_feel.c, parse_constraint.c and so on. All of them use parse_expr.c, parse_values.c and,
 * at the bottom, parse_tokens.c.
 */
#ifndef ES_STYLE_PARSE_H
#define ES_STYLE_PARSE_H

#include "style/build.h"

typedef struct es_parser {
    es_build *build;
    es_tree *tree;  /**< Of the build. */
    uint8_t source; /**< The file that is read. */
    es_lexer lexer;
    es_token token;
    es_token next;     /**< Behind an ES_TOKEN_LINE. */
    bool in_line;      /**< In a statement that ends with its line. */
    es_place last_end; /**< Where the token before ends. */
    uint8_t layout;    /**< es_layout of the present token. */
} es_parser;

/**
 * file = "estro" INTEGER ( "style" NAME [ ":" NAME ] | "library" NAME ) STRING { import } { item } .
 *
 * Reads source 0 and what it imports, into one tree: what a file says takes the place of what those before it said. Fills
 * build->tree, and name and title of the style.
 */
estro_status es_parse_style(es_build *build);

/* ---- tokens ---- */

void es_advance(es_parser *parser);
/** Say what begins with the present token. */
void es_begin(es_parser *parser, es_layout layout);
/** Go on after `n_bytes` from the start of the present token. */
void es_advance_past(es_parser *parser, size_t n_bytes);
bool es_at_sign(const es_parser *parser, char sign);
bool es_at_word(const es_parser *parser, const char *word);
/** A statement that ends with its line: from the start of it, the first token of the next line is an ES_TOKEN_LINE. */
void es_begin_line(es_parser *parser);
bool es_at_line_end(const es_parser *parser);
/** The line must be over; go on to the next. `after` for the message. */
estro_status es_end_line(es_parser *parser, const char *after);
/** Take the sign or word if it is there. */
bool es_accept_sign(es_parser *parser, char sign);
bool es_accept_word(es_parser *parser, const char *word);

/** "expected X, found Y" at the present token. */
estro_status es_expected(es_parser *parser, const char *what);
estro_status es_expect_sign(es_parser *parser, char sign, const char *why);
/** A name into `out`, its text kept in the arena of the style. `what` for the message. */
estro_status es_expect_name(es_parser *parser, es_word *out, const char *what);
/** INTEGER, with an optional "-" when low < 0. */
estro_status es_expect_integer(es_parser *parser, int *out, int low, int high, const char *what);
estro_status es_expect_number(es_parser *parser, double *out, double low, double high,
                              const char *what);
/** One of some words, by its number. @param word_of NULL past the last. @param expected,what For messages: where no word stands; "a drum". */
estro_status es_expect_one_of(es_parser *parser, int *which, const char *(*word_of)(int number),
                              const char *expected, const char *what);
/** weight = [ "[" expression "]" ] . NULL if there is none: it is 1. */
estro_status es_parse_weight(es_parser *parser, es_expr **out);
/** An expression (expr.h). @param what For messages. */
estro_status es_parse_expression(es_parser *parser, es_expr **out, const char *what);
/** condition = "if" comparison { "and" comparison } , if there is one. */
estro_status es_parse_condition(es_parser *parser, es_comparison **out);

/** Fail with ESTRO_ERR_SYNTAX or _STYLE. */
#define es_syntax_error(parser, place, ...)                                                        \
    es_build_fail((parser)->build, ESTRO_ERR_SYNTAX, place, __VA_ARGS__)
#define es_style_error(parser, place, ...)                                                         \
    es_build_fail((parser)->build, ESTRO_ERR_STYLE, place, __VA_ARGS__)

/* ---- blocks and items; each is called at its keyword ---- */

estro_status es_parse_form(es_parser *parser);
estro_status es_parse_harmony(es_parser *parser);
estro_status es_parse_rhythm(es_parser *parser);
estro_status es_parse_meter(es_parser *parser);
estro_status es_parse_tempo(es_parser *parser);
estro_status es_parse_keys(es_parser *parser);
estro_status es_parse_groove(es_parser *parser);
estro_status es_parse_perform(es_parser *parser);
estro_status es_parse_feel(es_parser *parser);
estro_status es_parse_substitute(es_parser *parser);
/** The setting "feel" of a performance, after its keyword. */
estro_status es_parse_feel_setting(es_parser *parser);
estro_status es_parse_part(es_parser *parser);
/** Settings of a part about how it plays (parse_playing.c), after their keyword. */
estro_status es_parse_ornaments(es_parser *parser, es_part_tree *part);
estro_status es_parse_strum(es_parser *parser, es_part_tree *part);
estro_status es_parse_voicing(es_parser *parser, es_part_tree *part);
estro_status es_parse_lead(es_parser *parser, es_part_tree *part);
estro_status es_parse_pedal(es_parser *parser, es_part_tree *part);
estro_status es_parse_scale(es_parser *parser, es_part_tree *part);
estro_status es_parse_role(es_parser *parser, es_part_tree *part);
estro_status es_parse_group(es_parser *parser);
estro_status es_parse_texture(es_parser *parser);
estro_status es_parse_constraint(es_parser *parser);
estro_status es_parse_expect(es_parser *parser);
estro_status es_parse_candidates(es_parser *parser);
estro_status es_parse_drop(es_parser *parser);
estro_status es_parse_theme(es_parser *parser);
estro_status es_parse_param(es_parser *parser);

/* ---- pieces that several use ---- */

/** ARG = expression , whose numbers are whole. */
estro_status es_parse_argument(es_parser *parser, es_arg *out);
/** arguments = [ "(" ARG { "," ARG } ")" ] . */
estro_status es_parse_arguments(es_parser *parser, es_arg **out, uint32_t *count);
/** call = NAME [ "(" ARG { "," ARG } ")" ] . */
estro_status es_parse_call(es_parser *parser, es_call *out, const char *what);
/** Note value such as 8, 4., 16t, 4~8, at the present token. @param n_bytes What it takes of the text, the token is not passed. */
estro_status es_scan_value(es_parser *parser, es_tick *ticks, size_t *n_bytes);
/** The same, and past it. */
estro_status es_parse_value(es_parser *parser, es_tick *ticks);
/** PITCH [ ".." PITCH ] . */
estro_status es_parse_pitch(es_parser *parser, int *out);
/** range = PITCH ".." PITCH . */
estro_status es_parse_range(es_parser *parser, int *low, int *high);
/** A key such as C, Eb, f# or d:dorian. */
estro_status es_parse_key(es_parser *parser, es_key *key);
/** METRE = INTEGER "/" INTEGER . */
estro_status es_parse_time(es_parser *parser, es_meter *out);
/** Drum name or General MIDI key. */
estro_status es_parse_drum(es_parser *parser, int *key);
/** A cadence by its name, or -1. */
int es_cadence_find(const char *text, size_t length);
/** A mode by its name, or -1. */
int es_mode_find(const char *text, size_t length);

/** Leaves: a phrase at "<", a chord or hit at its token. The index of the leaf into `leaf`. */
estro_status es_parse_phrase_leaf(es_parser *parser, es_block *block, const char *section,
                                  uint32_t *leaf);
/** Whether the text at the present token is a Roman numeral as a whole; bytes of it, or 0. */
size_t es_scan_roman(const es_parser *parser, int mode);
/** chord = ROMAN [ ":" INTEGER ] . @param n_bytes Of the numeral. */
estro_status es_parse_chord(es_parser *parser, size_t n_bytes, es_chord_leaf *out);
estro_status es_parse_chord_leaf(es_parser *parser, es_block *block, size_t n_bytes,
                                 uint32_t *leaf);
estro_status es_parse_sheet(es_parser *parser, const es_block *block, es_sheet_tree **out);
estro_status es_parse_hit_leaf(es_parser *parser, es_block *block, uint32_t *leaf);

#endif
