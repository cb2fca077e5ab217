/* Standard MIDI files: read(write(x)) = x; what is odd is read and noted; what is broken is one error at its byte. */
#include "base/diag.h"
#include "base/mem.h"
#include "smf/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "midi_random.h"

/* ---- a file in hand ---- */

/* Bytes from "4d 54 'text' ..." : pairs of hex digits, and text between quotes. */
static size_t parse_bytes(uint8_t *out, size_t capacity, const char *text)
{
    size_t n = 0;

    while (*text) {
        assert_true(n < capacity);
        if (*text == '\'') {
            for (text++; *text != '\''; text++) {
                out[n++] = (uint8_t)*text;
            }
            text++;
        } else if (*text == ' ') {
            text++;
        } else {
            const char digits[3] = {text[0], text[1], 0};
            out[n++] = (uint8_t)strtoul(digits, NULL, 16);
            text += 2;
        }
    }
    return n;
}

#define HEADER       "'MThd' 00000006 0001 0001 0060 "
#define NOTE_AND_END "00 90 3c 40 60 80 3c 00 00 ff 2f 00"

static uint8_t bytes_of[1024];

static estro_status read_text(es_smf *smf, const char *text, estro_diag *diag)
{
    const size_t size = parse_bytes(bytes_of, sizeof bytes_of, text);

    es_diag_init(diag, NULL);
    return es_smf_read(smf, bytes_of, size, "test", diag);
}

static void is_read(const char *text, size_t n_events, const char *note)
{
    es_smf smf;
    estro_diag diag;

    const estro_status status = read_text(&smf, text, &diag);
    if (status != ESTRO_OK) {
        fail_msg("%s: %s at %ld", text, diag.text, (long)diag.offset);
    }
    assert_int_equal(smf.n_events, n_events);
    if (!note) {
        assert_int_equal(smf.n_notes, 0);
    } else {
        assert_int_equal(smf.n_notes, 1);
        assert_string_equal(smf.note[0], note);
    }
    es_smf_done(&smf);
}

static void is_broken(const char *text, int64_t offset, const char *error)
{
    es_smf smf;
    estro_diag diag;

    assert_int_equal(read_text(&smf, text, &diag), ESTRO_ERR_FORMAT);
    assert_string_equal(diag.text, error);
    assert_int_equal(diag.offset, offset);
    assert_string_equal(diag.source, "test");
}

/* ---- tests ---- */

/* A format 1 file of two tracks with an event of each kind. */
#define SAMPLE                                                                                     \
    "'MThd' 00000006 0001 0002 01e0 "                                                              \
    "'MTrk' 00000012 00 ff 51 03 07 a1 20 00 ff 03 02 'hi' 83 60 ff 2f 00 "                        \
    "'MTrk' 00000026 00 90 3c 40 10 3e 41 81 00 c0 05 00 06 00 e0 00 40 00 d1 07 "                 \
    "00 f0 03 7e 7f f7 00 f7 01 f8 05 a0 01 02 00 ff 2f 00"

static void all_kinds_of_events(void **state)
{
    static const uint8_t status[] = {0xFF, 0xFF, 0xFF, 0x90, 0x90, 0xC0, 0xC0,
                                     0xE0, 0xD1, 0xF0, 0xF7, 0xA0, 0xFF};
    static const uint8_t data1[] = {0x51, 0x03, 0x2F, 0x3C, 0x3E, 5, 6, 0, 7, 0, 0, 1, 0x2F};
    static const uint8_t data2[] = {0, 0, 0, 0x40, 0x41, 0, 0, 0x40, 0, 0, 0, 2, 0};
    static const int tick[] = {0, 0, 480, 0, 16, 144, 144, 144, 144, 144, 144, 149, 149};
    static const uint32_t size[] = {3, 2, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0};
    es_smf smf;
    estro_diag diag;

    (void)state;
    assert_int_equal(read_text(&smf, SAMPLE, &diag), ESTRO_OK);
    assert_int_equal(smf.format, 1);
    assert_int_equal(smf.n_tracks, 2);
    assert_int_equal(smf.division, 480);
    assert_int_equal(smf.track_first[1], 3);
    assert_int_equal(smf.track_first[2], 13);
    assert_int_equal(smf.n_events, 13);
    for (size_t i = 0; i < 13; i++) {
        assert_int_equal(smf.events[i].track, i >= 3);
        assert_int_equal(smf.events[i].status, status[i]);
        assert_int_equal(smf.events[i].data1, data1[i]);
        assert_int_equal(smf.events[i].data2, data2[i]);
        assert_int_equal(smf.events[i].tick, tick[i]);
        assert_int_equal(smf.events[i].size, size[i]);
    }
    assert_memory_equal(smf.bytes + smf.events[1].offset, "hi", 2);
    assert_memory_equal(smf.bytes + smf.events[9].offset, "\x7e\x7f\xf7", 3);
    assert_int_equal(smf.n_notes, 0);
    es_smf_done(&smf);
}

