/*
 * The scheduler. A bar becomes a list of messages which is put in order once (by tick, class, channel, key, and as they came), so
 * the order at one instant is that of the enum below and nothing else decides.
 *
 * Two ledgers: `held` says what the notes given so far will leave sounding, and makes the note-offs; `sounding` says what the
 * messages handed out left sounding, and serves es_sched_silence. Invariant: every note-on of the queue has its note-off either
 * in the queue behind it or in `held`.
 */
#include "sched/sched.h"

#include "base/bits.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "sched/ledger.h"
#include "sched/tempo.h"

#include <stdio.h>
#include <string.h>

/* Order at one instant, as sched.h says. */
typedef enum order {
    ORDER_NOTE_OFF,
    ORDER_CLOCK,
    ORDER_ABOUT,
    ORDER_TRACK,
    ORDER_TEMPO,
    ORDER_METER,
    ORDER_KEY,
    ORDER_SECTION,
    ORDER_PHRASE,
    ORDER_CHORD,
    ORDER_PROGRAM,
    ORDER_CONTROL,
    ORDER_NOTE_ON,
    ORDER_FINISH
} order;

enum {
    CHANNELS = 16,
    KEYS = 128,
    CLOCK_TICKS = ES_QUARTER / 24,
    /* Two ticks of a file: a note shorter than this could have no length there. */
    SHORTEST_TICKS = 2 * ES_QUARTER / ES_FILE_QUARTER,
    TEXT_BYTES = 2 * ES_CHORD_TEXT,
    FIRST_ITEMS = 256,
    END_ITEMS = 2 + CHANNELS, /* what es_sched_finish may add, apart from note-offs */
    MIDI_START = 0xFA,
    MIDI_CLOCK = 0xF8,
    MIDI_STOP = 0xFC,
    CONTROL_VOLUME = 7,
    CONTROL_PAN = 10,
    CONTROL_PEDAL = 64,
    PEDAL_DOWN = 127,
    PEDAL_TICKS =
        ES_QUARTER /
        16, /* from the chord to the pressing of the pedal: what it is to hold has begun */
    PAN_CENTRE = 64
};

/* Of two items of one tick that with the smaller rank is first: order, channel, key, and as they came. */
typedef struct item {
    estro_message message;
    uint64_t rank;
} item;

/* A key that was struck and not yet ended. */
typedef struct held_key {
    es_tick start, end;
    uint16_t track;
} held_key;

struct es_sched {
    es_sched_track *tracks;
    size_t n_tracks;
    const char *about;
    item *items; /* the queue: [next, count) are still to be handed out */
    size_t next, count, capacity;
    held_key *held[CHANNELS];      /* [KEYS] of each channel that was played on */
    uint64_t is_held[CHANNELS][2]; /* a bit a key: those whose end is to come */
    size_t n_held;
    uint16_t pedals; /* channels whose pedal is down */
    es_ledger sounding;
    es_tempo_map tempo;
    es_meter meter;
    es_key key;
    bool has_begun, sends_clock, is_over;
    es_tick end;       /* of the last bar given */
    es_tick last_tick; /* of the last message handed out */
    es_tick next_pulse;
    uint64_t start_ns, end_ns;
    char texts[ES_MAX_BEATS + 1][TEXT_BYTES]; /* chords of the bar; the last is the phrase's */
};

estro_status es_sched_new(es_sched **out, const es_sched_track *tracks, size_t n_tracks,
                          const char *about, estro_diag *diag)
{
    for (size_t i = 0; i < n_tracks; i++) {
        if (tracks[i].channel >= CHANNELS || tracks[i].program >= 128 || tracks[i].volume >= 128) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT,
                           "track %zu: channel, program or volume out of range", i + 1);
        }
    }
    es_sched *const sched = es_calloc(1, sizeof *sched);
    if (!sched) {
        return es_fail_memory(diag);
    }
    sched->capacity = FIRST_ITEMS;
    sched->tracks = es_calloc(n_tracks, sizeof *tracks);
    sched->items = es_calloc(sched->capacity, sizeof *sched->items);
    if (!sched->tracks || !sched->items) {
        es_sched_free(sched);
        return es_fail_memory(diag);
    }
    if (n_tracks > 0) {
        memcpy(sched->tracks, tracks, n_tracks * sizeof *tracks);
    }
    sched->n_tracks = n_tracks;
    sched->about = about;
    sched->tempo = es_tempo_map_at(ES_QUARTER);
    *out = sched;
    return ESTRO_OK;
}

