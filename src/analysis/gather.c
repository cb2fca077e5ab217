/*
 * From the events of a file to notes, parts and what is said about the whole.
 *
 * A part is one channel of one track. Note-offs end the oldest sounding note of their key, so that a note struck again just before its
 * predecessor ends is a new note. Tracks of format 2 are heard one after another.
 */
#include "analysis/gather.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHANNELS = 16,
    KEYS = 128,
    DRUM_CHANNEL = 9,
    NONE = -1,
    DENOMINATORS = 6, /* 1 to 32. */
};

/* Later than this no note of a piece can be: six days at 120 a minute. */
static const int64_t max_quarters = (int64_t)1 << 20;

typedef struct meter_change {
    int64_t tick;
    uint8_t numerator;
    uint8_t exponent; /* Of 2: the denominator. */
} meter_change;

typedef struct signature_change {
    int64_t tick;
    int8_t sharps;
} signature_change;

typedef struct gatherer {
    es_gathered out;
    const es_smf *smf;
    size_t note_capacity;
    ptrdiff_t *after; /* For each note, the next one that sounds on the same key, or NONE. */
    size_t after_capacity;
    meter_change *meters;
    size_t n_meters, meter_capacity;
    signature_change *signatures;
    size_t n_signatures, signature_capacity;
    int64_t track_start; /* Ticks; above 0 only in format 2. */
    int64_t tempo_tick, signature_tick;
    int64_t end;               /* Of the last note, ticks. */
    int16_t program[CHANNELS]; /* The first one of a channel in any track, or NONE. */
    bool has_program[ES_FOUND_PARTS];
} gatherer;

/* What a track sounds at the moment. */
typedef struct track_state {
    ptrdiff_t oldest[CHANNELS][KEYS], newest[CHANNELS][KEYS];
    int16_t program[CHANNELS];
    int16_t part[CHANNELS];
    const es_smf_event *name;
} track_state;

static es_tick inside(const gatherer *g, int64_t tick)
{
    return (tick * ES_QUARTER + g->smf->division / 2) / g->smf->division;
}

/* ---- names ---- */

static size_t utf8_length(const uint8_t *p, size_t left)
{
    const size_t length = p[0] < 0x80   ? 1
                          : p[0] < 0xC2 ? 0
                          : p[0] < 0xE0 ? 2
                          : p[0] < 0xF0 ? 3
                          : p[0] < 0xF5 ? 4
                                        : 0;

    if (length == 0 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    const bool is_overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    const bool is_outside = (p[0] == 0xED && p[1] >= 0xA0) || (p[0] == 0xF4 && p[1] >= 0x90);
    return is_overlong || is_outside ? 0 : length;
}

/* A name as UTF-8; bytes that are none are taken for Latin-1, control characters for spaces. Cut to fit; ends trimmed. */
static void copy_name(char *out, size_t size, const uint8_t *p, size_t left)
{
    size_t n = 0;

    while (left > 0 && n + 4 < size) {
        size_t length = utf8_length(p, left);
        if (p[0] < 0x20 || p[0] == 0x7F) {
            if (n > 0) {
                out[n++] = ' ';
            }
            length = 1;
        } else if (length > 0) {
            memcpy(out + n, p, length);
            n += length;
        } else {
            out[n++] = (char)(0xC0 | p[0] >> 6);
            out[n++] = (char)(0x80 | (p[0] & 0x3F));
            length = 1;
        }
        p += length;
        left -= length;
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    out[n] = '\0';
}

/* ---- notes ---- */

static int16_t new_part(gatherer *g, track_state *track, uint8_t channel)
{
    es_gathered *const out = &g->out;

    /* One too many goes to the last part of its channel, else to the last one. */
    if (out->n_parts == ES_FOUND_PARTS) {
        for (int16_t i = ES_FOUND_PARTS - 1; i >= 0; i--) {
            if (out->parts[i].channel == channel) {
                return i;
            }
        }
        return ES_FOUND_PARTS - 1;
    }
    es_found_part *const part = &out->parts[out->n_parts];
    *part = (es_found_part){.channel = channel, .is_drums = channel == DRUM_CHANNEL};
    if (track->program[channel] != NONE) {
        part->program = (uint8_t)track->program[channel];
        g->has_program[out->n_parts] = true;
    }
    return (int16_t)out->n_parts++;
}

static estro_status begin_note(gatherer *g, track_state *track, const es_smf_event *event,
                               estro_diag *diag)
{
    es_gathered *const out = &g->out;
    const int channel = event->status & 15;
    const int key = event->data1;
    const int64_t tick = g->track_start + event->tick;
    const ptrdiff_t index = (ptrdiff_t)out->n_notes;

    if (tick / g->smf->division >= max_quarters) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "a note stands after %lld quarters: too late",
                       (long long)(tick / g->smf->division));
    }
    if (!es_grow(&out->notes, out->n_notes, &g->note_capacity, sizeof *out->notes) ||
        !es_grow(&g->after, out->n_notes, &g->after_capacity, sizeof *g->after)) {
        return es_fail_memory(diag);
    }
    if (track->part[channel] == NONE) {
        track->part[channel] = new_part(g, track, (uint8_t)channel);
    }
    out->notes[index] = (es_found_note){
        .note = {.start = tick, .key = (uint8_t)key, .part = (uint8_t)track->part[channel]},
        .velocity = event->data2};
    g->after[index] = NONE;
    if (track->oldest[channel][key] == NONE) {
        track->oldest[channel][key] = index;
    } else {
        g->after[track->newest[channel][key]] = index;
    }
    track->newest[channel][key] = index;
    out->n_notes++;
    return ESTRO_OK;
}

