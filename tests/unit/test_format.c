/*
 * The layout of styles: what is laid out is laid out, and is the same style.
 */
#include "base/file.h"
#include "base/mem.h"
#include "style/format.h"
#include "style/style.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static es_text format(const char *text)
{
    es_text out = {0};
    estro_diag diag;

    if (es_style_format(&out, text, strlen(text), "test", &diag) != ESTRO_OK) {
        fail_msg("%d:%d %s", (int)diag.line, (int)diag.column, diag.text);
    }
    return out;
}

static void assert_layout(const char *text, const char *wanted)
{
    es_text out = format(text);

    if (strcmp(out.text, wanted) != 0) {
        print_error("found:\n%s", out.text);
    }
    assert_string_equal(out.text, wanted);
    es_text_done(&out);
}

static void words_are_spaced_alike(void **state)
{
    (void)state;
    assert_layout(
        "estro   1 style x:y \"a  title\"\n"
        "meter 3 / 4 tempo  80 .. 90\n"
        "keys [3]C   e : minor\tf#\n"
        "form{piece=[ 2 ]< a  4 half   in V >*2|( <b 4 open>|<c 4 open>)end\n"
        "end = if n!=3 <d 4 half>|[1+2 * ( 1 -e)]<e 4 half>|[-2*e+1] end( n + 1,-2 )}\n"
        "never   leap>12   in p # too far\n"
        "expect bars 3 .. 5 for 90%\n"
        "expect leap ..12\n",
        "estro 1\n"
        "style x : y \"a  title\"\n"
        "meter 3/4\n"
        "tempo 80..90\n"
        "keys [3] C e:minor f#\n"
        "form {\n"
        "  piece = [2] <a 4 half in V>*2 | (<b 4 open> | <c 4 open>) end\n"
        "  end   = if n != 3 <d 4 half> | [1 + 2*(1 - e)] <e 4 half> | [-2*e + 1] end(n+1, -2)\n"
        "}\n"
        "never leap > 12 in p  # too far\n"
        "expect bars 3..5 for 90 %\n"
        "expect leap ..12\n");
}

static void lines_and_comments_stay(void **state)
{
    (void)state;
    assert_layout("\n\n# one\n\n\n\nestro 1\nstyle x \"\" # two\n"
                  "harmony {\n\n"
                  " # three\n"
                  " go(n) = I|V\n"
                  "     |IV # four\n"
                  "\n"
                  " longer = ( I\n"
                  "  | V )\n"
                  "   # five\n"
                  "     | I V7/V:2\n"
                  "\n"
                  "}\n"
                  "rhythm { a = 8:c>  8:b- 4~16:= | (4|8 8)*2 }\n"
                  "part p { role melody instrument \"Flute\" range C4 .. C6\n"
                  "    move 0:1 1 : 2 }\n"
                  "part q { role bass }\n"
                  "never leap > 3 \\\n in p\n"
                  "# six",
                  "# one\n\n"
                  "estro 1\n"
                  "style x \"\"  # two\n"
                  "harmony {\n"
                  "  # three\n"
                  "  go(n) = I | V\n"
                  "        | IV  # four\n"
                  "\n"
                  "  longer = (I\n"
                  "           | V)\n"
                  "  # five\n"
                  "         | I V7/V:2\n"
                  "}\n"
                  "rhythm { a = 8:c> 8:b- 4~16:= | (4 | 8 8)*2 }\n"
                  "part p {\n"
                  "  role melody  instrument \"Flute\"  range C4..C6\n"
                  "  move 0:1 1:2\n"
                  "}\n"
                  "part q { role bass }\n"
                  "never leap > 3 \\\n"
                  "    in p\n"
                  "# six\n");
}

static void rows_stand_below_each_other(void **state)
{
    (void)state;
    assert_layout("estro 1 library x \"\" import y\n"
                  "groove g { kick \"x.\" hat \"xx\" }\n"
                  "groove h bars 2 { kick \"x.\"\n tambourine \"xx\" hat \"x\" }\n"
                  "texture t : main { p run(1,2) last stop motif \"ab\" q free }\n"
                  "texture u { bass run\n p silent }\n"
                  "feel f { snare late \"12\" level 1 2 3 hat loud \"4\" }\n"
                  "param energy 0..1=0.5 \"how busy\" cc 1\n"
                  "param ending { plain   fade }= plain\n",
                  "estro 1\n"
                  "library x \"\"\n"
                  "import y\n"
                  "groove g { kick \"x.\"  hat \"xx\" }\n"
                  "groove h bars 2 {\n"
                  "  kick       \"x.\"\n"
                  "  tambourine \"xx\"\n"
                  "  hat        \"x\"\n"
                  "}\n"
                  "texture t : main { p run(1, 2) last stop motif \"ab\"  q free }\n"
                  "texture u {\n"
                  "  bass run\n"
                  "  p    silent\n"
                  "}\n"
                  "feel f { snare late \"12\" level 1 2 3  hat loud \"4\" }\n"
                  "param energy 0..1 = 0.5 \"how busy\" cc 1\n"
                  "param ending { plain fade } = plain\n");
}

