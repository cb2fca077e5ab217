/* Sources: bars become messages, files become the same messages again, and the end is where it should be. */
#include "play/source.h"

#include "base/file.h"
#include "base/mem.h"
#include "fake_bars.h"
#include "recorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[64];

static int setup(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/estro-test-source-%ld.mid", (long)getpid());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static estro_status record(estro_source *source, recorder *r, bool clock)
{
    estro_sink sink = {.ops = &recorder_offline, .self = r, .wants_clock = clock};
    const estro_status status = es_render(source, &sink, NULL);

    es_source_free(source);
    return status;
}

static size_t count_lines(const char *text, const char *what)
{
    size_t count = 0;

    while ((text = strstr(text, what)) != NULL) {
        count++;
        text += strlen(what);
    }
    return count;
}

static void bars_become_messages_and_end_on_the_bar_line(void **state)
{
    fake_bars fake;
    recorder r = {0};

    (void)state;
    fake_bars_init(&fake, 8);
    assert_int_equal(record(fake_source(&fake), &r, true), ESTRO_OK);
    assert_int_equal(r.last.kind, ESTRO_FINISH);
    assert_int_equal(r.last.tick, 8 * FAKE_BAR);
    assert_int_equal(recorder_sounding(&r), 0);
    assert_true(count_lines(r.text, " f8 00 00 ") == 8 * 96);
    assert_true(count_lines(r.text, " fa 00 00 ") == 1 && count_lines(r.text, " fc 00 00 ") == 1);
    assert_true(count_lines(r.text, " 0:1 90 ") == 64 && count_lines(r.text, " 0:2 99 ") == 32);
    free(r.text);
}

static void parts_that_are_not_heard_have_no_track(void **state)
{
    fake_bars fake;
    recorder r = {0};
    estro_source *source = NULL;

    (void)state;
    fake_bars_init(&fake, 2);
    const es_bar_source bars = {
        .self = &fake, .next = fake_next, .finish = fake_finish, .style = &fake.style, .parts = 2};
    assert_int_equal(es_source_bars(&source, &bars, NULL), ESTRO_OK);
    assert_int_equal(record(source, &r, false), ESTRO_OK);
    assert_null(strstr(r.text, "lead"));
    assert_null(strstr(r.text, " 90 "));
    assert_int_equal(count_lines(r.text, " 0:1 99 "), 8);
    free(r.text);
}

static void a_composer_that_fails_is_heard_of(void **state)
{
    fake_bars fake;
    recorder r = {0};

    (void)state;
    fake_bars_init(&fake, 8);
    fake.fails_at = 3;
    assert_int_equal(record(fake_source(&fake), &r, false), ESTRO_ERR_CONFLICT);
    free(r.text);
    fake_bars_init(&fake, 8);
    r = (recorder){.fails_at = 100, .failure = ESTRO_ERR_IO};
    assert_int_equal(record(fake_source(&fake), &r, false), ESTRO_ERR_IO);
    free(r.text);
}

static void told_to_finish_it_closes_properly(void **state)
{
    fake_bars fake;
    recorder r = {0};
    es_cue cue;

    (void)state;
    fake_bars_init(&fake, 0);
    estro_source *const source = fake_source(&fake);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(es_source_next(source, &cue, NULL), ESTRO_OK);
    }
    es_source_finish(source);
    assert_int_equal(record(source, &r, false), ESTRO_OK);
    assert_int_equal(r.last.kind, ESTRO_FINISH);
    assert_int_equal(r.last.tick % (4 * FAKE_BAR), 0);
    free(r.text);
}

