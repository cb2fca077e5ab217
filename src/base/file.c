/*
 * Whole files. A file that is written appears under its name complete or not at all: bytes go to a temporary beside it,
 * are flushed to disk, and the temporary is renamed. Only what is not a regular file (a device, a pipe) is written to directly,
 * since renaming would replace it.
 */
#include "base/file.h"

#include "base/diag.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_READ_BYTES = 64 * 1024 };

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

static estro_status fail_file(estro_diag *diag, const char *path, const char *what)
{
    const char *const why = strerror(errno);

    es_diag_init(diag, path);
    return es_fail(diag, ESTRO_ERR_IO, "%s: %s", what, why);
}

/* Read to the end of `file`, or `most` bytes, into memory that grows; one byte is kept free for the NUL. */
static estro_status read_all(uint8_t **out, size_t *size, int file, size_t expected, size_t most,
                             const char *name, estro_diag *diag)
{
    size_t capacity = (expected < most ? expected : most) + 2;
    size_t count = 0;
    uint8_t *bytes = es_calloc(capacity, 1);

    while (bytes) {
        const size_t room = capacity - 1 - count;
        const ssize_t got = read(file, bytes + count, room < most - count ? room : most - count);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            es_free(bytes);
            return fail_file(diag, name, "cannot read");
        }
        if (got == 0) {
            bytes[count] = 0;
            *out = bytes;
            *size = count;
            return ESTRO_OK;
        }
        count += (size_t)got;
        if (count == capacity - 1 && !es_grow(&bytes, capacity, &capacity, 1)) {
            break;
        }
    }
    es_free(bytes);
    return es_fail_memory(diag);
}

static estro_status read_file(uint8_t **out, size_t *size, const char *path, size_t most,
                              estro_diag *diag)
{
    struct stat status;
    size_t expected = FIRST_READ_BYTES;

    if (is_standard(path)) {
        return read_all(out, size, STDIN_FILENO, expected, most, "standard input", diag);
    }
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail_file(diag, path, "cannot open");
    }
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        expected = (size_t)status.st_size;
    }
    const estro_status result = read_all(out, size, file, expected, most, path, diag);
    close(file);
    return result;
}

estro_status es_file_read(uint8_t **out, size_t *size, const char *path, estro_diag *diag)
{
    return read_file(out, size, path, SIZE_MAX - 2, diag);
}

estro_status es_file_read_most(uint8_t **out, size_t *size, const char *path, size_t most,
                               estro_diag *diag)
{
    return read_file(out, size, path, most + 1, diag);
}

static bool write_all(int file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t put = write(file, bytes, size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        bytes += put;
        size -= (size_t)put;
    }
    return true;
}

estro_status es_file_temporary(char *out, size_t size, const char *path, estro_diag *diag)
{
    const int length = snprintf(out, size, "%s.tmp-%ld", path, (long)getpid());

    if (length < 0 || (size_t)length >= size) {
        es_diag_init(diag, path);
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "file name is too long");
    }
    return ESTRO_OK;
}

/* Write to a new file, and wait for the disk if asked to; on failure errno tells why and nothing is left. */
static bool write_new(const char *path, const uint8_t *bytes, size_t size, bool waits)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int why = 0;

    if (file < 0) {
        return false;
    }
    if (!write_all(file, bytes, size) || (waits && fsync(file) != 0)) {
        why = errno;
    }
    if (close(file) != 0 && !why) {
        why = errno;
    }
    if (why) {
        unlink(path);
        errno = why;
    }
    return !why;
}

static estro_status write_directly(const char *path, const void *bytes, size_t size,
                                   estro_diag *diag)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);

    if (file < 0) {
        return fail_file(diag, path, "cannot write");
    }
    const bool done = write_all(file, bytes, size);
    const int why = errno;
    close(file);
    errno = why;
    return done ? ESTRO_OK : fail_file(diag, path, "cannot write");
}

static estro_status write_by(const char *path, const char *temporary, const void *bytes,
                             size_t size, bool waits, estro_diag *diag)
{
    if (!write_new(temporary, bytes, size, waits)) {
        return fail_file(diag, path, "cannot write");
    }
    if (rename(temporary, path) != 0) {
        const int why = errno;
        unlink(temporary);
        errno = why;
        return fail_file(diag, path, "cannot write");
    }
    return ESTRO_OK;
}

estro_status es_file_write_by(const char *path, const char *temporary, const void *bytes,
                              size_t size, estro_diag *diag)
{
    return write_by(path, temporary, bytes, size, true, diag);
}

static estro_status write_whole(const char *path, const void *bytes, size_t size, bool waits,
                                estro_diag *diag)
{
    struct stat status;
    char temporary[4096];

    if (is_standard(path)) {
        return write_all(STDOUT_FILENO, bytes, size)
                   ? ESTRO_OK
                   : fail_file(diag, "standard output", "cannot write");
    }
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return write_directly(path, bytes, size, diag);
    }
    ES_TRY(es_file_temporary(temporary, sizeof temporary, path, diag));
    return write_by(path, temporary, bytes, size, waits, diag);
}

estro_status es_file_write(const char *path, const void *bytes, size_t size, estro_diag *diag)
{
    return write_whole(path, bytes, size, true, diag);
}

estro_status es_file_write_soon(const char *path, const void *bytes, size_t size, estro_diag *diag)
{
    return write_whole(path, bytes, size, false, diag);
}
