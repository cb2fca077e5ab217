/* The compiler of styles: what comes out of a text, that nothing leaks or breaks when memory fails, and its limits. */
#include "style/grammar.h"
#include "style/style.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char small[] = "estro 1\n"
                            "style small \"A small one\"\n"
                            "meter 3/4\n"
                            "tempo 80..120\n"
                            "keys [3] G d\n"
                            "form {\n"
                            "  piece = verse verse\n"
                            "  verse = <a 2 half> <a' 2 authentic in V with full level 8>\n"
                            "}\n"
                            "harmony {\n"
                            "  phrase(half) = go V:2\n"
                            "  phrase(c) = go V7 I:2\n"
                            "  go = [3] I | [1] IV go\n"
                            "}\n"
                            "rhythm {\n"
                            "  tune = (4 | 8 8)*3 | 2. | 4 8:c 8 4>\n"
                            "  oompah = 4:1- 4:v 4:5-\n"
                            "  beat = four | [3] fill\n"
                            "}\n"
                            "groove four { kick \"x.....\" hat \"..X.5.\" }\n"
                            "groove fill { snare \"fxz\" }\n"
                            "part top { role melody range C4..C6 }\n"
                            "part chords { role harmony lines 3 }\n"
                            "part low { role bass }\n"
                            "part kit { role drums }\n"
                            "group pair = low top by model tiny exponent 0.5\n"
                            "texture main { top free low oompah chords oompah }\n"
                            "texture full { top tune motif \"abac\" kit beat last fill }\n"
                            "never parallel 5 8 between top low on beats\n"
                            "prefer 4 no leap > 7 in top at cadence\n"
                            "never silence > 2\n";

static es_style *parse(const char *text)
{
    estro_diag diag;
    es_style *style;

    if (es_style_parse(&style, text, strlen(text), "test", &diag) != ESTRO_OK) {
        print_error("%d:%d: %s\n", (int)diag.line, (int)diag.column, diag.text);
    }
    assert_non_null(style);
    return style;
}

static int setup(void **state)
{
    *state = parse(small);
    return 0;
}

static int teardown(void **state)
{
    es_style_free(*state);
    return 0;
}

static void head_is_read(void **state)
{
    const es_style *s = *state;
    const uint8_t zero[8] = {0};

    assert_string_equal(s->name, "small");
    assert_string_equal(s->title, "A small one");
    assert_string_equal(s->source, "test");
    assert_memory_not_equal(s->digest, zero, 8);
    assert_int_equal(s->meter.numerator, 3);
    assert_true(s->tempo.low == 80 && s->tempo.high == 120);
    assert_int_equal(s->n_keys, 2);
    assert_int_equal(s->keys[0].key.tonic, 7);
    assert_true(s->keys[0].weight == 3 && s->keys[1].weight == 1);
    assert_int_equal(s->keys[1].key.mode, ES_MINOR);
}

static void form_is_a_grammar_of_phrases(void **state)
{
    const es_style *s = *state;
    const es_symbol *verse = &s->form.symbols[es_grammar_find(&s->form, "verse")];
    const es_rule *rule = &s->form.rules[verse->first_rule];

    assert_int_equal(es_grammar_find(&s->form, "piece"), s->form_start);
    assert_int_equal(es_grammar_find(&s->form, "nothing"), -1);
    assert_int_equal(rule->n_items, 2);
    const es_phrase_leaf *a = &s->phrases[s->form.items[rule->first_item].index];
    const es_phrase_leaf *b = &s->phrases[s->form.items[rule->first_item + 1].index];
    assert_int_equal(s->form.leaf_length[0], 2);
    assert_string_equal(a->section, "verse");
    assert_true(a->label == 'a' && a->primes == 0 && b->primes == 1);
    assert_true(a->key_mode == -1 && !a->degree && a->level[0] == 5);
    assert_string_equal(b->degree, "V");
    assert_true(b->key_mode == ES_MAJOR && b->level[0] == 8);
    assert_string_equal(s->textures[a->texture].name, "main");
    assert_string_equal(s->textures[b->texture].name, "full");
}