/* End the oldest note of a key, if one sounds; durations stay in ticks of the file until all are known. */
static void end_note(gatherer *g, track_state *track, int channel, int key, int64_t tick)
{
    const ptrdiff_t index = track->oldest[channel][key];

    if (index != NONE) {
        es_note *const note = &g->out.notes[index].note;
        note->duration = g->track_start + tick - note->start;
        track->oldest[channel][key] = g->after[index];
    }
}

/* ---- what is said about the whole ---- */

static estro_status add_meter(gatherer *g, int64_t tick, const uint8_t *bytes, estro_diag *diag)
{
    if (bytes[0] == 0 || bytes[1] >= DENOMINATORS) {
        return ESTRO_OK; /* No metre that can be written. */
    }
    if (!es_grow(&g->meters, g->n_meters, &g->meter_capacity, sizeof *g->meters)) {
        return es_fail_memory(diag);
    }
    g->meters[g->n_meters++] =
        (meter_change){.tick = tick, .numerator = bytes[0], .exponent = bytes[1]};
    return ESTRO_OK;
}

static estro_status add_signature(gatherer *g, int64_t tick, uint8_t byte, estro_diag *diag)
{
    const int sharps = byte < 128 ? byte : byte - 256;

    if (sharps < -7 || sharps > 7) {
        return ESTRO_OK;
    }
    if (!es_grow(&g->signatures, g->n_signatures, &g->signature_capacity, sizeof *g->signatures)) {
        return es_fail_memory(diag);
    }
    g->signatures[g->n_signatures++] = (signature_change){.tick = tick, .sharps = (int8_t)sharps};
    if (tick < g->signature_tick) {
        g->signature_tick = tick;
        g->out.signature = (int8_t)sharps;
        g->out.has_signature = true;
    }
    return ESTRO_OK;
}

static estro_status read_meta(gatherer *g, track_state *track, const es_smf_event *event,
                              estro_diag *diag)
{
    const uint8_t *const bytes = g->smf->bytes + event->offset;
    const int64_t tick = g->track_start + event->tick;

    if (event->data1 == ES_SMF_TRACK_NAME && !track->name) {
        track->name = event;
    } else if (event->data1 == ES_SMF_METER && event->size >= 2) {
        return add_meter(g, tick, bytes, diag);
    } else if (event->data1 == ES_SMF_TEMPO && event->size == 3 && tick < g->tempo_tick) {
        const int us = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
        if (us > 0) {
            g->tempo_tick = tick;
            g->out.tempo = 60000000.0 / us;
        }
    } else if (event->data1 == ES_SMF_KEY && event->size == 2) {
        return add_signature(g, tick, bytes[0], diag);
    }
    return ESTRO_OK;
}

static int compare_meters(const void *a, const void *b)
{
    const meter_change *const x = a;
    const meter_change *const y = b;

    if (x->tick != y->tick) {
        return x->tick < y->tick ? -1 : 1;
    }
    if (x->exponent != y->exponent) {
        return x->exponent < y->exponent ? -1 : 1;
    }
    return (x->numerator > y->numerator) - (x->numerator < y->numerator);
}

