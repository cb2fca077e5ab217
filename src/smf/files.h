/**
 * @file files.h
 * MIDI files on disk: those of folders, and one of them read.
 */
#ifndef ES_SMF_FILES_H
#define ES_SMF_FILES_H

#include "base/path.h"
#include "smf/smf.h"

/**
 * MIDI files (.mid, .midi, any case) in folders and the folders in them, in byte order; a path to a file is taken whatever
 * its name.
 *
 * @param out  Overwritten; es_path_names_done. @return ESTRO_ERR_IO when a path is neither file nor folder.
 */
estro_status es_midi_files(es_path_names *out, const char *const *paths, size_t n_paths,
                           estro_diag *diag);

/** Read a file ("-" = standard input). @param out es_smf_done; empty when it fails. @return As es_file_read and es_smf_read. */
estro_status es_smf_load(es_smf *out, const char *path, estro_diag *diag);

#endif