static void harmony_is_instantiated(void **state)
{
    const es_style *s = *state;
    const es_grammar *g = &s->harmony[ES_MAJOR];
    const int half = es_grammar_find(g, "phrase(half)");
    const int authentic = es_grammar_find(g, "phrase(authentic)");

    assert_ptr_equal(g->rules, s->harmony[ES_MINOR].rules);
    assert_true(half >= 0 && authentic >= 0);
    assert_int_equal(es_grammar_find(g, "phrase(plagal)"), -1);
    for (unsigned i = 0; i < s->form.n_leaves; i++) {
        const int wanted = s->phrases[i].cadence == ES_CADENCE_HALF ? half : authentic;
        assert_int_equal(s->phrases[i].harmony[ES_MAJOR], wanted);
        assert_int_equal(s->phrases[i].harmony[ES_DORIAN], wanted);
    }
    const es_symbol *go = &g->symbols[es_grammar_find(g, "go")];
    assert_int_equal(go->n_rules, 2);
    assert_true(g->rules[go->first_rule].weight == 0.75);
    const es_rule *last = &g->rules[g->symbols[authentic].first_rule];
    const es_item *item = &g->items[last->first_item + 2];
    assert_true(item->is_leaf && g->leaf_length[item->index] == 2);
    assert_string_equal(s->chords[ES_MAJOR][item->index].roman, "I");
}

static void parts_get_lines_channels_and_groups(void **state)
{
    const es_style *s = *state;

    assert_int_equal(s->n_parts, 4);
    assert_int_equal(s->n_lines, 6);
    assert_int_equal(s->parts[1].first_line, 1);
    assert_int_equal(s->parts[2].first_line, 4);
    assert_int_equal(s->parts[2].channel, 2);
    assert_int_equal(s->parts[3].channel, 9);
    assert_true(s->parts[0].low == 60 && s->parts[0].high == 84 && s->parts[0].home == 72);
    assert_int_equal(s->n_groups, 3);
    assert_string_equal(s->groups[0].name, "pair");
    assert_string_equal(s->groups[0].model, "tiny");
    assert_true(s->groups[0].exponent == 0.5);
    assert_true(s->groups[0].n_parts == 2 && s->groups[0].part[0] == 0 &&
                s->groups[0].part[1] == 2);
    assert_string_equal(s->groups[1].name, "chords");
    assert_int_equal(s->parts[3].group, 2);
    assert_null(s->groups[2].model);
}

static const es_pattern *pattern(const es_style *s, const char *name)
{
    for (unsigned i = 0; i < s->n_patterns; i++) {
        if (strcmp(s->patterns[i].name, name) == 0) {
            return &s->patterns[i];
        }
    }
    fail_msg("no pattern %s", name);
    return NULL;
}

static void cells_list_every_way_once(void **state)
{
    const es_pattern *tune = pattern(*state, "tune");
    double sum = 0;
    int with_accent = 0;

    /* 8 ways of (4 | 8 8)*3, one of "2.", one of "4 8:c 8 4>" */
    assert_int_equal(tune->n_cells, 10);
    assert_int_equal(tune->bars, 1);
    for (unsigned i = 0; i < tune->n_cells; i++) {
        es_tick at = 0;
        for (unsigned k = 0; k < tune->cells[i].n_hits; k++) {
            const es_hit *hit = &tune->cells[i].hits[k];
            assert_int_equal(hit->start, at);
            at += hit->duration;
            with_accent += hit->accent;
        }
        assert_int_equal(at, 3 * ES_QUARTER);
        sum += tune->cells[i].weight;
    }
    assert_int_equal(with_accent, 1);
    assert_true(fabs(sum - 1) < 1e-12);
}

static void hits_say_what_they_want(void **state)
{
    const es_hit *hits = pattern(*state, "oompah")->cells[0].hits;

    assert_int_equal(hits[0].tone, ES_TONE_MEMBER);
    assert_int_equal(hits[0].octave, -1);
    assert_int_equal(hits[1].tone, ES_TONE_CHORD);
    assert_int_equal(hits[2].member, 2);
}

