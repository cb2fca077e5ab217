/*
 * A group of shards: sequences packed by time, draws sorted by slot, and one block of memory carved into the tapes of all passes.
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

size_t es_sequence_goal_size(const es_sequence *sequence)
{
    size_t size = 0;

    for (size_t i = 0; i < sequence->n_draws; i++) {
        size += sequence->draws[i].n_candidates;
    }
    return size;
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

/* Rows a multiple of 4 KiB apart would lie in few sets of the first cache: then a line more. */
static size_t stride_for(size_t width)
{
    return width % 1024 ? width : width + ES_ALIGN_FLOATS;
}

static void carve_core(carving *c, es_shard_group *group, const es_net_shape *shape)
{
    const size_t rows = group->n_rows, lanes = group->n_lanes;
    const size_t hidden = shape->hidden, embed = shape->embed;
    const size_t gates = es_core_gates(shape) * hidden;
    const size_t widest = embed > hidden ? embed : hidden;
    const size_t stretch_rows = group->stretch < group->n_steps ? group->stretch * lanes : rows;

    group->gate_stride = stride_for(gates);
    group->x = take(c, rows * embed);
    group->x_mask = take(c, lanes * embed);
    for (int l = 0; l < shape->n_layers; l++) {
        es_layer_tape *tape = &group->layer[l];
        tape->gates = take(c, rows * group->gate_stride);
        tape->inner = take(c, rows * hidden);
        tape->cell = take(c, shape->core == ES_LSTM ? rows * hidden : 0);
        tape->h = take(c, rows * hidden);
        tape->dropped = take(c, rows * hidden);
        tape->mask = take(c, lanes * hidden);
        tape->carry = take(c, lanes * hidden);
        tape->d_cell = take(c, lanes * hidden);
    }
    group->d_out = take(c, rows * hidden);
    group->d_in[0] = take(c, stretch_rows * widest);
    group->d_in[1] = take(c, stretch_rows * widest);
    group->d_table_size = shape->n_fields == 1 ? group->n_shards * shape->field_size[0] * gates : 0;
    group->d_table = take(c, group->d_table_size);
    group->scratch = take(c, es_product_scratch());
}

static void carve_decoder(carving *c, es_decoder_tape *tape, const es_net_shape *shape)
{
    const size_t width = shape->decoder;
    size_t raw = 1;

    for (int s = 0; s < shape->n_slots; s++) {
        raw = shape->slot[s].n_raw > raw ? shape->slot[s].n_raw : raw;
    }
    tape->state = take(c, (size_t)ES_BLOCK_ROWS * shape->hidden);
    tape->core = take(c, ES_BLOCK_ROWS * width);
    tape->u = take(c, ES_BLOCK_ROWS * width);
    tape->q = take(c, ES_BLOCK_ROWS * width);
    tape->v = take(c, ES_BLOCK_ROWS * width);
    tape->dv = take(c, ES_BLOCK_ROWS * width);
    tape->raw = take(c, ES_BLOCK_ROWS * raw);
    tape->d_raw = take(c, ES_BLOCK_ROWS * raw);
}

/* start[t]: how many events lie before step t in all lanes. */
static void pack_steps(es_shard_group *group)
{
    size_t row = 0, active = group->n_lanes;

    for (size_t t = 0; t < group->n_steps; t++) {
        group->start[t] = row;
        while (active > 0 && group->lane[active - 1].sequence->n_events <= t) {
            active--;
        }
        row += active;
    }
    group->start[group->n_steps] = row;
    group->n_rows = row;
}

/* The lanes of the group's shards, and how much each shard holds. */
static estro_status take_lanes(es_shard_group *group, const es_lane *lane, size_t n_lanes,
                               size_t first, estro_diag *diag)
{
    if (!make_room(&group->lane, &group->lane_room, n_lanes, sizeof *lane)) {
        return es_fail_memory(diag);
    }
    group->n_lanes = 0;
    for (size_t i = 0; i < n_lanes; i++) {
        const size_t shard = lane[i].shard - first;
        if (lane[i].shard >= first && shard < group->n_shards) {
            es_lane *own = &group->lane[group->n_lanes++];
            *own = lane[i];
            own->shard = (uint32_t)shard;
        }
    }
    group->n_steps = group->n_lanes ? group->lane[0].sequence->n_events : 0;
    if (!make_room(&group->start, &group->step_room, group->n_steps + 1, sizeof(size_t))) {
        return es_fail_memory(diag);
    }
    pack_steps(group);
    return ESTRO_OK;
}

