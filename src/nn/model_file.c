/*
 * Model files, little-endian:
 *
 *     "ESTROMDL"  u32 version  u32 weight kind  u64 size of the file
 *     meta:       u32 vocabulary  u32 profile  u64 seed  u8[8] corpus digest
 *                 u32 n, n bytes of setup   u32 n, n bytes of card
 *     shape:      u8 core  u8 layers  u16 hidden, embed, decoder, fields  u16[fields]
 *                 u16 slots  slots times: u16 fields, raw, candidates, ordered  u16[fields]
 *     tensors:    u32 n, n times: u8 length, name  u32 rows, cols  u64 offset of its weights in the file
 *     prints:     u32 with n in the low 27 bits and a shift in the others, n differences of ascending fingerprints (the first from 0)
 *                 shifted right, each in groups of 7 bits, low first, the top bit of a byte saying that more follow
 *     weights:    tensor after tensor, row-major, as stored.h says
 *     u64 hash of all bytes before it
 *
 * The reader takes nothing on trust: each count is held against the bytes that are left before memory is asked for, and
 * the tensor table must be the very one that the shape gives. Only finite weights are read or written.
 */
#include "nn/model_file.h"

#include "base/bits.h"
#include "base/diag.h"
#include "base/mem.h"
#include "nn/layout.h"

#include <math.h>
#include <string.h>

enum {
    VERSION = 1,
    SIZE_AT = 16,
    HEAD_BYTES = 24,
    HASH_BYTES = 8,
    COUNT_BITS = 27,
    MOST_SHIFT = 31
};

static const char magic[8] = {'E', 'S', 'T', 'R', 'O', 'M', 'D', 'L'};

static uint64_t load(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = bytes; i-- > 0;) {
        value = value << 8 | at[i];
    }
    return value;
}

/* Each step is one-to-one in the hash and in the word, so any one changed word changes the result. */
static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u ^ size;

    while (size > 0) {
        const size_t word = size < 8 ? size : 8;
        hash = (hash ^ load(bytes, word)) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
        bytes += word;
        size -= word;
    }
    return hash;
}

/* ---- writing ---- */

/* Bytes so far; `at` runs on when `bytes` is NULL, to measure. */
typedef struct writer {
    uint8_t *bytes;
    size_t at;
    const es_net *net;
    es_weight_kind kind;
    size_t weights_at; /* Where the weights of the next tensor go. */
} writer;

static void put(writer *w, uint64_t value, size_t bytes)
{
    for (size_t i = 0; w->bytes && i < bytes; i++) {
        w->bytes[w->at + i] = (uint8_t)(value >> (8 * i));
    }
    w->at += bytes;
}

static void put_bytes(writer *w, const void *from, size_t size)
{
    if (w->bytes && size) {
        memcpy(w->bytes + w->at, from, size);
    }
    w->at += size;
}

static void put_difference(writer *w, uint64_t value)
{
    for (; value > 127; value >>= 7) {
        put(w, value | 128, 1);
    }
    put(w, value, 1);
}

static void put_tensor_row(void *self, const es_tensor *tensor)
{
    writer *w = self;
    const size_t length = strlen(tensor->name);

    put(w, length, 1);
    put_bytes(w, tensor->name, length);
    put(w, tensor->rows, 4);
    put(w, tensor->cols, 4);
    put(w, w->weights_at, 8);
    w->weights_at += es_stored_size(tensor, w->kind);
}

static void put_weights(void *self, const es_tensor *tensor)
{
    writer *w = self;

    if (w->bytes) {
        es_stored_put(w->bytes + w->at, w->net->weights + tensor->offset, tensor, w->kind);
    }
    w->at += es_stored_size(tensor, w->kind);
}

static void put_shape(writer *w, const es_net_shape *shape)
{
    put(w, shape->core, 1);
    put(w, shape->n_layers, 1);
    put(w, shape->hidden, 2);
    put(w, shape->embed, 2);
    put(w, shape->decoder, 2);
    put(w, shape->n_fields, 2);
    for (int f = 0; f < shape->n_fields; f++) {
        put(w, shape->field_size[f], 2);
    }
    put(w, shape->n_slots, 2);
    for (int s = 0; s < shape->n_slots; s++) {
        const es_slot_shape *slot = &shape->slot[s];
        put(w, slot->n_fields, 2);
        put(w, slot->n_raw, 2);
        put(w, slot->n_candidates, 2);
        put(w, slot->n_ordered, 2);
        for (int f = 0; f < slot->n_fields; f++) {
            put(w, slot->field_size[f], 2);
        }
    }
}

static size_t text_length(const char *text, size_t room)
{
    const char *end = memchr(text, '\0', room);

    return end ? (size_t)(end - text) : room - 1;
}

