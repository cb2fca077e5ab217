/*
 * Files as other programs write them: random events, written by a writer of the test's own with random liberties, read as the same events,
 * and every liberty leads to a note.
 */
#include "base/mem.h"
#include "base/rng.h"
#include "smf/smf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "midi_random.h"

enum { FILE_BYTES = 400000, MAX_JUNK = 40 };

/* What a file takes the liberty of. */
typedef struct liberties {
    bool junk_before, long_header, wrong_count, unknown_chunks, junk_after; /* About the file. */
    bool riff, riff_too_long;
    bool no_end, too_long, into_next, zero_length; /* About its last track; into_next: its first. */
    bool running_over_meta, system_messages;       /* About events. */
} liberties;

typedef struct writer {
    uint8_t bytes[FILE_BYTES];
    size_t n;
    es_rng rng;
    liberties takes;
    bool ran_over_meta, put_system; /* Whether they came up. */
} writer;

static void put(writer *w, int byte)
{
    assert_true(w->n < FILE_BYTES);
    w->bytes[w->n++] = (uint8_t)byte;
}

static void put_text(writer *w, const char *text)
{
    while (*text) {
        put(w, *text++);
    }
}

static void put_32(writer *w, uint64_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        put(w, (int)(value >> shift & 0xFF));
    }
}

static void set_32(writer *w, size_t at, uint64_t value)
{
    const size_t n = w->n;

    w->n = at;
    put_32(w, value);
    w->n = n;
}

static void put_number(writer *w, uint64_t value)
{
    for (int shift = 21; shift > 0; shift -= 7) {
        if (value >> shift ||
            es_rng_below(&w->rng, 8) == 0) { /* Longer than needed, now and then. */
            put(w, (int)(0x80 | (value >> shift & 0x7F)));
        }
    }
    put(w, (int)(value & 0x7F));
}

static void put_system_message(writer *w)
{
    static const uint8_t messages[][3] = {{1, 0xF8}, {1, 0xFE}, {2, 0xF1},
                                          {3, 0xF2}, {2, 0xF3}, {1, 0xF6}};
    const uint8_t *const message = messages[es_rng_below(&w->rng, 6)];

    put_number(w, 0);
    put(w, message[1]);
    for (int i = 1; i < message[0]; i++) {
        put(w, 5);
    }
    w->put_system = true;
}

/* An event without its step. Running status is used at random, after meta and sysex events only as a liberty. */
static void put_event(writer *w, const es_smf *smf, const es_smf_event *event, int *running,
                      bool *broken)
{
    if (event->status >= 0xF0) {
        put(w, event->status);
        if (event->status == 0xFF) {
            put(w, event->data1);
        }
        put_number(w, event->size);
        for (uint32_t i = 0; i < event->size; i++) {
            put(w, smf->bytes[event->offset + i]);
        }
        *broken = true;
        return;
    }
    const bool may_run = event->status == *running && (!*broken || w->takes.running_over_meta);
    if (may_run && es_rng_below(&w->rng, 4)) {
        w->ran_over_meta |= *broken;
    } else {
        put(w, event->status);
        *broken = false;
    }
    *running = event->status;
    put(w, event->data1);
    if ((event->status & 0xE0) != 0xC0) {
        put(w, event->data2);
    }
}

static void put_track(writer *w, const es_smf *smf, uint16_t track, size_t *next)
{
    const bool is_last = track + 1 == smf->n_tracks;
    int64_t tick = 0;
    int running = 0;
    bool broken = false;

    put_text(w, "MTrk");
    const size_t length_at = w->n;
    put_32(w, 0);
    for (; *next < smf->n_events && smf->events[*next].track == track; ++*next) {
        const es_smf_event *const event = &smf->events[*next];
        const bool is_end = event->status == 0xFF && event->data1 == ES_SMF_END_OF_TRACK;
        if (w->takes.system_messages && es_rng_below(&w->rng, 10) == 0) {
            put_system_message(w);
        }
        if (!(is_end && is_last && w->takes.no_end)) {
            put_number(w, (uint64_t)(event->tick - tick));
            put_event(w, smf, event, &running, &broken);
        }
        tick = event->tick;
    }
    uint64_t length = w->n - length_at - 4;
    if (is_last) {
        length = w->takes.zero_length ? 0 : w->takes.too_long ? length + 1000 : length;
    } else if (track == 0 && w->takes.into_next) {
        length += 3;
    }
    set_32(w, length_at, length);
}

static void put_junk(writer *w, int first)
{
    put(w, first);
    for (uint32_t n = es_rng_below(&w->rng, MAX_JUNK); n > 0; n--) {
        put(w, (int)es_rng_below(&w->rng, 256));
    }
}

