/*
 * Where styles and models lie, by name: the first file of a name in the order of the folders is the one that is meant.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/folders.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/path.h"
#include "style/sources.h"

#include <estro/estro.h>

#include <stdio.h>
#include <string.h>

/* ---- one file ---- */

typedef struct search {
    char *path;
    size_t size;
    const char *file; /**< Name with its ending. */
    bool is_found;
} search;

static bool look(void *self, const char *folder)
{
    search *s = self;

    s->is_found = es_path_join(s->path, s->size, folder, s->file) && es_path_is_file(s->path);
    return !s->is_found;
}

typedef struct near_search {
    const char *word, *ending;
    char best[64];
    int distance;
} near_search;

static bool look_near(void *self, const char *folder)
{
    near_search *s = self;
    es_path_names names;

    if (es_path_list(&names, folder, s->ending, NULL) != ESTRO_OK) {
        return true;
    }
    for (size_t i = 0; i < names.count; i++) {
        char *name = names.names[i];
        name[strlen(name) - strlen(s->ending)] = '\0';
        const char *candidate = name;
        const int distance = es_near_distance(s->word, name);
        if (distance < s->distance && es_near(s->word, &candidate, 1)) {
            s->distance = distance;
            snprintf(s->best, sizeof s->best, "%s", name);
        }
    }
    es_path_names_done(&names);
    return true;
}

static estro_status fail_unknown(const char *name, const char *ending, estro_diag *diag)
{
    near_search s = {.word = name, .ending = ending, .distance = 1000};

    es_folders_visit(look_near, &s);
    es_diag_init(diag, NULL);
    return es_fail(diag, ESTRO_ERR_IO, "no %s named '%s'%s%s%s; `estro %s` lists what is found",
                   ending + 1, name, s.best[0] ? " (did you mean '" : "", s.best,
                   s.best[0] ? "'?)" : "", strcmp(ending, ".model") == 0 ? "doctor" : "styles");
}

estro_status estro_find(char *path, size_t size, const char *name, const char *ending,
                        estro_diag *diag)
{
    char file[ES_PATH_BYTES];

    if (!*name) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "the name of a %s is empty", ending + 1);
    }
    if (strchr(name, '/') || (strchr(name, '.') && es_path_is_file(name))) {
        if (!es_path_is_file(name)) {
            es_diag_init(diag, name);
            return es_fail(diag, ESTRO_ERR_IO, "no such file");
        }
        return es_path_join(path, size, "", name)
                   ? ESTRO_OK
                   : es_fail(diag, ESTRO_ERR_ARGUMENT, "the path is too long");
    }
    search s = {.path = path, .size = size, .file = file};
    const int written =
        snprintf(file, sizeof file, "%s%s", name, es_path_ends(name, ending) ? "" : ending);
    if (written < 0 || (size_t)written >= sizeof file) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "the name of a %s is too long", ending + 1);
    }
    es_folders_visit(look, &s);
    return s.is_found ? ESTRO_OK : fail_unknown(name, ending, diag);
}

/* ---- all styles, all models ---- */

typedef struct found {
    const char *ending;
    char **paths;
    size_t count, capacity;
    estro_status status;
} found;

static bool has_name(const found *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(es_path_base(all->paths[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_folder(void *self, const char *folder)
{
    found *all = self;
    es_path_names names;
    char path[ES_PATH_BYTES];

    if (es_path_list(&names, folder, all->ending, NULL) != ESTRO_OK) {
        return true;
    }
    for (size_t i = 0; i < names.count && all->status == ESTRO_OK; i++) {
        if (has_name(all, names.names[i]) ||
            !es_path_join(path, sizeof path, folder, names.names[i])) {
            continue;
        }
        char *copy = es_strdup(path);
        if (!copy || !es_grow(&all->paths, all->count, &all->capacity, sizeof *all->paths)) {
            es_free(copy);
            all->status = ESTRO_ERR_MEMORY;
            break;
        }
        all->paths[all->count++] = copy;
    }
    es_path_names_done(&names);
    return all->status == ESTRO_OK;
}

static estro_status visit_files(const char *ending,
                                bool (*each)(void *self, const char *name, const char *path),
                                void *self, estro_diag *diag)
{
    found all = {.ending = ending, .status = ESTRO_OK};
    char name[256];
    bool goes_on = true;

    es_folders_visit(add_folder, &all);
    for (size_t i = 0; i < all.count; i++) {
        const char *base = es_path_base(all.paths[i]);
        snprintf(name, sizeof name, "%.*s", (int)(strlen(base) - strlen(ending)), base);
        goes_on = goes_on && all.status == ESTRO_OK && each(self, name, all.paths[i]);
        es_free(all.paths[i]);
    }
    es_free(all.paths);
    return all.status == ESTRO_OK ? ESTRO_OK : es_fail_memory(diag);
}

typedef struct style_visit {
    bool (*each)(void *self, const char *name, const char *path);
    void *self;
} style_visit;

static bool visit_style(void *self, const char *name, const char *path)
{
    const style_visit *v = self;
    uint8_t *bytes = NULL;
    size_t size;

    if (es_file_read_most(&bytes, &size, path, ES_MAX_STYLE_BYTES, NULL) == ESTRO_OK &&
        es_source_is_library((const char *)bytes)) {
        es_free(bytes);
        return true;
    }
    es_free(bytes);
    return v->each(v->self, name, path);
}

estro_status estro_style_each(bool (*each)(void *self, const char *name, const char *path),
                              void *self, estro_diag *diag)
{
    style_visit v = {each, self};

    return visit_files(".style", visit_style, &v, diag);
}

estro_status estro_model_each(bool (*each)(void *self, const char *name, const char *path),
                              void *self, estro_diag *diag)
{
    return visit_files(".model", each, self, diag);
}
