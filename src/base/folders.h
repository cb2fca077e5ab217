/**
 * @file folders.h
 * The folders in which styles and models are looked for.
 */
#ifndef ES_BASE_FOLDERS_H
#define ES_BASE_FOLDERS_H

#include <stdbool.h>

/** Called for each folder, which need not be there; false stops the visit. */
typedef bool (*es_folder_visit)(void *self, const char *folder);

/** All folders, in order of force. */
void es_folders_visit(es_folder_visit each, void *self);

#endif
