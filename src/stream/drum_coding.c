/*
 * Settings of the coding of drums: metres, their bytes in a model file, and the shape of a net, which is found by
 * describing an empty stream to es_drum_features_choice: there is no second list of fields.
 */
#include "stream/drum_history.h"

#include <string.h>

int es_drum_coding_beat(const es_drum_coding *coding, es_meter meter)
{
    const es_coding as_voices = {.grid = coding->grid, .max_step = coding->max_step};
    const int beat = es_coding_beat(&as_voices, meter);

    return es_meter_token(meter) < ES_METERS - 1 &&
                   beat * es_meter_beats(meter) <= ES_DRUM_BAR_STEPS
               ? beat
               : 0;
}

enum { PACKED = 2, MOST_GRID = 24, MOST_STEP = 48 };

void es_drum_coding_pack(const es_drum_coding *coding, uint8_t out[64])
{
    memset(out, 0, 64);
    out[0] = coding->grid;
    out[1] = coding->max_step;
}

bool es_drum_coding_unpack(es_drum_coding *out, const uint8_t *bytes, size_t size)
{
    if (size < PACKED || bytes[0] < 1 || bytes[0] > MOST_GRID || bytes[1] < bytes[0] ||
        bytes[1] > MOST_STEP) {
        return false;
    }
    *out = (es_drum_coding){.grid = bytes[0], .max_step = bytes[1]};
    return true;
}

static int most_candidates(const es_drum_coding *coding, int slot)
{
    static const uint8_t plan[ES_DRUM_STEP] = {ES_FAMILIES, ES_METERS, ES_DRUM_KINDS};

    return slot < ES_DRUM_STEP    ? plan[slot]
           : slot == ES_DRUM_STEP ? coding->max_step
                                  : es_kit_candidates(slot - ES_DRUM_LANE);
}

void es_drum_coding_shape(const es_drum_coding *coding, es_net_shape *shape)
{
    es_drum_instant open = {.kind = ES_DRUM_HIDDEN};
    es_drum_stream stream = {.coding = *coding,
                             .instants = &open,
                             .beat_steps = 1,
                             .bar_beats = 4,
                             .family = ES_FAMILIES,
                             .joint = -1};
    es_features event = {.size = shape->field_size};

    es_drum_features_event(&event, &stream, &open, NULL);
    shape->n_fields = event.n_fields;
    shape->n_slots = ES_DRUM_LANE + ES_KIT_LANES;
    for (int i = 0; i < shape->n_slots; i++) {
        es_slot_shape *slot = &shape->slot[i];
        es_features choice = {.size = slot->field_size};
        stream.stage = (uint8_t)(i < ES_DRUM_LANE ? i : ES_DRUM_LANE);
        stream.n_decided = (uint8_t)(i < ES_DRUM_LANE ? 0 : i - ES_DRUM_LANE);
        es_drum_features_choice(&choice, &stream);
        slot->n_fields = choice.n_fields;
        slot->n_raw = choice.n_raw;
        slot->n_ordered = 0;
        slot->n_candidates = (uint16_t)most_candidates(coding, i);
    }
}