void es_sched_free(es_sched *sched)
{
    if (sched) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            es_free(sched->held[channel]);
        }
        es_free(sched->tracks);
        es_free(sched->items);
        es_free(sched);
    }
}

void es_sched_clock(es_sched *sched)
{
    sched->sends_clock = true;
}

/* ---- the queue ---- */

/* Room is made before a bar is taken (make_room), so adding cannot fail. */
static void add(es_sched *sched, order class, es_tick tick, estro_message message)
{
    const bool has_channel = message.kind == ESTRO_MIDI && class != ORDER_CLOCK;
    const bool has_key = class == ORDER_NOTE_OFF || class == ORDER_NOTE_ON;
    const uint64_t channel = has_channel ? message.data[0] & 0x0F : 0;
    const uint64_t key = has_key ? message.data[1] : 0;

    message.tick = tick;
    sched->items[sched->count] =
        (item){.message = message,
               .rank = (uint64_t) class << 56 | channel << 48 | key << 40 | sched->count};
    sched->count++;
}

static void add_text(es_sched *sched, order class, es_tick tick, estro_message_kind kind,
                     uint16_t track, const char *text)
{
    add(sched, class, tick, (estro_message){.kind = (uint8_t)kind, .track = track, .text = text});
}

static void add_midi(es_sched *sched, order class, es_tick tick, uint16_t track, uint8_t status,
                     uint8_t data1, int data2)
{
    add(sched, class, tick,
        (estro_message){.kind = ESTRO_MIDI,
                        .track = track,
                        .size = data2 < 0 ? 2 : 3,
                        .data = {status, data1, (uint8_t)(data2 < 0 ? 0 : data2)}});
}

static void add_real_time(es_sched *sched, es_tick tick, uint8_t status)
{
    add(sched, ORDER_CLOCK, tick, (estro_message){.kind = ESTRO_MIDI, .size = 1, .data = {status}});
}

_Static_assert(sizeof(item) <= ES_SORTED_BYTES, "items are sorted in place");

/* No two items are equal. */
static bool is_before(const void *one, const void *other)
{
    const item *a = one, *b = other;

    return a->message.tick != b->message.tick ? a->message.tick < b->message.tick
                                              : a->rank < b->rank;
}

/* Put the items from `first` on in order and stamp their times; tempo changes count from where they stand. */
static void settle(es_sched *sched, size_t first)
{
    es_sort(sched->items + first, sched->count - first, sizeof(item), is_before);
    for (size_t i = first; i < sched->count; i++) {
        estro_message *const message = &sched->items[i].message;
        if (message->kind == ESTRO_TEMPO) {
            es_tempo_change(&sched->tempo, message->tick, message->value);
        }
        message->time_ns = es_tempo_ns(&sched->tempo, message->tick);
    }
}

/* What is still in the queue moves to its front. */
static void close_gap(es_sched *sched)
{
    const size_t left = sched->count - sched->next;

    if (left > 0 && sched->next > 0) {
        memmove(sched->items, sched->items + sched->next, left * sizeof *sched->items);
    }
    sched->next = 0;
    sched->count = left;
}

/*
 * Make room for what a bar says and plays: a note gives at most its on and an off, what is held may all end, and at the end of the
 * piece what the bar leaves sounding.
 */
static estro_status make_room(es_sched *sched, const es_played *played, size_t n_played,
                              size_t said, estro_diag *diag)
{
    for (size_t i = 0; i < n_played; i++) {
        held_key **const held = &sched->held[played[i].channel];
        *held = *held ? *held : es_calloc(KEYS, sizeof **held);
        if (!*held) {
            return es_fail_memory(diag);
        }
    }
    if (n_played > SIZE_MAX / 8 || said > SIZE_MAX / 8) {
        return es_fail_memory(diag);
    }
    close_gap(sched);
    const size_t wanted = sched->count + said + 3 * n_played + 2 * sched->n_held + END_ITEMS;
    if (wanted > sched->capacity) {
        item *const grown = es_realloc(sched->items, wanted, sizeof *grown);
        if (!grown) {
            return es_fail_memory(diag);
        }
        sched->items = grown;
        sched->capacity = wanted;
    }
    return ESTRO_OK;
}

