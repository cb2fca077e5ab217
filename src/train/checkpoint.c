/*
 * Checkpoints: all that a training needs to go on as if it had not been interrupted, in one file.
 *
 *     head (magic, version, sizes)   options as text   es_train_place   points   state of the learner   best weights   hash
 *
 * Numbers are in this machine's own form, which the magic tells from others. A checkpoint is written to a file beside it and
 * renamed, so there is always a whole one: the last or the one before. The text names what the training was made with, a line
 * each; a training goes on only where all of these lines are the same.
 */
#include "train/state.h"
#include "train/trainer.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "train/hash.h"
#include "train/profile.h"

#include <stdio.h>
#include <string.h>

enum { VERSION = 1 };

typedef struct head {
    uint64_t magic;
    uint32_t version, place_bytes;
    uint64_t text_bytes, n_points, n_state, n_best;
} head;

static const uint64_t magic = 0x747065636f727473u; /* The bytes "strocept", lowest first. */

typedef struct part {
    void *bytes;
    size_t size;
} part;

enum { PARTS = 5 };

/* ---- what must be the same ---- */

void es_training_describe(const estro_training *t, char *out)
{
    const estro_train_options *o = &t->options;
    es_model_meta meta = {0};
    const uint8_t *d = t->corpus.digest;
    uint64_t from;
    char teachers[16 * ES_MAX_TEACHERS + 1] = "";

    for (size_t i = 0; i < t->teachers.count; i++) {
        uint64_t digest;
        memcpy(&digest, t->teachers.model[i]->digest, sizeof digest);
        snprintf(teachers + 16 * i, 17, "%016llx", (unsigned long long)digest);
    }
    memcpy(&from, t->from, sizeof from);
    memset(out, 0, ES_TRAIN_TEXT_BYTES);
    es_corpus_describe(&t->corpus, &meta);
    snprintf(
        out, ES_TRAIN_TEXT_BYTES,
        "corpus %02x%02x%02x%02x%02x%02x%02x%02x\npieces to train on %zu\npieces to validate on "
        "%zu\ncoding %d.%016llx\nseed %llu\ncore %s\nlayers %u\nhidden %u\ndecoder %u\n"
        "weights %zu\nbatch %u\nrate %.17g\ndropout %.17g\ndecay %.17g\nepochs %u\ntime %.17g\n"
        "patience %u\nlessons %u by %s\nfrom %016llx\nname of the corpus %s\nlicence %s\n",
        d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], t->n_train, t->n_valid,
        (int)meta.vocabulary, (unsigned long long)es_hash_bytes(ES_HASH_START, meta.setup, 64),
        (unsigned long long)o->seed, o->lstm ? "lstm" : "gru", o->layers, o->hidden, o->decoder,
        t->net.n_weights, o->batch, o->rate, o->dropout, o->decay, o->epochs, 60 * o->minutes,
        o->patience, o->lessons, teachers, (unsigned long long)from, t->name, t->licence);
}

/* The first line that differs is the error. */
static estro_status compare(const char *there, const char *here, const char *path, estro_diag *diag)
{
    while (*there || *here) {
        const int n = (int)strcspn(there, "\n"), m = (int)strcspn(here, "\n");
        if (n != m || memcmp(there, here, (size_t)n) != 0) {
            es_diag_init(diag, path);
            return es_fail(diag, ESTRO_ERR_ARGUMENT,
                           "this training cannot go on: it was begun with '%.*s', now it is '%.*s'",
                           n < 80 ? n : 80, there, m < 80 ? m : 80, here);
        }
        there += n + (there[n] == '\n');
        here += m + (here[m] == '\n');
    }
    return ESTRO_OK;
}

/* ---- layout ---- */

static head head_of(const estro_training *t)
{
    return (head){.magic = magic,
                  .version = VERSION,
                  .place_bytes = sizeof t->place,
                  .text_bytes = ES_TRAIN_TEXT_BYTES,
                  .n_points = t->n_points,
                  .n_state = es_learner_state_size(t->learner),
                  .n_best = t->net.n_weights};
}

/* Where the parts lie in `bytes`; all begin at multiples of eight. @return Bytes in all, the hash at the end. */
static size_t lay_out(part parts[PARTS], const head *h, uint8_t *bytes)
{
    const size_t size[PARTS] = {h->text_bytes, h->place_bytes, h->n_points * sizeof(es_train_point),
                                h->n_state * sizeof(float), h->n_best * sizeof(float)};
    size_t at = sizeof *h;

    for (int i = 0; i < PARTS; i++) {
        parts[i] = (part){bytes ? bytes + at : NULL, size[i]};
        at += (size[i] + 7) / 8 * 8;
    }
    return at + sizeof(uint64_t);
}