static void grooves_are_cells_too(void **state)
{
    const es_pattern *beat = pattern(*state, "beat");
    const es_pattern *fill = pattern(*state, "fill");

    assert_true(beat->is_drums && fill->is_drums);
    assert_int_equal(beat->n_cells, 2);
    const es_cell *four = &beat->cells[0];
    assert_true(four->weight == 0.25 && four->n_hits == 3);
    assert_true(four->hits[0].drum == 36 && four->hits[0].start == 0 &&
                four->hits[0].chance == 100);
    assert_true(four->hits[1].drum == 42 && four->hits[1].accent == 1);
    assert_int_equal(four->hits[1].start, ES_QUARTER);
    assert_int_equal(four->hits[2].chance, 50);
    assert_int_equal(fill->cells[0].hits[2].start, 2 * ES_QUARTER);
    assert_int_equal(fill->cells[0].hits[0].marks, 1 << ES_MARK_GRACE);
    assert_int_equal(fill->cells[0].hits[1].marks, 0);
    assert_int_equal(fill->cells[0].hits[2].marks, 1 << ES_MARK_ROLL);
}

static void textures_say_who_plays_what(void **state)
{
    const es_style *s = *state;
    const es_texture *main = &s->textures[0], *full = &s->textures[1];

    assert_true(main->part[0].plays && main->part[0].pattern == -1);
    assert_false(main->part[3].plays);
    assert_string_equal(s->patterns[main->part[2].pattern].name, "oompah");
    assert_string_equal(full->part[0].motif, "abac");
    assert_false(full->part[2].plays);
    assert_string_equal(s->patterns[full->part[3].last_pattern].name, "fill");
    assert_int_equal(full->part[3].first_pattern, -1);
}

static void constraints_are_kept(void **state)
{
    const es_style *s = *state;
    const es_constraint *c = s->constraints;

    assert_int_equal(s->n_constraints, 4);
    assert_true(c[0].kind == ES_CONSTRAINT_PARALLEL && c[0].n == 7 && c[1].n == 0);
    assert_true(c[0].is_never && c[0].is_pair && c[0].scope == ES_SCOPE_BEATS);
    assert_int_equal(c[0].parts, 1 | 4);
    assert_true(c[2].kind == ES_CONSTRAINT_LEAP && !c[2].is_never && c[2].weight == 4);
    assert_true(c[2].parts == 1 && c[2].scope == ES_SCOPE_CADENCE && !c[2].is_pair);
    assert_true(c[3].n == 2 * ES_QUARTER && c[3].parts == 7);
    assert_int_equal(c[3].line, 31);
}

static void arguments_are_counted_down(void **state)
{
    es_style *s = parse("estro 1 style x \"\"\n"
                        "form { piece = climb(3)\n"
                        "  climb(n) = if n > 0 <a 1 open> climb(n-1) | if n = 0 <b 1 open> }\n"
                        "harmony { phrase = I:4 }\n"
                        "part p { role melody }\n");

    (void)state;
    assert_int_equal(s->form.n_symbols, 5);
    assert_true(es_grammar_find(&s->form, "climb(0)") >= 0);
    assert_int_equal(s->form.symbols[es_grammar_find(&s->form, "climb(1)")].n_rules, 1);
    es_style_free(s);
}

static void patterns_may_span_bars(void **state)
{
    es_style *s = parse("estro 1 style x \"\"\n"
                        "form { piece = <a 2 open> }\n"
                        "harmony { phrase = I:8 }\n"
                        "rhythm { long = 1~2 2 short = 4t*12 }\n"
                        "part p { role melody } part q { role bass }\n"
                        "texture main { p long q short }\n");

    (void)state;
    assert_int_equal(pattern(s, "long")->bars, 2);
    assert_int_equal(pattern(s, "long")->cells[0].hits[0].duration, 6 * ES_QUARTER);
    assert_int_equal(pattern(s, "short")->bars, 2);
    assert_int_equal(pattern(s, "short")->cells[0].hits[1].start, 6720);
    es_style_free(s);
}

