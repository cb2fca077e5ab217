/**
 * @file path.h
 * Files and folders by name: what exists, what is in a folder, where the program lies.
 */
#ifndef ES_BASE_PATH_H
#define ES_BASE_PATH_H

#include <estro/status.h>

#include <stdbool.h>
#include <stddef.h>

enum { ES_PATH_BYTES = 4096 };

bool es_path_is_file(const char *path);
bool es_path_is_folder(const char *path);

/** "folder/name", or "name" alone where folder is empty. @param out [size], overwritten. @return False when it does not fit. */
bool es_path_join(char *out, size_t size, const char *folder, const char *name);

/** Whether both are names of one file, which is there. */
bool es_path_same(const char *a, const char *b);

/** Part of `path` after the last slash; borrowed from it. */
const char *es_path_base(const char *path);

bool es_path_ends(const char *path, const char *ending);

/** Folder of the running program. @param out [size], overwritten; "" when it cannot be told. */
void es_path_program(char *out, size_t size);

/** Names in a folder, owned: es_path_names_done. */
typedef struct es_path_names {
    char **names;
    size_t count, capacity;
} es_path_names;

/**
 * Names of the entries of a folder that end in `ending` (NULL = all, but not "." and ".."), in byte order.
 *
 * @param out Overwritten; empty on failure. @return ESTRO_ERR_IO, ESTRO_ERR_MEMORY.
 */
estro_status es_path_list(es_path_names *out, const char *folder, const char *ending,
                          estro_diag *diag);
void es_path_names_done(es_path_names *names);

#endif
