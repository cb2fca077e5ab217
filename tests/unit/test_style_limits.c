/*
 * Texts made to be hard: deep, long, endless, ambiguous. Each is compiled or refused within a second, in a stack of
 * usual size, with the message that names the limit.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "style/style.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { TEXT_BYTES = 2 << 20 };

static const char head[] =
    "estro 1 style x \"\"\nform { piece = <a 2 open> }\nharmony { phrase = I:4 | I:4 "
    "phrase }\npart p { role melody }\n";

/* A text that grows. */
typedef struct text {
    char *bytes;
    size_t used;
} text;

static void add(text *t, const char *format, ...) ES_PRINTF(2, 3);

static void add(text *t, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    t->used += (size_t)vsnprintf(t->bytes + t->used, TEXT_BYTES - t->used, format, arguments);
    va_end(arguments);
    assert_true(t->used < TEXT_BYTES);
}

static void repeat(text *t, const char *what, int count)
{
    for (int i = 0; i < count; i++) {
        add(t, "%s", what);
    }
}

static text begin(const char *start)
{
    text t = {es_calloc(TEXT_BYTES, 1), 0};

    assert_non_null(t.bytes);
    add(&t, "%s", start);
    return t;
}

/* Compile; the message must hold `wanted`, NULL: it must compile. Frees the text. */
static void try_text(text *t, const char *wanted)
{
    estro_diag diag;
    es_style *style;
    const clock_t start = clock();
    const estro_status status = es_style_parse(&style, t->bytes, t->used, "limit", &diag);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

    es_free(t->bytes);
    es_style_free(style);
    if ((status == ESTRO_OK) != !wanted || (wanted && !strstr(diag.text, wanted))) {
        fail_msg("%d:%d %s", (int)diag.line, (int)diag.column, diag.text);
    }
    assert_true(seconds < 5); /* a second, and time for a checked or busy machine */
}

static void too_much_text(void **state)
{
    text t = begin(head);

    (void)state;
    repeat(&t, "# a comment that goes on and on\n", 40000);
    try_text(&t, "a style has at most 1048576 bytes of text");
}

static void a_megabyte_of_parentheses(void **state)
{
    text t = begin("estro 1 style x \"\"\nform { piece = ");

    (void)state;
    repeat(&t, "(", 1 << 19);
    try_text(&t, "parentheses are nested more than 64 deep");
}

