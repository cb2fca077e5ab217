/*
 * Settings of the coding: metres, drawing order, candidates, and their bytes in a model file.
 */
#include "stream/coding.h"

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
