/*
 * A step of training: a batch is coded, its lessons are asked of the teachers, and the learner goes on; and a validation.
 */
#include "train/batch.h"
#include "train/state.h"

#include "base/diag.h"
#include "base/mem.h"

enum { VALID_AT_ONCE = 32 };

/* ---- batches ---- */

/* Lessons are learned as the teachers say. */
static estro_status ask_teachers(estro_training *t, es_batch *batch, const uint32_t *piece,
                                 bool hidden, estro_diag *diag)
{
    const size_t first = t->corpus.n_pieces - t->corpus.n_lessons;

    for (size_t i = 0; i < batch->count; i++) {
        if (piece[i] >= first && batch->coded[i].events) {
            ES_TRY(es_teachers_ask(&t->teachers, &batch->coded[i].sequence,
                                   2 * (piece[i] - first) + hidden, diag));
        }
    }
    return ESTRO_OK;
}

static estro_status train_coded(estro_training *t, const es_batch *batch, bool hidden, double rate,
                                estro_diag *diag)
{
    size_t draws = 0;
    double nats = 0;

    ES_TRY(es_learner_step(t->learner, batch->sequence, batch->count, (float)rate, &nats, &draws,
                           diag));
    t->place.draws += draws;
    t->place.epoch_cells += hidden ? batch->cells : 0;
    t->place.epoch_nats += hidden ? nats : 0;
    return ESTRO_OK;
}

estro_status es_training_batch(estro_training *t, double rate, estro_diag *diag)
{
    const size_t index = t->batch_order[t->place.next_batch];
    const size_t first = index * t->options.batch;
    const size_t left = t->n_train - first;
    const size_t count = left < t->options.batch ? left : t->options.batch;
    const bool hidden = (index + t->place.epoch) % 2 == 0;
    es_batch batch;

    estro_status status = es_batch_code(&batch, t, t->train + first, count,
                                        hidden ? ES_BATCH_HIDDEN : ES_BATCH_SHOWN, diag);
    if (status == ESTRO_OK) {
        status = ask_teachers(t, &batch, t->train + first, hidden, diag);
    }
    if (status == ESTRO_OK) {
        status = train_coded(t, &batch, hidden, rate, diag);
    }
    es_batch_done(&batch);
    if (status == ESTRO_OK) {
        t->place.next_batch++;
        t->place.done++;
    }
    return status;
}

/* ---- validation ---- */

static estro_status score_some(estro_training *t, size_t first, size_t count, double *nats,
                               estro_diag *diag)
{
    size_t draws[ES_MAX_SLOTS] = {0};
    es_batch batch;

    estro_status status = es_batch_code(&batch, t, t->valid + first, count, ES_BATCH_VALID, diag);
    if (status == ESTRO_OK) {
        t->place.valid_draws += batch.draws;
        status = es_learner_score_all(t->learner, batch.sequence, count, nats, draws, diag);
    }
    es_batch_done(&batch);
    return status;
}

static estro_status add_point(estro_training *t, estro_diag *diag)
{
    if (!es_grow(&t->points, t->n_points, &t->points_room, sizeof *t->points)) {
        return es_fail_memory(diag);
    }
    t->points[t->n_points++] =
        (es_train_point){.epochs = (double)t->place.done / (double)t->n_batches,
                         .train_nats = t->place.train_nats,
                         .valid_nats = t->place.valid_nats};
    return ESTRO_OK;
}

estro_status es_training_validate(estro_training *t, estro_diag *diag)
{
    es_train_place *place = &t->place;
    double nats[ES_MAX_SLOTS] = {0};
    double sum = 0;

    place->valid_draws = 0;
    for (size_t i = 0; i < t->n_valid; i += VALID_AT_ONCE) {
        const size_t left = t->n_valid - i;
        ES_TRY(score_some(t, i, left < VALID_AT_ONCE ? left : VALID_AT_ONCE, nats, diag));
    }
    for (int s = 0; s < ES_MAX_SLOTS; s++) {
        sum += nats[s];
    }
    place->valid_nats = sum / (double)t->valid_cells;
    if (place->best_epoch == 0 || place->valid_nats < place->best_nats) {
        place->best_nats = place->valid_nats;
        place->best_epoch = place->epoch + 1;
        place->best_done = place->done;
        es_learner_weights(t->learner, t->best);
    }
    place->validated_draws = place->draws;
    place->validations++;
    return add_point(t, diag);
}
