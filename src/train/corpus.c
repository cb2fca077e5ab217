/*
 * A corpus: files are read and analysed; what most of them have (voices, grid) is chosen for all; those that do not fit are left
 * out, each with its reason. The pieces go into a cache as they are made, which is then mapped; next time they are there.
 *
 * Files are looked at twice, first to choose and then to make pieces, so that no more than a window of them is in memory. That
 * is done on all threads, and what comes of it is taken in the order of the files: nothing depends on time, threads or the order
 * of a folder.
 */
#include "train/corpus.h"
#include "train/cache.h"
#include "train/corpus_file.h"
#include "train/hash.h"
#include "train/profile.h"
#include "train/split.h"
#include "train/takes.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "nn/learn_threads.h"
#include "smf/files.h"

#include <string.h>
#include <sys/mman.h>

enum { WINDOW = 128 }; /* Files that are made into pieces at once. */

typedef struct reader {
    const es_corpus_options *options;
    es_corpus *corpus;
    es_path_names train, valid;
    es_corpus_file *sources;
    size_t n_sources;
    es_cache_writer *cache;
    size_t window; /* First file of the window. */
    es_made_file made[WINDOW];
    es_take *takes;
    size_t n_takes, takes_room;
} reader;

static estro_status leave_out(reader *r, const char *path, const char *why, estro_diag *diag)
{
    r->corpus->n_skipped++;
    if (r->options->skipped) {
        r->options->skipped(r->options->self, path, why);
    }
    return es_cache_add_skipped(r->cache, path, why, diag);
}

/* ---- finding ---- */

static void look_job(void *self, size_t number)
{
    reader *r = self;

    es_corpus_file_look(&r->sources[number]);
}

static void make_job(void *self, size_t number)
{
    reader *r = self;

    es_corpus_file_make(r->corpus, &r->sources[r->window + number], &r->made[number]);
}

static void hash_job(void *self, size_t number)
{
    reader *r = self;
    es_corpus_file *s = &r->sources[number];
    uint8_t *bytes = NULL;
    size_t size = 0;

    /* One that cannot be read is told of later. */
    if (es_file_read(&bytes, &size, s->path, NULL) == ESTRO_OK) {
        s->hash = es_hash_bytes(ES_HASH_START, bytes, size);
    }
    es_free(bytes);
}

static estro_status find_files(reader *r, estro_diag *diag)
{
    const es_corpus_options *o = r->options;

    ES_TRY(es_midi_files(&r->train, o->paths, o->n_paths, diag));
    ES_TRY(es_midi_files(&r->valid, o->valid, o->n_valid, diag));
    r->sources = es_calloc(r->train.count + r->valid.count, sizeof *r->sources);
    if (!r->sources) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < r->valid.count; i++) {
        r->sources[r->n_sources++] = (es_corpus_file){.path = r->valid.names[i], .is_valid = true};
    }
    for (size_t i = 0; i < r->train.count; i++) {
        r->sources[r->n_sources++] = (es_corpus_file){.path = r->train.names[i]};
    }
    es_parallel(o->threads, r->n_sources, hash_job, r);
    return ESTRO_OK;
}

/* All that pieces come from: the sources of this program, options, names and bytes of the files. */
static uint64_t cache_key(const reader *r)
{
    const uint64_t settings[] = {ES_CODING_DIGEST, (uint64_t)r->options->voices,
                                 r->options->profile, r->n_sources};
    uint64_t key = es_hash_bytes(ES_HASH_START, settings, sizeof settings);

    for (size_t i = 0; i < r->n_sources; i++) {
        const es_corpus_file *s = &r->sources[i];
        const uint64_t file[] = {s->hash, s->is_valid};
        key = es_hash_bytes(key, file, sizeof file);
        key = es_hash_bytes(key, s->path, strlen(s->path));
    }
    return key;
}

/* ---- looking at all files ---- */

