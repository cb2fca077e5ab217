/*
 * The stream as a machine: which choice comes next, and what it does to the history.
 *
 * All state is in the arrays of instants and notes and in the few numbers of the open instant, which are set when it opens
 * (open_instant). So going back is: cut the arrays, open the instant again. Choices within an instant are made in the
 * order of their stages; a choice only ever appends.
 */
#include "stream/coding.h"
#include "stream/features.h"
#include "stream/history.h"
#include "stream/match.h"
#include "stream/tonality.h"

#include "base/diag.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

static const es_chord_token hidden_chord = {.root = ES_ROOT_HIDDEN};

/* ---- life ---- */

estro_status es_stream_new(es_stream **out, const es_coding *coding, estro_diag *diag)
{
    es_stream *stream = es_calloc(1, sizeof *stream);
    estro_status status;

    if (!stream) {
        return es_fail_memory(diag);
    }
    stream->coding = *coding;
    status = es_stream_reserve(stream, 64, diag);
    if (status != ESTRO_OK) {
        es_stream_free(stream);
        return status;
    }
    es_stream_begin(stream, true, (es_meter){4, 4});
    *out = stream;
    return ESTRO_OK;
}

void es_stream_free(es_stream *stream)
{
    if (!stream) {
        return;
    }
    for (int v = 0; v < ES_MAX_VOICES; v++) {
        es_free(stream->notes[v]);
    }
    es_free(stream->instants);
    es_free(stream);
}

/* Keep the last `kept` instants with the open one, and so many notes of each voice: more than any match reaches back. */
static void forget(es_stream *s, uint32_t kept)
{
    const uint32_t gone = s->n_instants - kept;

    memmove(s->instants, s->instants + gone, (kept + 1) * sizeof *s->instants);
    s->n_instants = kept;
    s->n_forgotten += gone;
    if (s->joint != ES_NOWHERE) {
        s->joint -= gone;
    }
    for (int v = 0; v < s->coding.n_voices; v++) {
        const uint32_t notes_kept = kept + 2; /* All that the kept instants name. */
        if (s->n_notes[v] > notes_kept) {
            const uint32_t notes_gone = s->n_notes[v] - notes_kept;
            memmove(s->notes[v], s->notes[v] + notes_gone, notes_kept * sizeof *s->notes[v]);
            s->n_notes[v] = notes_kept;
            s->n_notes_forgotten[v] += notes_gone;
        }
    }
}

estro_status es_stream_reserve(es_stream *s, size_t instants, estro_diag *diag)
{
    if (s->n_instants >= ES_STREAM_REMEMBERED) {
        forget(s, ES_STREAM_REMEMBERED / 2);
    }
    const size_t wanted = s->n_instants + instants + 1;
    if (wanted <= s->capacity) {
        return ESTRO_OK;
    }
    const size_t capacity = wanted > s->capacity * 2 ? wanted : s->capacity * 2;
    for (int v = 0; v < s->coding.n_voices; v++) {
        es_voice_note *notes = es_realloc(s->notes[v], capacity + 2, sizeof *notes);
        if (!notes) {
            return es_fail_memory(diag);
        }
        s->notes[v] = notes;
    }
    es_instant *grown = es_realloc(s->instants, capacity, sizeof *grown);
    if (!grown) {
        return es_fail_memory(diag);
    }
    s->instants = grown;
    s->capacity = capacity;
    return ESTRO_OK;
}

/* ---- time ---- */

static void set_meter(es_stream *s, es_meter meter)
{
    const int beat = es_coding_beat(&s->coding, meter);

    s->meter = meter;
    s->meter_token = (uint8_t)es_meter_token(meter);
    s->beat_steps = beat > 0 ? (uint8_t)beat : s->coding.max_step;
    s->bar_beats = 0;
    if (beat > 0 && s->meter_token < ES_METERS - 1) {
        s->bar_beats = (uint8_t)es_meter_beats(meter);
    }
}