/* Low bits that no fingerprint has. */
static int shift_of(const uint64_t *fingerprints, size_t n_fingerprints)
{
    uint64_t all = 0;

    for (size_t i = 0; i < n_fingerprints; i++) {
        all |= fingerprints[i];
    }
    const int first = all ? es_first_bit(all) : 0;
    return first < MOST_SHIFT ? first : MOST_SHIFT;
}

/* All of the file; weights_at and size are known from a first, measuring pass (0 there). */
static void put_file(writer *w, size_t weights_at, size_t size, const es_model_meta *meta,
                     const uint64_t *fingerprints, size_t n_fingerprints)
{
    const es_net_shape *shape = &w->net->shape;
    const size_t card_size = text_length(meta->card, sizeof meta->card);
    es_net_layout layout;

    es_net_layout_make(&layout, shape, NULL, NULL);
    put_bytes(w, magic, sizeof magic);
    put(w, VERSION, 4);
    put(w, w->kind, 4);
    put(w, size, 8);
    put(w, meta->vocabulary, 4);
    put(w, meta->profile, 4);
    put(w, meta->seed, 8);
    put_bytes(w, meta->corpus_digest, sizeof meta->corpus_digest);
    put(w, meta->setup_size, 4);
    put_bytes(w, meta->setup, meta->setup_size);
    put(w, card_size, 4);
    put_bytes(w, meta->card, card_size);
    put_shape(w, shape);
    put(w, layout.n_tensors, 4);
    w->weights_at = weights_at;
    es_net_layout_make(&layout, shape, put_tensor_row, w);
    const int shift = shift_of(fingerprints, n_fingerprints);
    put(w, n_fingerprints | (uint64_t)shift << COUNT_BITS, 4);
    for (size_t i = 0; i < n_fingerprints; i++) {
        put_difference(w, (fingerprints[i] - (i ? fingerprints[i - 1] : 0)) >> shift);
    }
    w->weights_at = w->at;
    es_net_layout_make(&layout, shape, put_weights, w);
}

estro_status es_model_write(uint8_t **out, size_t *out_size, const es_net *net,
                            const es_model_meta *meta, const uint64_t *fingerprints,
                            size_t n_fingerprints, es_weight_kind kind, estro_diag *diag)
{
    writer w = {.net = net, .kind = kind};

    *out = NULL;
    *out_size = 0;
    if (meta->setup_size > sizeof meta->setup || n_fingerprints >> COUNT_BITS) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "model description out of bounds");
    }
    for (size_t i = 0; i < net->n_weights; i++) {
        if (!isfinite(net->weights[i])) {
            return es_fail(diag, ESTRO_ERR_MODEL, "weight %zu is not a finite number", i);
        }
    }
    for (size_t i = 1; i < n_fingerprints; i++) {
        if (fingerprints[i] <= fingerprints[i - 1]) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "fingerprints are not ascending");
        }
    }
    put_file(&w, 0, 0, meta, fingerprints, n_fingerprints);
    const size_t weights_at = w.weights_at, size = w.at + HASH_BYTES;
    w.at = 0;
    w.bytes = es_calloc(size, 1);
    if (!w.bytes) {
        return es_fail_memory(diag);
    }
    put_file(&w, weights_at, size, meta, fingerprints, n_fingerprints);
    put(&w, hash_of(w.bytes, w.at), HASH_BYTES);
    *out = w.bytes;
    *out_size = size;
    return ESTRO_OK;
}

/* ---- reading ---- */

/* `size` is that of the bytes before the hash. After a failure `status` stays and nothing more is read. */
typedef struct reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    const char *source;
    estro_diag *diag;
    estro_status status;
    es_net *net;
    es_weight_kind kind;
    size_t weights_at; /* Where the weights of the next tensor are to be. */
} reader;

static void fail(reader *r, size_t at, const char *text)
{
    if (r->status == ESTRO_OK) {
        r->status = es_fail_offset(r->diag, ESTRO_ERR_MODEL, r->source, (int64_t)at,
                                   "model file: %s", text);
    }
}

static bool has(reader *r, uint64_t count, size_t bytes_each)
{
    if (r->status == ESTRO_OK && count > (r->size - r->at) / bytes_each) {
        fail(r, r->at, "a part is longer than the file");
    }
    return r->status == ESTRO_OK;
}

static uint64_t get(reader *r, size_t bytes)
{
    if (!has(r, bytes, 1)) {
        return 0;
    }
    r->at += bytes;
    return load(r->bytes + r->at - bytes, bytes);
}

static void get_bytes(reader *r, void *to, size_t size)
{
    if (has(r, size, 1)) {
        memcpy(to, r->bytes + r->at, size);
        r->at += size;
    }
}

static uint16_t get_u16(reader *r)
{
    return (uint16_t)get(r, 2);
}

