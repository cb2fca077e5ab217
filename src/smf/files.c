/* Finding MIDI files and reading them. Folders are walked in byte order, so that a corpus is the same on every machine. */
#include "smf/files.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>

enum { DEEPEST = 32 }; /* Folders within folders: more means that a link leads back. */

static bool is_midi_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    char ending[8] = "";

    if (!dot || strlen(dot) >= sizeof ending) {
        return false;
    }
    for (size_t i = 0; dot[i]; i++) {
        ending[i] = (char)tolower((unsigned char)dot[i]);
    }
    return strcmp(ending, ".mid") == 0 || strcmp(ending, ".midi") == 0;
}

static estro_status add(es_path_names *out, const char *path, estro_diag *diag)
{
    char *copy;

    if (!es_grow(&out->names, out->count, &out->capacity, sizeof *out->names)) {
        return es_fail_memory(diag);
    }
    copy = es_strdup(path);
    if (!copy) {
        return es_fail_memory(diag);
    }
    out->names[out->count++] = copy;
    return ESTRO_OK;
}

static estro_status walk(es_path_names *out, const char *folder, int depth, estro_diag *diag)
{
    es_path_names names;
    char path[ES_PATH_BYTES];
    estro_status status = ESTRO_OK;

    if (depth > DEEPEST) {
        return ESTRO_OK;
    }
    ES_TRY(es_path_list(&names, folder, NULL, diag));
    for (size_t i = 0; i < names.count && status == ESTRO_OK; i++) {
        if (!es_path_join(path, sizeof path, folder, names.names[i])) {
            continue;
        }
        if (es_path_is_folder(path)) {
            status = walk(out, path, depth + 1, diag);
        } else if (is_midi_name(path) && es_path_is_file(path)) {
            status = add(out, path, diag);
        }
    }
    es_path_names_done(&names);
    return status;
}

estro_status es_midi_files(es_path_names *out, const char *const *paths, size_t n_paths,
                           estro_diag *diag)
{
    estro_status status = ESTRO_OK;

    *out = (es_path_names){0};
    for (size_t i = 0; i < n_paths && status == ESTRO_OK; i++) {
        if (es_path_is_folder(paths[i])) {
            status = walk(out, paths[i], 0, diag);
        } else if (es_path_is_file(paths[i])) {
            status = add(out, paths[i], diag);
        } else {
            status = es_fail(diag, ESTRO_ERR_IO, "no such file or folder: %s", paths[i]);
        }
    }
    if (status != ESTRO_OK) {
        es_path_names_done(out);
    }
    return status;
}

estro_status es_smf_load(es_smf *out, const char *path, estro_diag *diag)
{
    uint8_t *bytes;
    size_t size;

    *out = (es_smf){0};
    ES_TRY(es_file_read(&bytes, &size, path, diag));
    return es_smf_take(out, bytes, size, path, diag);
}
