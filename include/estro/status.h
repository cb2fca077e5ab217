/**
 * @file status.h
 * Status codes and located diagnostics.
 *
 * Every function that can fail returns an `estro_status`. Results go through
 * out-parameters, placed first; unless a comment says otherwise they are left
 * untouched on failure. Detail goes into a caller-owned `estro_diag`, last
 * parameter, which may be NULL. The library never prints and never exits.
 */
#ifndef ESTRO_STATUS_H
#define ESTRO_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(ESTRO_STATIC) || !defined(__GNUC__)
#define ESTRO_API
#else
#define ESTRO_API __attribute__((visibility("default")))
#endif

/** One row a status: name, text. */
#define ESTRO_STATUS_LIST(X)                                                                       \
    X(ESTRO_OK, "no error")                                                                        \
    X(ESTRO_END, "end of data")                                                                    \
    X(ESTRO_ERR_MEMORY, "out of memory")                                                           \
    X(ESTRO_ERR_ARGUMENT, "invalid argument")                                                      \
    X(ESTRO_ERR_IO, "input or output failed")                                                      \
    X(ESTRO_ERR_FORMAT, "malformed data")                                                          \
    X(ESTRO_ERR_SYNTAX, "syntax error")                                                            \
    X(ESTRO_ERR_STYLE, "style cannot be used")                                                     \
    X(ESTRO_ERR_MODEL, "model cannot be used")                                                     \
    X(ESTRO_ERR_CONFLICT, "constraints leave no choice")                                           \
    X(ESTRO_ERR_DEVICE, "device failed")                                                           \
    X(ESTRO_ERR_LATE, "deadline missed")                                                           \
    X(ESTRO_ERR_CANCELLED, "cancelled")                                                            \
    X(ESTRO_ERR_UNSUPPORTED, "not supported by this build")

/** What a call came to. Zero is success; ESTRO_END is a normal end, not an error. */
typedef enum estro_status {
#define ESTRO_STATUS_ENUM(name, text) name,
    ESTRO_STATUS_LIST(ESTRO_STATUS_ENUM)
#undef ESTRO_STATUS_ENUM
        ESTRO_STATUS_COUNT
} estro_status;

/** Text of a status; never NULL, static, valid for any value. */
ESTRO_API const char *estro_status_text(estro_status status);

/**
 * Where and why a call failed. Owned by the caller; plain data, no pointers.
 *
 * `line` and `column` count from 1, 0 where there is none. `offset` is a byte
 * offset from the start of the source, -1 where there is none. `excerpt` is the
 * source line the error stands in, or the part of a long one around it, for a
 * caret under its character number `caret`; may be empty.
 */
typedef struct estro_diag {
    estro_status status;
    char source[256];
    int32_t line;
    int32_t column;
    int64_t offset;
    char text[256];
    char excerpt[160];
    int32_t caret;
} estro_diag;

#ifdef __cplusplus
}
#endif

#endif
