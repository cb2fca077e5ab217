/* Styles of several files: where they are found, how deep they go, what their digest is made of. */
#include "base/file.h"
#include "base/mem.h"
#include "style/style.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define MUSIC                                                                                      \
    "form { piece = <a 4 open> }\nharmony { phrase = I | I phrase }\npart p { role melody }\n"

static char folder[] = "/tmp/estro-sources-XXXXXX";
static char lib[64], path[128];

static const char *write_to(const char *where, const char *name, const char *text)
{
    snprintf(path, sizeof path, "%s/%s.style", where, name);
    assert_int_equal(es_file_write(path, text, strlen(text), NULL), ESTRO_OK);
    return path;
}

static estro_status parse(es_style **out, const char *text, estro_diag *diag)
{
    char source[128];

    snprintf(source, sizeof source, "%s/main.style", folder);
    return es_style_parse(out, text, strlen(text), source, diag);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(lib, sizeof lib, "%s/lib", folder);
    return mkdir(lib, 0700) || setenv("ESTRO_PATH", "", 1);
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

/* A chain of `n` libraries below a style. */
static estro_status chain(int n, estro_diag *diag)
{
    char name[16], text[128];
    es_style *style = NULL;

    for (int i = 1; i <= n; i++) {
        snprintf(name, sizeof name, "deep%d", i);
        snprintf(text, sizeof text,
                 i < n ? "estro 1 library %s \"\"\nimport deep%d\n" : "estro 1 library %s \"\"\n",
                 name, i + 1);
        write_to(lib, name, text);
    }
    const estro_status status = parse(&style, "estro 1 style x \"\"\nimport deep1\n" MUSIC, diag);
    es_style_free(style);
    return status;
}

static void imports_go_sixteen_deep(void **state)
{
    estro_diag diag = {0};

    (void)state;
    assert_int_equal(chain(16, &diag), ESTRO_OK);
    assert_int_equal(chain(17, &diag), ESTRO_ERR_STYLE);
    assert_string_equal(diag.text, "imports are more than 16 deep");
    assert_non_null(strstr(diag.source, "/lib/deep16.style"));
    assert_string_equal(diag.excerpt, "import deep17");
}

static void a_style_is_made_of_so_many_files(void **state)
{
    char name[16], text[4096] = "estro 1 style x \"\"\n";
    es_style *style = NULL;
    estro_diag diag = {0};

    (void)state;
    for (int i = 0; i < ES_MAX_SOURCES; i++) {
        snprintf(name, sizeof name, "many%d", i);
        write_to(lib, name, "estro 1 library many \"\"\n");
        snprintf(text + strlen(text), sizeof text - strlen(text), "import %s\n", name);
    }
    assert_int_equal(parse(&style, text, &diag), ESTRO_ERR_STYLE);
    assert_string_equal(diag.text, "a style is made of at most 64 files");
    assert_int_equal(diag.line, 1 + ES_MAX_SOURCES);
}

/* The folder of the file that asks comes first, then lib/ below it. */
static void the_nearest_file_is_meant(void **state)
{
    es_style *style;

    (void)state;
    write_to(lib, "near", "estro 1 library near \"\"\ntempo 50\n");
    assert_int_equal(parse(&style, "estro 1 style x : near \"\"\n" MUSIC, NULL), ESTRO_OK);
    assert_true(style->tempo.low > 49 && style->tempo.low < 51);
    es_style_free(style);
    write_to(folder, "near", "estro 1 library near \"\"\ntempo 60\n");
    assert_int_equal(parse(&style, "estro 1 style x : near \"\"\n" MUSIC, NULL), ESTRO_OK);
    assert_true(style->tempo.low > 59 && style->tempo.low < 61);
    es_style_free(style);
}

/* A folder that cannot be there, then one of ESTRO_PATH. */
static void folders_of_styles_are_searched(void **state)
{
    es_style *style;
    char far_off[64];

    (void)state;
    snprintf(far_off, sizeof far_off, "%s/far", folder);
    assert_int_equal(mkdir(far_off, 0700), 0);
    write_to(far_off, "distant", "estro 1 library distant \"\"\n");
    assert_int_equal(parse(&style, "estro 1 style x : distant \"\"\n" MUSIC, NULL),
                     ESTRO_ERR_STYLE);
    assert_int_equal(setenv("ESTRO_PATH", far_off, 1), 0);
    assert_int_equal(parse(&style, "estro 1 style x : distant \"\"\n" MUSIC, NULL), ESTRO_OK);
    es_style_free(style);
    assert_int_equal(setenv("ESTRO_PATH", "", 1), 0);
}

/* A file that two import is read once, so what the first of them changes in it stays. */
static void a_file_is_read_once(void **state)
{
    es_style *style;

    (void)state;
    write_to(lib, "ground", "estro 1 library ground \"\"\ntempo 50\nnever cross\n");
    write_to(lib, "left", "estro 1 library left \"\"\nimport ground\ntempo 60\n");
    write_to(lib, "right", "estro 1 library right \"\"\nimport ground\n");
    assert_int_equal(parse(&style, "estro 1 style x \"\"\nimport left\nimport right\n" MUSIC, NULL),
                     ESTRO_OK);
    assert_int_equal(style->n_sources, 4);
    assert_int_equal(style->n_constraints, 1);
    assert_true(style->tempo.low > 59);
    assert_string_equal(es_style_source(style, style->constraints[0].line), style->sources[2]);
    assert_int_equal(es_style_line(style->constraints[0].line), 3);
    es_style_free(style);
}

static void the_digest_is_of_all_files(void **state)
{
    static const char text[] = "estro 1 style x \"\"\nimport dig\n" MUSIC;
    uint8_t before[8];
    es_style *style;

    (void)state;
    write_to(lib, "dig", "estro 1 library dig \"\"\n");
    assert_int_equal(parse(&style, text, NULL), ESTRO_OK);
    memcpy(before, style->digest, sizeof before);
    es_style_free(style);
    assert_int_equal(parse(&style, text, NULL), ESTRO_OK);
    assert_memory_equal(before, style->digest, sizeof before);
    es_style_free(style);
    write_to(lib, "dig", "estro 1 library dig \"x\"\n");
    assert_int_equal(parse(&style, text, NULL), ESTRO_OK);
    assert_memory_not_equal(before, style->digest, sizeof before);
    es_style_free(style);
}

static void no_memory_is_said(void **state)
{
    static const char text[] = "estro 1 style x : left \"\"\nimport right\n" MUSIC;
    es_style *style = NULL;
    estro_status status = ESTRO_ERR_MEMORY;
    long n;

    (void)state;
    for (n = 0; status == ESTRO_ERR_MEMORY && n < 10000; n++) {
        es_mem_fail_after(n);
        status = parse(&style, text, NULL);
        es_mem_fail_after(-1);
    }
    assert_int_equal(status, ESTRO_OK);
    assert_true(n > 4);
    es_style_free(style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_go_sixteen_deep),
        cmocka_unit_test(a_style_is_made_of_so_many_files),
        cmocka_unit_test(the_nearest_file_is_meant),
        cmocka_unit_test(folders_of_styles_are_searched),
        cmocka_unit_test(a_file_is_read_once),
        cmocka_unit_test(the_digest_is_of_all_files),
        cmocka_unit_test(no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
