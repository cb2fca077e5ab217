/**
 * @file teachers.h
 * Models that teach another one, by pieces that they compose: lessons.
 *
 * Several nets averaged are better than each of them, but slow and large. A net that learns what they say together keeps
 * most of that. On the pieces that the teachers were trained on, they say what they know by heart; on pieces that they compose they say what they have
 * understood, and there is no end of these.
 */
#ifndef ES_TRAIN_TEACHERS_H
#define ES_TRAIN_TEACHERS_H

#include "gen/model.h"
#include "nn/learn.h"
#include "train/corpus.h"

enum { ES_MAX_TEACHERS = 16 };

/** Zero-initialise; es_teachers_done. */
typedef struct es_teachers {
    size_t count;
    es_model *model[ES_MAX_TEACHERS];
    es_learner *learner[ES_MAX_TEACHERS];
    float **
        answer; /**< [2 n_lessons]: what they say of a lesson with its plan shown, and hidden; NULL = not asked yet. */
    size_t n_lessons;
} es_teachers;

/** Load the teachers. @return ESTRO_ERR_MODEL when one has another coding than the corpus. `out` is zeroed on failure. */
estro_status es_teachers_load(es_teachers *out, const char *const *paths, size_t count,
                              const es_corpus *corpus, int threads, estro_diag *diag);
void es_teachers_done(es_teachers *teachers);

/** Let them compose, in turn, `count` pieces to train on, and add these at the end of the corpus. */
estro_status es_teachers_compose(es_teachers *teachers, es_corpus *corpus, size_t count,
                                 uint64_t seed, int threads, estro_diag *diag);

/**
 * Give a lesson its goal. What was answered once is kept: a lesson must be coded the same way each time.
 *
 * @param number  2 * the number of the lesson, + 1 when its plan is hidden.
 */
estro_status es_teachers_ask(es_teachers *teachers, es_sequence *lesson, size_t number,
                             estro_diag *diag);

#endif