/* A count of 4 bytes that must not exceed `most`. */
static uint32_t get_count(reader *r, size_t most, const char *error)
{
    const size_t at = r->at;
    const uint32_t count = (uint32_t)get(r, 4);

    if (count > most) {
        fail(r, at, error);
        return 0;
    }
    return count;
}

static void get_head(reader *r, const uint8_t *bytes, size_t size)
{
    if (size < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0) {
        fail(r, 0, "this is not an estro model");
        return;
    }
    if (size < HEAD_BYTES + HASH_BYTES) {
        fail(r, size, "the file ends in its head");
        return;
    }
    if (load(bytes + 8, 4) != VERSION) {
        r->status = es_fail_offset(r->diag, ESTRO_ERR_MODEL, r->source, 8,
                                   "model file: version %u; this program reads version %d",
                                   (unsigned)load(bytes + 8, 4), VERSION);
        return;
    }
    const uint64_t wanted = load(bytes + SIZE_AT, 8);
    if (wanted != size) {
        r->status = es_fail_offset(
            r->diag, ESTRO_ERR_MODEL, r->source, (int64_t)(wanted > size ? size : SIZE_AT),
            "model file: %zu bytes long, but it says %llu", size, (unsigned long long)wanted);
        return;
    }
    r->size = size - HASH_BYTES;
    if (hash_of(bytes, r->size) != load(bytes + r->size, HASH_BYTES)) {
        fail(r, r->size, "the checksum does not match: the file is damaged");
        return;
    }
    const uint64_t kind = load(bytes + 12, 4);
    if (kind >= ES_WEIGHT_KINDS) {
        fail(r, 12, "unknown kind of weights");
    }
    r->kind = (es_weight_kind)kind;
    r->at = HEAD_BYTES;
}

static void get_meta(reader *r, es_model_meta *meta)
{
    memset(meta, 0, sizeof *meta);
    meta->vocabulary = (uint32_t)get(r, 4);
    meta->profile = (uint32_t)get(r, 4);
    meta->seed = get(r, 8);
    get_bytes(r, meta->corpus_digest, sizeof meta->corpus_digest);
    meta->setup_size = get_count(r, sizeof meta->setup, "the setup is too long");
    get_bytes(r, meta->setup, meta->setup_size);
    const size_t card_size = get_count(r, sizeof meta->card - 1, "the card is too long");
    get_bytes(r, meta->card, card_size);
    if (r->status == ESTRO_OK && strlen(meta->card) != card_size) {
        fail(r, r->at - card_size, "the card is not text");
    }
}

static void get_sizes(reader *r, uint16_t *sizes, size_t count)
{
    for (size_t f = 0; f < count; f++) {
        sizes[f] = get_u16(r);
    }
}

static void get_shape(reader *r, es_net_shape *shape)
{
    const size_t at = r->at;

    memset(shape, 0, sizeof *shape);
    shape->core = (uint8_t)get(r, 1);
    shape->n_layers = (uint8_t)get(r, 1);
    shape->hidden = get_u16(r);
    shape->embed = get_u16(r);
    shape->decoder = get_u16(r);
    shape->n_fields = get_u16(r);
    if (shape->n_fields > ES_MAX_FIELDS) {
        fail(r, r->at - 2, "too many fields of an event");
        return;
    }
    get_sizes(r, shape->field_size, shape->n_fields);
    shape->n_slots = get_u16(r);
    if (shape->n_slots > ES_MAX_SLOTS) {
        fail(r, r->at - 2, "too many kinds of draw");
        return;
    }
    for (int s = 0; s < shape->n_slots; s++) {
        es_slot_shape *slot = &shape->slot[s];
        slot->n_fields = get_u16(r);
        slot->n_raw = get_u16(r);
        slot->n_candidates = get_u16(r);
        slot->n_ordered = get_u16(r);
        if (slot->n_fields > ES_MAX_FIELDS) {
            fail(r, r->at - 8, "too many fields of a draw");
            return;
        }
        get_sizes(r, slot->field_size, slot->n_fields);
    }
    if (r->status == ESTRO_OK && !es_net_shape_ok(shape)) {
        fail(r, at, "the shape of the net is out of bounds");
    }
}

static void check_tensor_row(void *self, const es_tensor *tensor)
{
    reader *r = self;
    const size_t at = r->at;
    const size_t length = (size_t)get(r, 1);
    char name[sizeof tensor->name] = {0};

    if (length >= sizeof name) {
        fail(r, at, "the name of a tensor is too long");
        return;
    }
    get_bytes(r, name, length);
    const uint64_t rows = get(r, 4), cols = get(r, 4), offset = get(r, 8);
    if (strcmp(name, tensor->name) != 0 || rows != tensor->rows || cols != tensor->cols) {
        fail(r, at, "a tensor is not the one that the shape of the net asks for");
    } else if (offset != r->weights_at) {
        fail(r, r->at - 8, "a tensor is not where it should be");
    }
    r->weights_at += es_stored_size(tensor, r->kind);
}

