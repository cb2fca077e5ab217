/**
 * @file subject.h
 * Subjects of conditions in the rhythm: which words they are, what they can be compared with. Within src/style only.
 */
#ifndef ES_STYLE_SUBJECT_H
#define ES_STYLE_SUBJECT_H

#include "style/build.h"
#include "style/expr.h"

/** Whether a word is a subject. */
bool es_is_subject(const char *word);

/** The subject that a comparison is about, or -1: one that is decided when rules are instantiated. */
int es_subject_of(const es_block *block, const es_comparison *comparison);

/** The names on its right side. */
estro_status es_subject_check(es_build *build, const es_head *head,
                              const es_comparison *comparison);

/**
 * A condition, its right side worked out.
 *
 * @return ESTRO_ERR_STYLE: a value that the subject never has, or a sign that does not compare such values.
 */
estro_status es_subject_condition(es_build *build, const es_comparison *comparison,
                                  const es_result *right, es_condition *out);

/** The numbers that a subject can be, words as their indices: 0 .. count - 1, all from `first` on. 0 for sections. */
int es_subject_values(uint8_t subject, int *first);

/** "function = tonic", for messages. */
void es_subject_write(char *out, size_t size, uint8_t subject, int value);

#endif
