/*
 * Modules by dlopen. A module that is there but does not load lacks its library, which is said differently from a module
 * that was not built. Opened modules are never closed: their tables are static data that callers keep.
 */
#define _GNU_SOURCE
#include "base/module.h"

#include "base/diag.h"
#include "base/path.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* What to install: to run a module that is there, and to build one that is not. */
static const struct {
    const char *name;
    const char *run;
    const char *build;
} packages[] = {
    {"portmidi", "libportmidi0", "libportmidi-dev"},
    {"sound", "libfluidsynth3 libsndfile1", "libfluidsynth-dev libsndfile1-dev"},
};

static const char *packages_of(const char *name, bool to_build)
{
    for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
        if (strcmp(packages[i].name, name) == 0) {
            return to_build ? packages[i].build : packages[i].run;
        }
    }
    return "its library";
}

static bool path_of(char *path, const char *folder, size_t folder_length, const char *name)
{
    const int length =
        snprintf(path, PATH_BYTES, "%.*s/estro-%s.so", (int)folder_length, folder, name);

    return length > 0 && length < PATH_BYTES && access(path, R_OK) == 0;
}

static bool in_list(char *path, const char *folders, const char *name)
{
    while (folders && *folders) {
        const size_t length = strcspn(folders, ":");
        if (length > 0 && length < PATH_BYTES && path_of(path, folders, length, name)) {
            return true;
        }
        folders += length + (folders[length] == ':');
    }
    return false;
}

/* In the folder of `file`. */
static bool beside(char *path, const char *file, const char *name)
{
    const char *const slash = strrchr(file, '/');

    return slash && path_of(path, file, (size_t)(slash - file), name);
}

/* Beside the program, or in lib/estro beside its bin: a build tree, and an installation that was moved. */
static bool near_program(char *path, const char *name)
{
    char folder[PATH_BYTES];

    es_path_program(folder, sizeof folder);
    if (*folder && path_of(path, folder, strlen(folder), name)) {
        return true;
    }
    char *const slash = strrchr(folder, '/');
    if (!slash || (size_t)(slash - folder) + sizeof "/lib/estro" > sizeof folder) {
        return false;
    }
    memcpy(slash, "/lib/estro", sizeof "/lib/estro");
    return path_of(path, folder, strlen(folder), name);
}

/* The file that holds this function: the program itself, or the shared library. */
static bool beside_library(char *path, const char *name)
{
    static const char here = 0;
    Dl_info info;

    return dladdr(&here, &info) && info.dli_fname && beside(path, info.dli_fname, name);
}

estro_status es_module_open(const void **table, const char *name, estro_diag *diag)
{
    char path[PATH_BYTES];
    char symbol[64];

    if (!in_list(path, getenv("ESTRO_MODULES"), name) && !near_program(path, name) &&
        !beside_library(path, name) && !path_of(path, ES_LIBDIR, strlen(ES_LIBDIR), name)) {
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED,
                       "this build has no module \"%s\": install %s and build again", name,
                       packages_of(name, true));
    }
    void *const module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        const char *const why = dlerror();
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED, "cannot open module \"%s\" (install %s): %s",
                       name, packages_of(name, false), why ? why : "no reason given");
    }
    snprintf(symbol, sizeof symbol, "es_module_%s", name);
    const void *const found = dlsym(module, symbol);
    if (!found) {
        dlclose(module);
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED, "%.150s is no module of estro: it lacks %s",
                       path, symbol);
    }
    *table = found;
    return ESTRO_OK;
}
