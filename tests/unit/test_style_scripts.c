/*
 * The scripts of tests/style: all of good/ compile, and are as their "# expect:" lines say; each of bad/ fails where
 * and as its "# expect-error: [FILE:]LINE:COLUMN part of the text" says. Runs in the top folder of the source.
 *
 *     # expect: phrases 4            leaves of the form
 *     # expect: symbol form name     (or a mode) the grammar has this symbol
 *     # expect: cells pattern 8      ways to fill a pattern
 *     # expect: bars pattern 2       its span
 *     # expect: constraints 3
 *     # expect: lines 6              of all parts
 *     # expect: groups 2
 *     # expect: files 3              that it is made of
 *     # expect: texture NAME PART PATTERN   or free, or silent
 *
 * And every block of styles/README.md that begins with ```style compiles; what a fragment leaves out is added.
 */
#include "base/file.h"
#include "base/mem.h"
#include "style/style.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_FILES = 512 };

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Paths of the styles in a folder, sorted; owned. */
static size_t list_styles(const char *folder, char *paths[MAX_FILES])
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    if (!dir) {
        fail_msg("no folder %s: run in the top folder of the source", folder);
    }
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const char *ending = strrchr(e->d_name, '.');
        char path[512];
        if (ending && strcmp(ending, ".style") == 0 && count < MAX_FILES) {
            snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
            paths[count++] = es_strdup(path);
        }
    }
    closedir(dir);
    qsort(paths, count, sizeof *paths, by_name);
    return count;
}

static void print_diag(const estro_diag *diag)
{
    print_error("%s:%d:%d: %s\n%s\n", diag->source, (int)diag->line, (int)diag->column, diag->text,
                diag->excerpt);
}

/* ---- good ---- */

static const es_pattern *pattern(const es_style *s, const char *name)
{
    for (uint32_t i = 0; i < s->n_patterns; i++) {
        if (strcmp(s->patterns[i].name, name) == 0) {
            return &s->patterns[i];
        }
    }
    return NULL;
}

static bool has_symbol(const es_style *s, const char *block, const char *name)
{
    static const char *const modes[] = {"major",      "minor",    "dorian",
                                        "mixolydian", "phrygian", "lydian"};

    for (int mode = 0; mode < ES_MODE_COUNT; mode++) {
        if (strcmp(block, modes[mode]) == 0) {
            return es_grammar_find(&s->harmony[mode], name) >= 0;
        }
    }
    return es_grammar_find(&s->form, name) >= 0;
}

/* "NAME PART PATTERN": what a part does in a texture. */
static bool plays(const es_style *s, const char *name, const char *line)
{
    char part[32] = "", what[32] = "";
    uint32_t t = 0, p = 0;

    sscanf(line, "%31s %31s", part, what);
    while (t < s->n_textures && strcmp(s->textures[t].name, name) != 0) {
        t++;
    }
    while (p < s->n_parts && strcmp(s->parts[p].name, part) != 0) {
        p++;
    }
    if (t == s->n_textures || p == s->n_parts) {
        return false;
    }
    const es_texture_part *play = &s->textures[t].part[p];
    return !play->plays        ? strcmp(what, "silent") == 0
           : play->pattern < 0 ? strcmp(what, "free") == 0
                               : strcmp(what, s->patterns[play->pattern].name) == 0;
}

/* Whether what the words say is so. */
static bool is_so(const es_style *s, const char *what, const char *a, const char *b)
{
    const es_pattern *p = pattern(s, a);

    if (strcmp(what, "phrases") == 0) {
        return s->form.n_leaves == strtoul(a, NULL, 10);
    }
    if (strcmp(what, "symbol") == 0) {
        return has_symbol(s, a, b);
    }
    if (strcmp(what, "cells") == 0) {
        return p && p->n_cells == strtoul(b, NULL, 10);
    }
    if (strcmp(what, "bars") == 0) {
        return p && p->bars == strtoul(b, NULL, 10);
    }
    if (strcmp(what, "constraints") == 0) {
        return s->n_constraints == strtoul(a, NULL, 10);
    }
    if (strcmp(what, "lines") == 0) {
        return s->n_lines == strtoul(a, NULL, 10);
    }
    if (strcmp(what, "files") == 0) {
        return s->n_sources == strtoul(a, NULL, 10);
    }
    if (strcmp(what, "texture") == 0) {
        return plays(s, a, b);
    }
    return strcmp(what, "groups") == 0 && s->n_groups == strtoul(a, NULL, 10);
}

static int check_expectations(const es_style *s, const char *path, const char *text)
{
    int wrong = 0;

    for (const char *at = strstr(text, "# expect: "); at; at = strstr(at + 1, "# expect: ")) {
        char what[32] = "", a[64] = "", b[64] = "";
        sscanf(at, "# expect: %31s %63s %63[^\n]", what, a, b);
        if (!is_so(s, what, a, b)) {
            print_error("%s: not so: %.*s\n", path, (int)strcspn(at, "\n"), at);
            wrong++;
        }
    }
    return wrong;
}

