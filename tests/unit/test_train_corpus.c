/* Corpora: folders of any MIDI files; what cannot be used is named, the rest is used. */
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/rng.h"
#include "smf/smf.h"
#include "train/corpus.h"

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

enum { NOTES = 60, TUNES = 14 };

static char folder[] = "/tmp/estro-corpus-XXXXXX";
static char made[64][128];
static int n_made;

static void put_file(const char *name, const void *bytes, size_t size)
{
    snprintf(made[n_made], sizeof made[0], "%s/%s", folder, name);
    assert_int_equal(es_file_write(made[n_made], bytes, size, NULL), ESTRO_OK);
    n_made++;
}

/* A tune of eighths in 6/8, by the seed. */
static void put_tune(const char *name, uint64_t seed)
{
    static const uint8_t meter[] = {6, 3, 24, 8};
    static const uint8_t scale[] = {62, 64, 66, 67, 69, 71, 73, 74};
    es_rng rng = es_rng_at(seed, ES_FOR_TEST, 0, 0, 0);
    es_smf_event events[2 + 2 * NOTES];
    size_t first[2] = {0, 2 + 2 * NOTES};
    uint8_t *bytes;
    size_t size;

    memset(events, 0, sizeof events);
    events[0] = (es_smf_event){.status = 0xff, .data1 = 0x58, .size = sizeof meter};
    for (int i = 0; i < NOTES; i++) {
        const uint8_t pitch = scale[es_rng_below(&rng, 8)];
        events[1 + 2 * i] =
            (es_smf_event){.tick = 240 * i, .status = 0x90, .data1 = pitch, .data2 = 80};
        events[2 + 2 * i] =
            (es_smf_event){.tick = 240 * (i + 1), .status = 0x80, .data1 = pitch, .data2 = 64};
    }
    events[1 + 2 * NOTES] =
        (es_smf_event){.tick = 240 * NOTES, .status = 0xff, .data1 = 0x2f, .offset = 4};
    const es_smf smf = {.format = 0,
                        .n_tracks = 1,
                        .division = 480,
                        .events = events,
                        .n_events = 2 + 2 * NOTES,
                        .track_first = first,
                        .bytes = meter,
                        .n_bytes = sizeof meter};
    assert_int_equal(es_smf_write(&bytes, &size, &smf, NULL), ESTRO_OK);
    put_file(name, bytes, size);
    es_free(bytes);
}

static int make_folder(void **state)
{
    char name[32];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(made[0], sizeof made[0], "%s/inner", folder);
    assert_int_equal(mkdir(made[0], 0700), 0);
    n_made = 1;
    for (uint64_t i = 0; i < TUNES; i++) {
        snprintf(name, sizeof name, "%s%02u.%s", i % 2 ? "inner/" : "", (unsigned)i,
                 i == 3 ? "MIDI" : "mid");
        put_tune(name, i);
    }
    put_tune("again.mid", 5);
    put_file("broken.mid", "MThd\0\0\0\6\0", 9);
    put_file("empty.mid", "", 0);
    put_file("text.mid", "no music here", 13);
    put_file("notes.txt", "no music here either", 20);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    while (n_made > 1) {
        unlink(made[--n_made]);
    }
    rmdir(made[0]);
    rmdir(folder);
    return 0;
}

static int count_named(char *seen, const char *name)
{
    int count = 0;

    for (const char *at = seen; (at = strstr(at, name)) != NULL; at++) {
        count++;
    }
    return count;
}

static void note_skipped(void *self, const char *path, const char *why)
{
    char *seen = self;

    assert_true(strlen(why) > 3);
    strcat(seen, path);
    strcat(seen, "\n");
}

static void a_folder_with_broken_files_is_read(void **state)
{
    char seen[4096] = "";
    const char *const paths[] = {folder};
    const es_corpus_options options = {
        .paths = paths, .n_paths = 1, .seed = 4, .skipped = note_skipped, .self = seen};
    es_corpus corpus, again;
    int valid = 0;

    (void)state;
    assert_int_equal(es_corpus_read(&corpus, &options, NULL), ESTRO_OK);
    assert_int_equal(corpus.n_files, TUNES + 4);
    assert_int_equal(corpus.n_pieces, TUNES);
    assert_int_equal(corpus.n_skipped, 3);
    assert_int_equal(corpus.n_duplicates, 1);
    assert_int_equal(count_named(seen, "\n"), 4);
    assert_int_equal(count_named(seen, "broken.mid"), 1);
    assert_int_equal(count_named(seen, "empty.mid"), 1);
    assert_int_equal(count_named(seen, "text.mid"), 1);
    assert_int_equal(corpus.coding.n_voices, 1);
    assert_int_equal(corpus.coding.grid, 2);
    assert_int_equal(corpus.coding.max_step, 3);
    assert_true(corpus.coding.has_bars && corpus.coding.has_onsets);
    assert_true(corpus.coding.low[0] <= 62 && corpus.coding.high[0] >= 74);
    for (size_t i = 0; i < corpus.n_pieces; i++) {
        const es_roll *roll = &corpus.pieces[i].roll;
        es_coded coded;
        assert_true(roll->has_key && roll->chord);
        valid += corpus.pieces[i].is_valid;
        assert_int_equal(es_roll_code(&coded, roll, &corpus.coding, 0, false, NULL), ESTRO_OK);
        es_coded_done(&coded);
    }
    assert_in_range(valid, 1, TUNES / 2);

    seen[0] = '\0';
    assert_int_equal(es_corpus_read(&again, &options, NULL), ESTRO_OK);
    assert_memory_equal(corpus.digest, again.digest, sizeof corpus.digest);
    assert_memory_equal(&corpus.coding, &again.coding, sizeof corpus.coding);
    es_corpus_done(&corpus);
    es_corpus_done(&again);
}

