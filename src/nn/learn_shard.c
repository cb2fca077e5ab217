/*
 * A shard: sequences packed by time, draws sorted by slot, and one block of memory carved into the tapes of all passes.
 * The memory grows to the largest batch seen and is then used again.
 */
#include "nn/learn_parts.h"

#include "base/diag.h"
#include "base/mem.h"
#include "nn/kernel.h"

#include <string.h>

estro_status es_sequence_check(const es_net_shape *shape, const es_sequence *sequence,
                               estro_diag *diag)
{
    if (sequence->n_events > 1000000 || sequence->n_draws > 100000000) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "sequence of %zu events is too long",
                       sequence->n_events);
    }
    for (size_t i = 0; i < sequence->n_events; i++) {
        for (int f = 0; f < shape->n_fields; f++) {
            if (sequence->events[i].field[f] >= shape->field_size[f]) {
                return es_fail(diag, ESTRO_ERR_ARGUMENT, "event %zu: field %d is %u, not below %u",
                               i, f, (unsigned)sequence->events[i].field[f],
                               (unsigned)shape->field_size[f]);
            }
        }
    }
    for (size_t i = 0; i < sequence->n_draws; i++) {
        if (sequence->draw_event[i] > sequence->n_events ||
            !es_draw_ok(shape, &sequence->draws[i])) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "draw %zu does not fit the net", i);
        }
    }
    return ESTRO_OK;
}

uint32_t es_pass_key(const es_pass *pass, uint32_t sequence, uint32_t draw, uint32_t what)
{
    uint64_t x = pass->key + ((uint64_t)sequence << 32 | draw) * 0x9e3779b97f4a7c15u + what;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(x >> 32);
}

float *es_aligned(float *memory)
{
    enum { LINE = ES_ALIGN_FLOATS * sizeof(float) };
    const size_t over = (uintptr_t)memory % LINE;

    return memory + (over ? (LINE - over) / sizeof(float) : 0);
}

/* Room for `wanted` objects, contents lost. */
static bool make_room(void *array, size_t *room, size_t wanted, size_t size)
{
    void *memory;

    if (wanted <= *room) {
        return true;
    }
    memcpy(&memory, array, sizeof memory);
    es_free(memory);
    memory = es_calloc(wanted, size);
    memcpy(array, &memory, sizeof memory);
    *room = memory ? wanted : 0;
    return memory != NULL;
}

/* A block being cut up; without a base it only measures. */
typedef struct carving {
    float *base;
    size_t at;
} carving;

static float *take(carving *c, size_t count)
{
    float *memory = c->base ? c->base + c->at : NULL;

    c->at += (count + ES_ALIGN_FLOATS - 1) / ES_ALIGN_FLOATS * ES_ALIGN_FLOATS;
    return memory;
}

static void carve_core(carving *c, es_shard *shard, const es_net_shape *shape)
{
    const size_t rows = shard->n_rows, sequences = shard->n_sequences;
    const size_t hidden = shape->hidden, embed = shape->embed;
    const size_t gates = es_core_gates(shape) * hidden;
    const size_t widest = embed > hidden ? embed : hidden;

    shard->x = take(c, rows * embed);
    shard->x_mask = take(c, sequences * embed);
    for (int l = 0; l < shape->n_layers; l++) {
        es_layer_tape *tape = &shard->layer[l];
        tape->gates = take(c, rows * gates);
        tape->inner = take(c, rows * hidden);
        tape->cell = take(c, shape->core == ES_LSTM ? rows * hidden : 0);
        tape->h = take(c, rows * hidden);
        tape->out = take(c, rows * hidden);
        tape->mask = take(c, sequences * hidden);
    }
    shard->d_out = take(c, rows * widest);
    shard->d_in = take(c, rows * widest);
    shard->d_cell = take(c, sequences * hidden);
    shard->scratch = take(c, es_product_scratch());
}

static void carve_decoder(carving *c, es_decoder_tape *tape, const es_net_shape *shape)
{
    const size_t width = shape->decoder;
    size_t raw = 1;

    for (int s = 0; s < shape->n_slots; s++) {
        raw = shape->slot[s].n_raw > raw ? shape->slot[s].n_raw : raw;
    }
    tape->state = take(c, (size_t)ES_BLOCK_ROWS * shape->hidden);
    tape->u = take(c, ES_BLOCK_ROWS * width);
    tape->q = take(c, ES_BLOCK_ROWS * width);
    tape->v = take(c, ES_BLOCK_ROWS * width);
    tape->dv = take(c, ES_BLOCK_ROWS * width);
    tape->raw = take(c, ES_BLOCK_ROWS * raw);
    tape->d_raw = take(c, ES_BLOCK_ROWS * raw);
}

