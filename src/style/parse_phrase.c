/*
 * Leaves of the form: phrases and their options. An option is a word of the table and a function that reads what stands
 * after it; each stands once in a phrase.
 */
#include "style/blocks.h"
#include "style/parse.h"

#include <string.h>

/* Key degree: [ "b" ] ( "I" .. "VII" | "i" .. "vii" ) . */
static bool is_degree(const es_token *token)
{
    const char *text = token->text;
    const size_t flat = token->length > 1 && *text == 'b';
    es_chord chord;

    if (token->kind != ES_TOKEN_NAME || strspn(text + flat, "IViv") < token->length - flat) {
        return false;
    }
    return es_roman_parse(&chord, text, (es_key){0, ES_MAJOR}) == token->length;
}

/* "in" DEGREE [ mode ] */
static estro_status parse_phrase_key(es_parser *parser, es_phrase_tree *phrase)
{
    es_phrase_leaf *leaf = &phrase->leaf;
    es_word degree;

    if (!is_degree(&parser->token)) {
        return es_expected(parser, "a degree such as V, vi or bIII after 'in'");
    }
    ES_TRY(es_expect_name(parser, &degree, "a degree"));
    leaf->degree = degree.text;
    const char last = degree.text[strlen(degree.text) - 1];
    leaf->key_mode = last >= 'a' ? ES_MINOR : ES_MAJOR;
    if (parser->token.kind == ES_TOKEN_NAME) {
        const int mode = es_mode_find(parser->token.text, parser->token.length);
        if (mode >= 0) {
            leaf->key_mode = (int8_t)mode;
            es_advance(parser);
        }
    }
    return ESTRO_OK;
}

/* A whole number of a phrase, or an expression with a variable or a param, whose value is known later. */
static estro_status parse_phrase_number(es_parser *parser, es_phrase_tree *phrase, es_arg *arg,
                                        int *value, int low, int high, const char *what)
{
    const es_token token = parser->token;
    const bool is_name = token.kind == ES_TOKEN_NAME;

    if ((!is_name && token.kind != ES_TOKEN_NUMBER && !es_at_sign(parser, '(')) ||
        (is_name && es_cadence_find(token.text, token.length) >= 0)) {
        return es_expected(parser, what);
    }
    ES_TRY(es_parse_argument(parser, arg));
    if (arg->kind == ES_ARG_ANY) {
        return es_syntax_error(parser, token.place, "expected %s, found '_'", what);
    }
    if (arg->kind != ES_ARG_NUMBER) {
        phrase->is_model = true;
        return ESTRO_OK;
    }
    if (arg->number < low || arg->number > high) {
        return es_syntax_error(parser, token.place, "%s must be %d to %d", what, low, high);
    }
    *value = arg->number;
    return ESTRO_OK;
}

/* "over" call */
static estro_status parse_phrase_over(es_parser *parser, es_phrase_tree *phrase)
{
    ES_TRY(es_parse_call(parser, &phrase->over, "the name of a rule of the harmony"));
    for (uint32_t i = 0; i < phrase->over.n_args; i++) {
        const uint8_t kind = phrase->over.args[i].kind;
        phrase->is_model |= kind == ES_ARG_VARIABLE || kind == ES_ARG_SUM;
    }
    return ESTRO_OK;
}

/* ARG [ ".." ARG ] , of 0 to 9: at the start of the phrase, and at its end. */
static estro_status parse_curve(es_parser *parser, es_phrase_tree *phrase, es_arg arg[2],
                                uint8_t value[2], const char *what)
{
    int number = 0;

    ES_TRY(parse_phrase_number(parser, phrase, &arg[0], &number, 0, 9, what));
    value[0] = value[1] = (uint8_t)number;
    arg[1] = arg[0];
    if (es_accept_sign(parser, '.')) {
        ES_TRY(parse_phrase_number(parser, phrase, &arg[1], &number, 0, 9, what));
        value[1] = (uint8_t)number;
    }
    return ESTRO_OK;
}

static estro_status parse_texture(es_parser *parser, es_phrase_tree *phrase)
{
    return es_expect_name(parser, &phrase->texture, "the name of a texture");
}

static estro_status parse_level(es_parser *parser, es_phrase_tree *phrase)
{
    return parse_curve(parser, phrase, phrase->level, phrase->leaf.level, "a level");
}

static estro_status parse_tension(es_parser *parser, es_phrase_tree *phrase)
{
    return parse_curve(parser, phrase, phrase->tension, phrase->leaf.tension, "a tension");
}

static estro_status parse_phrase_tempo(es_parser *parser, es_phrase_tree *phrase)
{
    return es_expect_number(parser, &phrase->leaf.tempo, 0.25, 4, "the share of the tempo");
}

static estro_status parse_phrase_ritard(es_parser *parser, es_phrase_tree *phrase)
{
    return es_expect_number(parser, &phrase->leaf.ritard, 0.2, 1, "the share of the tempo");
}

static estro_status parse_phrase_meter(es_parser *parser, es_phrase_tree *phrase)
{
    return es_parse_time(parser, &phrase->leaf.meter);
}

static estro_status parse_fermata(es_parser *parser, es_phrase_tree *phrase)
{
    (void)parser;
    phrase->leaf.has_fermata = true;
    return ESTRO_OK;
}

