/* Modules: found, or missing with the way out said; and the clock that sleeps to an instant. */
#include "base/clock.h"
#include "base/file.h"
#include "base/module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void a_module_that_is_missing_names_what_to_install(void **state)
{
    const void *table = NULL;
    estro_diag diag = {0};

    (void)state;
    assert_int_equal(es_module_open(&table, "gramophone", &diag), ESTRO_ERR_UNSUPPORTED);
    assert_non_null(strstr(diag.text, "gramophone"));
    assert_null(table);
    /* The tests lie in a folder without modules. */
    assert_int_equal(es_module_open(&table, "sound", &diag), ESTRO_ERR_UNSUPPORTED);
    assert_non_null(strstr(diag.text, "libfluidsynth"));
}

static void a_file_that_is_no_module_is_refused(void **state)
{
    char folder[] = "/tmp/estro-test-module-XXXXXX";
    char path[64];
    char list[64];
    const void *table = NULL;
    estro_diag diag = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/estro-odd.so", folder);
    snprintf(list, sizeof list, "/nowhere::%s", folder);
    assert_int_equal(es_file_write(path, "no module", 9, NULL), ESTRO_OK);
    setenv("ESTRO_MODULES", list, 1);
    assert_int_equal(es_module_open(&table, "odd", &diag), ESTRO_ERR_UNSUPPORTED);
    assert_non_null(strstr(diag.text, "cannot open module \"odd\""));
    unsetenv("ESTRO_MODULES");
    unlink(path);
    rmdir(folder);
}

static void the_clock_goes_forward_and_wakes_not_before(void **state)
{
    const es_clock *const clock = &es_clock_monotonic;
    const uint64_t start = clock->now(clock->self);

    (void)state;
    clock->sleep_until(clock->self, start + 3000000);
    assert_true(clock->now(clock->self) >= start + 3000000);
    clock->sleep_until(clock->self, start); /* is over */
    clock->idle(clock->self, 1000000);
    assert_true(clock->now(clock->self) >= start + 4000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_that_is_missing_names_what_to_install),
        cmocka_unit_test(a_file_that_is_no_module_is_refused),
        cmocka_unit_test(the_clock_goes_forward_and_wakes_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