static void divisions(void **state)
{
    es_smf smf;
    estro_diag diag;

    (void)state;
    assert_int_equal(
        read_text(&smf, "'MThd' 00000006 0000 0001 e250 'MTrk' 0000000c " NOTE_AND_END, &diag),
        ESTRO_OK);
    assert_int_equal(smf.division, 0);
    assert_int_equal(smf.smpte_fps, 30);
    assert_int_equal(smf.smpte_ticks, 80);
    es_smf_done(&smf);
    is_broken("'MThd' 00000006 0000 0001 0000", 12, "expected a division above 0, found 0");
    is_broken("'MThd' 00000006 0000 0001 e300", 13, "expected ticks to a frame above 0, found 0");
    is_broken("'MThd' 00000006 0000 0001 f028", 12,
              "expected a frame rate of 24, 25, 29 or 30, found 16");
}

static void odd_files_are_read_and_noted(void **state)
{
    (void)state;
    is_read(HEADER "'MTrk' 0000000c " NOTE_AND_END, 3, NULL);
    is_read("'RIFF' 00000000 'RMID' 'DISP' 03000000 01020300 'data' 22000000 " HEADER
            "'MTrk' 0000000c " NOTE_AND_END "'LIST' 00000000",
            3, NULL);
    is_read("'RIFF' 00000000 'RMID' 'data' ff000000 " HEADER "'MTrk' 0000000c " NOTE_AND_END, 3,
            "RIFF data longer than the file (byte 16)");
    is_read("00 01 02 " HEADER "'MTrk' 0000000c " NOTE_AND_END, 3,
            "bytes before the header (byte 0)");
    is_read("'MThd' 00000008 0001 0001 0060 0000 'MTrk' 0000000c " NOTE_AND_END, 3,
            "header longer than 6 bytes (byte 4)");
    is_read("'MThd' 00000006 0001 0005 0060 'MTrk' 0000000c " NOTE_AND_END, 3,
            "header tells another number of tracks (byte 10)");
    is_read("'MThd' 00000006 0000 0002 0060 'MTrk' 0000000c " NOTE_AND_END
            "'MTrk' 0000000c " NOTE_AND_END,
            6, "format 0 with more than one track (byte 8)");
    is_read(HEADER "'MTrk' 000000ff " NOTE_AND_END, 3, "wrong length of a track (byte 18)");
    is_read(HEADER "'MTrk' 00000000 " NOTE_AND_END, 3, "wrong length of a track (byte 18)");
    is_read("'MThd' 00000006 0001 0002 0060 'MTrk' 00000015 " NOTE_AND_END
            "'MTrk' 0000000c " NOTE_AND_END,
            6, "wrong length of a track (byte 34)");
    is_read(HEADER "'MTrk' 00000008 00 90 3c 40 60 80 3c 00", 3,
            "track without end of track (byte 30)");
    is_read(HEADER "'MTrk' 0000000e " NOTE_AND_END "0000", 3, "bytes after end of track (byte 34)");
    is_read(HEADER "'MTrk' 00000013 00 90 3c 40 00 ff 01 01 'x' 00 3d 40 00 3e 40 00 ff 2f 00", 5,
            "running status after a meta or sysex event (2 times, first at byte 32)");
    is_read(HEADER "'MTrk' 0000000a 00 f8 10 f2 01 02 00 ff 2f 00", 1,
            "system real-time or common message skipped (2 times, first at byte 23)");
    is_read(HEADER "'MTrk' 00000008 00 ff 90 00 00 ff 2f 00", 2,
            "meta event of a type over 127 (byte 24)");
    is_read(HEADER "'MTrk' 0000000c " NOTE_AND_END "00 1a 1a", 3,
            "bytes after the last track (byte 34)");
    is_read(HEADER "'MTrk' 0000000c " NOTE_AND_END "'XFIH' 00ffffff 00", 3,
            "unknown chunk skipped (byte 34)");
}

