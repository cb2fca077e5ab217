/**
 * @file files.h
 * The MIDI files of folders.
 */
#ifndef ES_SMF_FILES_H
#define ES_SMF_FILES_H

#include "base/path.h"

#include <stdint.h>

/**
 * MIDI files (.mid, .midi, any case) in folders and the folders in them, in byte order; a path to a file is taken whatever
 * its name.
 *
 * @param out  Overwritten; es_path_names_done. @return ESTRO_ERR_IO when a path is neither file nor folder.
 */
estro_status es_midi_files(es_path_names *out, const char *const *paths, size_t n_paths,
                           estro_diag *diag);

#endif