/* ---- the open instant ---- */

/* Set up the instant after the last complete one: its time, its first stage, what is foretold. */
static void open_instant(es_stream *s)
{
    es_instant *now = &s->instants[s->n_instants];
    const es_instant *before = es_before(s);

    *now = (es_instant){.chord = hidden_chord, .next = hidden_chord};
    s->n_decided = 0;
    s->is_first = false;
    s->drawn = hidden_chord;
    s->is_over = false;
    for (int v = 0; v < s->coding.n_voices; v++) {
        s->n_notes[v] = before ? before->note[v] + 1 - s->n_notes_forgotten[v] : 1;
    }
    if (!before) {
        s->key_token = ES_KEYS;
        s->stage = s->is_hidden ? ES_SLOT_VOICE : ES_SLOT_KEY;
    } else {
        now->step = before->step + before->length;
        now->place = (uint8_t)((before->place + before->length) % s->beat_steps);
        now->chord = now->place ? before->chord : before->next;
        now->next = now->place ? before->next : hidden_chord;
        s->stage = s->is_hidden || now->place ? ES_SLOT_VOICE : ES_SLOT_ROOT;
        s->is_over = !now->place && before->next.root == ES_ROOT_END;
    }
    es_match_open(s);
}

void es_stream_begin(es_stream *s, bool hidden_plan, es_meter meter)
{
    s->is_hidden = hidden_plan;
    s->n_instants = 0;
    s->n_forgotten = 0;
    set_meter(s, meter);
    for (int v = 0; v < s->coding.n_voices; v++) {
        s->n_notes_forgotten[v] = 0;
        s->notes[v][0] = (es_voice_note){.pitch = ES_SILENT};
        s->n_notes[v] = 1;
    }
    open_instant(s);
}

bool es_stream_is_over(const es_stream *stream)
{
    return stream->is_over;
}

/* ---- looking ---- */

void es_stream_peek_slot(const es_stream *s, uint8_t *slot, uint8_t *voice)
{
    *slot = s->stage;
    *voice = 0;
    if (s->stage == ES_SLOT_VOICE) {
        *voice = (uint8_t)es_drawing_order(s->coding.n_voices, s->n_decided);
    }
}

void es_stream_peek(const es_stream *s, es_choice *choice)
{
    es_features features = {.value = choice->draw.field, .term = choice->draw.term};

    es_stream_peek_slot(s, &choice->slot, &choice->voice);
    choice->step = es_open(s)->step;
    choice->event = s->n_forgotten + s->n_instants;
    es_features_choice(&features, s);
    choice->draw.n_terms = features.n_terms;
    choice->draw.n_candidates = es_features_candidates(s);
    choice->draw.target = 0;
    choice->draw.slot = choice->slot;
    if (choice->slot == ES_SLOT_VOICE) {
        choice->draw.slot = (uint16_t)(ES_SLOT_VOICE + s->n_decided);
    }
}

/* ---- choosing ---- */

static void push_root(es_stream *s, uint16_t candidate)
{
    s->drawn = (es_chord_token){.root = (uint8_t)candidate};
    s->stage = ES_SLOT_QUALITY;
}

/* The chord is drawn: the first beat's own, else the next beat's. */
static void place_chord(es_stream *s)
{
    es_instant *now = &s->instants[s->n_instants];

    if (s->is_first) {
        now->chord = s->drawn;
        s->is_first = false;
        s->stage = ES_SLOT_ROOT;
    } else {
        now->next = s->drawn;
        s->stage = ES_SLOT_VOICE;
    }
    s->drawn = hidden_chord;
}