/* ---- what a bar says ---- */

static void add_start(es_sched *sched, es_tick tick)
{
    if (sched->about) {
        add_text(sched, ORDER_ABOUT, tick, ESTRO_TEXT, 0, sched->about);
    }
    for (size_t i = 0; i < sched->n_tracks; i++) {
        const es_sched_track *const track = &sched->tracks[i];
        const uint16_t number = (uint16_t)(i + 1);
        const uint8_t control = (uint8_t)(0xB0 | track->channel);
        const int pan = PAN_CENTRE + track->pan;
        add_text(sched, ORDER_TRACK, tick, ESTRO_TRACK, number, track->name ? track->name : "");
        add_midi(sched, ORDER_PROGRAM, tick, number, (uint8_t)(0xC0 | track->channel),
                 track->program, -1);
        add_midi(sched, ORDER_CONTROL, tick, number, control, CONTROL_VOLUME, track->volume);
        add_midi(sched, ORDER_CONTROL, tick, number, control, CONTROL_PAN,
                 pan < 0     ? 0
                 : pan > 127 ? 127
                             : pan);
    }
}

static uint8_t power_of_two(uint8_t x)
{
    uint8_t power = 0;

    while (x > 1) {
        x >>= 1;
        power++;
    }
    return power;
}

static void add_meter_and_key(es_sched *sched, const es_bar *bar)
{
    const bool is_first = !sched->has_begun;

    if (is_first || bar->meter.numerator != sched->meter.numerator ||
        bar->meter.denominator != sched->meter.denominator) {
        add(sched, ORDER_METER, bar->start,
            (estro_message){.kind = ESTRO_METER,
                            .data = {bar->meter.numerator, power_of_two(bar->meter.denominator)}});
        sched->meter = bar->meter;
    }
    if (is_first || bar->key.tonic != sched->key.tonic || bar->key.mode != sched->key.mode) {
        const bool is_minor = es_mode_is_minor(bar->key.mode);
        add(sched, ORDER_KEY, bar->start,
            (estro_message){.kind = ESTRO_KEY,
                            .data = {(uint8_t)es_key_signature(bar->key), is_minor ? 1 : 0}});
        sched->key = bar->key;
    }
}

static void add_texts(es_sched *sched, const es_bar *bar)
{
    const es_tick beat = es_meter_beat(bar->meter);

    if (bar->section) {
        add_text(sched, ORDER_SECTION, bar->start, ESTRO_MARKER, 0, bar->section);
    }
    if (bar->phrase_bar == 0 && bar->label) {
        char *const text = sched->texts[ES_MAX_BEATS];
        const int primes = bar->primes < 8 ? bar->primes : 8;
        snprintf(text, TEXT_BYTES, "phrase %c%.*s %u %s", bar->label, primes, "''''''''",
                 bar->phrase_bars, es_cadence_name((es_cadence)bar->cadence));
        add_text(sched, ORDER_PHRASE, bar->start, ESTRO_TEXT, 0, text);
    }
    for (int i = 0; i < bar->n_beats && i < ES_MAX_BEATS; i++) {
        char symbol[ES_CHORD_TEXT];
        if (!bar->chord_starts[i]) {
            continue;
        }
        es_chord_symbol(symbol, sizeof symbol, bar->chord[i], &bar->key);
        snprintf(sched->texts[i], TEXT_BYTES, "%s%s%.46s", symbol, bar->roman[i] ? " " : "",
                 bar->roman[i] ? bar->roman[i] : "");
        add_text(sched, ORDER_CHORD, bar->start + i * beat, ESTRO_CHORD, 0, sched->texts[i]);
    }
}

static void add_tempo(es_sched *sched, const es_tempo_point *tempo, size_t n_tempo)
{
    uint32_t present = sched->has_begun ? sched->tempo.us_per_quarter : 0;

    for (size_t i = 0; i < n_tempo; i++) {
        const uint32_t us = es_tempo_us(tempo[i].tempo);
        if (us != present) {
            add(sched, ORDER_TEMPO, tempo[i].tick,
                (estro_message){.kind = ESTRO_TEMPO, .value = us});
            present = us;
        }
    }
}

