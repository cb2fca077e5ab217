/*
 * Settings of the coding: metres, drawing order, candidates, their bytes in a model file, and the shape of a net.
 * The shape is found by describing an empty stream to es_features: there is no second list of fields.
 */
#include "stream/coding.h"
#include "stream/features.h"

#include <string.h>

static const es_meter meters[ES_METERS - 1] = {{4, 4}, {3, 4}, {2, 4},  {2, 2},
                                               {6, 8}, {9, 8}, {12, 8}, {3, 8}};

int es_meter_token(es_meter meter)
{
    for (int i = 0; i < ES_METERS - 1; i++) {
        if (meters[i].numerator == meter.numerator && meters[i].denominator == meter.denominator) {
            return i;
        }
    }
    return ES_METERS - 1;
}

es_meter es_meter_of_token(int token)
{
    return token >= 0 && token < ES_METERS - 1 ? meters[token] : (es_meter){0, 0};
}

int es_coding_beat(const es_coding *coding, es_meter meter)
{
    const bool is_known = es_meter_token(meter) < ES_METERS - 1;
    const es_tick beat = is_known ? es_meter_beat(meter) : ES_QUARTER;
    const es_tick steps = beat * coding->grid / ES_QUARTER;

    if (!is_known && meter.denominator != 4 && meter.denominator != 0) {
        return 0;
    }
    return beat * coding->grid % ES_QUARTER || steps > coding->max_step ? 0 : (int)steps;
}

int es_drawing_order(int n_voices, int k)
{
    return k == 0 ? 0 : k == 1 ? n_voices - 1 : k - 1;
}

int es_voice_silence(const es_coding *coding, int voice)
{
    return coding->high[voice] - coding->low[voice] + 1;
}

int es_voice_restrike(const es_coding *coding, int voice)
{
    return es_voice_silence(coding, voice) + 1;
}

static bool makes_sense(const es_coding *c)
{
    if (c->n_voices < 1 || c->n_voices > ES_MAX_VOICES || c->grid < 1 || c->grid > 48 ||
        c->has_onsets > 1 || c->has_bars > 1 || c->max_step < 1 || c->max_step > ES_LONGEST_STEP) {
        return false;
    }
    for (int v = 0; v < c->n_voices; v++) {
        if (c->low[v] > c->high[v] || c->high[v] > 127 || c->program[v] > ES_PROGRAMS) {
            return false;
        }
    }
    return true;
}

enum { PACKED = 5 + 2 * ES_MAX_VOICES, WITH_PROGRAMS = PACKED + ES_MAX_VOICES };

void es_coding_pack(const es_coding *coding, uint8_t out[64])
{
    const uint8_t head[5] = {coding->n_voices, coding->grid, coding->has_onsets, coding->has_bars,
                             coding->max_step};

    memset(out, 0, 64);
    memcpy(out, head, sizeof head);
    memcpy(out + 5, coding->low, ES_MAX_VOICES);
    memcpy(out + 5 + ES_MAX_VOICES, coding->high, ES_MAX_VOICES);
    memcpy(out + PACKED, coding->program, ES_MAX_VOICES);
}

bool es_coding_unpack(es_coding *out, const uint8_t *bytes, size_t size)
{
    es_coding coding = {0};

    if (size < PACKED) {
        return false;
    }
    coding.n_voices = bytes[0];
    coding.grid = bytes[1];
    coding.has_onsets = bytes[2];
    coding.has_bars = bytes[3];
    coding.max_step = bytes[4];
    memcpy(coding.low, bytes + 5, ES_MAX_VOICES);
    memcpy(coding.high, bytes + 5 + ES_MAX_VOICES, ES_MAX_VOICES);
    if (size >= WITH_PROGRAMS) {
        memcpy(coding.program, bytes + PACKED, ES_MAX_VOICES);
    }
    if (!makes_sense(&coding)) {
        return false;
    }
    *out = coding;
    return true;
}

/* Candidates and how many of them are ordered, at most. */
static void count_candidates(const es_coding *coding, int slot, es_slot_shape *shape)
{
    const int voice = es_drawing_order(coding->n_voices, slot - ES_SLOT_VOICE);
    const uint16_t plan[ES_SLOT_STEP] = {ES_KEYS, ES_METERS, ES_ROOT_END + 1, ES_QUALITY_UNKNOWN,
                                         4};

    if (slot < ES_SLOT_STEP) {
        shape->n_candidates = plan[slot];
        shape->n_ordered = slot == ES_SLOT_ROOT ? 12 : 0;
    } else if (slot == ES_SLOT_STEP) {
        shape->n_candidates = coding->max_step;
    } else {
        shape->n_candidates = (uint16_t)(es_voice_restrike(coding, voice) + 1);
        shape->n_ordered = (uint16_t)es_voice_silence(coding, voice);
    }
}

void es_coding_shape(const es_coding *coding, es_net_shape *shape)
{
    es_instant open = {.chord = {.root = ES_ROOT_HIDDEN}, .next = {.root = ES_ROOT_HIDDEN}};
    es_voice_note silence[ES_MAX_VOICES];
    es_stream stream = {.coding = *coding,
                        .instants = &open,
                        .beat_steps = 1,
                        .key_token = ES_KEYS,
                        .joint = ES_NOWHERE,
                        .drawn = {.root = ES_ROOT_HIDDEN}};
    es_features event = {.size = shape->field_size};

    for (int v = 0; v < ES_MAX_VOICES; v++) {
        silence[v] = (es_voice_note){.pitch = ES_SILENT};
        stream.notes[v] = &silence[v];
        stream.n_notes[v] = 1;
        open.pitch[v] = open.last[v] = ES_SILENT;
    }
    es_features_event(&event, &stream, &open, NULL);
    shape->n_fields = event.n_fields;
    shape->n_slots = (uint16_t)(ES_SLOT_VOICE + coding->n_voices);
    for (int i = 0; i < shape->n_slots; i++) {
        es_slot_shape *slot = &shape->slot[i];
        es_features choice = {.size = slot->field_size};
        stream.stage = (uint8_t)(i < ES_SLOT_VOICE ? i : ES_SLOT_VOICE);
        stream.n_decided = (uint8_t)(i < ES_SLOT_VOICE ? 0 : i - ES_SLOT_VOICE);
        es_features_choice(&choice, &stream);
        slot->n_fields = choice.n_fields;
        slot->n_raw = choice.n_raw;
        count_candidates(coding, i, slot);
    }
}
