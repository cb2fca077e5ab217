/**
 * @file check_parts.h
 * Between the files of the checker of styles.
 */
#ifndef ES_STYLE_CHECK_PARTS_H
#define ES_STYLE_CHECK_PARTS_H

#include "style/check.h"
#include "style/compile.h"

typedef struct es_checker {
    es_build *build; /**< The parse tree, in which the compiler has marked what it used. */
    const es_style *style;
    es_style_warn *warn;
    void *self;
} es_checker;

void es_warn(const es_checker *checker, es_place place, const char *format, ...) ES_PRINTF(3, 4);

/** Rules that nothing uses; alternatives that can take part in nothing; weights that change nothing. */
void es_check_rules(const es_checker *checker);

/** Rules of the rhythm whose conditions can leave no alternative. */
void es_check_conditions(const es_checker *checker);

/** Constraints that a pattern, a range or the weights of a part cannot keep. */
void es_check_constraints(const es_checker *checker);

/** Ranges in which no tone of some chord lies. */
void es_check_ranges(const es_checker *checker);

#endif