/* start[t]: how many events lie before step t in all sequences. */
static void pack_steps(es_shard *shard)
{
    size_t row = 0, active = shard->n_sequences;

    for (size_t t = 0; t < shard->n_steps; t++) {
        shard->start[t] = row;
        while (active > 0 && shard->sequence[active - 1]->n_events <= t) {
            active--;
        }
        row += active;
    }
    shard->start[shard->n_steps] = row;
    shard->n_rows = row;
}

static void find_past(es_shard *shard)
{
    for (size_t t = 1; t < shard->n_steps; t++) {
        for (size_t row = shard->start[t], j = 0; row < shard->start[t + 1]; row++, j++) {
            shard->past_row[row] = (uint32_t)(shard->start[t - 1] + j);
        }
    }
}

/* The draws of each slot together, in the order of sequences and draws. */
static void sort_picks(es_shard *shard, const es_net_shape *shape)
{
    size_t next[ES_MAX_SLOTS + 1] = {0};

    for (size_t j = 0; j < shard->n_sequences; j++) {
        for (size_t i = 0; i < shard->sequence[j]->n_draws; i++) {
            next[shard->sequence[j]->draws[i].slot + 1]++;
        }
    }
    for (int s = 0; s < shape->n_slots; s++) {
        next[s + 1] += next[s];
    }
    memcpy(shard->slot_start, next, sizeof next);
    for (size_t j = 0; j < shard->n_sequences; j++) {
        const es_sequence *sequence = shard->sequence[j];
        for (size_t i = 0; i < sequence->n_draws; i++) {
            const uint32_t event = sequence->draw_event[i];
            shard->pick[next[sequence->draws[i].slot]++] = (es_pick){
                .draw = &sequence->draws[i],
                .row = event ? (int32_t)(shard->start[event - 1] + j) : ES_NO_ROW,
                .sequence = (uint32_t)j,
                .number = (uint32_t)i,
            };
        }
    }
}

estro_status es_shard_pack(es_shard *shard, const es_net_shape *shape,
                           const es_sequence *const *sequence, const uint32_t *number,
                           size_t n_sequences, estro_diag *diag)
{
    carving measure = {0};
    size_t n_draws = 0, room = shard->sequence_room;

    if (!make_room(&shard->sequence, &room, n_sequences, sizeof(es_sequence *)) ||
        !make_room(&shard->number, &shard->sequence_room, n_sequences, sizeof *number)) {
        shard->sequence_room = 0;
        return es_fail_memory(diag);
    }
    shard->n_sequences = n_sequences;
    shard->n_steps = 0;
    for (size_t j = 0; j < n_sequences; j++) {
        shard->sequence[j] = sequence[j];
        shard->number[j] = number[j];
        n_draws += sequence[j]->n_draws;
        if (sequence[j]->n_events > shard->n_steps) {
            shard->n_steps = sequence[j]->n_events;
        }
    }
    if (!make_room(&shard->start, &shard->step_room, shard->n_steps + 1, sizeof(size_t)) ||
        !make_room(&shard->pick, &shard->pick_room, n_draws, sizeof(es_pick))) {
        return es_fail_memory(diag);
    }
    pack_steps(shard);
    if (!make_room(&shard->past_row, &shard->row_room, shard->n_rows, sizeof(uint32_t))) {
        return es_fail_memory(diag);
    }
    find_past(shard);
    sort_picks(shard, shape);
    carve_core(&measure, shard, shape);
    carve_decoder(&measure, &shard->decoder, shape);
    if (!make_room(&shard->memory, &shard->memory_room, measure.at + ES_ALIGN_FLOATS,
                   sizeof(float))) {
        return es_fail_memory(diag);
    }
    carving cut = {.base = es_aligned(shard->memory)};
    carve_core(&cut, shard, shape);
    carve_decoder(&cut, &shard->decoder, shape);
    return ESTRO_OK;
}

void es_shard_done(es_shard *shard)
{
    es_free(shard->sequence);
    es_free(shard->number);
    es_free(shard->start);
    es_free(shard->past_row);
    es_free(shard->pick);
    es_free(shard->memory);
    es_free(shard->gradient);
    memset(shard, 0, sizeof *shard);
}