static void put_smf(writer *w, const es_smf *smf)
{
    size_t next = 0;

    if (w->takes.junk_before) {
        put_junk(w, 0);
    }
    put_text(w, "MThd");
    put_32(w, w->takes.long_header ? 8 : 6);
    put(w, 0);
    put(w, smf->format);
    put(w, w->takes.wrong_count);
    put(w, smf->n_tracks);
    put(w, smf->division ? smf->division >> 8 : 256 - smf->smpte_fps);
    put(w, smf->division ? smf->division & 255 : smf->smpte_ticks);
    if (w->takes.long_header) {
        put_text(w, "xx");
    }
    for (uint16_t track = 0; track < smf->n_tracks; track++) {
        if (w->takes.unknown_chunks) {
            put_text(w, "XFIH");
            put_32(w, 3);
            put_text(w, "abc");
        }
        put_track(w, smf, track, &next);
    }
    if (w->takes.junk_after) {
        put_junk(w, 0x1A);
    }
}

static void put_file(writer *w, const es_smf *smf)
{
    size_t size_at = 0;

    if (w->takes.riff) {
        put_text(w, "RIFF....RMIDDISP");
        put(w, 3);
        put_text(w, "");
        put(w, 0);
        put(w, 0);
        put(w, 0);
        put_text(w, "abc.data");
        size_at = w->n;
        put_32(w, 0);
    }
    put_smf(w, smf);
    if (w->takes.riff) {
        const size_t length = w->n - size_at - 4 + (w->takes.riff_too_long ? 1000 : 0);
        for (int i = 0; i < 4; i++) {
            w->bytes[size_at + (size_t)i] = (uint8_t)(length >> 8 * i);
        }
        if (!w->takes.riff_too_long) {
            put_text(w, "LIST");
            put_32(w, 0);
        }
    }
}

/* Each liberty now and then; some exclude each other. */
static liberties take_liberties(es_rng *rng, const es_smf *smf)
{
    bool coin[13];

    for (int i = 0; i < 13; i++) {
        coin[i] = es_rng_below(rng, 6) == 0;
    }
    liberties takes = {coin[0], coin[1], coin[2], coin[3],  coin[4],  coin[5], coin[5] && coin[6],
                       coin[7], coin[8], coin[9], coin[10], coin[11], coin[12]};
    takes.into_next &= smf->n_tracks > 1 && !takes.unknown_chunks;
    takes.zero_length &= !takes.too_long && !takes.no_end;
    takes.no_end &= !takes.too_long;
    /* What follows the last track would be taken for its events, or for nothing at all. */
    takes.junk_after &= !takes.zero_length && !takes.too_long && !takes.no_end;
    return takes;
}

static int count_kinds(const writer *w, const es_smf *smf)
{
    const liberties *const t = &w->takes;

    return t->junk_before + t->long_header + t->wrong_count + t->unknown_chunks + t->junk_after +
           t->riff_too_long + t->no_end + (t->too_long || t->into_next || t->zero_length) +
           w->ran_over_meta + w->put_system + (smf->format == 0 && smf->n_tracks > 1);
}

static void liberties_change_no_event(void **state)
{
    static es_smf_event events[MAX_EVENTS + 8];
    static uint8_t payload[2 * MAX_PAYLOAD];
    writer *const w = calloc(1, sizeof *w);

    (void)state;
    make_payload(payload);
    for (uint64_t n = 0; n < 3000; n++) {
        es_smf smf = {.bytes = payload, .n_bytes = sizeof payload};
        es_smf back;
        estro_diag diag;
        w->n = 0;
        w->ran_over_meta = w->put_system = false;
        w->rng = es_rng_at(3, ES_FOR_TEST, n, 0, 0);
        make_random(&smf, events, &w->rng);
        w->takes = take_liberties(&w->rng, &smf);
        if (w->takes.no_end) { /* A missing end is put where the last event is. */
            es_smf_event *const end = &smf.events[smf.n_events - 1];
            const bool is_alone = smf.n_events == 1 || end[-1].track != end->track;
            end->tick = is_alone ? 0 : end[-1].tick;
        }
        put_file(w, &smf);
        uint8_t *const exact = malloc(w->n);
        memcpy(exact, w->bytes, w->n);
        if (es_smf_read(&back, exact, w->n, "test", &diag) != ESTRO_OK) {
            fail_msg("file %lu: %s at %ld", (unsigned long)n, diag.text, (long)diag.offset);
        }
        const int kinds = count_kinds(w, &smf);
        assert_int_equal(back.n_notes, kinds < ES_SMF_NOTES ? kinds : ES_SMF_NOTES);
        assert_same_smf(&smf, &back);
        es_smf_done(&back);
        free(exact);
    }
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(liberties_change_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