/* The metre in force for the longest time, and where it first begins: an upbeat written as a bar of its own is a short metre. */
static void choose_meter(gatherer *g)
{
    int64_t total[DENOMINATORS][256] = {{0}};
    int64_t longest = 0;

    g->out.meter = (es_meter){4, 4};
    if (g->n_meters > 1) {
        qsort(g->meters, g->n_meters, sizeof *g->meters, compare_meters);
    }
    for (size_t i = 0; i < g->n_meters; i++) {
        const meter_change *const change = &g->meters[i];
        const int64_t next = i + 1 < g->n_meters ? change[1].tick : g->end;
        const int64_t until = next < g->end ? next : g->end;
        if (until > change->tick) {
            total[change->exponent][change->numerator] += until - change->tick;
        }
    }
    for (size_t i = 0; i < g->n_meters; i++) {
        const meter_change *const change = &g->meters[i];
        if (total[change->exponent][change->numerator] > longest) {
            longest = total[change->exponent][change->numerator];
            g->out.meter = (es_meter){.numerator = change->numerator,
                                      .denominator = (uint8_t)(1 << change->exponent)};
            g->out.bar_line = inside(g, change->tick);
        }
    }
}

static int compare_signatures(const void *a, const void *b)
{
    const signature_change *const x = a;
    const signature_change *const y = b;

    if (x->tick != y->tick) {
        return x->tick < y->tick ? -1 : 1;
    }
    return (x->sharps > y->sharps) - (x->sharps < y->sharps);
}

/* Metres (sorted by now) and signatures in one row. */
static estro_status merge_statements(gatherer *g, estro_diag *diag)
{
    es_statement now = {.meter = {4, 4}};
    size_t m = 0, k = 0;

    g->out.statements = es_calloc(g->n_meters + g->n_signatures + 1, sizeof now);
    if (!g->out.statements) {
        return es_fail_memory(diag);
    }
    if (g->n_signatures > 1) {
        qsort(g->signatures, g->n_signatures, sizeof *g->signatures, compare_signatures);
    }
    for (int64_t tick = 0; tick == 0 || tick < g->end;) {
        now.at = inside(g, tick);
        for (; m < g->n_meters && g->meters[m].tick <= tick; m++) {
            now.meter = (es_meter){.numerator = g->meters[m].numerator,
                                   .denominator = (uint8_t)(1 << g->meters[m].exponent)};
            now.meter_at = now.at;
        }
        for (; k < g->n_signatures && g->signatures[k].tick <= tick; k++) {
            now.signature = g->signatures[k].sharps;
            now.has_signature = true;
        }
        g->out.statements[g->out.n_statements++] = now;
        tick = m < g->n_meters ? g->meters[m].tick : INT64_MAX;
        if (k < g->n_signatures && g->signatures[k].tick < tick) {
            tick = g->signatures[k].tick;
        }
    }
    return ESTRO_OK;
}

/* ---- tracks ---- */

static void start_track(track_state *track)
{
    memset(track, 0xFF, sizeof *track); /* All NONE. */
    track->name = NULL;
}

static estro_status read_channel(gatherer *g, track_state *track, const es_smf_event *event,
                                 estro_diag *diag)
{
    const int channel = event->status & 15;
    const int kind = event->status & 0xF0;

    if (kind == 0x90 && event->data2 > 0) {
        return begin_note(g, track, event, diag);
    }
    if (kind == 0x80 || kind == 0x90) {
        end_note(g, track, channel, event->data1, event->tick);
    } else if (kind == 0xC0) {
        track->program[channel] = event->data1;
        g->program[channel] = g->program[channel] == NONE ? event->data1 : g->program[channel];
    }
    return ESTRO_OK;
}

static void end_track(gatherer *g, track_state *track, int64_t tick, size_t first_part)
{
    for (int channel = 0; channel < CHANNELS; channel++) {
        for (int key = 0; track->part[channel] != NONE && key < KEYS; key++) {
            while (track->oldest[channel][key] != NONE) {
                end_note(g, track, channel, key, tick);
            }
        }
    }
    for (size_t i = first_part; track->name && i < g->out.n_parts; i++) {
        copy_name(g->out.parts[i].name, sizeof g->out.parts[i].name,
                  g->smf->bytes + track->name->offset, track->name->size);
    }
}

