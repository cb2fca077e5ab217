/*
 * Names of files and folders. The order of a listing is that of bytes, whatever the file system or the locale says, so what is
 * made from a folder does not depend on the machine.
 */
#include "base/path.h"

#include "base/diag.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool es_path_is_file(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

bool es_path_is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool es_path_join(char *out, size_t size, const char *folder, const char *name)
{
    const size_t length = strlen(folder);
    const char *slash = length == 0 || folder[length - 1] == '/' ? "" : "/";
    const int written = snprintf(out, size, "%s%s%s", folder, slash, name);

    return written >= 0 && (size_t)written < size;
}

bool es_path_same(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

const char *es_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool es_path_ends(const char *path, const char *ending)
{
    const size_t length = strlen(path), tail = strlen(ending);

    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

void es_path_program(char *out, size_t size)
{
    const ssize_t length = size ? readlink("/proc/self/exe", out, size) : -1;

    if (length <= 0 || (size_t)length >= size) {
        if (size) {
            out[0] = '\0';
        }
        return;
    }
    out[length] = '\0';
    char *slash = strrchr(out, '/');
    if (slash) {
        slash[slash == out] = '\0';
    }
}

static int by_bytes(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;

    return strcmp(*left, *right);
}

static bool wanted(const char *name, const char *ending)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           (!ending || es_path_ends(name, ending));
}

estro_status es_path_list(es_path_names *out, const char *folder, const char *ending,
                          estro_diag *diag)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry;

    *out = (es_path_names){0};
    if (!stream) {
        return es_fail(diag, ESTRO_ERR_IO, "cannot read the folder %s: %s", folder,
                       strerror(errno));
    }
    while ((entry = readdir(stream))) {
        if (!wanted(entry->d_name, ending)) {
            continue;
        }
        char *name = es_strdup(entry->d_name);
        if (!name || !es_grow(&out->names, out->count, &out->capacity, sizeof *out->names)) {
            es_free(name);
            closedir(stream);
            es_path_names_done(out);
            return es_fail_memory(diag);
        }
        out->names[out->count++] = name;
    }
    closedir(stream);
    if (out->count) {
        qsort(out->names, out->count, sizeof *out->names, by_bytes);
    }
    return ESTRO_OK;
}

void es_path_names_done(es_path_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        es_free(names->names[i]);
    }
    es_free(names->names);
    *names = (es_path_names){0};
}
