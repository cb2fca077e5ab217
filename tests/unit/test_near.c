/* Words that were meant, and names in folders. */
#include "base/near.h"
#include "base/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void counts_edits(void **state)
{
    (void)state;
    assert_int_equal(es_near_distance("chorale", "chorale"), 0);
    assert_int_equal(es_near_distance("Chorale", "chorale"), 0);
    assert_int_equal(es_near_distance("chorle", "chorale"), 1);
    assert_int_equal(es_near_distance("chroale", "chorale"), 1);
    assert_int_equal(es_near_distance("", "reel"), 4);
    assert_int_equal(es_near_distance("kitten", "sitting"), 3);
}

static void suggests_only_what_is_near(void **state)
{
    static const char *const words[] = {"chorale", "house", "ragtime", "reel"};

    (void)state;
    assert_string_equal(es_near("choral", words, 4), "chorale");
    assert_string_equal(es_near("reeel", words, 4), "reel");
    assert_string_equal(es_near("huose", words, 4), "house");
    assert_null(es_near("tango", words, 4));
    assert_null(es_near("", words, 4));
    assert_null(es_near("x", words, 4));
    assert_null(es_near("chorale", words, 0));
}

static void takes_words_of_any_length(void **state)
{
    char a[500], b[500];

    (void)state;
    memset(a, 'a', sizeof a - 1);
    memset(b, 'b', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(es_near_distance(a, b), 63);
}

static void touch(const char *folder, const char *name)
{
    char path[ES_PATH_BYTES];

    assert_true(es_path_join(path, sizeof path, folder, name));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void lists_a_folder_in_byte_order(void **state)
{
    static const char *const files[] = {"b.style", "a.style", "B.style", "a.txt"};
    char folder[] = "/tmp/estro-test-XXXXXX", path[ES_PATH_BYTES];
    es_path_names names;

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < 4; i++) {
        touch(folder, files[i]);
    }
    assert_int_equal(es_path_list(&names, folder, ".style", NULL), ESTRO_OK);
    assert_int_equal(names.count, 3);
    assert_string_equal(names.names[0], "B.style");
    assert_string_equal(names.names[1], "a.style");
    assert_string_equal(names.names[2], "b.style");
    es_path_names_done(&names);
    for (size_t i = 0; i < 4; i++) {
        assert_true(es_path_join(path, sizeof path, folder, files[i]));
        unlink(path);
    }
    rmdir(folder);

    estro_diag diag = {0};
    assert_int_equal(es_path_list(&names, folder, NULL, &diag), ESTRO_ERR_IO);
    assert_non_null(strstr(diag.text, folder));
    assert_int_equal(names.count, 0);
}

static void takes_paths_apart(void **state)
{
    char path[8], program[ES_PATH_BYTES];

    (void)state;
    assert_string_equal(es_path_base("a/b/c.mid"), "c.mid");
    assert_string_equal(es_path_base("c.mid"), "c.mid");
    assert_true(es_path_ends("c.mid", ".mid"));
    assert_false(es_path_ends("mid", ".mid"));
    assert_true(es_path_join(path, sizeof path, "abc/", "def"));
    assert_string_equal(path, "abc/def");
    assert_false(es_path_join(path, sizeof path, "abcd", "efg"));
    es_path_program(program, sizeof program);
    assert_true(es_path_is_folder(program));
    es_path_program(path, 4);
    assert_string_equal(path, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_edits),
        cmocka_unit_test(suggests_only_what_is_near),
        cmocka_unit_test(takes_words_of_any_length),
        cmocka_unit_test(lists_a_folder_in_byte_order),
        cmocka_unit_test(takes_paths_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
