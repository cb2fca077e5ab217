/*
 * A MIDI file as a source. Times come from the file's own ticks, ticks are carried over to the inner grid. What the file leaves
 * sounding is ended before the end. System exclusive data is left out: a message has three bytes.
 *
 * One message is taken ahead (`ahead`), so that pulses of the clock can go before it and the end is known when it comes.
 */
#include "play/source.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "play/merge.h"
#include "sched/ledger.h"
#include "sched/tempo.h"

#include <string.h>

enum {
    PULSE_TICKS = ES_QUARTER / 24,
    US_PER_SECOND = 1000000,
    US_PER_DROP_SECOND = 1001000, /* 30 frames of 29.97 a second */
    MIDI_START = 0xFA,
    MIDI_CLOCK = 0xF8,
    MIDI_STOP = 0xFC
};

static const int64_t last_tick = INT64_MAX / 4;

typedef struct file_source {
    es_smf smf;
    es_merge merge;
    es_tempo_map tempo; /* in ticks of the file */
    es_tempo_map inner; /* the same in inner ticks */
    bool is_timecode;   /* no tempo but the seconds of the division, which is said first */
    bool has_said_tempo;
    es_meter meter;
    int64_t bar_start; /* inner ticks */
    uint32_t bar;
    uint64_t bar_ns;
    estro_message ahead; /* the message to come; at the end, its place */
    bool has_ahead, has_end, is_over;
    bool is_finishing;
    bool sends_clock, has_started;
    int64_t next_pulse; /* inner ticks */
    uint64_t last_ns;   /* of the message handed out last */
    es_ledger ledger;
    char *text;
    size_t text_capacity;
} file_source;

/* ---- events to messages ---- */

static int64_t inner_tick(const file_source *source, int64_t tick)
{
    const int64_t per = source->tempo.ticks_per_quarter;
    const int64_t quarters = tick / per;

    if (quarters > last_tick / ES_QUARTER) {
        return last_tick;
    }
    return quarters * ES_QUARTER + (tick % per * ES_QUARTER + per / 2) / per;
}

/* Go on to the bar that `tick` is in. */
static void reach(file_source *source, int64_t tick)
{
    const int64_t length = es_meter_bar(source->meter);
    const int64_t bars = (tick - source->bar_start) / length;

    if (bars > 0) {
        source->bar_start += bars * length;
        source->bar += (uint32_t)bars;
        source->bar_ns = es_tempo_ns(&source->inner, source->bar_start);
    }
}

static estro_status take_text(file_source *source, const es_smf_event *event,
                              estro_message *message, estro_diag *diag)
{
    while (event->size >= source->text_capacity) {
        if (!es_grow(&source->text, source->text_capacity, &source->text_capacity, 1)) {
            return es_fail_memory(diag);
        }
    }
    memcpy(source->text, source->smf.bytes + event->offset, event->size);
    source->text[event->size] = '\0';
    message->text = source->text;
    message->kind = ESTRO_TEXT;
    if (event->data1 == ES_SMF_TRACK_NAME) {
        message->kind = ESTRO_TRACK;
    } else if (event->data1 == ES_SMF_MARKER) {
        message->kind = ESTRO_MARKER;
    } else if (event->data1 == ES_SMF_TEXT && strncmp(source->text, "chord ", 6) == 0) {
        message->kind = ESTRO_CHORD;
        message->text += 6;
    }
    return ESTRO_OK;
}

static void change_meter(file_source *source, int64_t tick, const uint8_t *bytes)
{
    source->meter = (es_meter){bytes[0], (uint8_t)(1u << bytes[1])};
    if (tick > source->bar_start) {
        source->bar_start = tick;
        source->bar++;
        source->bar_ns = es_tempo_ns(&source->inner, tick);
    }
}