/* What goes into a file comes out of it: the same notes at the same times, to half a tick of the file. */
static void a_file_gives_back_what_was_written(void **state)
{
    fake_bars fake;
    recorder before = {0};
    recorder after = {0};
    estro_sink *sink = NULL;
    estro_source *source = NULL;

    (void)state;
    fake_bars_init(&fake, 8);
    assert_int_equal(record(fake_source(&fake), &before, false), ESTRO_OK);
    fake_bars_init(&fake, 8);
    source = fake_source(&fake);
    assert_int_equal(es_sink_open_kind(&sink, "smf", path, NULL, NULL), ESTRO_OK);
    assert_int_equal(es_render(source, sink, NULL), ESTRO_OK);
    assert_int_equal(estro_sink_close(sink, true, NULL), ESTRO_OK);
    es_source_free(source);
    assert_int_equal(es_source_file(&source, path, NULL), ESTRO_OK);
    assert_int_equal(record(source, &after, false), ESTRO_OK);

    assert_int_equal(before.n_messages, after.n_messages);
    assert_int_equal(before.last.tick, after.last.tick);
    assert_int_equal(before.last.time_ns / 100000, after.last.time_ns / 100000);
    assert_int_equal(recorder_sounding(&after), 0);
    assert_int_equal(count_lines(before.text, " 90 "), count_lines(after.text, " 90 "));
    assert_int_equal(count_lines(before.text, "G I"),
                     count_lines(after.text, "6:0 00 00 00 0 G I"));
    free(before.text);
    free(after.text);
}

/* ---- files from bytes ---- */

typedef struct track {
    const char *bytes;
    size_t size;
} track;

#define TRACK(text)                                                                                \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

static estro_source *from_tracks(int format, const char *division, const track *tracks, int count)
{
    char bytes[512] = "MThd\0\0\0\6";
    size_t size = 14;
    estro_source *source = NULL;

    bytes[9] = (char)format;
    bytes[11] = (char)count;
    memcpy(bytes + 12, division, 2);
    for (int i = 0; i < count; i++) {
        memcpy(bytes + size, "MTrk\0\0\0", 7);
        bytes[size + 7] = (char)tracks[i].size;
        memcpy(bytes + size + 8, tracks[i].bytes, tracks[i].size);
        size += 8 + tracks[i].size;
    }
    assert_int_equal(es_file_write(path, bytes, size, NULL), ESTRO_OK);
    assert_int_equal(es_source_file(&source, path, NULL), ESTRO_OK);
    return source;
}

static void timecode_divisions_give_seconds(void **state)
{
    /* 25 frames of 40 ticks: a tick a millisecond. The tempo event counts for nothing. */
    const track second = TRACK("\0\xFF\x51\3\1\0\0"
                               "\0\x90\x3C\x40"
                               "\x87\x68\x80\x3C\0"
                               "\0\xFF\x2F\0");
    /* 300 ticks of 29.97 frames of 10; the note-off is missing. */
    const track drop = TRACK("\0\x90\x3C\x40"
                             "\x82\x2C\xFF\x2F\0");
    recorder r = {0};

    (void)state;
    assert_int_equal(record(from_tracks(0, "\xE7\x28", &second, 1), &r, false), ESTRO_OK);
    assert_int_equal(r.last.time_ns, 1000000000);
    assert_int_equal(r.last.tick, ES_QUARTER);
    assert_int_equal(count_lines(r.text, " 1:0 00 00 00 1000000 "), 1);
    free(r.text);
    r = (recorder){0};
    assert_int_equal(record(from_tracks(0, "\xE3\x0A", &drop, 1), &r, false), ESTRO_OK);
    assert_int_equal(r.last.time_ns, 1001000000);
    assert_int_equal(recorder_sounding(&r), 0);
    free(r.text);
}

static void format_2_plays_track_after_track(void **state)
{
    const track tracks[] = {TRACK("\0\x90\x3C\x40"
                                  "\x60\x80\x3C\0"
                                  "\x60\xFF\x2F\0"),
                            TRACK("\0\x91\x3E\x40"
                                  "\x60\x81\x3E\0"
                                  "\0\xFF\x2F\0")};
    recorder r = {0};

    (void)state;
    assert_int_equal(record(from_tracks(2, "\0\x60", tracks, 2), &r, false), ESTRO_OK);
    assert_non_null(strstr(r.text, "20160 1000000000 0:1 91 3e 40"));
    assert_int_equal(r.last.tick, 3 * ES_QUARTER);
    free(r.text);
}