static void add_pulses(es_sched *sched, es_tick end)
{
    if (!sched->sends_clock) {
        return;
    }
    if (!sched->has_begun) {
        add_real_time(sched, sched->next_pulse, MIDI_START);
    }
    while (sched->next_pulse < end) {
        add_real_time(sched, sched->next_pulse, MIDI_CLOCK);
        sched->next_pulse += CLOCK_TICKS;
    }
}

/* ---- notes ---- */

static void end_key(es_sched *sched, uint8_t channel, uint8_t key, es_tick tick)
{
    add(sched, ORDER_NOTE_OFF, tick, es_note_off(channel, key, sched->held[channel][key].track));
    sched->is_held[channel][key / 64] &= ~(UINT64_C(1) << key % 64);
    sched->n_held--;
}

static void strike(es_sched *sched, const es_bar *bar, const es_played *note)
{
    const es_tick last = bar->start + bar->length - SHORTEST_TICKS;
    const es_tick start = note->start < bar->start ? bar->start
                          : note->start > last     ? last
                                                   : note->start;
    const es_tick length = note->duration < SHORTEST_TICKS ? SHORTEST_TICKS : note->duration;
    const uint8_t velocity = note->velocity < 1 ? 1 : note->velocity > 127 ? 127 : note->velocity;
    const uint16_t track = (uint16_t)(note->part + 1);
    held_key *const held = &sched->held[note->channel][note->key];
    uint64_t *const is_held = &sched->is_held[note->channel][note->key / 64];
    const uint64_t bit = UINT64_C(1) << note->key % 64;

    if (*is_held & bit) {
        if (start < held->start + SHORTEST_TICKS) {
            held->end = held->end > start + length ? held->end : start + length;
            return;
        }
        end_key(sched, note->channel, note->key, held->end < start ? held->end : start);
    }
    *held = (held_key){.start = start, .end = start + length, .track = track};
    *is_held |= bit;
    sched->n_held++;
    add_midi(sched, ORDER_NOTE_ON, start, track, (uint8_t)(0x90 | note->channel), note->key,
             velocity);
}

/* End what is due by `end`; with `cut` all that sounds. */
static void end_keys(es_sched *sched, es_tick end, bool cut)
{
    for (uint8_t channel = 0; channel < CHANNELS; channel++) {
        for (uint8_t half = 0; half < 2; half++) {
            for (uint64_t left = sched->is_held[channel][half]; left; left &= left - 1) {
                const uint8_t key = (uint8_t)(64 * half + es_first_bit(left));
                const es_tick due = sched->held[channel][key].end;
                if (due <= end || cut) {
                    end_key(sched, channel, key, due < end ? due : end);
                }
            }
        }
    }
}

/* ---- pedals ---- */

static void move_pedal(es_sched *sched, size_t track, es_tick tick, bool is_down)
{
    const uint8_t channel = sched->tracks[track].channel;

    if (is_down == (sched->pedals >> channel & 1)) {
        return;
    }
    sched->pedals ^= (uint16_t)(1u << channel);
    add_midi(sched, ORDER_CONTROL, tick, (uint16_t)(track + 1), (uint8_t)(0xB0 | channel),
             CONTROL_PEDAL, is_down ? PEDAL_DOWN : 0);
}

/* Tracks that play in the bar change their pedals with chords or bars; those that do not let go. */
static void add_pedals(es_sched *sched, const es_bar *bar, const es_played *played, size_t n_played)
{
    const es_tick beat = es_meter_beat(bar->meter);
    uint32_t plays = 0;

    for (size_t i = 0; i < n_played; i++) {
        plays |= UINT32_C(1) << played[i].part % 32;
    }
    for (size_t t = 0; t < sched->n_tracks; t++) {
        const bool by_chord = sched->tracks[t].pedal == ES_PEDAL_CHORD;
        if (sched->tracks[t].pedal == ES_PEDAL_NONE) {
            continue;
        }
        if (!(plays >> t % 32 & 1)) {
            move_pedal(sched, t, bar->start, false);
            continue;
        }
        for (int i = 0; i < bar->n_beats && i < ES_MAX_BEATS; i++) {
            const bool changes = by_chord ? bar->chord_starts[i] : i == 0;
            if (changes || !(sched->pedals >> sched->tracks[t].channel & 1)) {
                move_pedal(sched, t, bar->start + i * beat, false);
                move_pedal(sched, t, bar->start + i * beat + PEDAL_TICKS, true);
            }
        }
    }
}