/* ESTRO_END: nothing to hand on. */
static estro_status take_meta(file_source *source, const es_smf_event *event, int64_t tick,
                              estro_message *message, estro_diag *diag)
{
    const uint8_t *const bytes = source->smf.bytes + event->offset;

    if (event->data1 >= ES_SMF_TEXT && event->data1 <= ES_SMF_LAST_TEXT) {
        return take_text(source, event, message, diag);
    }
    if (event->data1 == ES_SMF_TEMPO && event->size >= 3 && !source->is_timecode) {
        const uint32_t us = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        message->kind = ESTRO_TEMPO;
        message->value = us > 0 ? us : 1;
        es_tempo_change(&source->tempo, tick, message->value);
        es_tempo_change(&source->inner, message->tick, message->value);
        return ESTRO_OK;
    }
    if (event->data1 == ES_SMF_METER && event->size >= 2 && bytes[0] > 0 && bytes[1] <= 5) {
        message->kind = ESTRO_METER;
        memcpy(message->data, bytes, 2);
        change_meter(source, message->tick, bytes);
        return ESTRO_OK;
    }
    if (event->data1 == ES_SMF_KEY && event->size >= 2) {
        message->kind = ESTRO_KEY;
        memcpy(message->data, bytes, 2);
        return ESTRO_OK;
    }
    return ESTRO_END;
}

static estro_status take_channel(const es_smf_event *event, estro_message *message)
{
    const uint8_t kind = event->status & 0xF0;

    if (event->status < 0x80 || event->status >= 0xF0) {
        return ESTRO_END;
    }
    message->kind = ESTRO_MIDI;
    message->size = kind == 0xC0 || kind == 0xD0 ? 2 : 3;
    message->data[0] = event->status;
    message->data[1] = event->data1 & 0x7F;
    message->data[2] = message->size == 3 ? event->data2 & 0x7F : 0;
    return ESTRO_OK;
}

/* The next message of the file itself; ESTRO_END at its end, whose place is then in `message`. */
static estro_status take_message(file_source *source, estro_message *message, estro_diag *diag)
{
    const es_smf_event *event;
    int64_t tick = 0;

    if (source->is_timecode && !source->has_said_tempo) {
        source->has_said_tempo = true;
        *message = (estro_message){.kind = ESTRO_TEMPO, .value = source->tempo.us_per_quarter};
        return ESTRO_OK;
    }
    while ((event = es_merge_next(&source->merge, &tick)) != NULL) {
        *message = (estro_message){.track = event->track,
                                   .tick = inner_tick(source, tick),
                                   .time_ns = es_tempo_ns(&source->tempo, tick)};
        reach(source, message->tick);
        const estro_status status = event->status == ES_SMF_META
                                        ? take_meta(source, event, tick, message, diag)
                                        : take_channel(event, message);
        if (status != ESTRO_END) {
            return status;
        }
    }
    *message = (estro_message){.tick = inner_tick(source, source->merge.end),
                               .time_ns = es_tempo_ns(&source->tempo, source->merge.end)};
    return ESTRO_END;
}

/* ---- clock and end ---- */

static estro_status look_ahead(file_source *source, estro_diag *diag)
{
    const int64_t bar_end = source->bar_start + es_meter_bar(source->meter);
    const uint64_t bar_end_ns = es_tempo_ns(&source->inner, bar_end);
    const estro_status status = take_message(source, &source->ahead, diag);

    source->has_end = status == ESTRO_END;
    if (status != ESTRO_END) {
        ES_TRY(status);
    }
    if (source->is_finishing && source->ahead.tick >= bar_end) {
        source->ahead = (estro_message){
            .tick = bar_end,
            .time_ns = bar_end_ns > source->last_ns ? bar_end_ns : source->last_ns,
        };
        source->has_end = true;
    }
    source->has_ahead = true;
    return ESTRO_OK;
}

/* The start of the clock, or a pulse, if it is due before the message ahead. */
static bool take_pulse(file_source *source, estro_message *message)
{
    const estro_message *const ahead = &source->ahead;
    const bool is_off = ahead->kind == ESTRO_MIDI && !source->has_end &&
                        ((ahead->data[0] & 0xF0) == 0x80 ||
                         ((ahead->data[0] & 0xF0) == 0x90 && ahead->data[2] == 0));
    const bool is_later = ahead->tick > source->next_pulse ||
                          (ahead->tick == source->next_pulse && !is_off && !source->has_end);

    if (!source->sends_clock || !is_later) {
        return false;
    }
    *message = (estro_message){
        .kind = ESTRO_MIDI,
        .size = 1,
        .data = {source->has_started ? MIDI_CLOCK : MIDI_START},
        .tick = source->next_pulse,
        .time_ns = es_tempo_ns(&source->inner, source->next_pulse),
    };
    /* The inner grid is rounded: a pulse keeps its place between its neighbours all the same. */
    if (message->time_ns > ahead->time_ns) {
        message->time_ns = ahead->time_ns;
    }
    if (message->time_ns < source->last_ns) {
        message->time_ns = source->last_ns;
    }
    source->next_pulse += source->has_started ? PULSE_TICKS : 0;
    source->has_started = true;
    return true;
}