static void long_blocks_are_broken(void **state)
{
    (void)state;
    assert_layout("estro 1 style x \"\"\n"
                  "part p { role melody instrument \"Acoustic Grand Piano\" range G3..Eb6 home D5 "
                  "lines 3 pan 6 volume 108 grid 8 fine 1 rest 2 }\n",
                  "estro 1\n"
                  "style x \"\"\n"
                  "part p {\n"
                  "  role melody  instrument \"Acoustic Grand Piano\"  range G3..Eb6  home D5  "
                  "lines 3  pan 6  volume 108  grid 8  fine 1\n"
                  "  rest 2\n"
                  "}\n");
}

static void errors_are_those_of_the_parser(void **state)
{
    es_text out = {0};
    estro_diag diag;

    (void)state;
    assert_int_equal(es_style_format(&out, "estro 1 style x", 15, "test", &diag), ESTRO_ERR_SYNTAX);
    assert_int_equal(diag.line, 1);
    assert_int_equal(diag.column, 16);
    es_text_done(&out);
}

/* ---- real styles ---- */

/* Without blanks; a comment reads the same. */
static char *bare(const char *text)
{
    char *out = es_calloc(strlen(text) + 1, 1);
    size_t n = 0;

    assert_non_null(out);
    text += strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (; *text; text++) {
        if (!strchr(" \t\r\n\\", *text)) {
            out[n++] = *text;
        }
    }
    return out;
}

static void assert_same_grammar(const es_grammar *a, const es_grammar *b)
{
    assert_int_equal(a->n_symbols, b->n_symbols);
    assert_int_equal(a->n_rules, b->n_rules);
    assert_int_equal(a->n_items, b->n_items);
    for (uint32_t i = 0; i < a->n_rules; i++) {
        assert_true(a->rules[i].weight <= b->rules[i].weight &&
                    a->rules[i].weight >= b->rules[i].weight);
        assert_int_equal(a->rules[i].n_items, b->rules[i].n_items);
    }
    for (uint32_t i = 0; i < a->n_items; i++) {
        assert_int_equal(a->items[i].is_leaf, b->items[i].is_leaf);
        assert_int_equal(a->items[i].index, b->items[i].index);
    }
}

static void assert_same_style(const char *a, const char *b, const char *path)
{
    es_style *first, *second;
    estro_diag diag;

    if (es_style_parse(&first, a, strlen(a), path, &diag) != ESTRO_OK) {
        return; /* a library, or one of several files */
    }
    if (es_style_parse(&second, b, strlen(b), path, &diag) != ESTRO_OK) {
        fail_msg("%s: %d:%d %s", path, (int)diag.line, (int)diag.column, diag.text);
    }
    assert_same_grammar(&first->form, &second->form);
    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        assert_same_grammar(&first->harmony[mode], &second->harmony[mode]);
    }
    assert_int_equal(first->n_patterns, second->n_patterns);
    for (uint32_t i = 0; i < first->n_patterns; i++) {
        assert_int_equal(first->patterns[i].n_cells, second->patterns[i].n_cells);
    }
    assert_int_equal(first->n_constraints, second->n_constraints);
    assert_int_equal(first->n_parts, second->n_parts);
    es_style_free(first);
    es_style_free(second);
}

static int format_file(const char *path)
{
    estro_diag diag;
    uint8_t *bytes;
    size_t size;

    assert_int_equal(es_file_read(&bytes, &size, path, &diag), ESTRO_OK);
    es_text once = {0};
    if (es_style_format(&once, (char *)bytes, size, path, &diag) != ESTRO_OK) {
        fail_msg("%s:%d:%d %s", path, (int)diag.line, (int)diag.column, diag.text);
    }
    es_text twice = format(once.text);
    assert_string_equal(once.text, twice.text);
    char *a = bare((char *)bytes), *b = bare(once.text);
    assert_string_equal(a, b);
    assert_same_style((char *)bytes, once.text, path);
    es_free(a);
    es_free(b);
    es_text_done(&once);
    es_text_done(&twice);
    es_free(bytes);
    return 1;
}

static int format_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;

    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const char *ending = strrchr(e->d_name, '.');
        char path[512];
        if (ending && strcmp(ending, ".style") == 0) {
            snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
            count += format_file(path);
        }
    }
    closedir(dir);
    return count;
}

static void real_styles_stay_what_they_are(void **state)
{
    (void)state;
    assert_true(format_folder("styles") >= 4);
    assert_true(format_folder("styles/lib") >= 1);
    assert_true(format_folder("tests/style/good") >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_spaced_alike),
        cmocka_unit_test(lines_and_comments_stay),
        cmocka_unit_test(rows_stand_below_each_other),
        cmocka_unit_test(long_blocks_are_broken),
        cmocka_unit_test(errors_are_those_of_the_parser),
        cmocka_unit_test(real_styles_stay_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