static void broken_files_are_one_error(void **state)
{
    (void)state;
    is_broken("", 0, "expected \"MThd\", found the end of the file");
    is_broken("'hello, world'", 0, "expected \"MThd\", found 0x68");
    is_broken("'MThd' 0000", 6, "expected 14 bytes of header, found the end of the file");
    is_broken("'MThd' 00000005 0001 0001 0060", 4, "expected a header length of 6, found 5");
    is_broken("'MThd' 00000006 0003 0001 0060", 8, "expected format 0, 1 or 2, found 3");
    is_broken(HEADER, 14, "expected \"MTrk\", found the end of the file");
    is_broken(HEADER "0000000000000000", 14, "expected \"MTrk\", found 0x00");
    is_broken("'RIFF' 00000000 'WAVE'", 8, "expected \"RMID\", found 0x57");
    is_broken("'RIFF' 00000000 'RMID' 'LIST' 04000000 00000000", 24,
              "expected a chunk \"data\", found the end of the file");
    is_broken(HEADER "'MTrk' 00000004 00 3c 40 00", 23,
              "expected a status byte (0x80-0xff), found 0x3c");
    is_broken(HEADER "'MTrk' 00000004 00 90 3c 80", 25,
              "expected a data byte (0x00-0x7f), found 0x80");
    is_broken(HEADER "'MTrk' 00000003 00 90 3c 'MTrk'", 25,
              "expected a data byte (0x00-0x7f), found the end of the track");
    is_broken(HEADER "'MTrk' 00000003 00 90 3c", 25,
              "expected a data byte (0x00-0x7f), found the end of the file");
    is_broken(HEADER "'MTrk' 00000003 00 f4 00", 23,
              "expected a status byte that exists, found 0xf4");
    is_broken(HEADER "'MTrk' 00000009 81 82 83 84 05 ff 2f 00 00", 22,
              "expected a step of time of at most four bytes, found a longer one");
    is_broken(HEADER "'MTrk' 00000009 00 ff 01 81 82 83 84 05 00", 25,
              "expected the length of an event of at most four bytes, found a longer one");
    is_broken(HEADER "'MTrk' 00000006 00 ff 01 05 00 00 'MTrk'", 25,
              "expected 5 bytes of an event, found 2 before the end of the track");
}

/* Cut anywhere, a file is refused at a byte inside it, or read with a note. */
static void every_truncation_is_told(void **state)
{
    estro_diag diag;
    es_smf smf;
    int n_read = 0;

    (void)state;
    const size_t size = parse_bytes(bytes_of, sizeof bytes_of, SAMPLE);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *const exact =
            malloc(cut ? cut : 1); /* So that an address checker sees a read beyond it. */
        memcpy(exact, bytes_of, cut);
        const estro_status status = es_smf_read(&smf, exact, cut, "test", &diag);
        if (status == ESTRO_OK) {
            assert_true(smf.n_notes > 0);
            n_read++;
            es_smf_done(&smf);
        } else {
            assert_int_equal(status, ESTRO_ERR_FORMAT);
            assert_true(diag.offset >= 0 && diag.offset <= (int64_t)cut);
            assert_non_null(strstr(diag.text, "expected"));
        }
        free(exact);
    }
    assert_true(n_read > 10);
}

/* ---- the property ---- */

