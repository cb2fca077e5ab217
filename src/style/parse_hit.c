/*
 * Leaves of rhythms: a note value, what it asks of its pitch, how loud it is. Read from the text at the present token, which is then
 * passed as a whole.
 */
#include "style/blocks.h"
#include "style/parse.h"

#include <string.h>

/* The tones by their letters. */
static const struct {
    char letter;
    uint8_t tone, member;
    bool has_octave, has_contour;
} tones[] = {
    {'x', ES_TONE_ANY, 0, false, true},    {'c', ES_TONE_CHORD, 0, false, true},
    {'v', ES_TONE_CHORD, 0, false, false}, {'s', ES_TONE_SCALE, 0, false, true},
    {'n', ES_TONE_NEXT, 0, false, true},   {'a', ES_TONE_APPROACH, 0, false, false},
    {'u', ES_TONE_UP, 0, false, false},    {'d', ES_TONE_DOWN, 0, false, false},
    {'r', ES_TONE_REST, 0, false, false},  {'=', ES_TONE_REPEAT, 0, false, false},
    {'b', ES_TONE_BASS, 0, true, false},   {'1', ES_TONE_MEMBER, 0, true, false},
    {'3', ES_TONE_MEMBER, 1, true, false}, {'5', ES_TONE_MEMBER, 2, true, false},
    {'7', ES_TONE_MEMBER, 3, true, false},
};

/*
 * TONE = ( "x" | "c" | "s" | "n" ) [ "u" | "d" ] | "v" | "a" | "u" | "d" | "nb" | "r" | "="
 *      | ( "b" | "1" | "3" | "5" | "7" ) { "+" | "-" } .
 * Bytes, 0 if none.
 */
static size_t scan_tone(const char *text, es_hit *hit)
{
    size_t which = 0, n = 1;

    while (which < sizeof tones / sizeof *tones && tones[which].letter != *text) {
        which++;
    }
    if (which == sizeof tones / sizeof *tones) {
        return 0;
    }
    hit->tone = tones[which].tone;
    hit->member = tones[which].member;
    if (hit->tone == ES_TONE_NEXT && text[n] == 'b') {
        hit->member = 1;
        return n + 1;
    }
    if (tones[which].has_contour && (text[n] == 'u' || text[n] == 'd')) {
        hit->contour = text[n++] == 'u' ? 1 : -1;
    }
    for (; tones[which].has_octave && (text[n] == '+' || text[n] == '-') && n < 6; n++) {
        hit->octave = (int8_t)(hit->octave + (text[n] == '+' ? 1 : -1));
    }
    return n;
}

/* { "^" MARK } ; one ornament at most. `at` is moved past them. */
static estro_status parse_marks(es_parser *parser, const char *text, size_t *at, uint16_t *marks)
{
    while (text[*at] == '^') {
        size_t n = 0;
        while (es_lex_is_word(text[*at + 1 + n])) {
            n++;
        }
        const int mark = es_mark_find(text + *at + 1, n);
        const es_place place = es_place_after(parser->token.place, (int32_t)*at);
        if (mark < 0) {
            return es_syntax_error(parser, place,
                                   "expected a mark after '^' (trill, mordent, grace, turn, roll, "
                                   "slide, staccato, tenuto, legato, accent)");
        }
        if (mark < ES_ORNAMENTS && *marks & ES_ORNAMENT_BITS) {
            return es_syntax_error(parser, place, "a note has one ornament at most");
        }
        *marks |= (uint16_t)(1u << mark);
        *at += 1 + n;
    }
    return ESTRO_OK;
}

/* hit-leaf = VALUE [ ":" TONE ] [ ">" | "<" ] { "^" MARK } . */
estro_status es_parse_hit_leaf(es_parser *parser, es_block *block, uint32_t *leaf)
{
    es_hit_tree *tree = es_block_add_leaf(parser->build, block, leaf);
    const char *text = parser->token.text;
    size_t at;

    if (!tree) {
        return es_build_no_memory(parser->build);
    }
    tree->hit.chance = 100;
    ES_TRY(es_scan_value(parser, &tree->hit.duration, &at));
    if (text[at] == ':') {
        const size_t n = scan_tone(text + at + 1, &tree->hit);
        if (!n) {
            es_advance_past(parser, at + 1);
            return es_expected(parser, "what the note is: one of x c v s n a u d r = b 1 3 5 7");
        }
        at += 1 + n;
    }
    if (text[at] == '>' || text[at] == '<') {
        tree->hit.accent = text[at] == '>' ? 1 : -1;
        at++;
    }
    ES_TRY(parse_marks(parser, text, &at, &tree->hit.marks));
    es_advance_past(parser, at);
    if (es_lex_is_word(text[at]) || (text[at] && strchr("<>:.~+-", text[at]))) {
        return es_expected(parser, "a space after the note");
    }
    return ESTRO_OK;
}