static int theme_kind(const es_parser *parser)
{
    for (int kind = 0; kind < ES_THEME_KINDS; kind++) {
        if (es_at_word(parser, es_theme_kind_name((es_theme_kind)kind))) {
            return kind;
        }
    }
    return -1;
}

/* "theme" [ "as" ] { KIND } , at least one after "as". */
static estro_status parse_theme(es_parser *parser, es_phrase_tree *phrase)
{
    const bool has_as = es_accept_word(parser, "as");
    int kind = theme_kind(parser);

    if (has_as && kind < 0) {
        return es_expected(parser, "what is done with the theme (stated, transposed, inverted, "
                                   "retrograde ...)");
    }
    if (kind < 0) {
        phrase->leaf.theme = 1u << ES_THEME_STATED;
    }
    for (; kind >= 0; kind = theme_kind(parser)) {
        phrase->leaf.theme |= (uint16_t)(1u << kind);
        es_advance(parser);
    }
    return ESTRO_OK;
}

typedef struct option {
    const char *word;
    estro_status (*parse)(es_parser *parser, es_phrase_tree *phrase);
} option;

static const option options[] = {
    {"in", parse_phrase_key},        {"with", parse_texture},    {"over", parse_phrase_over},
    {"level", parse_level},          {"tension", parse_tension}, {"tempo", parse_phrase_tempo},
    {"ritard", parse_phrase_ritard}, {"fermata", parse_fermata}, {"theme", parse_theme},
    {"meter", parse_phrase_meter},
};

enum { N_OPTIONS = sizeof options / sizeof *options };

/*
 * option = "in" DEGREE [ mode ] | "with" TEXTURE | "over" call | ( "level" | "tension" ) ARG [ ".." ARG ]
 *        | ( "tempo" | "ritard" ) NUMBER | "fermata" | "meter" METRE | "theme" [ "as" ] { KIND } .
 */
static estro_status parse_phrase_option(es_parser *parser, es_phrase_tree *phrase, unsigned *seen)
{
    unsigned which = 0;

    while (which < N_OPTIONS && !es_at_word(parser, options[which].word)) {
        which++;
    }
    if (which == N_OPTIONS) {
        return es_expected(parser, "an option ('in', 'with', 'over', 'level' ...) or '>'");
    }
    if (*seen >> which & 1) {
        return es_syntax_error(parser, parser->token.place, "'%s' stands twice in this phrase",
                               options[which].word);
    }
    *seen |= 1u << which;
    es_advance(parser);
    return options[which].parse(parser, phrase);
}

/* LABEL = letter { "'" } . */
static estro_status parse_label(es_parser *parser, es_phrase_leaf *leaf)
{
    const es_token *token = &parser->token;

    if (token->kind != ES_TOKEN_NAME || token->length != 1 || *token->text < 'a' ||
        *token->text > 'z') {
        return es_expected(parser, "the label of the phrase, one small letter");
    }
    leaf->label = *token->text;
    es_advance(parser);
    while (es_at_sign(parser, '\'')) {
        if (leaf->primes == 9) {
            return es_syntax_error(parser, parser->token.place, "a label has at most 9 primes");
        }
        leaf->primes++;
        es_advance(parser);
    }
    return ESTRO_OK;
}

/* phrase-leaf = "<" LABEL ARG CADENCE { option } ">" . */
estro_status es_parse_phrase_leaf(es_parser *parser, es_block *block, const char *section,
                                  uint32_t *leaf)
{
    es_phrase_tree *phrase = es_block_add_leaf(parser->build, block, leaf);
    unsigned seen = 0;
    int bars = 1;

    if (!phrase) {
        return es_build_no_memory(parser->build);
    }
    phrase->place = parser->token.place;
    phrase->leaf.section = section;
    phrase->leaf.key_mode = -1;
    phrase->leaf.level[0] = phrase->leaf.level[1] = 5;
    es_begin(parser, ES_LAYOUT_OPEN);
    es_advance(parser);
    ES_TRY(parse_label(parser, &phrase->leaf));
    phrase->level[0] = phrase->level[1] = (es_arg){.kind = ES_ARG_NUMBER, .number = 5};
    phrase->tension[0] = phrase->tension[1] = (es_arg){.kind = ES_ARG_NUMBER, .number = 0};
    ES_TRY(parse_phrase_number(parser, phrase, &phrase->bars, &bars, 1, ES_MAX_PHRASE_BARS,
                               "the number of bars"));
    phrase->leaf.bars = (uint16_t)bars;
    const int cadence = parser->token.kind == ES_TOKEN_NAME
                            ? es_cadence_find(parser->token.text, parser->token.length)
                            : -1;
    if (cadence < 0) {
        return es_expected(parser, "a cadence (open, half, authentic, plagal, deceptive)");
    }
    phrase->leaf.cadence = (uint8_t)cadence;
    es_advance(parser);
    while (!es_at_sign(parser, '>')) {
        ES_TRY(parse_phrase_option(parser, phrase, &seen));
    }
    es_begin(parser, ES_LAYOUT_CLOSE);
    es_advance(parser);
    return ESTRO_OK;
}
