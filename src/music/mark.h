/**
 * @file mark.h
 * What is marked at a note for whoever plays it: ornaments and articulation. A set of bits; one ornament at most.
 */
#ifndef ES_MUSIC_MARK_H
#define ES_MUSIC_MARK_H

#include <stddef.h>
#include <stdint.h>

/** Ornaments first. Enum, word. */
#define ES_MARK_LIST(X)                                                                            \
    X(TRILL, "trill")                                                                              \
    X(MORDENT, "mordent")                                                                          \
    X(GRACE, "grace")                                                                              \
    X(TURN, "turn")                                                                                \
    X(ROLL, "roll")                                                                                \
    X(SLIDE, "slide")                                                                              \
    X(STACCATO, "staccato")                                                                        \
    X(TENUTO, "tenuto")                                                                            \
    X(LEGATO, "legato")                                                                            \
    X(ACCENT, "accent")

/** The bit of a mark is 1 << it. */
typedef enum es_mark {
#define ES_MARK_ENUM(name, word) ES_MARK_##name,
    ES_MARK_LIST(ES_MARK_ENUM)
#undef ES_MARK_ENUM
        ES_MARK_COUNT
} es_mark;

enum {
    ES_ORNAMENTS = ES_MARK_STACCATO, /**< Marks before it are ornaments. */
    ES_ORNAMENT_BITS = (1 << ES_ORNAMENTS) - 1
};

const char *es_mark_name(es_mark mark);

/** A mark by its word, or -1. */
int es_mark_find(const char *text, size_t length);

#endif
