/* Sinks: what they write is right, whole, or not there at all. */
#include "sink/sink.h"

#include "base/file.h"
#include "base/mem.h"
#include "messages.h"
#include "smf/files.h"

#include <dirent.h>
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

static char folder[64];
static char path[96];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/estro-test-sink-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int files_in_folder(void)
{
    DIR *const d = opendir(folder);
    int count = -2; /* . and .. */

    assert_non_null(d);
    while (readdir(d)) {
        count++;
    }
    closedir(d);
    return count;
}

static estro_status write_all(const char *kind, const char *target, bool commit, estro_diag *diag)
{
    estro_sink *sink = NULL;
    estro_status status = estro_sink_open(&sink, kind, target, NULL, diag);

    for (size_t i = 0; status == ESTRO_OK && i < N_TEST_MESSAGES; i++) {
        status = sink->ops->write(sink->self, &test_messages[i], diag);
    }
    const estro_status closed = estro_sink_close(sink, commit && status == ESTRO_OK, diag);
    return status == ESTRO_OK ? closed : status;
}

static const es_smf_event *find(const es_smf *smf, uint16_t track, uint8_t status, uint8_t data1)
{
    for (size_t i = smf->track_first[track]; i < smf->track_first[track + 1]; i++) {
        if (smf->events[i].status == status && smf->events[i].data1 == data1) {
            return &smf->events[i];
        }
    }
    fail_msg("track %d has no %02x %02x", track, status, data1);
    return NULL;
}

static void expect_bytes(const es_smf *smf, uint16_t track, uint8_t type, const char *bytes,
                         size_t size)
{
    const es_smf_event *const event = find(smf, track, 0xFF, type);

    assert_int_equal(event->size, size);
    assert_memory_equal(smf->bytes + event->offset, bytes, size);
}

static void a_midi_file_holds_what_came(void **state)
{
    es_smf smf;

    (void)state;
    assert_int_equal(write_all("smf", path, true, NULL), ESTRO_OK);
    assert_int_equal(es_smf_load(&smf, path, NULL), ESTRO_OK);
    assert_int_equal(smf.n_notes, 0); /* nothing odd about it */
    assert_int_equal(smf.format, 1);
    assert_int_equal(smf.n_tracks, 3);
    assert_int_equal(smf.division, 960);
    expect_bytes(&smf, 0, 0x01, "made by \"a test\"\n", 17);
    expect_bytes(&smf, 1, 0x03, "lead", 4);
    expect_bytes(&smf, 2, 0x03, "drums", 5);
    expect_bytes(&smf, 0, 0x51, "\x07\xA1\x20", 3);
    expect_bytes(&smf, 0, 0x58, "\x06\x03\x24\x08", 4); /* 36 clocks: a dotted quarter */
    expect_bytes(&smf, 0, 0x59, "\xFD\x01", 2);
    expect_bytes(&smf, 0, 0x06, "verse", 5);
    assert_int_equal(find(&smf, 1, 0x90, 60)->data2, 80);
    assert_int_equal(find(&smf, 1, 0x80, 60)->tick, 2880);
    assert_int_equal(find(&smf, 1, 0xE0, 0)->tick, 1440);
    assert_int_equal(find(&smf, 2, 0x99, 36)->tick, 0);
    for (uint16_t track = 0; track < 3; track++) {
        assert_int_equal(smf.events[smf.track_first[track + 1] - 1].tick, 2880);
    }
    for (size_t i = 0; i < smf.n_events; i++) {
        assert_true(smf.events[i].status != 0xF8);
    }
    es_smf_done(&smf);
}