/* Memory is the only failure that ends the reading; anything else leaves the file out. */
static estro_status look_at_all(reader *r, estro_diag *diag)
{
    uint64_t digest = ES_HASH_START;
    size_t usable = 0;

    es_parallel(r->options->threads, r->n_sources, look_job, r);
    for (size_t i = 0; i < r->n_sources; i++) {
        const es_corpus_file *s = &r->sources[i];
        if (s->status == ESTRO_ERR_MEMORY) {
            return es_fail_memory(diag);
        }
        if (s->status != ESTRO_OK) {
            ES_TRY(leave_out(r, s->path, s->why, diag));
            continue;
        }
        digest = es_hash_bytes(digest, &s->hash, sizeof s->hash);
        usable++;
    }
    if (usable == 0) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "no usable MIDI file among %zu in %s", r->n_sources,
                       r->options->n_paths ? r->options->paths[0] : "no folder");
    }
    for (int i = 0; i < 8; i++) {
        r->corpus->digest[i] = (uint8_t)(digest >> 8 * i);
    }
    return ESTRO_OK;
}

/* ---- choosing ---- */

static int most_common_voices(const reader *r)
{
    size_t count[ES_MAX_VOICES + 1] = {0};
    int best = 1;

    for (size_t i = 0; i < r->n_sources; i++) {
        for (size_t k = 0; k < r->sources[i].n_sections; k++) {
            count[r->sources[i].sections[k].voices]++;
        }
    }
    for (int v = 2; v <= ES_MAX_VOICES; v++) {
        best = count[v] > count[best] ? v : best;
    }
    return best;
}

static size_t sections_on_grid(const reader *r, int grid)
{
    size_t count = 0;

    for (size_t i = 0; i < r->n_sources; i++) {
        for (size_t k = 0; k < r->sources[i].n_sections; k++) {
            const es_found *f = &r->sources[i].sections[k];
            count += f->on_grid && f->grid && grid % f->grid == 0;
        }
    }
    return count;
}

/* The coarsest grid that holds nearly as many sections as the finest does. */
static int common_grid(const reader *r)
{
    static const uint8_t grids[] = {1, 2, 3, 4, 6, 8, 12, 24};
    const size_t enough = sections_on_grid(r, 24) - sections_on_grid(r, 24) / 25;

    for (size_t i = 0; i < sizeof grids; i++) {
        if (sections_on_grid(r, grids[i]) >= enough) {
            return grids[i];
        }
    }
    return 24;
}

/* Do drums make up most of it, by sections? */
static bool is_of_drums(const reader *r)
{
    size_t drums = 0, all = 0;

    for (size_t i = 0; i < r->n_sources; i++) {
        const es_corpus_file *s = &r->sources[i];
        drums += s->status == ESTRO_OK && s->is_drums;
        all += s->status == ESTRO_OK && s->is_drums ? 1 : s->n_sections;
    }
    return drums > all / 2;
}

static void choose(reader *r)
{
    const es_corpus_options *o = r->options;
    es_corpus *corpus = r->corpus;

    if (o->profile != ES_PROFILE_NOTES && is_of_drums(r)) {
        corpus->profile = ES_PROFILE_DRUMS;
        return;
    }
    corpus->profile = o->profile == ES_PROFILE_NOTES ? ES_PROFILE_NOTES : ES_PROFILE_VOICES;
    corpus->grid = common_grid(r);
    corpus->n_voices = 1;
    if (corpus->profile == ES_PROFILE_VOICES) {
        const int voices = o->voices > 0 ? o->voices : most_common_voices(r);
        corpus->n_voices = voices < ES_MAX_VOICES ? voices : ES_MAX_VOICES;
    }
}

/* ---- making pieces ---- */

static estro_status keep_take(reader *r, es_made *m, const es_corpus_file *s, estro_diag *diag)
{
    if (!es_grow(&r->takes, r->n_takes, &r->takes_room, sizeof *r->takes)) {
        return es_fail_memory(diag);
    }
    r->takes[r->n_takes++] = (es_take){m->take, s->path, s->is_valid};
    m->take = (es_drum_roll){0};
    return ESTRO_OK;
}

static estro_status keep_file(reader *r, es_made_file *file, const es_corpus_file *s,
                              estro_diag *diag)
{
    if (file->status == ESTRO_ERR_MEMORY) {
        return es_fail_memory(diag);
    }
    if (file->status != ESTRO_OK) {
        return leave_out(r, s->path, "it changed while it was read", diag);
    }
    for (size_t i = 0; i < file->n_sections; i++) {
        es_made *m = &file->sections[i];
        if (m->why[0]) {
            ES_TRY(leave_out(r, s->path, m->why, diag));
            continue;
        }
        r->corpus->n_notes += m->n_notes;
        if (s->is_drums) {
            ES_TRY(keep_take(r, m, s, diag));
            continue;
        }
        m->piece.is_valid = s->is_valid;
        m->piece.path = es_strdup(s->path);
        if (!m->piece.path) {
            return es_fail_memory(diag);
        }
        ES_TRY(es_cache_add(r->cache, &m->piece, diag));
    }
    return ESTRO_OK;
}