static void what_is_written_is_read(void **state)
{
    static es_smf_event events[MAX_EVENTS + 8];
    static uint8_t payload[2 * MAX_PAYLOAD];

    (void)state;
    make_payload(payload);
    for (uint64_t n = 0; n < 2000; n++) {
        es_rng rng = es_rng_at(1, ES_FOR_TEST, n, 0, 0);
        es_smf smf = {.bytes = payload, .n_bytes = sizeof payload};
        es_smf back;
        uint8_t *bytes = NULL;
        size_t size = 0;
        make_random(&smf, events, &rng);
        assert_int_equal(es_smf_write(&bytes, &size, &smf, NULL), ESTRO_OK);
        assert_int_equal(es_smf_read(&back, bytes, size, "test", NULL), ESTRO_OK);
        assert_int_equal(back.n_notes, 0);
        assert_same_smf(&smf, &back);
        es_smf_done(&back);
        es_free(bytes);
    }
}

/* Tracks made one by one are the file that is written of all events at once. */
static void tracks_can_be_made_one_by_one(void **state)
{
    static es_smf_event events[MAX_EVENTS + 8];
    static uint8_t payload[2 * MAX_PAYLOAD];

    int n_same = 0;

    (void)state;
    make_payload(payload);
    for (uint64_t n = 0; n < 2000; n++) {
        es_rng rng = es_rng_at(1, ES_FOR_TEST, n, 1, 0);
        es_smf smf = {.bytes = payload, .n_bytes = sizeof payload};
        es_smf_track *tracks;
        uint8_t *bytes[2] = {NULL, NULL};
        size_t size[2];
        int64_t end = 0;
        make_random(&smf, events, &rng);
        if (smf.format != 1 || smf.division == 0) {
            continue;
        }
        tracks = calloc(smf.n_tracks, sizeof *tracks);
        for (size_t i = 0; i < smf.n_events; i++) {
            end = events[i].tick > end ? events[i].tick : end;
        }
        for (size_t i = 0; i < smf.n_events; i++) {
            const bool is_end =
                events[i].status == ES_SMF_META && events[i].data1 == ES_SMF_END_OF_TRACK;
            if (is_end) {
                events[i].tick = end;
            } else {
                assert_int_equal(es_smf_track_add(&tracks[events[i].track], &events[i],
                                                  payload + events[i].offset, NULL),
                                 ESTRO_OK);
            }
        }
        /* Ends that lie too far behind are refused by both. */
        const estro_status status = es_smf_write(&bytes[0], &size[0], &smf, NULL);
        assert_int_equal(es_smf_join(&bytes[1], &size[1], tracks, smf.n_tracks, end,
                                     (uint16_t)smf.division, NULL),
                         status);
        if (status == ESTRO_OK) {
            n_same++;
            assert_int_equal(size[0], size[1]);
            assert_memory_equal(bytes[0], bytes[1], size[0]);
        }
        for (uint16_t t = 0; t < smf.n_tracks; t++) {
            es_smf_track_done(&tracks[t]);
        }
        free(tracks);
        es_free(bytes[0]);
        es_free(bytes[1]);
    }
    assert_true(n_same > 10);
}

static void a_track_refuses_what_is_out_of_order(void **state)
{
    const es_smf_event note = {.tick = 5, .status = 0x90, .data1 = 60, .data2 = 1};
    const es_smf_event early = {.tick = 4, .status = 0x90, .data1 = 60, .data2 = 1};
    const es_smf_event end = {.tick = 6, .status = ES_SMF_META, .data1 = ES_SMF_END_OF_TRACK};
    const es_smf_event wrong = {.tick = 6, .status = 0x90, .data1 = 128, .data2 = 1};
    es_smf_track track = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(es_smf_track_add(&track, &note, NULL, NULL), ESTRO_OK);
    assert_int_equal(es_smf_track_add(&track, &early, NULL, NULL), ESTRO_ERR_ARGUMENT);
    assert_int_equal(es_smf_track_add(&track, &end, NULL, NULL), ESTRO_ERR_ARGUMENT);
    assert_int_equal(es_smf_track_add(&track, &wrong, NULL, NULL), ESTRO_ERR_ARGUMENT);
    assert_int_equal(es_smf_join(&bytes, &size, &track, 1, 4, 96, NULL), ESTRO_ERR_ARGUMENT);
    assert_null(bytes);
    es_smf_track_done(&track);
}