static void text_can_be_read_and_compared(void **state)
{
    static const char *const expected =
        "       0    0.000000000  0 text \"made by \\x22a test\\x22\\x0a\"\n"
        "       0    0.000000000  1 track \"lead\"\n"
        "       0    0.000000000  2 track \"drums\"\n"
        "       0    0.000000000  0 tempo 500000 (120.000 a minute)\n"
        "       0    0.000000000  0 meter 6/8\n"
        "       0    0.000000000  0 key -3 minor\n"
        "       0    0.000000000  0 marker \"verse\"\n"
        "       0    0.000000000  0 chord \"Cm i\"\n"
        "       0    0.000000000  0 midi f8 0 0\n"
        "       0    0.000000000  1 program ch 1 40\n"
        "       0    0.000000000  1 control ch 1 7 100\n"
        "       0    0.000000000  1 note-on ch 1 60 C4 velocity 80\n"
        "       5    0.000248016  2 note-on ch 10 36 C2 velocity 90\n"
        "    5040    0.250000000  2 note-off ch 10 36 C2\n"
        "   10080    0.500000000  0 tempo 750000 (80.000 a minute)\n"
        "   15120    0.875000000  1 bend ch 1 0\n"
        "   30240    2.000000000  1 note-off ch 1 60 C4\n"
        "   30240    2.000000000  0 finish\n";
    uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(write_all("text", path, true, NULL), ESTRO_OK);
    assert_int_equal(es_file_read(&bytes, &size, path, NULL), ESTRO_OK);
    assert_string_equal((const char *)bytes, expected);
    es_free(bytes);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(write_all("smf", path, false, NULL), ESTRO_OK);
    assert_int_equal(write_all("text", path, false, NULL), ESTRO_OK);
    assert_int_equal(write_all("null", NULL, true, NULL), ESTRO_OK);
    assert_int_equal(files_in_folder(), 0);
    assert_int_equal(estro_sink_close(NULL, true, NULL), ESTRO_OK);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
    estro_diag diag = {0};
    char there[128];

    (void)state;
    snprintf(there, sizeof there, "%s/none/out.mid", folder);
    assert_int_equal(write_all("smf", there, true, &diag), ESTRO_ERR_IO);
    assert_string_equal(diag.source, there);
    assert_int_equal(write_all("smf", "/dev/full", true, &diag), ESTRO_ERR_IO);
    assert_int_equal(write_all("text", "/dev/full", true, &diag), ESTRO_ERR_IO);
    assert_int_equal(files_in_folder(), 0);
}

static void the_table_knows_names_and_versions(void **state)
{
    const estro_sink_ops strange = {.abi = ESTRO_SINK_ABI + 1};
    estro_sink *sink = NULL;
    estro_diag diag = {0};

    (void)state;
    assert_string_equal(estro_sink_kind_of("a/b.MID"), "smf");
    assert_string_equal(estro_sink_kind_of("a.midi"), "smf");
    assert_string_equal(estro_sink_kind_of("x.y.ogg"), "audio");
    assert_string_equal(estro_sink_kind_of("x.opus"), "audio");
    assert_string_equal(estro_sink_kind_of("x.txt"), "text");
    assert_string_equal(estro_sink_kind_of("-"), "smf");
    assert_null(estro_sink_kind_of("song"));
    assert_null(estro_sink_kind_of("a.mid/song"));
    assert_null(estro_sink_kind_of("song.mp3"));
    assert_null(estro_sink_kind_of("song.mi"));
    assert_int_equal(estro_sink_open(&sink, "smoke", NULL, NULL, &diag), ESTRO_ERR_ARGUMENT);
    assert_non_null(strstr(diag.text, "portmidi"));
    assert_int_equal(estro_sink_open(&sink, "smf", NULL, NULL, &diag), ESTRO_ERR_ARGUMENT);
    assert_int_equal(estro_sink_new(&sink, &strange, NULL, &diag), ESTRO_ERR_ARGUMENT);
}

static void memory_may_fail_anywhere(void **state)
{
    static const char *const kinds[] = {"smf", "text"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        estro_status status = ESTRO_ERR_MEMORY;
        for (long n = 0; status != ESTRO_OK; n++) {
            es_mem_fail_after(n);
            status = write_all(kinds[k], path, true, NULL);
            es_mem_fail_after(-1);
            assert_true(status == ESTRO_OK || status == ESTRO_ERR_MEMORY);
            assert_int_equal(files_in_folder(), status == ESTRO_OK ? 1 : 0);
        }
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_midi_file_holds_what_came, setup, teardown),
        cmocka_unit_test_setup_teardown(text_can_be_read_and_compared, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_committed_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_is_named, setup, teardown),
        cmocka_unit_test(the_table_knows_names_and_versions),
        cmocka_unit_test_setup_teardown(memory_may_fail_anywhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