static void push_plan(es_stream *s, uint16_t candidate)
{
    switch (s->stage) {
    case ES_SLOT_KEY:
        s->key_token = (uint8_t)candidate;
        s->stage = ES_SLOT_METER;
        break;
    case ES_SLOT_METER:
        set_meter(s, es_meter_of_token(candidate));
        s->stage = ES_SLOT_ROOT;
        s->is_first = true;
        break;
    case ES_SLOT_ROOT:
        push_root(s, candidate);
        if (candidate >= ES_ROOT_NONE) {
            place_chord(s);
        }
        break;
    case ES_SLOT_QUALITY:
        s->drawn.quality = (uint8_t)candidate;
        s->stage = ES_SLOT_BASS;
        break;
    default:
        s->drawn.bass = (uint8_t)candidate;
        place_chord(s);
    }
}

static void push_voice(es_stream *s, uint16_t candidate)
{
    es_instant *now = &s->instants[s->n_instants];
    const int v = es_drawing_order(s->coding.n_voices, s->n_decided);
    const uint8_t before = es_pitch_before(s, v);
    const int silence = es_voice_silence(&s->coding, v);
    const bool struck = candidate > silence;
    const uint8_t pitch = candidate == silence ? (uint8_t)ES_SILENT
                          : struck             ? before
                                               : (uint8_t)(candidate + s->coding.low[v]);

    now->pitch[v] = pitch;
    now->last[v] = pitch == ES_SILENT ? es_last_before(s, v) : pitch;
    now->change[v] = struck               ? ES_STRUCK
                     : pitch == before    ? ES_HELD
                     : pitch == ES_SILENT ? ES_ENDED
                                          : ES_BEGAN;
    if (now->change[v] != ES_HELD) {
        s->notes[v][s->n_notes[v]++] = (es_voice_note){
            .step = now->step, .place = now->place, .pitch = pitch, .is_struck = struck};
    }
    now->note[v] = s->n_notes_forgotten[v] + s->n_notes[v] - 1;
    s->n_decided++;
    if (s->n_decided == s->coding.n_voices) {
        s->stage = ES_SLOT_STEP;
    }
}

static void weigh_pitches(es_instant *now, const es_instant *before, int n_voices)
{
    if (before) {
        memcpy(now->weight, before->weight, sizeof now->weight);
    }
    for (int v = 0; v < n_voices; v++) {
        if (now->pitch[v] != ES_SILENT) {
            now->weight[now->pitch[v] % 12] += now->length;
        }
    }
    now->tonality = (uint8_t)es_tonality(now->weight);
}

static uint32_t symbol_of(const es_instant *instant, int n_voices)
{
    uint32_t hash = 2166136261u;

    hash = (hash ^ instant->place) * 16777619u;
    hash = (hash ^ instant->length) * 16777619u;
    for (int v = 0; v < n_voices; v++) {
        hash = (hash ^ instant->pitch[v]) * 16777619u;
        hash = (hash ^ instant->change[v]) * 16777619u;
    }
    return hash;
}

bool es_stream_push(es_stream *s, uint16_t candidate, es_event_fields *event)
{
    assert(candidate < es_features_candidates(s));
    if (s->stage < ES_SLOT_STEP) {
        push_plan(s, candidate);
        return false;
    }
    if (s->stage == ES_SLOT_VOICE) {
        push_voice(s, candidate);
        return false;
    }
    es_instant *now = &s->instants[s->n_instants];
    now->length = (uint8_t)(candidate + 1);
    weigh_pitches(now, es_before(s), s->coding.n_voices);
    now->symbol = symbol_of(now, s->coding.n_voices);
    if (event) {
        es_features features = {.value = event->field};
        es_features_event(&features, s, now, es_before(s));
    }
    s->n_instants++;
    assert(s->n_instants < s->capacity);
    open_instant(s);
    return true;
}

/* ---- going back ---- */

es_stream_mark es_stream_mark_of(const es_stream *stream)
{
    return (es_stream_mark){.event = stream->n_forgotten + stream->n_instants};
}

void es_stream_rollback(es_stream *s, es_stream_mark mark)
{
    assert(mark.event >= s->n_forgotten && mark.event <= s->n_forgotten + s->n_instants);
    s->n_instants = mark.event - s->n_forgotten;
    open_instant(s);
}