static estro_status make_all(reader *r, estro_diag *diag)
{
    for (r->window = 0; r->window < r->n_sources; r->window += WINDOW) {
        const size_t left = r->n_sources - r->window;
        const size_t count = left < WINDOW ? left : WINDOW;
        estro_status status = ESTRO_OK;
        es_parallel(r->options->threads, count, make_job, r);
        for (size_t i = 0; i < count; i++) {
            if (status == ESTRO_OK) {
                status = keep_file(r, &r->made[i], &r->sources[r->window + i], diag);
            }
            es_made_done(&r->made[i]);
        }
        ES_TRY(status);
    }
    return ESTRO_OK;
}

/* Takes of drums become pieces when all are there: short ones are put together. */
static estro_status keep_takes(reader *r, estro_diag *diag)
{
    es_corpus pieces = {0};
    estro_status status = es_takes_add(&pieces, r->takes, r->n_takes, diag);

    for (size_t i = 0; status == ESTRO_OK && i < pieces.n_pieces; i++) {
        status = es_cache_add(r->cache, &pieces.pieces[i], diag);
    }
    es_corpus_done(&pieces);
    return status;
}

/* ---- all of it ---- */

static estro_status make_pieces(reader *r, uint64_t key, estro_diag *diag)
{
    es_corpus *corpus = r->corpus;

    ES_TRY(
        es_cache_begin(&r->cache, r->options->cache, key, corpus->note, sizeof corpus->note, diag));
    ES_TRY(look_at_all(r, diag));
    choose(r);
    ES_TRY(make_all(r, diag));
    ES_TRY(keep_takes(r, diag));
    es_cache_writer *const cache = r->cache;
    r->cache = NULL;
    return es_cache_finish(cache, corpus, diag);
}

static estro_status read_all(reader *r, estro_diag *diag)
{
    const es_corpus_options *o = r->options;
    es_corpus *corpus = r->corpus;

    ES_TRY(find_files(r, diag));
    const uint64_t key = cache_key(r);
    estro_status status = es_cache_open(corpus, o->cache, key, corpus->note, sizeof corpus->note,
                                        o->skipped, o->self, diag);
    corpus->is_cached = status == ESTRO_OK;
    if (status == ESTRO_END) {
        status = make_pieces(r, key, diag);
    }
    ES_TRY(status);
    corpus->n_files = r->n_sources;
    ES_TRY(es_corpus_split(corpus, o, diag));
    if (corpus->n_pieces < 2) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "%zu usable piece(s) among %zu files; 2 are needed",
                       corpus->n_pieces, corpus->n_files);
    }
    es_corpus_make_coding(corpus, o->no_bars);
    return ESTRO_OK;
}

estro_status es_corpus_read(es_corpus *out, const es_corpus_options *options, estro_diag *diag)
{
    reader *r = es_calloc(1, sizeof *r);

    *out = (es_corpus){0};
    if (!r) {
        return es_fail_memory(diag);
    }
    r->options = options;
    r->corpus = out;
    const estro_status status = read_all(r, diag);
    for (size_t i = 0; i < r->n_sources; i++) {
        es_free(r->sources[i].sections);
    }
    for (size_t i = 0; i < r->n_takes; i++) {
        es_drum_roll_done(&r->takes[i].roll);
    }
    es_free(r->takes);
    es_free(r->sources);
    es_cache_abandon(r->cache);
    es_path_names_done(&r->train);
    es_path_names_done(&r->valid);
    es_free(r);
    if (status != ESTRO_OK) {
        es_corpus_done(out);
    }
    return status;
}

void es_corpus_done(es_corpus *corpus)
{
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        es_corpus_piece_done(&corpus->pieces[i]);
    }
    es_free(corpus->pieces);
    if (corpus->map) {
        munmap(corpus->map, corpus->map_bytes);
    }
    *corpus = (es_corpus){0};
}