/* Note-offs for what sounds, the stop of the clock, the end; then nothing more. */
static estro_status take_end(file_source *source, estro_message *message)
{
    if (source->is_over) {
        return ESTRO_END;
    }
    *message = (estro_message){.tick = source->ahead.tick, .time_ns = source->ahead.time_ns};
    if (es_ledger_silence(&source->ledger, message)) {
        return ESTRO_OK;
    }
    if (source->has_started) {
        source->has_started = false;
        message->kind = ESTRO_MIDI;
        message->size = 1;
        message->data[0] = MIDI_STOP;
        return ESTRO_OK;
    }
    message->kind = ESTRO_FINISH;
    source->is_over = true;
    return ESTRO_OK;
}

static estro_status file_next(void *self, es_cue *cue, estro_diag *diag)
{
    file_source *const source = self;

    if (!source->has_ahead) {
        ES_TRY(look_ahead(source, diag));
    }
    if (!take_pulse(source, &cue->message)) {
        if (source->has_end) {
            source->sends_clock = false;
            ES_TRY(take_end(source, &cue->message));
        } else {
            cue->message = source->ahead;
            source->has_ahead = false;
            es_ledger_see(&source->ledger, &cue->message);
        }
    }
    source->last_ns = cue->message.time_ns;
    cue->bar = source->bar;
    cue->bar_ns = source->bar_ns;
    return ESTRO_OK;
}

static void file_clock(void *self)
{
    ((file_source *)self)->sends_clock = true;
}

static void file_finish(void *self)
{
    ((file_source *)self)->is_finishing = true;
}

static void file_free(void *self)
{
    file_source *const source = self;

    es_merge_done(&source->merge);
    es_smf_done(&source->smf);
    es_free(source->text);
    es_free(source);
}

static const es_source_ops file_ops = {file_next, file_clock, file_finish, file_free};

static void set_division(file_source *source)
{
    const es_smf *const smf = &source->smf;
    const bool is_drop = smf->smpte_fps == 29;
    const int64_t frames = is_drop ? 30 : smf->smpte_fps;

    source->is_timecode = smf->division == 0;
    if (source->is_timecode) {
        const uint32_t ticks = (uint32_t)(frames * smf->smpte_ticks);
        source->tempo = es_tempo_map_at(ticks ? ticks : 1);
        source->tempo.us_per_quarter = is_drop ? US_PER_DROP_SECOND : US_PER_SECOND;
    } else {
        source->tempo = es_tempo_map_at((uint32_t)smf->division);
    }
    source->inner = es_tempo_map_at(ES_QUARTER);
    source->inner.us_per_quarter = source->tempo.us_per_quarter;
}

estro_status es_source_bytes(estro_source **out, uint8_t *bytes, size_t size, const char *name,
                             estro_diag *diag)
{
    estro_source *const source = es_calloc(1, sizeof *source);
    file_source *const self = es_calloc(1, sizeof *self);
    estro_status status = ESTRO_OK;

    if (!source || !self) {
        es_free(bytes);
        es_free(source);
        es_free(self);
        return es_fail_memory(diag);
    }
    self->meter = (es_meter){4, 4};
    status = es_smf_take(&self->smf, bytes, size, name, diag);
    if (status == ESTRO_OK && !es_merge_init(&self->merge, &self->smf)) {
        status = es_fail_memory(diag);
    }
    if (status != ESTRO_OK) {
        file_free(self);
        es_free(source);
        return status;
    }
    set_division(self);
    source->ops = &file_ops;
    source->self = self;
    *out = source;
    return ESTRO_OK;
}

estro_status es_source_file(estro_source **out, const char *path, estro_diag *diag)
{
    uint8_t *bytes;
    size_t size;

    ES_TRY(es_file_read(&bytes, &size, path, diag));
    return es_source_bytes(out, bytes, size, path, diag);
}