static estro_status check_bar(const es_sched *sched, const es_bar *bar, const es_played *played,
                              size_t n_played, estro_diag *diag)
{
    if (bar->start < sched->end || bar->length < 2 * SHORTEST_TICKS || sched->is_over) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "bar %u is out of place", bar->index + 1);
    }
    for (size_t i = 0; i < n_played; i++) {
        if (played[i].part >= sched->n_tracks || played[i].channel >= CHANNELS ||
            played[i].key >= KEYS) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "bar %u: note %zu is out of range",
                           bar->index + 1, i + 1);
        }
    }
    return ESTRO_OK;
}

estro_status es_sched_bar(es_sched *sched, const es_bar *bar, const es_played *played,
                          size_t n_played, const es_tempo_point *tempo, size_t n_tempo,
                          estro_diag *diag)
{
    const es_tick end = bar->start + bar->length;

    ES_TRY(check_bar(sched, bar, played, n_played, diag));
    const size_t pulses =
        sched->sends_clock ? (size_t)((end - sched->next_pulse) / CLOCK_TICKS) + 2 : 0;
    const size_t said =
        8 + ES_MAX_BEATS + (4 + 2 * ES_MAX_BEATS) * sched->n_tracks + n_tempo + pulses;
    ES_TRY(make_room(sched, played, n_played, said, diag));
    const size_t first = sched->count;
    if (!sched->has_begun) {
        sched->next_pulse = bar->start;
        add_start(sched, bar->start);
    }
    add_pulses(sched, end);
    add_tempo(sched, tempo, n_tempo);
    add_meter_and_key(sched, bar);
    add_texts(sched, bar);
    add_pedals(sched, bar, played, n_played);
    for (size_t i = 0; i < n_played; i++) {
        strike(sched, bar, &played[i]);
    }
    end_keys(sched, end, false);
    const es_tempo_map before = sched->tempo;
    settle(sched, first);
    sched->start_ns = es_tempo_ns(&before, bar->start);
    sched->end_ns = es_tempo_ns(&sched->tempo, end);
    sched->has_begun = true;
    sched->end = end;
    return ESTRO_OK;
}

bool es_sched_next(es_sched *sched, estro_message *message)
{
    if (sched->next == sched->count) {
        return false;
    }
    *message = sched->items[sched->next].message;
    sched->next++;
    sched->last_tick = message->tick;
    es_ledger_see(&sched->sounding, message);
    return true;
}

void es_sched_finish(es_sched *sched)
{
    if (sched->is_over) {
        return;
    }
    close_gap(sched);
    const size_t first = sched->count;
    end_keys(sched, sched->end, true);
    for (size_t t = 0; t < sched->n_tracks; t++) {
        move_pedal(sched, t, sched->end, false);
    }
    if (sched->sends_clock) {
        add_real_time(sched, sched->end, MIDI_STOP);
    }
    add(sched, ORDER_FINISH, sched->end, (estro_message){.kind = ESTRO_FINISH});
    settle(sched, first);
    sched->is_over = true;
}

void es_sched_silence(es_sched *sched, uint64_t time_ns)
{
    estro_message message = {.tick = sched->last_tick, .time_ns = time_ns};

    sched->next = 0;
    sched->count = 0;
    sched->is_over = true;
    memset(sched->is_held, 0, sizeof sched->is_held);
    sched->n_held = 0;
    while (sched->count < sched->capacity && es_ledger_silence(&sched->sounding, &message)) {
        add(sched, ORDER_NOTE_OFF, message.tick, message);
    }
}

void es_sched_span(const es_sched *sched, uint64_t *start_ns, uint64_t *end_ns)
{
    *start_ns = sched->start_ns;
    *end_ns = sched->end_ns;
}
