/*
 * Playing: on a clock of its own it gives the messages that rendering gives; however it ends nothing is left sounding; what
 * comes late is counted and does not hold up the rest.
 */
#include "play/player.h"

#include "base/mem.h"
#include "fake_bars.h"
#include "recorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A clock on which waiting takes no time. It stands still while a thread waits for another. */
typedef struct virtual_clock {
    atomic_uint_fast64_t now_ns;
} virtual_clock;

static uint64_t virtual_now(void *self)
{
    return atomic_load(&((virtual_clock *)self)->now_ns);
}

static void virtual_sleep_until(void *self, uint64_t deadline_ns)
{
    virtual_clock *const clock = self;

    if (deadline_ns > atomic_load(&clock->now_ns)) {
        atomic_store(&clock->now_ns, deadline_ns);
    }
}

static void virtual_idle(void *self, uint64_t span_ns)
{
    (void)self;
    es_clock_monotonic.idle(NULL, span_ns < 200000 ? span_ns : 200000);
}

static virtual_clock time_of_test;
static const es_clock test_clock = {virtual_now, virtual_sleep_until, virtual_idle, &time_of_test};
static fake_bars fake;
static recorder record;

static int setup(void **state)
{
    (void)state;
    atomic_store(&time_of_test.now_ns, 1000);
    record = (recorder){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(record.text);
    return 0;
}

static estro_sink live_sink(void)
{
    return (estro_sink){.ops = &recorder_live, .self = &record};
}

static estro_report wait_for_end(estro_player *player)
{
    estro_report report;

    do {
        es_clock_monotonic.idle(NULL, 200000);
        es_player_poll(player, &report);
    } while (!report.is_over);
    return report;
}

static void playing_gives_the_messages_of_rendering(void **state)
{
    recorder rendered = {0};
    estro_sink offline = {.ops = &recorder_offline, .self = &rendered, .wants_clock = true};
    estro_sink live = live_sink();
    estro_player *player = NULL;

    (void)state;
    fake_bars_init(&fake, 40);
    estro_source *source = fake_source(&fake);
    assert_int_equal(es_render(source, &offline, NULL), ESTRO_OK);
    es_source_free(source);

    fake_bars_init(&fake, 40);
    source = fake_source(&fake);
    live.wants_clock = true;
    assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL), ESTRO_OK);
    const estro_report report = wait_for_end(player);
    assert_int_equal(report.status, ESTRO_OK);
    assert_int_equal(report.bars, 40);
    assert_int_equal(report.late, 0);
    assert_string_equal(report.section, "chorus");
    assert_int_equal(es_player_free(player, NULL), ESTRO_OK);
    es_source_free(source);
    assert_string_equal(record.text, rendered.text);
    free(rendered.text);
}

/* ---- stopping ---- */

typedef struct stopper {
    _Atomic(estro_player *) player;
    int64_t at_tick;
    bool at_once;
} stopper;

static void stop_when_reached(void *self, const estro_message *message)
{
    const stopper *const s = self;
    estro_player *const player = atomic_load(&s->player);

    if (player && message->tick >= s->at_tick) {
        es_player_stop(player, s->at_once);
    }
}

static estro_status play_and_stop(stopper *s, uint32_t n_bars, estro_report *report)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;
    estro_diag diag = {0};

    fake_bars_init(&fake, n_bars);
    estro_source *const source = fake_source(&fake);
    record.seen = stop_when_reached;
    record.seen_self = s;
    assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL), ESTRO_OK);
    atomic_store(&s->player, player);
    *report = wait_for_end(player);
    const estro_status status = es_player_free(player, &diag);
    assert_int_equal(status, report->status);
    es_source_free(source);
    return status;
}

static void a_stop_at_once_leaves_no_note_sounding(void **state)
{
    stopper s = {.at_tick = 5 * FAKE_BAR + 1000, .at_once = true};
    estro_report report;

    (void)state;
    assert_int_equal(play_and_stop(&s, 0, &report), ESTRO_ERR_CANCELLED);
    assert_int_equal(recorder_sounding(&record), 0);
    assert_int_equal(record.last.kind, ESTRO_MIDI);
    assert_int_equal(record.last.data[0] & 0xF0, 0x80);
    assert_int_equal(record.panics, 0);
}

static void a_stop_at_the_cadence_ends_the_piece_properly(void **state)
{
    stopper s = {.at_tick = 5 * FAKE_BAR};
    estro_report report;

    (void)state;
    assert_int_equal(play_and_stop(&s, 0, &report), ESTRO_OK);
    assert_int_equal(recorder_sounding(&record), 0);
    assert_int_equal(record.last.kind, ESTRO_FINISH);
    assert_int_equal(record.last.tick % (4 * FAKE_BAR), 0);
    assert_true(record.last.tick >= 8 * FAKE_BAR);
    assert_true(record.last.tick <= 20 * FAKE_BAR);
}

static void a_stop_before_the_first_note_is_heeded(void **state)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;

    (void)state;
    fake_bars_init(&fake, 0);
    fake.slow_ns = 50000000; /* before the first bar */
    estro_source *const source = fake_source(&fake);
    assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL), ESTRO_OK);
    es_player_stop(player, true);
    es_player_stop(player, false); /* does not take it back */
    assert_int_equal(es_player_free(player, NULL), ESTRO_ERR_CANCELLED);
    es_source_free(source);
    assert_int_equal(recorder_sounding(&record), 0);
}

/* ---- failures ---- */

