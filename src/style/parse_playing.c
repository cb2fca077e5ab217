/*
 * Settings of a part about how it plays: ornaments, strum.
 */
#include "style/parse.h"

/* ornaments = "ornaments" ORNAMENT NUMBER { ORNAMENT NUMBER } . */
estro_status es_parse_ornaments(es_parser *parser, es_part_tree *part)
{
    const es_place place = parser->token.place;
    double sum = 0;
    int mark = es_mark_find(parser->token.text, parser->token.length);

    if (parser->token.kind != ES_TOKEN_NAME || mark < 0 || mark >= ES_ORNAMENTS) {
        return es_expected(parser, "an ornament (trill, mordent, grace, turn, roll, slide)");
    }
    for (int i = 0; i < ES_ORNAMENTS; i++) {
        part->part.ornament[i] = 0;
    }
    do {
        if (part->part.ornament[mark] > 0) {
            return es_syntax_error(parser, parser->token.place, "'%s' stands twice in this list",
                                   es_mark_name((es_mark)mark));
        }
        es_advance(parser);
        ES_TRY(es_expect_number(parser, &part->part.ornament[mark], 0, 1, "a chance"));
        sum += part->part.ornament[mark];
        mark = parser->token.kind == ES_TOKEN_NAME
                   ? es_mark_find(parser->token.text, parser->token.length)
                   : -1;
    } while (mark >= 0 && mark < ES_ORNAMENTS);
    if (sum > 1) {
        return es_style_error(parser, place, "the chances of ornaments add up to more than 1");
    }
    return ESTRO_OK;
}

/* strum = "strum" NUMBER , milliseconds. */
estro_status es_parse_strum(es_parser *parser, es_part_tree *part)
{
    return es_expect_number(parser, &part->part.strum_ms, 0, 200,
                            "milliseconds from one line of a chord to the next");
}