static estro_status read_track(gatherer *g, uint16_t index, track_state *track, estro_diag *diag)
{
    const es_smf *const smf = g->smf;
    const size_t first_part = g->out.n_parts;
    const size_t end = smf->track_first[index + 1];

    start_track(track);
    for (size_t i = smf->track_first[index]; i < end; i++) {
        const es_smf_event *const event = &smf->events[i];
        if (event->status < 0xF0) {
            ES_TRY(read_channel(g, track, event, diag));
        } else if (event->status == ES_SMF_META) {
            ES_TRY(read_meta(g, track, event, diag));
        }
    }
    const int64_t length = smf->events[end - 1].tick;
    end_track(g, track, length, first_part);
    if (smf->format == 2) {
        g->track_start += length;
    }
    return ESTRO_OK;
}

static int compare_notes(const void *a, const void *b)
{
    const es_found_note *const x = a;
    const es_found_note *const y = b;

    if (x->note.start != y->note.start) {
        return x->note.start < y->note.start ? -1 : 1;
    }
    if (x->note.part != y->note.part) {
        return x->note.part < y->note.part ? -1 : 1;
    }
    if (x->note.key != y->note.key) {
        return x->note.key < y->note.key ? -1 : 1;
    }
    if (x->note.duration != y->note.duration) {
        return x->note.duration < y->note.duration ? -1 : 1;
    }
    return (x->velocity > y->velocity) - (x->velocity < y->velocity);
}

void es_found_notes_sort(es_found_note *notes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (compare_notes(&notes[i - 1], &notes[i]) > 0) {
            qsort(notes, count, sizeof *notes, compare_notes);
            return;
        }
    }
}

/* Ticks of the file to ours; a note lasts at least one tick of the file. */
static void convert_times(gatherer *g)
{
    const int32_t division = g->smf->division;

    g->out.file_tick = (ES_QUARTER + division - 1) / division;
    for (size_t i = 0; i < g->out.n_notes; i++) {
        es_note *const note = &g->out.notes[i].note;
        const int64_t end = note->start + note->duration;
        note->start = inside(g, note->start);
        note->duration = inside(g, end) - note->start;
        if (note->duration <= 0) {
            note->duration = g->out.file_tick;
        }
    }
}

static estro_status gather(gatherer *g, estro_diag *diag)
{
    track_state *const track = es_calloc(1, sizeof *track);
    estro_status status = track ? ESTRO_OK : es_fail_memory(diag);

    for (uint16_t i = 0; status == ESTRO_OK && i < g->smf->n_tracks; i++) {
        status = read_track(g, i, track, diag);
    }
    es_free(track);
    ES_TRY(status);
    if (g->out.n_notes == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "there is no note in it");
    }
    for (size_t i = 0; i < g->out.n_notes; i++) {
        const es_note *const note = &g->out.notes[i].note;
        const int64_t end = note->start + note->duration;
        g->end = end > g->end ? end : g->end;
    }
    if (g->end / g->smf->division >= max_quarters) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "a note ends after %lld quarters: too late",
                       (long long)(g->end / g->smf->division));
    }
    choose_meter(g);
    ES_TRY(merge_statements(g, diag));
    convert_times(g);
    for (size_t i = 0; i < g->out.n_parts; i++) {
        const int16_t program = g->program[g->out.parts[i].channel];
        if (!g->has_program[i] && program != NONE) {
            g->out.parts[i].program = (uint8_t)program;
        }
    }
    es_found_notes_sort(g->out.notes, g->out.n_notes);
    return ESTRO_OK;
}

estro_status es_gather(es_gathered *out, const es_smf *smf, estro_diag *diag)
{
    gatherer g = {
        .smf = smf, .out = {.tempo = 120}, .tempo_tick = INT64_MAX, .signature_tick = INT64_MAX};

    if (smf->division <= 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT,
                       "its time is counted in SMPTE frames, which tell no beats");
    }
    memset(g.program, 0xFF, sizeof g.program);
    const estro_status status = gather(&g, diag);
    es_free(g.after);
    es_free(g.meters);
    es_free(g.signatures);
    if (status != ESTRO_OK) {
        es_gathered_done(&g.out);
        return status;
    }
    *out = g.out;
    return ESTRO_OK;
}

void es_gathered_done(es_gathered *gathered)
{
    es_free(gathered->notes);
    es_free(gathered->statements);
    *gathered = (es_gathered){0};
}