static void too_many_elements(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm { a = ");
    repeat(&t, "8 ", 40000);
    add(&t, "}\n");
    try_text(&t, "the rules of a style hold at most 32768 elements");
}

static void repeats_of_repeats(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm { a = ((((16*256)*256)*256)*256)*256 }\ntexture main { p a }\n");
    try_text(&t, "it is longer");
}

static void too_large_when_instantiated(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm { a = ");
    repeat(&t, "16*256 ", 300);
    add(&t, "}\ntexture main { p a }\n");
    try_text(&t, "the rules of this block are too large: more than 65536 elements");
}

static void a_chain_of_rules(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm {\n");
    for (int i = 0; i < 4000; i++) {
        add(&t, "a%d = a%d\n", i, i + 1);
    }
    add(&t, "a4000 = 1 }\ntexture main { p a0 }\n");
    try_text(&t, NULL);
}

static void a_deep_chain_many_times(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm {\n");
    for (int i = 0; i < 3000; i++) {
        add(&t, "a%d = a%d | 4\n", i, i + 1);
    }
    add(&t, "a3000 = 4\n b = a0 a0 a0 a0 }\ntexture main { p b }\n");
    try_text(&t, "can be filled in more than 1024 ways");
}

static void every_rule_by_itself(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm {\n");
    for (int i = 0; i < 20000; i++) {
        add(&t, "rule_%d = 1\n", i);
    }
    add(&t, "}\ntexture main { p rule_1234 }\n");
    try_text(&t, NULL);
}

static void ambiguous_harmony(void **state)
{
    text t = begin(
        "estro 1 style x \"\"\nmeter 16/4\nform { piece = <a 32 open> }\npart p { role melody "
        "}\nharmony { phrase = I | ii:2");

    (void)state;
    repeat(&t, " | phrase phrase phrase", 1500);
    add(&t, "}\n");
    try_text(&t, NULL);
}

static void ambiguous_rhythm(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "rhythm { a = a a | 32t | 32. | 16 }\ntexture main { p a }\n");
    try_text(&t, "can be filled in more than 1024 ways");
}

static void arguments_without_end(void **state)
{
    text t = begin("estro 1 style x \"\"\nform { piece = go(0,0)\n go(n,k) = <a 1 open> go(n+1,k) "
                   "go(n,k-1) | <a 1 open> }\nharmony { phrase = I:4 }\npart p { role melody }\n");

    (void)state;
    try_text(&t, "the expansion of 'go' does not end");
}

static void many_groups_and_constraints(void **state)
{
    text t = begin(head), u = begin(head);

    (void)state;
    for (int i = 0; i < 30000; i++) {
        add(&t, "group g%d = p\n", i);
    }
    try_text(&t, "a style has at most 16 groups");
    repeat(&u, "never clash 1 2 3 4 5 6 7 8 in p\n", 20000);
    try_text(&u, "a style has at most 1024 constraints");
    text v = begin(head);
    repeat(&v, "expect bars 1..\n", 257);
    try_text(&v, "a style has at most 256 expectations");
}

static void many_of_each_kind(void **state)
{
    text feel = begin(head), keys = begin(head), grooves = begin(head), rules = begin(head);
    text chords = begin(head);

    (void)state;
    add(&feel, "feel f {");
    for (int i = 0; i < 17; i++) {
        add(&feel, " %d late \"1\"", 35 + i);
    }
    try_text(&feel, "a feel has at most 16 drums");
    add(&keys, "keys");
    repeat(&keys, " C D E F G A B c d e f g a b", 20);
    add(&keys, "\n");
    try_text(&keys, "this key stands twice");
    for (int i = 0; i < 257; i++) {
        add(&grooves, "groove g%d { kick \"x\" }\n", i);
    }
    try_text(&grooves, "a style has at most 256 grooves");
    add(&rules, "rhythm {\n");
    for (int i = 0; i < 257; i++) {
        add(&rules, "r(%d) = 4\n", i);
    }
    try_text(&rules, "a name has at most 256 rules");
    repeat(&chords, "substitute V -> I\n", 300);
    try_text(&chords, "a style has at most 256 substitutions");
}

static void textures_upon_textures(void **state)
{
    text t = begin(head);

    (void)state;
    add(&t, "texture t0 { p free }\n");
    for (int i = 1; i < 100; i++) {
        add(&t, "texture t%d : t%d { p free }\n", 100 - i, i < 99 ? 99 - i : 0);
    }
    try_text(&t, "textures are made of others more than 64 deep");
}

static void large_grooves(void **state)
{
    text one = begin(head), row = begin(head);

    (void)state;
    add(&one, "groove g {");
    for (int i = 0; i < 6; i++) {
        add(&one, " %d \"", 35 + i);
        repeat(&one, "x", 192);
        add(&one, "\"");
    }
    add(&one, " }\n");
    try_text(&one, "this groove is too large");
    add(&row, "groove g { kick \"");
    repeat(&row, "x", 192);
    add(&row,
        "\" }\nrhythm { long = g*8 }\npart d { role drums }\ntexture main { p free d long }\n");
    try_text(&row, "a way to fill 'long' has more than 512 notes");
}

static void what_a_cell_can_have(void **state)
{
    text conditions = begin(head), weights = begin(head),
         spans = begin("estro 1 style x \"\" meter 16/4\n");

    (void)state;
    add(&conditions,
        "rhythm { bar = a*32  a = if level > 2 b  b = if left > 0 c  c = if tension < 9 32 }\n"
        "texture main { p bar }\n");
    try_text(&conditions, "a way to fill 'bar' has more than 64 conditions");
    add(&weights,
        "rhythm { bar = a*32  a = [0.000001] 32 | [1000000] 1 }\ntexture main { p bar }\n");
    try_text(&weights, "the weights of 'bar' are too small to tell apart");
    add(&spans,
        "form { piece = <a 32 open> }\npart p { role melody }\nharmony { phrase = I*256 I*256\n");
    repeat(&spans, "| I*256 I*255 I I I I\n", 25);
    add(&spans, "}\n");
    try_text(&spans, "these rules are too many for spans as long as this");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_much_text),
        cmocka_unit_test(a_megabyte_of_parentheses),
        cmocka_unit_test(too_many_elements),
        cmocka_unit_test(repeats_of_repeats),
        cmocka_unit_test(too_large_when_instantiated),
        cmocka_unit_test(a_chain_of_rules),
        cmocka_unit_test(a_deep_chain_many_times),
        cmocka_unit_test(every_rule_by_itself),
        cmocka_unit_test(ambiguous_harmony),
        cmocka_unit_test(ambiguous_rhythm),
        cmocka_unit_test(arguments_without_end),
        cmocka_unit_test(many_groups_and_constraints),
        cmocka_unit_test(many_of_each_kind),
        cmocka_unit_test(textures_upon_textures),
        cmocka_unit_test(large_grooves),
        cmocka_unit_test(what_a_cell_can_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