static int run_good(const char *path)
{
    estro_diag diag;
    es_style *style;
    uint8_t *text;
    size_t size;
    int wrong = 0;

    assert_int_equal(es_file_read(&text, &size, path, &diag), ESTRO_OK);
    if (es_style_parse(&style, (const char *)text, size, path, &diag) != ESTRO_OK) {
        print_diag(&diag);
        wrong = 1;
    } else {
        wrong = check_expectations(style, path, (const char *)text);
        es_style_free(style);
    }
    es_free(text);
    return wrong;
}

/* ---- bad ---- */

static int run_bad(const char *path)
{
    estro_diag diag;
    es_style *style;
    uint8_t *text;
    size_t size;
    char file[64] = "";
    int line = 0, column = 0, used = 0;

    assert_int_equal(es_file_read(&text, &size, path, &diag), ESTRO_OK);
    const char *at = strstr((const char *)text, "# expect-error: ");
    if (!at ||
        (sscanf(at, "# expect-error: %d:%d %n", &line, &column, &used) != 2 &&
         sscanf(at, "# expect-error: %63[a-z_/.]:%d:%d %n", file, &line, &column, &used) != 3)) {
        fail_msg("%s does not say what to expect", path);
    }
    char wanted[256];
    snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(at + used, "\r\n"), at + used);
    const estro_status status = es_style_parse(&style, (const char *)text, size, path, &diag);
    es_free(text);
    if (status == ESTRO_OK) {
        es_style_free(style);
        print_error("%s compiles\n", path);
        return 1;
    }
    const char *const source = *file ? file : path;
    const size_t tail = strlen(source), length = strlen(diag.source);
    if (diag.line != line || diag.column != column || !strstr(diag.text, wanted) || length < tail ||
        strcmp(diag.source + length - tail, source) != 0 ||
        (status != ESTRO_ERR_SYNTAX && status != ESTRO_ERR_STYLE)) {
        print_diag(&diag);
        print_error("expected %s:%d:%d %s\n", source, line, column, wanted);
        return 1;
    }
    return 0;
}

/* ---- all ---- */

static void run_all(const char *folder, int (*run)(const char *path), size_t at_least)
{
    char *paths[MAX_FILES];
    const size_t count = list_styles(folder, paths);
    int wrong = 0;

    for (size_t i = 0; i < count; i++) {
        wrong += run(paths[i]);
        es_free(paths[i]);
    }
    assert_int_equal(wrong, 0);
    assert_true(count >= at_least);
}

static void good_scripts_compile(void **state)
{
    (void)state;
    run_all("tests/style/good", run_good, 20);
}

static void bad_scripts_fail_as_they_say(void **state)
{
    (void)state;
    run_all("tests/style/bad", run_bad, 40);
}

static void shipped_styles_compile(void **state)
{
    (void)state;
    run_all("styles", run_good, 4);
}

/* ---- the reference ---- */

/* Whether a line of the text begins with this word. */
static bool has_item(const char *text, const char *word)
{
    const size_t length = strlen(word);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, length) == 0 && line[length] == ' ') {
            return true;
        }
    }
    return false;
}

/* What a fragment lacks to be a style; parts only where it has none of its own. */
static void frame(char *out, size_t size, const char *text)
{
    static const char band[] =
        "part soprano { role melody } part alto { role counter } part bass { "
        "role bass } part piano { role harmony lines 4 }\n";

    snprintf(out, size, "%s%s%s%s%s", has_item(text, "estro") ? "" : "estro 1 style frame \"\" ",
             text, has_item(text, "form") ? "" : "form { piece = <a 4 open> }\n",
             has_item(text, "harmony") ? "" : "harmony { phrase = go  go = I | I go }\n",
             has_item(text, "part") ? "" : band);
}

/* A library of the reference is kept for the styles that import it. */
static bool keep_library(const char *folder, const char *text)
{
    char path[128], name[32];

    if (sscanf(text, "estro 1 library %31s", name) != 1) {
        return false;
    }
    snprintf(path, sizeof path, "%s/%s.style", folder, name);
    assert_int_equal(es_file_write(path, text, strlen(text), NULL), ESTRO_OK);
    return true;
}

static void the_reference_is_true(void **state)
{
    static const char fence[] = "```style\n";
    char folder[] = "/tmp/estro-reference-XXXXXX", source[64], command[64];
    estro_diag diag;
    uint8_t *bytes;
    size_t size;
    int count = 0, wrong = 0;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(source, sizeof source, "%s/README", folder);
    assert_int_equal(es_file_read(&bytes, &size, "styles/README.md", &diag), ESTRO_OK);
    for (char *at = strstr((char *)bytes, fence); at; at = strstr(at, fence)) {
        char *const text = at + strlen(fence);
        char *const end = strstr(text, "\n```");
        char framed[8192];
        es_style *style;
        assert_non_null(end);
        end[1] = '\0';
        if (keep_library(folder, text)) {
            at = end + 2;
            continue;
        }
        frame(framed, sizeof framed, text);
        if (es_style_parse(&style, framed, strlen(framed), source, &diag) != ESTRO_OK) {
            print_diag(&diag);
            wrong++;
        }
        es_style_free(style);
        count++;
        at = end + 2;
    }
    es_free(bytes);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(wrong, 0);
    assert_true(count >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_scripts_compile),
        cmocka_unit_test(bad_scripts_fail_as_they_say),
        cmocka_unit_test(shipped_styles_compile),
        cmocka_unit_test(the_reference_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