static void a_lost_device_ends_with_a_report(void **state)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;
    estro_diag diag = {0};

    (void)state;
    for (size_t n = 1; n < 200; n += 33) {
        free(record.text);
        record = (recorder){.fails_at = n, .failure = ESTRO_ERR_DEVICE};
        fake_bars_init(&fake, 0);
        estro_source *const source = fake_source(&fake);
        assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL), ESTRO_OK);
        assert_int_equal(wait_for_end(player).status, ESTRO_ERR_DEVICE);
        assert_int_equal(es_player_free(player, &diag), ESTRO_ERR_DEVICE);
        assert_string_equal(diag.text, "the recorder fails");
        assert_int_equal(record.panics, 1);
        es_source_free(source);
    }
}

static void a_composer_that_fails_ends_in_silence(void **state)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;
    estro_diag diag = {0};

    (void)state;
    fake_bars_init(&fake, 0);
    fake.fails_at = 6;
    estro_source *const source = fake_source(&fake);
    assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL), ESTRO_OK);
    assert_int_equal(es_player_free(player, &diag), ESTRO_ERR_CONFLICT);
    assert_string_equal(diag.text, "bar 7 cannot be");
    assert_int_equal(recorder_sounding(&record), 0);
    es_source_free(source);
}

static void memory_may_fail_at_the_start(void **state)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;

    (void)state;
    fake_bars_init(&fake, 2);
    estro_source *const source = fake_source(&fake);
    for (long n = 0; n < 3; n++) {
        es_mem_fail_after(n);
        assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL),
                         ESTRO_ERR_MEMORY);
        es_mem_fail_after(-1);
    }
    es_source_free(source);
    assert_int_equal(es_player_free(NULL, NULL), ESTRO_OK);
}

/* ---- time ---- */

/* The sink that takes long: time jumps at one message. */
static void jump(void *self, const estro_message *message)
{
    bool *const has_jumped = self;

    if (!*has_jumped && message->tick >= 2 * FAKE_BAR) {
        *has_jumped = true;
        atomic_fetch_add(&time_of_test.now_ns, UINT64_C(5000000000));
    }
}

static void what_is_late_is_counted_and_the_time_goes_on(void **state)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;
    bool has_jumped = false;

    (void)state;
    fake_bars_init(&fake, 8);
    estro_source *const source = fake_source(&fake);
    record.seen = jump;
    record.seen_self = &has_jumped;
    assert_int_equal(es_player_start(&player, source, &live, &test_clock, NULL), ESTRO_OK);
    const estro_report report = wait_for_end(player);
    assert_int_equal(es_player_free(player, NULL), ESTRO_OK);
    es_source_free(source);
    /* Bars 3, 4 and the half of 5 were over when time went on; the rest came in time, and the end too. */
    assert_int_equal(report.late, 3);
    assert_true(report.worst_ns > 4900000000 && report.worst_ns <= 5000000000);
    assert_int_equal(recorder_sounding(&record), 0);
    assert_int_equal(record.last.tick, 8 * FAKE_BAR);
    assert_non_null(strstr(record.text, "\n241920 12000000000 0:1 90"));
    assert_null(strstr(record.text, "\n120960 6000000000 0:1 90"));
}

/* In real time: the composer is slow before the fourth bar, the first three having been played. */
static void a_bar_that_is_composed_too_late_is_counted(void **state)
{
    estro_sink live = live_sink();
    estro_player *player = NULL;

    (void)state;
    fake_bars_init(&fake, 4);
    fake.slow_bar = 2;
    fake.slow_ns = 600000000;
    fake.style.performance = (es_performance){.velocity_low = 60, .velocity_high = 60, .gate = 1};
    es_bar_source bars = {
        .self = &fake, .next = fake_next, .finish = fake_finish, .style = &fake.style, .parts = 3};
    estro_source *source = NULL;
    assert_int_equal(es_source_bars(&source, &bars, NULL), ESTRO_OK);
    fake.tempo = 2400; /* a bar lasts a tenth of a second */
    assert_int_equal(es_player_start(&player, source, &live, NULL, NULL), ESTRO_OK);
    const estro_report report = wait_for_end(player);
    assert_int_equal(es_player_free(player, NULL), ESTRO_OK);
    es_source_free(source);
    assert_true(report.late >= 1);
    assert_int_equal(report.bars, 4);
    assert_int_equal(recorder_sounding(&record), 0);
    assert_int_equal(record.last.kind, ESTRO_FINISH);
}

/* More messages before the first bar's end than the ring holds: it must start all the same. */
static void a_full_ring_waits_and_loses_nothing(void **state)
{
    recorder rendered = {0};
    estro_sink offline = {.ops = &recorder_offline, .self = &rendered};
    estro_sink to_record = {.ops = &recorder_offline, .self = &record};
    estro_player *player = NULL;

    (void)state;
    fake_bars_init(&fake, 300);
    estro_source *source = fake_source(&fake);
    assert_int_equal(es_render(source, &offline, NULL), ESTRO_OK);
    es_source_free(source);
    fake_bars_init(&fake, 300);
    source = fake_source(&fake);
    assert_true(rendered.n_messages > 4096);
    assert_int_equal(es_player_start(&player, source, &to_record, NULL, NULL), ESTRO_OK);
    assert_int_equal(es_player_free(player, NULL), ESTRO_OK);
    es_source_free(source);
    assert_string_equal(record.text, rendered.text);
    free(rendered.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(playing_gives_the_messages_of_rendering, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_at_once_leaves_no_note_sounding, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_at_the_cadence_ends_the_piece_properly, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_stop_before_the_first_note_is_heeded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_device_ends_with_a_report, setup, teardown),
        cmocka_unit_test_setup_teardown(a_composer_that_fails_ends_in_silence, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_may_fail_at_the_start, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_late_is_counted_and_the_time_goes_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_bar_that_is_composed_too_late_is_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_full_ring_waits_and_loses_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
