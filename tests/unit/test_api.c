/* The public functions, as a host calls them: options, what a bar holds, failures, memory that runs out. */
#include "base/mem.h"

#include <estro/estro.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char text[] = "estro 1\nstyle small \"A small style\"\nmeter 3/4\ntempo 90\nkeys D\n"
                           "form { piece = <a 4 half> <b 4 authentic> }\n"
                           "harmony { phrase(half) = I:3 IV:3 I:3 V:3\n"
                           "          phrase(authentic) = I:3 vi:3 V:3 I:3 }\n"
                           "part top { role melody range D4..D6 grid 8 }\n"
                           "part low { role bass range D2..D4 grid 4 }\n"
                           "texture main { top free low free }\n"
                           "group both = top low by model absent\n";

static estro_style *small_style(void)
{
    estro_style *style = NULL;

    assert_int_equal(estro_style_parse(&style, text, sizeof text - 1, "small", NULL, NULL), ESTRO_OK);
    return style;
}

static estro_status compose(const estro_style *style, const estro_compose_options *options,
                            estro_diag *diag)
{
    estro_composer *composer = NULL;
    const estro_status status = estro_composer_new(&composer, style, options, diag);

    estro_composer_free(composer);
    return status;
}

static void says_what_it_is(void **state)
{
    (void)state;
    assert_string_equal(estro_version(), "0.1.0");
    assert_non_null(strstr(estro_features(), "smf"));
    assert_int_equal(estro_feature_check("smf", NULL), ESTRO_OK);
    assert_int_equal(estro_feature_check("teleport", NULL), ESTRO_ERR_ARGUMENT);
}

static void style_has_names(void **state)
{
    estro_style *style = small_style();

    (void)state;
    assert_string_equal(estro_style_name(style), "small");
    assert_string_equal(estro_style_title(style), "A small style");
    assert_string_equal(estro_style_model(style, 0), "absent");
    assert_null(estro_style_model(style, 1));
    estro_style_free(style);
}

static void frees_nothing(void **state)
{
    (void)state;
    estro_style_free(NULL);
    estro_model_free(NULL);
    estro_composer_free(NULL);
    estro_source_free(NULL);
    estro_analysis_free(NULL);
    estro_training_free(NULL);
    assert_int_equal(estro_sink_close(NULL, true, NULL), ESTRO_OK);
}

static void composes_bar_by_bar(void **state)
{
    estro_style *style = small_style();
    estro_compose_options options = estro_compose_options_default();
    estro_composer *composer = NULL;
    estro_bar bar;
    uint32_t bars = 0;

    (void)state;
    options.key = "Eb major";
    options.tempo = 100;
    assert_int_equal(estro_composer_new(&composer, style, &options, NULL), ESTRO_OK);
    const estro_frame frame = estro_composer_frame(composer);
    assert_string_equal(frame.key, "Eb major");
    assert_int_equal(frame.bars, 8);
    assert_int_equal(frame.meter_numerator, 3);
    assert_non_null(strstr(estro_composer_about(composer), "; key Eb major; tempo 100"));
    while (estro_composer_next(composer, &bar, NULL) == ESTRO_OK) {
        assert_int_equal(bar.index, bars);
        assert_int_equal(bar.start, (int64_t)bars * 3 * 10080);
        assert_int_equal(bar.is_last, bars == 7);
        for (size_t i = 0; i < bar.n_notes; i++) {
            assert_in_range(bar.notes[i].start - bar.start, 0, bar.length - 1);
        }
        bars++;
    }
    assert_int_equal(bars, 8);
    assert_string_equal(estro_composer_form(composer), "piece piece");
    assert_true(estro_composer_stats(composer).nats_sampler > 0);
    estro_composer_free(composer);
    estro_style_free(style);
}

static void only_the_named_parts_are_heard(void **state)
{
    estro_style *style = small_style();
    estro_compose_options options = estro_compose_options_default();
    estro_composer *all = NULL, *low = NULL;
    estro_bar a, b;

    (void)state;
    assert_int_equal(estro_composer_new(&all, style, &options, NULL), ESTRO_OK);
    options.parts = "low";
    assert_int_equal(estro_composer_new(&low, style, &options, NULL), ESTRO_OK);
    while (estro_composer_next(all, &a, NULL) == ESTRO_OK) {
        size_t heard = 0;
        assert_int_equal(estro_composer_next(low, &b, NULL), ESTRO_OK);
        for (size_t i = 0; i < a.n_notes; i++) {
            if (a.notes[i].part == 1) {
                assert_true(heard < b.n_notes);
                assert_int_equal(b.notes[heard].key, a.notes[i].key);
                assert_int_equal(b.notes[heard].start, a.notes[i].start);
                heard++;
            }
        }
        assert_int_equal(heard, b.n_notes);
    }
    estro_composer_free(all);
    estro_composer_free(low);
    estro_style_free(style);
}