/* Sets of one word and of several are made in two ways. */
static void lengths_agree_however_made(void **state)
{
    const es_grammar *g = &((const es_style *)*state)->harmony[ES_MAJOR];
    const es_place place = {1, 1, 0};
    es_build build = {.n_sources = 0};
    es_lengths small_set, large_set;
    uint32_t *order;

    assert_int_equal(es_grammar_check(&build, g, &order), ESTRO_OK);
    assert_int_equal(es_lengths_make(&small_set, &build, g, order, 63, 1, place), ESTRO_OK);
    assert_int_equal(es_lengths_make(&large_set, &build, g, order, 200, 1, place), ESTRO_OK);
    for (uint32_t s = 0; s < g->n_symbols; s++) {
        for (uint32_t n = 0; n <= 63; n++) {
            assert_int_equal(es_lengths_symbol(&small_set, s, n),
                             es_lengths_symbol(&large_set, s, n));
        }
    }
    const uint32_t half = (uint32_t)es_grammar_find(g, "phrase(half)");
    assert_false(es_lengths_symbol(&large_set, half, 2));
    assert_true(es_lengths_symbol(&large_set, half, 3));
    assert_true(es_lengths_symbol(&large_set, half, 200));
    es_arena_done(&build.scratch);
}

static void the_digest_is_of_the_text(void **state)
{
    es_style *a = parse(small), *b = parse(small);
    char other[sizeof small];
    es_style *c;

    (void)state;
    memcpy(other, small, sizeof small);
    other[21] = 'b';
    c = parse(other);
    assert_memory_equal(a->digest, b->digest, 8);
    assert_memory_not_equal(a->digest, c->digest, 8);
    es_style_free(a);
    es_style_free(b);
    es_style_free(c);
}

/* Every allocation fails in turn: an error each time, and nothing leaks (under the address sanitizer). */
static void no_memory_is_an_error(void **state)
{
    es_style *style;
    estro_diag diag;

    (void)state;
    es_mem_fail_after(-1);
    es_style_free(parse(small));
    const long count = (long)es_mem_fail_after(-1);
    assert_true(count > 2);
    for (long i = 0; i < count; i++) {
        es_mem_fail_after(i);
        assert_int_equal(es_style_parse(&style, small, strlen(small), "x", &diag),
                         ESTRO_ERR_MEMORY);
        assert_null(style);
    }
    es_mem_fail_after(-1);
    es_style_free(NULL);
}

static void errors_have_a_place_and_the_line(void **state)
{
    const char text[] = "estro 1 style x \"\"\n  part p { role melodi }";
    es_style *style;
    estro_diag diag;

    (void)state;
    assert_int_equal(es_style_parse(&style, text, strlen(text), "file", &diag), ESTRO_ERR_SYNTAX);
    assert_null(style);
    assert_string_equal(diag.source, "file");
    assert_true(diag.line == 2 && diag.column == 17);
    assert_string_equal(diag.excerpt, "  part p { role melodi }");
    assert_int_equal(es_style_parse(&style, text, strlen(text), "file", NULL), ESTRO_ERR_SYNTAX);
    assert_int_equal(es_style_parse(&style, NULL, 0, NULL, &diag), ESTRO_ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(head_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(form_is_a_grammar_of_phrases, setup, teardown),
        cmocka_unit_test_setup_teardown(harmony_is_instantiated, setup, teardown),
        cmocka_unit_test_setup_teardown(parts_get_lines_channels_and_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_list_every_way_once, setup, teardown),
        cmocka_unit_test_setup_teardown(hits_say_what_they_want, setup, teardown),
        cmocka_unit_test_setup_teardown(grooves_are_cells_too, setup, teardown),
        cmocka_unit_test_setup_teardown(textures_say_who_plays_what, setup, teardown),
        cmocka_unit_test_setup_teardown(constraints_are_kept, setup, teardown),
        cmocka_unit_test(arguments_are_counted_down),
        cmocka_unit_test(patterns_may_span_bars),
        cmocka_unit_test_setup_teardown(lengths_agree_however_made, setup, teardown),
        cmocka_unit_test(the_digest_is_of_the_text),
        cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(errors_have_a_place_and_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