/* ---- writing ---- */

estro_status es_training_checkpoint(estro_training *t, const char *path, estro_diag *diag)
{
    if (t->rank > 0) {
        return ESTRO_OK;
    }
    const head h = head_of(t);
    part parts[PARTS];
    const size_t size = lay_out(parts, &h, NULL);
    uint8_t *bytes = es_calloc(size, 1);
    char temporary[ES_PATH_BYTES];

    if (!bytes) {
        return es_fail_memory(diag);
    }
    lay_out(parts, &h, bytes);
    memcpy(bytes, &h, sizeof h);
    es_training_describe(t, parts[0].bytes);
    memcpy(parts[1].bytes, &t->place, parts[1].size);
    if (t->n_points) {
        memcpy(parts[2].bytes, t->points, parts[2].size);
    }
    es_learner_state_get(t->learner, parts[3].bytes);
    memcpy(parts[4].bytes, t->best, parts[4].size);
    const uint64_t hash = es_hash_bytes(ES_HASH_START, bytes, size - sizeof hash);
    memcpy(bytes + size - sizeof hash, &hash, sizeof hash);
    /* Always the same name, so that what a killed process left is written over. */
    const int length = snprintf(temporary, sizeof temporary, "%s.new", path);
    estro_status status =
        length > 0 && (size_t)length < sizeof temporary
            ? es_file_write_by(path, temporary, bytes, size, diag)
            : es_fail(diag, ESTRO_ERR_ARGUMENT, "file name is too long: %s", path);
    es_free(bytes);
    return status;
}

/* ---- reading ---- */

static estro_status damaged(const char *path, estro_diag *diag)
{
    es_diag_init(diag, path);
    return es_fail(diag, ESTRO_ERR_FORMAT, "this is no whole checkpoint of this version of estro");
}

static estro_status check(const head *h, const uint8_t *bytes, size_t size, const char *path,
                          estro_diag *diag)
{
    part parts[PARTS];
    uint64_t hash;

    const uint64_t most = size / sizeof(float);
    if (h->magic != magic || h->version != VERSION || h->place_bytes != sizeof(es_train_place) ||
        h->text_bytes != ES_TRAIN_TEXT_BYTES || h->n_points > most || h->n_state > most ||
        h->n_best > most || lay_out(parts, h, NULL) != size) {
        return damaged(path, diag);
    }
    memcpy(&hash, bytes + size - sizeof hash, sizeof hash);
    return hash == es_hash_bytes(ES_HASH_START, bytes, size - sizeof hash) ? ESTRO_OK
                                                                           : damaged(path, diag);
}

static estro_status take(estro_training *t, const head *h, uint8_t *bytes, const char *path,
                         estro_diag *diag)
{
    const head here = head_of(t);
    char text[ES_TRAIN_TEXT_BYTES];
    part parts[PARTS];

    lay_out(parts, h, bytes);
    es_training_describe(t, text);
    ((char *)parts[0].bytes)[ES_TRAIN_TEXT_BYTES - 1] = '\0';
    ES_TRY(compare(parts[0].bytes, text, path, diag));
    es_train_place place;
    memcpy(&place, parts[1].bytes, sizeof place);
    if (h->n_state != here.n_state || h->n_best != here.n_best || place.next_batch > t->n_batches) {
        return damaged(path, diag);
    }
    es_train_point *points = es_calloc(h->n_points, sizeof *points);
    if (!points) {
        return es_fail_memory(diag);
    }
    memcpy(points, parts[2].bytes, parts[2].size);
    es_free(t->points);
    t->points = points;
    t->n_points = t->points_room = h->n_points;
    t->place = place;
    es_learner_state_set(t->learner, parts[3].bytes);
    memcpy(t->best, parts[4].bytes, parts[4].size);
    return es_training_order(t, diag);
}

estro_status es_training_resume(estro_training *t, const char *path, estro_diag *diag)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    head h;
    estro_status status;

    ES_TRY(es_file_read(&bytes, &size, path, diag));
    if (size < sizeof h) {
        status = damaged(path, diag);
    } else {
        memcpy(&h, bytes, sizeof h);
        status = check(&h, bytes, size, path, diag);
    }
    if (status == ESTRO_OK) {
        status = take(t, &h, bytes, path, diag);
    }
    es_free(bytes);
    ES_TRY(status);
    return es_ranks_agree(t->ranks, t->place.done, "checkpoint", diag);
}