static void get_weights(void *self, const es_tensor *tensor)
{
    reader *r = self;
    const size_t size = es_stored_size(tensor, r->kind);
    size_t bad = 0;

    if (!has(r, size, 1)) {
        return;
    }
    if (!es_stored_get(r->net->weights + tensor->offset, r->bytes + r->at, tensor, r->kind, &bad)) {
        fail(r, r->at + bad, "a weight or a scale is not one that can be");
        return;
    }
    r->at += size;
}

static uint64_t get_difference(reader *r)
{
    uint64_t value = 0;
    uint64_t group = 128;
    int shift = 0;

    for (; group & 128; shift += 7) {
        group = get(r, 1);
        if (shift > 63 || (group & 127) << shift >> shift != (group & 127)) {
            fail(r, r->at - 1, "a fingerprint has too many bits");
            return 0;
        }
        value |= (group & 127) << shift;
    }
    if (group == 0 && shift > 7) {
        fail(r, r->at - 1, "a fingerprint has an empty last group");
    }
    return value;
}

/* The fingerprints and the weights: all that needs memory. */
static void get_body(reader *r, const es_net_shape *shape, uint64_t **fingerprints,
                     size_t *n_fingerprints, size_t table_at)
{
    es_net_layout layout;

    const uint64_t head = get(r, 4);
    const size_t count = (size_t)(head & (((uint64_t)1 << COUNT_BITS) - 1));
    const int shift = (int)(head >> COUNT_BITS);
    if (!has(r, count, 1)) {
        return;
    }
    uint64_t *prints = es_calloc(count, sizeof *prints);
    if (!prints) {
        r->status = es_fail_memory(r->diag);
        return;
    }
    *fingerprints = prints;
    *n_fingerprints = count;
    for (size_t i = 0; i < count; i++) {
        const uint64_t difference = get_difference(r);
        prints[i] = (difference << shift) + (i ? prints[i - 1] : 0);
        if (r->status == ESTRO_OK && difference << shift >> shift != difference) {
            fail(r, r->at - 1, "a fingerprint is too large");
        }
        if (r->status == ESTRO_OK && i > 0 && prints[i] <= prints[i - 1]) {
            fail(r, r->at - 1, "fingerprints are not ascending");
        }
        if (r->status != ESTRO_OK) {
            return;
        }
    }
    /* The table can be checked only now that it is known where the weights begin. */
    const size_t weights_at = r->at;
    r->weights_at = weights_at;
    r->at = table_at;
    es_net_layout_make(&layout, shape, check_tensor_row, r);
    r->at = weights_at;
    if (r->status == ESTRO_OK && r->weights_at != r->size) {
        fail(r, weights_at, "the weights do not fill the file");
    }
    if (r->status == ESTRO_OK) {
        r->status = es_net_init(r->net, shape, r->diag);
    }
    if (r->status == ESTRO_OK) {
        r->net->in_bytes = r->kind == ES_WEIGHT_I8;
        es_net_layout_make(&layout, shape, get_weights, r);
    }
}

static void skip_tensor_row(void *self, const es_tensor *tensor)
{
    reader *r = self;

    (void)tensor;
    const size_t length = (size_t)get(r, 1);
    if (has(r, length + 16, 1)) {
        r->at += length + 16;
    }
}

estro_status es_model_read(es_net *net, es_model_meta *meta, uint64_t **fingerprints,
                           size_t *n_fingerprints, const uint8_t *bytes, size_t size,
                           const char *source, estro_diag *diag)
{
    reader r = {.bytes = bytes, .source = source, .diag = diag, .net = net};
    es_net_shape shape;
    es_net_layout layout;

    memset(net, 0, sizeof *net);
    *fingerprints = NULL;
    *n_fingerprints = 0;
    get_head(&r, bytes, size);
    if (r.status == ESTRO_OK) {
        get_meta(&r, meta);
    }
    if (r.status == ESTRO_OK) {
        get_shape(&r, &shape);
    }
    if (r.status == ESTRO_OK) {
        es_net_layout_make(&layout, &shape, NULL, NULL);
        if (get(&r, 4) != layout.n_tensors) {
            fail(&r, r.at, "the number of tensors is not that of the net");
        }
        const size_t table_at = r.at;
        es_net_layout_make(&layout, &shape, skip_tensor_row, &r);
        get_body(&r, &shape, fingerprints, n_fingerprints, table_at);
    }
    if (r.status != ESTRO_OK) {
        es_net_done(net);
        es_free(*fingerprints);
        *fingerprints = NULL;
        *n_fingerprints = 0;
    }
    return r.status;
}