static void offs_go_first_across_tracks(void **state)
{
    const track tracks[] = {TRACK("\x60\x90\x3C\x40"
                                  "\x60\xFF\x2F\0"),
                            TRACK("\0\x90\x3C\x40"
                                  "\x60\x90\x3C\0"
                                  "\0\xFF\x2F\0")};
    recorder r = {0};

    (void)state;
    assert_int_equal(record(from_tracks(1, "\0\x60", tracks, 2), &r, false), ESTRO_OK);
    assert_true(strstr(r.text, "0:1 90 3c 00") < strstr(r.text, "0:0 90 3c 40"));
    assert_int_equal(recorder_sounding(&r), 0);
    free(r.text);
}

static void a_file_ends_at_the_next_bar_line_when_told(void **state)
{
    fake_bars fake;
    recorder r = {0};
    estro_sink *sink = NULL;
    estro_source *source = NULL;
    es_cue cue = {0};

    (void)state;
    fake_bars_init(&fake, 8);
    source = fake_source(&fake);
    assert_int_equal(es_sink_open_kind(&sink, "smf", path, NULL, NULL), ESTRO_OK);
    assert_int_equal(es_render(source, sink, NULL), ESTRO_OK);
    assert_int_equal(estro_sink_close(sink, true, NULL), ESTRO_OK);
    es_source_free(source);
    assert_int_equal(es_source_file(&source, path, NULL), ESTRO_OK);
    while (cue.bar < 2) {
        assert_int_equal(es_source_next(source, &cue, NULL), ESTRO_OK);
        es_ledger_see(&r.ledger, &cue.message);
    }
    assert_int_equal(cue.bar_ns, 4000000000);
    es_source_finish(source);
    assert_int_equal(record(source, &r, false), ESTRO_OK);
    assert_int_equal(r.last.kind, ESTRO_FINISH);
    assert_int_equal(r.last.tick, 3 * FAKE_BAR);
    assert_int_equal(recorder_sounding(&r), 0);
    free(r.text);
}

static void bad_files_are_refused(void **state)
{
    estro_source *source = NULL;
    estro_diag diag = {0};

    (void)state;
    assert_int_equal(es_source_file(&source, "/nowhere/at/all.mid", &diag), ESTRO_ERR_IO);
    assert_int_equal(es_file_write(path, "MThd", 4, NULL), ESTRO_OK);
    assert_int_equal(es_source_file(&source, path, &diag), ESTRO_ERR_FORMAT);
    es_source_free(NULL);
}

static void memory_may_fail_anywhere(void **state)
{
    fake_bars fake;
    bool done = false;

    (void)state;
    for (long n = 0; !done; n++) {
        estro_sink *sink = NULL;
        fake_bars_init(&fake, 2);
        es_mem_fail_after(n);
        estro_source *const source = fake_source(&fake);
        estro_status status = source ? ESTRO_OK : ESTRO_ERR_MEMORY;
        if (status == ESTRO_OK) {
            status = es_sink_open_kind(&sink, "smf", path, NULL, NULL);
        }
        if (status == ESTRO_OK) {
            status = es_render(source, sink, NULL);
        }
        const estro_status closed = estro_sink_close(sink, status == ESTRO_OK, NULL);
        es_mem_fail_after(-1);
        status = status == ESTRO_OK ? closed : status;
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        assert_int_equal(access(path, F_OK) == 0, status == ESTRO_OK);
        done = status == ESTRO_OK;
        es_source_free(source);
    }
    done = false;
    for (long n = 0; !done; n++) {
        estro_source *source = NULL;
        es_mem_fail_after(n);
        const estro_status status = es_source_file(&source, path, NULL);
        es_mem_fail_after(-1);
        assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
        done = status == ESTRO_OK;
        es_source_free(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_become_messages_and_end_on_the_bar_line),
        cmocka_unit_test(parts_that_are_not_heard_have_no_track),
        cmocka_unit_test(a_composer_that_fails_is_heard_of),
        cmocka_unit_test(told_to_finish_it_closes_properly),
        cmocka_unit_test_setup_teardown(a_file_gives_back_what_was_written, setup, teardown),
        cmocka_unit_test_setup_teardown(timecode_divisions_give_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(format_2_plays_track_after_track, setup, teardown),
        cmocka_unit_test_setup_teardown(offs_go_first_across_tracks, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_ends_at_the_next_bar_line_when_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bad_files_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_may_fail_anywhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