static void refuses_options_that_make_no_sense(void **state)
{
    estro_style *style = small_style();
    const estro_compose_options usual = estro_compose_options_default();
    estro_compose_options o;
    estro_diag diag;

    (void)state;
#define REFUSED(member, value, part)                                                               \
    o = usual;                                                                                     \
    o.member = value;                                                                              \
    assert_int_equal(compose(style, &o, &diag), ESTRO_ERR_ARGUMENT);                               \
    assert_non_null(strstr(diag.text, part))
    REFUSED(key, "H", "'H'");
    REFUSED(key, "C major!", "C major!");
    REFUSED(tempo, -1, "tempo");
    REFUSED(tempo, 1e9, "tempo");
    REFUSED(seconds, -1, "duration");
    REFUSED(temperature, 0, "temperature");
    REFUSED(candidates, 65, "candidates");
    REFUSED(chords, "Q", "chord symbol");
    REFUSED(parts, "top,,low", "parts are top low");
    REFUSED(parts, "topp", "'topp'");
    REFUSED(n_models, ESTRO_MAX_MODELS + 1, "models");
#undef REFUSED
    assert_int_equal(compose(NULL, &usual, &diag), ESTRO_ERR_ARGUMENT);
    estro_style_free(style);
}

/** A host built against an older header has a shorter struct: what lies beyond it is not read. */
static void takes_shorter_options(void **state)
{
    estro_style *style = small_style();
    estro_compose_options options;

    (void)state;
    memset(&options, 0xff, sizeof options);
    options.size = (uint32_t)offsetof(estro_compose_options, key);
    options.seed = 3;
    assert_int_equal(compose(style, &options, NULL), ESTRO_OK);
    assert_int_equal(compose(style, NULL, NULL), ESTRO_OK);
    estro_style_free(style);
}

static void finds_by_path_and_by_name(void **state)
{
    char folder[] = "/tmp/estro-test-XXXXXX", file[64], path[256];
    estro_diag diag;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/zither.style", folder);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    setenv("ESTRO_PATH", folder, 1);
    assert_int_equal(estro_find(path, sizeof path, "zither", ".style", &diag), ESTRO_OK);
    assert_string_equal(path, file);
    assert_int_equal(estro_find(path, sizeof path, file, ".style", &diag), ESTRO_OK);
    assert_string_equal(path, file);
    assert_int_equal(estro_find(path, sizeof path, "zithre", ".style", &diag), ESTRO_ERR_IO);
    assert_non_null(strstr(diag.text, "did you mean 'zither'"));
    assert_int_equal(estro_find(path, 4, "zither", ".style", &diag), ESTRO_ERR_IO);
    assert_int_equal(estro_find(path, sizeof path, "", ".style", &diag), ESTRO_ERR_ARGUMENT);
    unsetenv("ESTRO_PATH");
    unlink(file);
    rmdir(folder);
}

/** Compose a piece with few allocations allowed. */
static estro_status poor(const estro_style *style, long allocations)
{
    estro_compose_options options = estro_compose_options_default();
    estro_composer *composer = NULL;
    estro_bar bar;

    options.chords = "D | G A";
    options.parts = "top";
    es_mem_fail_after(allocations);
    estro_status status = estro_composer_new(&composer, style, &options, NULL);
    while (status == ESTRO_OK) {
        status = estro_composer_next(composer, &bar, NULL);
    }
    estro_composer_free(composer);
    es_mem_fail_after(-1);
    return status;
}

static void survives_lack_of_memory(void **state)
{
    estro_style *style = NULL;
    estro_status status;
    long allowed = 0;

    (void)state;
    do {
        es_mem_fail_after(allowed++);
        status = estro_style_parse(&style, text, sizeof text - 1, "small", NULL, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || (status == ESTRO_ERR_MEMORY && !style));
    } while (status != ESTRO_OK);
    for (allowed = 0; (status = poor(style, allowed)) != ESTRO_END; allowed++) {
        assert_int_equal(status, ESTRO_ERR_MEMORY);
    }
    assert_true(allowed > 3);
    estro_style_free(style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_is),
        cmocka_unit_test(style_has_names),
        cmocka_unit_test(frees_nothing),
        cmocka_unit_test(composes_bar_by_bar),
        cmocka_unit_test(only_the_named_parts_are_heard),
        cmocka_unit_test(refuses_options_that_make_no_sense),
        cmocka_unit_test(takes_shorter_options),
        cmocka_unit_test(finds_by_path_and_by_name),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