/* The draws of each slot together, in the order of lanes and draws; draws of one candidate are only counted: they cost nothing. */
static void sort_picks(es_shard_group *group, uint32_t number, const es_net_shape *shape)
{
    es_shard *const shard = &group->shard[number];
    size_t next[ES_MAX_SLOTS + 1] = {0};

    for (size_t j = 0; j < group->n_lanes; j++) {
        const es_sequence *sequence = group->lane[j].sequence;
        for (size_t i = 0; group->lane[j].shard == number && i < sequence->n_draws; i++) {
            const es_draw *draw = &sequence->draws[i];
            shard->slot_count[draw->slot]++;
            next[draw->slot + 1] += draw->n_candidates > 1;
        }
    }
    for (int s = 0; s < shape->n_slots; s++) {
        next[s + 1] += next[s];
    }
    memcpy(shard->slot_start, next, sizeof next);
    for (size_t j = 0; j < group->n_lanes; j++) {
        const es_sequence *sequence = group->lane[j].sequence;
        size_t at = 0;
        for (size_t i = 0; group->lane[j].shard == number && i < sequence->n_draws; i++) {
            const uint32_t event = sequence->draw_event[i];
            if (sequence->draws[i].n_candidates > 1) {
                shard->pick[next[sequence->draws[i].slot]++] = (es_pick){
                    .draw = &sequence->draws[i],
                    .goal = sequence->goal ? sequence->goal + at : NULL,
                    .row = event ? (int32_t)(group->start[event - 1] + j) : ES_NO_ROW,
                    .sequence = group->lane[j].number,
                    .number = (uint32_t)i,
                };
            }
            at += sequence->draws[i].n_candidates;
        }
    }
}

static void list_rows(es_shard_group *group)
{
    for (size_t t = 0; t < group->n_steps; t++) {
        for (size_t row = group->start[t], j = 0; row < group->start[t + 1]; row++, j++) {
            es_shard *const shard = &group->shard[group->lane[j].shard];
            shard->n_first += t == 0;
            shard->past_row[shard->n_rows] = t ? (uint32_t)(group->start[t - 1] + j) : 0;
            shard->row[shard->n_rows++] = (uint32_t)row;
        }
    }
}

static estro_status pack_shards(es_shard_group *group, const es_net_shape *shape, estro_diag *diag)
{
    for (size_t s = 0; s < group->n_shards; s++) {
        es_shard *const shard = &group->shard[s];
        size_t n_draws = 0, n_events = 0;
        for (size_t j = 0; j < group->n_lanes; j++) {
            if (group->lane[j].shard == s) {
                n_draws += group->lane[j].sequence->n_draws;
                n_events += group->lane[j].sequence->n_events;
            }
        }
        if (!make_room(&shard->row, &shard->row_room, n_events, sizeof(uint32_t)) ||
            !make_room(&shard->past_row, &shard->past_room, n_events, sizeof(uint32_t)) ||
            !make_room(&shard->pick, &shard->pick_room, n_draws, sizeof(es_pick))) {
            return es_fail_memory(diag);
        }
        shard->n_rows = 0;
        shard->n_first = 0;
        memset(shard->slot_nats, 0, sizeof shard->slot_nats);
        memset(shard->slot_count, 0, sizeof shard->slot_count);
        sort_picks(group, (uint32_t)s, shape);
    }
    list_rows(group);
    return ESTRO_OK;
}

estro_status es_shard_group_pack(es_shard_group *group, const es_net_shape *shape,
                                 const es_lane *lane, size_t n_lanes, size_t first,
                                 estro_diag *diag)
{
    carving measure = {0};

    ES_TRY(take_lanes(group, lane, n_lanes, first, diag));
    ES_TRY(pack_shards(group, shape, diag));
    carve_core(&measure, group, shape);
    carve_decoder(&measure, &group->decoder, shape);
    if (!make_room(&group->memory, &group->memory_room, measure.at + ES_ALIGN_FLOATS,
                   sizeof(float))) {
        return es_fail_memory(diag);
    }
    carving cut = {.base = es_aligned(group->memory)};
    carve_core(&cut, group, shape);
    carve_decoder(&cut, &group->decoder, shape);
    return ESTRO_OK;
}

void es_shard_group_done(es_shard_group *group)
{
    es_free(group->lane);
    es_free(group->start);
    es_free(group->memory);
    memset(group, 0, sizeof *group);
}

void es_shard_done(es_shard *shard)
{
    es_free(shard->row);
    es_free(shard->past_row);
    es_free(shard->pick);
    es_free(shard->gradient);
    memset(shard, 0, sizeof *shard);
}