static void pieces_for_validation_may_be_named(void **state)
{
    char inner[128];
    const char *const paths[] = {folder};
    const char *const valid[] = {inner};
    const es_corpus_options options = {.paths = paths, .n_paths = 1, .valid = valid, .n_valid = 1};
    es_corpus corpus;

    (void)state;
    snprintf(inner, sizeof inner, "%s/inner", folder);
    /* The inner folder is in the outer one too: its tunes are found twice, and stay on the side of validation. */
    assert_int_equal(es_corpus_read(&corpus, &options, NULL), ESTRO_OK);
    assert_int_equal(corpus.n_pieces, TUNES);
    assert_int_equal(corpus.n_duplicates, TUNES / 2 + 1);
    for (size_t i = 0; i < corpus.n_pieces; i++) {
        assert_int_equal(corpus.pieces[i].is_valid, strstr(corpus.pieces[i].path, "inner") != NULL);
    }
    es_corpus_done(&corpus);
}

static void nothing_usable_is_an_error(void **state)
{
    const char *const nowhere[] = {"/tmp/estro-there-is-no-such-folder"};
    const char *const text[] = {made[n_made - 1]};
    es_corpus_options options = {.paths = nowhere, .n_paths = 1};
    es_corpus corpus;
    estro_diag diag;

    (void)state;
    assert_int_equal(es_corpus_read(&corpus, &options, &diag), ESTRO_ERR_IO);
    assert_non_null(strstr(diag.text, "no-such-folder"));
    options.paths = text;
    assert_int_equal(es_corpus_read(&corpus, &options, &diag), ESTRO_ERR_FORMAT);
    assert_non_null(strstr(diag.text, "notes.txt"));
    assert_null(corpus.pieces);
}

static void assert_same_pieces(const es_corpus *a, const es_corpus *b)
{
    assert_int_equal(a->n_pieces, b->n_pieces);
    assert_int_equal(a->n_notes, b->n_notes);
    assert_int_equal(a->n_skipped, b->n_skipped);
    assert_memory_equal(a->digest, b->digest, sizeof a->digest);
    assert_memory_equal(&a->coding, &b->coding, sizeof a->coding);
    for (size_t i = 0; i < a->n_pieces; i++) {
        const es_roll *x = &a->pieces[i].roll, *y = &b->pieces[i].roll;
        assert_string_equal(a->pieces[i].path, b->pieces[i].path);
        assert_int_equal(x->n_steps, y->n_steps);
        assert_int_equal(x->n_beats, y->n_beats);
        assert_memory_equal(x->pitch, y->pitch, (size_t)x->n_steps * x->n_voices);
        assert_memory_equal(x->onset, y->onset, (size_t)x->n_steps * x->n_voices);
        assert_memory_equal(x->chord, y->chord, x->n_beats * sizeof *x->chord);
    }
}

static void threads_and_the_cache_change_nothing(void **state)
{
    char plain_seen[4096] = "", cached_seen[4096] = "", cache[64];
    const char *const paths[] = {folder};
    es_corpus_options options = {
        .paths = paths, .n_paths = 1, .seed = 4, .skipped = note_skipped, .self = plain_seen};
    es_corpus plain, written, cached;
    es_path_names names;

    (void)state;
    snprintf(cache, sizeof cache, "%s-cache", folder);
    assert_int_equal(es_corpus_read(&plain, &options, NULL), ESTRO_OK);
    options.threads = 4;
    options.cache = cache;
    options.skipped = NULL;
    assert_int_equal(es_corpus_read(&written, &options, NULL), ESTRO_OK);
    options.skipped = note_skipped;
    options.self = cached_seen;
    assert_int_equal(es_corpus_read(&cached, &options, NULL), ESTRO_OK);
    assert_true(!plain.is_cached && !written.is_cached && cached.is_cached);
    assert_same_pieces(&plain, &written);
    assert_same_pieces(&plain, &cached);
    assert_string_equal(plain_seen, cached_seen);
    es_corpus_done(&plain);
    es_corpus_done(&written);
    es_corpus_done(&cached);

    assert_int_equal(es_path_list(&names, cache, NULL, NULL), ESTRO_OK);
    assert_int_equal(names.count, 1);
    char path[ES_PATH_BYTES];
    assert_true(es_path_join(path, sizeof path, cache, names.names[0]));
    unlink(path);
    es_path_names_done(&names);
    assert_int_equal(rmdir(cache), 0);
}

static void running_out_of_memory_is_reported(void **state)
{
    const char *const paths[] = {made[1], made[2]};
    const es_corpus_options options = {.paths = paths, .n_paths = 2};
    estro_status status = ESTRO_ERR_MEMORY;
    es_corpus corpus;

    (void)state;
    for (long i = 0; status != ESTRO_OK; i++) {
        assert_true(i < 2000);
        es_mem_fail_after(i);
        status = es_corpus_read(&corpus, &options, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
    }
    es_corpus_done(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_with_broken_files_is_read),
        cmocka_unit_test(pieces_for_validation_may_be_named),
        cmocka_unit_test(nothing_usable_is_an_error),
        cmocka_unit_test(threads_and_the_cache_change_nothing),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
