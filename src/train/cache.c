/*
 * The file: a head, the arrays of the pieces one after another, then three tables (pieces, files left out, texts).
 *
 * The tables hold plain structs of this build with offsets for pointers. That is safe because the key holds a digest of the
 * sources that read and code files, and the head the sizes; a hash over everything tells damage. Arrays begin at multiples of
 * eight and are used where they lie, read only.
 */
#include "train/cache.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "stream/drums.h"
#include "train/hash.h"
#include "train/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_ARRAYS = 8, ALIGN = 8 };

static const uint64_t magic = 0x6573616368656331u; /* "1cehcase", lowest byte first. */

typedef struct head {
    uint64_t magic, key, size, hash; /* The hash is of all that follows the head. */
    uint64_t piece_bytes;
    uint64_t n_pieces, n_skipped, text_bytes; /* Of the three tables, which begin at: */
    uint64_t pieces_at, skipped_at, texts_at;
    uint64_t n_notes;
    uint32_t profile, grid, n_voices, unused;
    uint8_t digest[8];
} head;

/* A file that was left out: where in the texts its path and the reason begin. */
typedef struct left_out {
    uint64_t path, why;
} left_out;

struct es_cache_writer {
    FILE *file;
    char path[ES_PATH_BYTES], temporary[ES_PATH_BYTES + 32]; /* Empty: nameless. */
    uint64_t key, at;
    es_corpus_piece *pieces; /* With offsets for pointers. */
    size_t n_pieces, pieces_room;
    left_out *skipped;
    size_t n_skipped, skipped_room;
    char *texts;
    size_t text_bytes, text_room;
};

/* ---- the arrays of a piece ---- */

typedef struct array {
    void *pointer; /* Address of the pointer. */
    size_t bytes;
} array;

static int arrays_of(es_corpus_piece *piece, array out[MOST_ARRAYS])
{
    es_roll *roll = &piece->roll;
    es_drum_roll *drums = &piece->drums;
    es_frames *frames = &piece->frames;
    const size_t cells = (size_t)roll->n_steps * roll->n_voices;
    const array all[] = {
        {&roll->pitch, cells * sizeof *roll->pitch},
        {&roll->onset, cells * sizeof *roll->onset},
        {&roll->chord, roll->n_beats * sizeof *roll->chord},
        {&drums->hit, es_drum_roll_steps(drums) * ES_KIT_LANES * sizeof *drums->hit},
        {&drums->kind, drums->n_bars * sizeof *drums->kind},
        {&frames->sounding, frames->count * sizeof *frames->sounding},
        {&frames->struck, frames->count * sizeof *frames->struck},
    };

    memcpy(out, all, sizeof all);
    return (int)(sizeof all / sizeof *all);
}

static void *pointer_of(const array *a)
{
    void *value;

    memcpy(&value, a->pointer, sizeof value);
    return value;
}

static void set_pointer(const array *a, void *value)
{
    memcpy(a->pointer, &value, sizeof value);
}

/* ---- folders ---- */

bool es_cache_folder(char *out, size_t size)
{
    const char *const cache = getenv("XDG_CACHE_HOME");
    const char *const home = getenv("HOME");

    if (cache && *cache) {
        return es_path_join(out, size, cache, "estro");
    }
    return home && *home && es_path_join(out, size, home, ".cache/estro");
}

/* Make a folder and those above it. What fails shows when a file is to be made in it. */
static void make_folders(const char *folder)
{
    char path[ES_PATH_BYTES];
    const size_t length = strlen(folder);

    if (length >= sizeof path) {
        return;
    }
    for (size_t i = 1; i <= length; i++) {
        if (folder[i] == '/' || folder[i] == '\0') {
            memcpy(path, folder, i);
            path[i] = '\0';
            mkdir(path, 0777);
        }
    }
}

