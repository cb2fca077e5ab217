/* Whole files: what is written is read back, nothing half made is left, errors name the file. */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

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

static char folder[] = "/tmp/estro-file-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/a", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* Fails when a temporary was left behind. */
}

static void what_is_written_is_read(void **state)
{
    enum { SIZE = 300000 };
    uint8_t *const bytes = es_calloc(SIZE, 1);
    uint8_t *back = NULL;
    size_t size = 0;

    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    const size_t sizes[] = {0, 1, 4095, SIZE};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(es_file_write(path, bytes, sizes[i], NULL), ESTRO_OK);
        assert_int_equal(es_file_read(&back, &size, path, NULL), ESTRO_OK);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(back, bytes, size);
        assert_int_equal(back[size], 0);
        es_free(back);
    }
    es_free(bytes);
}

static void errors_name_the_file(void **state)
{
    estro_diag diag;
    uint8_t *bytes = NULL;
    size_t size;

    (void)state;
    assert_int_equal(es_file_read(&bytes, &size, "/nonexistent/x", &diag), ESTRO_ERR_IO);
    assert_string_equal(diag.source, "/nonexistent/x");
    assert_non_null(strstr(diag.text, "No such file"));
    assert_int_equal(es_file_read(&bytes, &size, folder, &diag), ESTRO_ERR_IO);
    assert_null(bytes);
    assert_int_equal(es_file_write("/nonexistent/x", "a", 1, &diag), ESTRO_ERR_IO);
    assert_int_equal(es_file_write(folder, "a", 1, &diag), ESTRO_ERR_IO);
    assert_string_equal(diag.source, folder);
    char name[8];
    assert_int_equal(es_file_temporary(name, sizeof name, path, &diag), ESTRO_ERR_ARGUMENT);
}

static void a_full_disk_is_told_and_devices_stay(void **state)
{
    struct stat status;
    estro_diag diag;

    (void)state;
    if (stat("/dev/full", &status) != 0) {
        print_message("skip: no /dev/full\n");
        return;
    }
    assert_int_equal(es_file_write("/dev/full", "a", 1, &diag), ESTRO_ERR_IO);
    assert_non_null(strstr(diag.text, "No space"));
    assert_int_equal(es_file_write("/dev/null", "a", 1, &diag), ESTRO_OK);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

static void reading_survives_want_of_memory(void **state)
{
    estro_diag diag;
    uint8_t *bytes = NULL;
    size_t size;

    (void)state;
    assert_int_equal(es_file_write(path, "abc", 3, NULL), ESTRO_OK);
    es_mem_fail_after(0);
    const estro_status status = es_file_read(&bytes, &size, path, &diag);
    es_mem_fail_after(-1);
    assert_int_equal(status, ESTRO_ERR_MEMORY);
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(errors_name_the_file),
        cmocka_unit_test(a_full_disk_is_told_and_devices_stay),
        cmocka_unit_test(reading_survives_want_of_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
