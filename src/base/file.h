/**
 * @file file.h
 * Whole files: read into memory, written whole or not at all.
 */
#ifndef ES_BASE_FILE_H
#define ES_BASE_FILE_H

#include <estro/status.h>

#include <stddef.h>
#include <stdint.h>

/** Read a file ("-" = standard input). @param out Owned, es_free; a NUL follows the last byte. @return ESTRO_ERR_IO. */
estro_status es_file_read(uint8_t **out, size_t *size, const char *path, estro_diag *diag);

/** The same of a file that is to be small: no more than `most` + 1 bytes are read, so that more than `most` says that it is larger. */
estro_status es_file_read_most(uint8_t **out, size_t *size, const char *path, size_t most,
                               estro_diag *diag);

/** Write bytes to a temporary beside `path`, flush to disk, rename. "-" = standard output. @return ESTRO_ERR_IO; nothing is left behind. */
estro_status es_file_write(const char *path, const void *bytes, size_t size, estro_diag *diag);

/** The same, but when it reaches the disk is left to the system: for what can be made again. */
estro_status es_file_write_soon(const char *path, const void *bytes, size_t size, estro_diag *diag);

/** es_file_write to a regular file, by way of `temporary`, a name in the same folder; one that is left over from a process that was killed is written over. */
estro_status es_file_write_by(const char *path, const char *temporary, const void *bytes,
                              size_t size, estro_diag *diag);

/** Name of a temporary beside `path`: "path.tmp-PID". [size], overwritten; ESTRO_ERR_ARGUMENT when it does not fit. */
estro_status es_file_temporary(char *out, size_t size, const char *path, estro_diag *diag);

#endif
