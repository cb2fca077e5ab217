/* Teachers: they compose with the net that plays, and answer by the learner's own passes, many pieces at once. */
#include "train/teachers.h"

#include "base/diag.h"
#include "base/mem.h"
#include "nn/learn_parts.h"
#include "train/lessons.h"
#include "train/profile.h"

#include <string.h>

static estro_status load_one(es_teachers *to, const char *path, const es_model_meta *wanted,
                             int threads, estro_diag *diag)
{
    const es_learn_options plain = {.threads = threads};
    es_model **const model = &to->model[to->count];

    ES_TRY(es_model_load(model, path, diag));
    to->count++;
    const es_model_meta *found = &(*model)->meta;
    if (found->profile != wanted->profile || found->setup_size != wanted->setup_size ||
        memcmp(found->setup, wanted->setup, wanted->setup_size) != 0) {
        es_diag_init(diag, path);
        return es_fail(diag, ESTRO_ERR_MODEL,
                       "was trained on other voices, ranges or grid than this corpus has");
    }
    return es_learner_new(&to->learner[to->count - 1], &(*model)->net, &plain, diag);
}

estro_status es_teachers_load(es_teachers *out, const char *const *paths, size_t count,
                              const es_corpus *corpus, int threads, estro_diag *diag)
{
    es_model_meta wanted = {0};
    estro_status status = ESTRO_OK;

    *out = (es_teachers){0};
    es_corpus_describe(corpus, &wanted);
    if (count > 0 && wanted.profile != ES_PROFILE_VOICES) {
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED, "teachers compose for voices only");
    }
    if (count > ES_MAX_TEACHERS) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "%zu teachers; %d are possible", count,
                       ES_MAX_TEACHERS);
    }
    for (size_t i = 0; i < count && status == ESTRO_OK; i++) {
        status = load_one(out, paths[i], &wanted, threads, diag);
    }
    if (status != ESTRO_OK) {
        es_teachers_done(out);
    }
    return status;
}

void es_teachers_done(es_teachers *teachers)
{
    for (size_t i = 0; i < teachers->count; i++) {
        es_learner_free(teachers->learner[i]);
        es_model_free(teachers->model[i]);
    }
    for (size_t i = 0; i < 2 * teachers->n_lessons; i++) {
        es_free(teachers->answer[i]);
    }
    es_free(teachers->answer);
    *teachers = (es_teachers){0};
}

/* ---- composing ---- */

typedef struct composing {
    const es_teachers *teachers;
    es_corpus_piece *pieces; /* [count]: the lessons. */
    estro_status *status;
    estro_diag *diag;
    uint64_t seed;
} composing;

static void compose_one(void *self, size_t i)
{
    const composing *c = self;
    const es_model *model = c->teachers->model[i % c->teachers->count];

    c->status[i] = es_lesson_draw(&c->pieces[i].roll, model, c->seed, i, &c->diag[i]);
}

/* Room for the lessons behind the pieces, each with a name. */
static estro_status make_room(es_corpus *corpus, size_t count, estro_diag *diag)
{
    es_corpus_piece *all = es_calloc(corpus->n_pieces + count, sizeof *all);

    if (!all) {
        return es_fail_memory(diag);
    }
    memcpy(all, corpus->pieces, corpus->n_pieces * sizeof *all);
    es_free(corpus->pieces);
    corpus->pieces = all;
    for (size_t i = 0; i < count; i++) {
        es_corpus_piece *piece = &all[corpus->n_pieces];
        piece->is_lesson = true;
        piece->path = es_strdup("a lesson");
        if (!piece->path) {
            return es_fail_memory(diag);
        }
        corpus->n_pieces++;
        corpus->n_lessons++;
    }
    return ESTRO_OK;
}

estro_status es_teachers_compose(es_teachers *teachers, es_corpus *corpus, size_t count,
                                 uint64_t seed, int threads, estro_diag *diag)
{
    if (teachers->count == 0 || count == 0) {
        return ESTRO_OK;
    }
    teachers->answer = es_calloc(2 * count, sizeof *teachers->answer);
    if (!teachers->answer) {
        return es_fail_memory(diag);
    }
    teachers->n_lessons = count;
    ES_TRY(make_room(corpus, count, diag));
    const composing c = {.teachers = teachers,
                         .pieces = corpus->pieces + corpus->n_pieces - count,
                         .status = es_calloc(count, sizeof(estro_status)),
                         .diag = es_calloc(count, sizeof(estro_diag)),
                         .seed = seed};
    estro_status status = c.status && c.diag ? ESTRO_OK : es_fail_memory(diag);
    composing job = c;

    if (status == ESTRO_OK) {
        es_parallel(threads, count, compose_one, &job);
    }
    for (size_t i = 0; i < count && status == ESTRO_OK; i++) {
        status =
            c.status[i] == ESTRO_OK ? ESTRO_OK : es_fail(diag, c.status[i], "%s", c.diag[i].text);
    }
    es_free(c.status);
    es_free(c.diag);
    return status;
}

/* ---- answering ---- */

/* One lesson at a time, so that an answer does not depend on what else is in the batch. */
static estro_status ask_one(es_teachers *t, es_sequence *lesson, float **answer, estro_diag *diag)
{
    const es_sequence *const alone = lesson;
    estro_status status = ESTRO_OK;

    lesson->goal = es_calloc(es_sequence_goal_size(lesson) + 1, sizeof *lesson->goal);
    if (!lesson->goal) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < t->count && status == ESTRO_OK; i++) {
        status = es_learner_teach(t->learner[i], &alone, 1, 1 / (float)t->count, diag);
    }
    if (status != ESTRO_OK) {
        es_free(lesson->goal);
        lesson->goal = NULL;
    }
    *answer = lesson->goal;
    return status;
}

estro_status es_teachers_ask(es_teachers *t, es_sequence *lesson, size_t number, estro_diag *diag)
{
    lesson->goal = t->answer[number];
    return lesson->goal ? ESTRO_OK : ask_one(t, lesson, &t->answer[number], diag);
}