static void tracks_without_end_get_one(void **state)
{
    es_smf_event events[] = {{.tick = 5, .track = 1, .status = 0x90, .data1 = 60, .data2 = 1}};
    const es_smf smf = {
        .format = 1, .n_tracks = 3, .division = 96, .events = events, .n_events = 1};
    es_smf back;
    uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(es_smf_write(&bytes, &size, &smf, NULL), ESTRO_OK);
    assert_int_equal(es_smf_read(&back, bytes, size, "test", NULL), ESTRO_OK);
    assert_int_equal(back.n_notes, 0);
    assert_int_equal(back.n_events, 4);
    assert_int_equal(back.events[2].tick, 5);
    es_smf_done(&back);
    es_free(bytes);
}

static void is_refused(es_smf_event first, es_smf_event second)
{
    es_smf_event events[] = {first, second};
    const es_smf smf = {
        .format = 1, .n_tracks = 2, .division = 96, .events = events, .n_events = 2};
    uint8_t *bytes = NULL;
    size_t size = 0;

    assert_int_equal(es_smf_write(&bytes, &size, &smf, NULL), ESTRO_ERR_ARGUMENT);
    assert_null(bytes);
}

static void events_that_make_no_file_are_refused(void **state)
{
    const es_smf_event good = {.tick = 8, .status = 0x90, .data1 = 60, .data2 = 1};
    es_smf_event bad = good;

    (void)state;
    bad.tick = 7;
    is_refused(good, bad);
    bad.tick = 8 + 0x10000000;
    is_refused(good, bad);
    bad = good;
    bad.tick = -1;
    is_refused(bad, good);
    bad = good;
    bad.data2 = 128;
    is_refused(good, bad);
    bad = good;
    bad.status = 0xF8;
    is_refused(good, bad);
    bad = good;
    bad.track = 2;
    is_refused(good, bad);
    bad.track = 1;
    is_refused(bad, good);
    bad = (es_smf_event){.tick = 8, .status = 0xFF, .data1 = 1, .size = 1};
    is_refused(good, bad);
    bad = (es_smf_event){.tick = 8, .status = 0xFF, .data1 = ES_SMF_END_OF_TRACK};
    is_refused(bad, good);
}

static void want_of_memory_is_told(void **state)
{
    es_smf smf;
    estro_diag diag;
    uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    es_mem_fail_after(-1);
    assert_int_equal(read_text(&smf, SAMPLE, &diag), ESTRO_OK);
    const long needed = (long)es_mem_fail_after(-1);
    es_smf back;
    for (long n = 0; n < needed; n++) {
        es_mem_fail_after(n);
        const estro_status status = es_smf_read(&back, bytes_of, smf.n_bytes, "test", &diag);
        es_mem_fail_after(-1);
        assert_int_equal(status, ESTRO_ERR_MEMORY);
    }
    es_mem_fail_after(0);
    const estro_status status = es_smf_write(&bytes, &size, &smf, &diag);
    es_mem_fail_after(-1);
    assert_int_equal(status, ESTRO_ERR_MEMORY);
    assert_null(bytes);
    es_smf_done(&smf);
    es_smf_done(&smf);
}

static void what_cannot_be_loaded_leaves_nothing(void **state)
{
    static const char broken[] = "MThd and no more";
    es_smf smf;
    estro_diag diag = {0};
    uint8_t *bytes = es_calloc(1, sizeof broken);

    (void)state;
    assert_int_equal(es_smf_load(&smf, "no/such/file.mid", &diag), ESTRO_ERR_IO);
    assert_null(smf.events);
    assert_non_null(bytes);
    memcpy(bytes, broken, sizeof broken);
    assert_int_equal(es_smf_take(&smf, bytes, sizeof broken, "test", &diag), ESTRO_ERR_FORMAT);
    assert_null(smf.events);
    assert_null(smf.owned);
    es_smf_done(&smf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_events),
        cmocka_unit_test(divisions),
        cmocka_unit_test(odd_files_are_read_and_noted),
        cmocka_unit_test(broken_files_are_one_error),
        cmocka_unit_test(every_truncation_is_told),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(tracks_can_be_made_one_by_one),
        cmocka_unit_test(a_track_refuses_what_is_out_of_order),
        cmocka_unit_test(tracks_without_end_get_one),
        cmocka_unit_test(events_that_make_no_file_are_refused),
        cmocka_unit_test(want_of_memory_is_told),
        cmocka_unit_test(what_cannot_be_loaded_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