static bool name_cache(char *out, size_t size, const char *folder, uint64_t key)
{
    char name[64];

    snprintf(name, sizeof name, "corpus-%016llx", (unsigned long long)key);
    return es_path_join(out, size, folder, name);
}

/* ---- writing ---- */

static estro_status fail_write(const es_cache_writer *w, estro_diag *diag)
{
    return es_fail(diag, ESTRO_ERR_IO, "cannot write the coded corpus%s%s: %s",
                   w->path[0] ? " " : "", w->path, strerror(errno));
}

static bool put(es_cache_writer *w, const void *bytes, size_t size)
{
    static const char zeros[ALIGN] = {0};
    const size_t padding = (ALIGN - size % ALIGN) % ALIGN;

    if ((size && fwrite(bytes, 1, size, w->file) != size) ||
        (padding && fwrite(zeros, 1, padding, w->file) != padding)) {
        return false;
    }
    w->at += size + padding;
    return true;
}

/* A file in the folder, under a name of this process. */
static bool open_named(es_cache_writer *w, const char *folder)
{
    make_folders(folder);
    if (!name_cache(w->path, sizeof w->path, folder, w->key)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (es_file_temporary(w->temporary, sizeof w->temporary, w->path, NULL) != ESTRO_OK) {
        errno = ENAMETOOLONG;
        return false;
    }
    const int file = open(w->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    w->file = file < 0 ? NULL : fdopen(file, "w+b");
    if (file >= 0 && !w->file) {
        close(file);
    }
    return w->file != NULL;
}

estro_status es_cache_begin(es_cache_writer **out, const char *folder, uint64_t key, char *note,
                            size_t size, estro_diag *diag)
{
    const head empty = {0};
    es_cache_writer *w = es_calloc(1, sizeof *w);

    if (!w) {
        return es_fail_memory(diag);
    }
    w->key = key;
    if (folder && !open_named(w, folder)) {
        snprintf(note, size, "%.200s: %s; the coded corpus is not kept", folder, strerror(errno));
    }
    if (!w->file) {
        w->path[0] = w->temporary[0] = '\0';
        w->file = tmpfile();
    }
    if (!w->file || !put(w, &empty, sizeof empty)) {
        const estro_status status = fail_write(w, diag);
        es_cache_abandon(w);
        return status;
    }
    *out = w;
    return ESTRO_OK;
}

/* @param at Where the text begins in the texts. */
static estro_status add_text(es_cache_writer *w, const char *text, uint64_t *at, estro_diag *diag)
{
    const size_t length = strlen(text) + 1;

    *at = w->text_bytes;
    while (w->text_room - w->text_bytes < length) {
        if (!es_grow(&w->texts, w->text_room, &w->text_room, 1)) {
            return es_fail_memory(diag);
        }
    }
    memcpy(w->texts + w->text_bytes, text, length);
    w->text_bytes += length;
    return ESTRO_OK;
}

static estro_status add(es_cache_writer *w, es_corpus_piece *piece, estro_diag *diag)
{
    array arrays[MOST_ARRAYS];
    uint64_t path;

    if (!es_grow(&w->pieces, w->n_pieces, &w->pieces_room, sizeof *w->pieces)) {
        return es_fail_memory(diag);
    }
    ES_TRY(add_text(w, piece->path, &path, diag));
    es_corpus_piece *copy = &w->pieces[w->n_pieces++];
    *copy = *piece;
    copy->path = (char *)(uintptr_t)path;
    const int n = arrays_of(copy, arrays);
    for (int i = 0; i < n; i++) {
        const void *from = pointer_of(&arrays[i]);
        /* No array begins at 0: the head is there. */
        set_pointer(&arrays[i], from ? (void *)(uintptr_t)w->at : NULL);
        if (from && !put(w, from, arrays[i].bytes)) {
            return fail_write(w, diag);
        }
    }
    return ESTRO_OK;
}

estro_status es_cache_add(es_cache_writer *w, es_corpus_piece *piece, estro_diag *diag)
{
    const estro_status status = add(w, piece, diag);

    es_corpus_piece_done(piece);
    return status;
}

estro_status es_cache_add_skipped(es_cache_writer *w, const char *path, const char *why,
                                  estro_diag *diag)
{
    left_out one;

    if (!es_grow(&w->skipped, w->n_skipped, &w->skipped_room, sizeof *w->skipped)) {
        return es_fail_memory(diag);
    }
    ES_TRY(add_text(w, path, &one.path, diag));
    ES_TRY(add_text(w, why, &one.why, diag));
    w->skipped[w->n_skipped++] = one;
    return ESTRO_OK;
}

void es_cache_abandon(es_cache_writer *w)
{
    if (!w) {
        return;
    }
    if (w->file) {
        fclose(w->file);
    }
    if (w->temporary[0]) {
        unlink(w->temporary);
    }
    es_free(w->pieces);
    es_free(w->skipped);
    es_free(w->texts);
    es_free(w);
}

/* ---- mapping ---- */

/* Do `count` things of so many bytes lie in the file from `at` on? */
static bool lies_in(const head *h, uint64_t at, uint64_t count, uint64_t bytes)
{
    return at % ALIGN == 0 && at >= sizeof *h && at <= h->size &&
           (bytes == 0 || count <= (h->size - at) / bytes);
}

static bool is_sound(const head *h, const uint8_t *map, size_t size, uint64_t key)
{
    return size >= sizeof *h && h->magic == magic && h->key == key && h->size == size &&
           h->piece_bytes == sizeof(es_corpus_piece) &&
           lies_in(h, h->pieces_at, h->n_pieces, sizeof(es_corpus_piece)) &&
           lies_in(h, h->skipped_at, h->n_skipped, sizeof(left_out)) &&
           lies_in(h, h->texts_at, h->text_bytes, 1) &&
           (h->text_bytes == 0 || map[h->texts_at + h->text_bytes - 1] == '\0') &&
           h->hash == es_hash_bytes(ES_HASH_START, map + sizeof *h, size - sizeof *h);
}

/* The pieces of a sound map, their arrays in it. */
static estro_status take(es_corpus *corpus, const head *h, uint8_t *map, estro_diag *diag)
{
    es_corpus_piece *pieces = es_calloc(h->n_pieces, sizeof *pieces);
    array arrays[MOST_ARRAYS];

    if (!pieces) {
        return es_fail_memory(diag);
    }
    if (h->n_pieces) {
        memcpy(pieces, map + h->pieces_at, h->n_pieces * sizeof *pieces);
    }
    for (size_t i = 0; i < h->n_pieces; i++) {
        const int n = arrays_of(&pieces[i], arrays);
        for (int k = 0; k < n; k++) {
            const uintptr_t at = (uintptr_t)pointer_of(&arrays[k]);
            set_pointer(&arrays[k], at ? map + at : NULL);
        }
        pieces[i].path = (char *)map + h->texts_at + (uintptr_t)pieces[i].path;
        pieces[i].is_mapped = true;
    }
    corpus->pieces = pieces;
    corpus->n_pieces = h->n_pieces;
    corpus->n_notes = h->n_notes;
    corpus->n_skipped = h->n_skipped;
    corpus->profile = h->profile;
    corpus->grid = (int)h->grid;
    corpus->n_voices = (int)h->n_voices;
    memcpy(corpus->digest, h->digest, sizeof corpus->digest);
    corpus->map = map;
    corpus->map_bytes = h->size;
    return ESTRO_OK;
}

static estro_status map_file(es_corpus *corpus, int file, uint64_t key, bool is_new,
                             estro_diag *diag)
{
    struct stat status;

    if (fstat(file, &status) != 0 || status.st_size < (off_t)sizeof(head)) {
        return ESTRO_END;
    }
    const size_t size = (size_t)status.st_size;
    void *const map = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
        return is_new
                   ? es_fail(diag, ESTRO_ERR_IO, "cannot map the coded corpus: %s", strerror(errno))
                   : ESTRO_END;
    }
    const head *h = map;
    estro_status result = is_sound(h, map, size, key) ? take(corpus, h, map, diag) : ESTRO_END;
    if (result != ESTRO_OK) {
        munmap(map, size);
    }
    return result;
}

/* ---- the end of writing ---- */

static bool put_tables(es_cache_writer *w, head *h)
{
    h->pieces_at = w->at;
    h->n_pieces = w->n_pieces;
    if (!put(w, w->pieces, w->n_pieces * sizeof *w->pieces)) {
        return false;
    }
    h->skipped_at = w->at;
    h->n_skipped = w->n_skipped;
    if (!put(w, w->skipped, w->n_skipped * sizeof *w->skipped)) {
        return false;
    }
    h->texts_at = w->at;
    h->text_bytes = w->text_bytes;
    return put(w, w->texts, w->text_bytes) && fflush(w->file) == 0;
}

/* The hash of what was written, read back by way of a map; then the head in its place. */
static bool put_head(es_cache_writer *w, head *h)
{
    void *const map = mmap(NULL, w->at, PROT_READ, MAP_SHARED, fileno(w->file), 0);

    if (map == MAP_FAILED) {
        return false;
    }
    h->hash = es_hash_bytes(ES_HASH_START, (const uint8_t *)map + sizeof *h, w->at - sizeof *h);
    munmap(map, w->at);
    return pwrite(fileno(w->file), h, sizeof *h, 0) == (ssize_t)sizeof *h;
}

static estro_status finish(es_cache_writer *w, es_corpus *corpus, estro_diag *diag)
{
    head h = {.magic = magic,
              .key = w->key,
              .piece_bytes = sizeof(es_corpus_piece),
              .n_notes = corpus->n_notes,
              .profile = corpus->profile,
              .grid = (uint32_t)corpus->grid,
              .n_voices = (uint32_t)corpus->n_voices};

    memcpy(h.digest, corpus->digest, sizeof h.digest);
    if (!put_tables(w, &h)) {
        return fail_write(w, diag);
    }
    h.size = w->at;
    if (!put_head(w, &h)) {
        return fail_write(w, diag);
    }
    const estro_status status = map_file(corpus, fileno(w->file), w->key, true, diag);
    if (status == ESTRO_OK && w->temporary[0] && rename(w->temporary, w->path) == 0) {
        w->temporary[0] = '\0';
    }
    return status == ESTRO_END
               ? es_fail(diag, ESTRO_ERR_IO, "the coded corpus is not what was written")
               : status;
}

estro_status es_cache_finish(es_cache_writer *w, es_corpus *corpus, estro_diag *diag)
{
    const estro_status status = finish(w, corpus, diag);

    es_cache_abandon(w);
    return status;
}

/* ---- opening ---- */

estro_status es_cache_open(es_corpus *corpus, const char *folder, uint64_t key, char *note,
                           size_t size,
                           void (*skipped)(void *self, const char *path, const char *why),
                           void *self, estro_diag *diag)
{
    char path[ES_PATH_BYTES];

    if (!folder || !name_cache(path, sizeof path, folder, key)) {
        return ESTRO_END;
    }
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return ESTRO_END;
    }
    const estro_status status = map_file(corpus, file, key, false, diag);
    close(file);
    if (status == ESTRO_END) {
        snprintf(note, size, "%.200s is damaged, and made anew", path);
    }
    if (status != ESTRO_OK || !skipped) {
        return status;
    }
    const head *h = corpus->map;
    const left_out *all = (const void *)((const uint8_t *)corpus->map + h->skipped_at);
    const char *texts = (const char *)corpus->map + h->texts_at;
    for (size_t i = 0; i < h->n_skipped; i++) {
        skipped(self, texts + all[i].path, texts + all[i].why);
    }
    return ESTRO_OK;
}
