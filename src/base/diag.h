/**
 * @file diag.h
 * Filling in an `estro_diag`, and passing failures on.
 */
#ifndef ES_BASE_DIAG_H
#define ES_BASE_DIAG_H

#include <estro/status.h>

#include <stddef.h>

/** Return from the calling function when `expr` is not ESTRO_OK. */
#define ES_TRY(expr)                                                                               \
    do {                                                                                           \
        const estro_status es_try_status_ = (expr);                                                \
        if (es_try_status_ != ESTRO_OK) {                                                          \
            return es_try_status_;                                                                 \
        }                                                                                          \
    } while (0)

#if defined(__GNUC__)
#define ES_PRINTF(format_index, first_argument)                                                    \
    __attribute__((format(printf, format_index, first_argument)))
#else
#define ES_PRINTF(format_index, first_argument)
#endif

/**
 * Fill `diag` (may be NULL) with a status and a text, no place; return `status`.
 *
 * Made to be returned: `return es_fail(diag, ESTRO_ERR_IO, "cannot open: %s", why);`
 * A `source` that is already set is kept, so a caller may set it before the call.
 */
estro_status es_fail(estro_diag *diag, estro_status status, const char *format, ...)
    ES_PRINTF(3, 4);

/** The same, at a line and column (from 1) of `source` (borrowed; NULL keeps the present one). */
estro_status es_fail_at(estro_diag *diag, estro_status status, const char *source, int line,
                        int column, const char *format, ...) ES_PRINTF(6, 7);

/** The same, at a byte offset. */
estro_status es_fail_offset(estro_diag *diag, estro_status status, const char *source,
                            int64_t offset, const char *format, ...) ES_PRINTF(5, 6);

/** Empty `diag` (may be NULL) and name its source (may be NULL). */
void es_diag_init(estro_diag *diag, const char *source);

/** ESTRO_ERR_MEMORY, said. */
estro_status es_fail_memory(estro_diag *diag);

#endif
