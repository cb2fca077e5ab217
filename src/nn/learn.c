/*
 * The trainer: cuts a batch into shards, runs the passes on threads, steps the optimiser, keeps the averaged weights.
 *
 * What may not change: the number of shards and what is in each follow from the batch alone, never from the threads.
 */
#include "nn/learn.h"

#include "base/diag.h"
#include "base/mem.h"
#include "nn/learn_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHARD_SEQUENCES = 16, /* Of a large batch in a shard. */
    MAX_SHARDS = 64,
    STRETCH_ROWS =
        255,        /* About so many rows of a shard, less one, make one product of its gradient. */
    COUNT_BITS = 20 /* Of the count of steps in each of two floats. */
};

struct es_learner {
    es_net *net;
    es_learn_options options;
    es_net_layout layout;
    uint64_t n_steps;
    float *m, *v;
    float *mean;      /* NULL without averaging. */
    es_packed packed; /* The weights of the present pass, in panels. */
    es_stretch *stretches;
    size_t n_stretches;
    double *squares; /* [n_stretches] */
    es_shard shard[MAX_SHARDS];
    size_t n_shards;         /* Of the present batch. */
    size_t own_first, n_own; /* The shards of this rank: all of them, when it is alone. */
    int n_working;           /* Ranks that have shards, a power of two. */
    es_shard_group group[MAX_SHARDS];
    size_t n_groups;
    es_pass pass;
};

static bool probability_ok(float p)
{
    return p >= 0 && p < 1;
}

static bool options_ok(const es_learn_options *o)
{
    return probability_ok(o->drop_input) && probability_ok(o->drop_core) &&
           probability_ok(o->drop_decoder) && probability_ok(o->drop_field) &&
           probability_ok(o->average) && probability_ok(o->beta1) && probability_ok(o->beta2) &&
           o->decay >= 0 && o->clip >= 0 && o->threads >= 1;
}

static estro_status allocate(es_learner *learner, estro_diag *diag)
{
    const es_net_shape *shape = &learner->net->shape;
    const size_t n = learner->net->n_weights;
    bool ok = true;

    ok = ok && (learner->m = es_calloc(n, sizeof(float)));
    ok = ok && (learner->v = es_calloc(n, sizeof(float)));
    if (learner->options.average > 0) {
        ok = ok && (learner->mean = es_calloc(n, sizeof(float)));
    }
    if (!ok) {
        return es_fail_memory(diag);
    }
    ES_TRY(es_packed_init(&learner->packed, shape, &learner->layout, diag));
    ES_TRY(es_stretches_make(&learner->stretches, &learner->n_stretches, shape, diag));
    learner->squares = es_calloc(learner->n_stretches, sizeof *learner->squares);
    return learner->squares ? ESTRO_OK : es_fail_memory(diag);
}

estro_status es_learner_new(es_learner **out, es_net *net, const es_learn_options *options,
                            estro_diag *diag)
{
    *out = NULL;
    if (!options_ok(options)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "training options out of bounds");
    }
    es_learner *learner = es_calloc(1, sizeof *learner);
    if (!learner) {
        return es_fail_memory(diag);
    }
    learner->net = net;
    learner->options = *options;
    es_net_layout_make(&learner->layout, &net->shape, NULL, NULL);
    const estro_status status = allocate(learner, diag);
    if (status != ESTRO_OK) {
        es_learner_free(learner);
        return status;
    }
    if (learner->mean) {
        memcpy(learner->mean, net->weights, net->n_weights * sizeof(float));
    }
    *out = learner;
    return ESTRO_OK;
}

void es_learner_free(es_learner *learner)
{
    if (!learner) {
        return;
    }
    for (size_t s = 0; s < MAX_SHARDS; s++) {
        es_shard_group_done(&learner->group[s]);
        es_shard_done(&learner->shard[s]);
    }
    es_packed_done(&learner->packed);
    es_free(learner->m);
    es_free(learner->v);
    es_free(learner->mean);
    es_free(learner->stretches);
    es_free(learner->squares);
    es_free(learner);
}

/* ---- batches into shards ---- */

/* Falling number of events; the place in the batch decides ties. */
static int by_length(const void *a, const void *b)
{
    const es_lane *x = a, *y = b;

    if (x->sequence->n_events != y->sequence->n_events) {
        return x->sequence->n_events < y->sequence->n_events ? 1 : -1;
    }
    return x->number < y->number ? -1 : 1;
}

/* As many as threads or ranks can be of use, but each with enough rows for the products of its gradient. */
static size_t shards_for(size_t n_batch)
{
    if (n_batch < 8) {
        return n_batch < 2 ? 1 : 2;
    }
    const size_t wanted = n_batch / SHARD_SEQUENCES;
    return wanted < 4 ? 4 : wanted < MAX_SHARDS ? wanted : MAX_SHARDS;
}

/*
 * Which shards are this rank's: the leaves of a whole subtree of the sum over them. So ranks work in powers of two, and others go without.
 */
static void share_out(es_learner *learner)
{
    const es_learn_ranks *ranks = learner->options.ranks;
    const size_t count = ranks ? (size_t)ranks->count : 1, rank = ranks ? (size_t)ranks->rank : 0;
    size_t leaves = 1, working = 1;

    while (leaves < learner->n_shards) {
        leaves *= 2;
    }
    while (2 * working <= count && 2 * working <= leaves) {
        working *= 2;
    }
    const size_t each = leaves / working;
    const size_t first = rank < working ? rank * each : 0;
    const size_t end = first + each < learner->n_shards ? first + each : learner->n_shards;
    learner->n_working = (int)working;
    learner->own_first = first < learner->n_shards ? first : 0;
    learner->n_own = rank < working && first < end ? end - first : 0;
}

static bool is_own(const es_learner *learner, const es_lane *lane)
{
    return lane->shard >= learner->own_first && lane->shard < learner->own_first + learner->n_own;
}

/* The lanes of a batch, sorted, and dealt out to and fro, so that the shards have about the same work. @param out Owned; es_free. */
static estro_status deal(es_learner *learner, es_lane **out, const es_sequence *const *batch,
                         size_t n_batch, estro_diag *diag)
{
    const size_t n = learner->n_shards = shards_for(n_batch);
    es_lane *lane = es_calloc(n_batch, sizeof *lane);

    if (!lane) {
        return es_fail_memory(diag);
    }
    share_out(learner);
    for (size_t i = 0; i < n_batch; i++) {
        lane[i] = (es_lane){.sequence = batch[i], .number = (uint32_t)i};
    }
    qsort(lane, n_batch, sizeof *lane, by_length);
    for (size_t i = 0; i < n_batch; i++) {
        const size_t turn = i % (2 * n);
        lane[i].shard = (uint32_t)(turn < n ? turn : 2 * n - 1 - turn);
    }
    *out = lane;
    return ESTRO_OK;
}

estro_status es_learner_shares(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                               bool *own, estro_diag *diag)
{
    es_lane *lane;

    ES_TRY(deal(learner, &lane, batch, n_batch, diag));
    for (size_t i = 0; i < n_batch; i++) {
        own[lane[i].number] = is_own(learner, &lane[i]);
    }
    es_free(lane);
    return ESTRO_OK;
}

/* The shards of this rank into groups, one a thread. */
static estro_status pack_groups(es_learner *learner, const es_lane *lane, size_t n_batch,
                                estro_diag *diag)
{
    const size_t threads = (size_t)learner->options.threads, n = learner->n_shards;
    const size_t own = learner->n_own, own_first = learner->own_first;
    const size_t groups = learner->n_groups = threads < own ? threads : own;

    for (size_t g = 0; g < groups; g++) {
        const size_t first = own_first + own * g / groups;
        es_shard_group *const group = &learner->group[g];
        group->shard = &learner->shard[first];
        group->n_shards = own_first + own * (g + 1) / groups - first;
        group->stretch = STRETCH_ROWS / ((n_batch + n - 1) / n) + 1;
        ES_TRY(es_shard_group_pack(group, &learner->net->shape, lane, n_batch, first, diag));
    }
    return ESTRO_OK;
}

static estro_status pack_batch(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                               estro_diag *diag)
{
    estro_status status = ESTRO_OK;
    es_lane *lane;

    ES_TRY(deal(learner, &lane, batch, n_batch, diag));
    for (size_t i = 0; i < n_batch && status == ESTRO_OK; i++) {
        if (is_own(learner, &lane[i])) {
            status = es_sequence_check(&learner->net->shape, lane[i].sequence, diag);
        }
    }
    if (status == ESTRO_OK) {
        status = pack_groups(learner, lane, n_batch, diag);
    }
    es_free(lane);
    return status;
}

/* ---- passes ---- */

static void group_job(void *self, size_t number)
{
    es_learner *learner = self;
    es_shard_group *group = &learner->group[number];
    const es_pass *pass = &learner->pass;

    es_core_forward(group, pass);
    if (pass->backward) {
        memset(group->d_out, 0, group->n_rows * pass->shape->hidden * sizeof *group->d_out);
    }
    for (size_t s = 0; s < group->n_shards; s++) {
        es_decoder_pass(group, &group->shard[s], pass);
    }
    if (pass->backward) {
        es_core_backward(group, pass);
    }
}

static es_pass plain_pass(es_learner *learner, const float *weights)
{
    const es_drop none = es_drop_of(0);

    return (es_pass){.shape = &learner->net->shape,
                     .at = &learner->layout,
                     .weights = weights,
                     .packed = &learner->packed,
                     .input = none,
                     .core = none,
                     .decoder = none,
                     .field = none};
}

/* What the other ranks counted in their shards. */
static estro_status gather_nats(es_learner *learner, estro_diag *diag)
{
    const es_learn_ranks *ranks = learner->options.ranks;
    double counted[MAX_SHARDS][2][ES_MAX_SLOTS] = {0};

    if (!ranks) {
        return ESTRO_OK;
    }
    for (size_t s = learner->own_first; s < learner->own_first + learner->n_own; s++) {
        for (int k = 0; k < ES_MAX_SLOTS; k++) {
            counted[s][0][k] = learner->shard[s].slot_nats[k];
            counted[s][1][k] = (double)learner->shard[s].slot_count[k];
        }
    }
    ES_TRY(ranks->gather(ranks->self, &counted[0][0][0],
                         learner->n_shards * sizeof counted[0] / sizeof(double), diag));
    for (size_t s = 0; s < learner->n_shards; s++) {
        for (int k = 0; k < ES_MAX_SLOTS; k++) {
            learner->shard[s].slot_nats[k] = counted[s][0][k];
            learner->shard[s].slot_count[k] = (size_t)counted[s][1][k];
        }
    }
    return ESTRO_OK;
}

static void add_nats(const es_learner *learner, double *slot_nats, size_t *slot_count)
{
    for (size_t s = 0; s < learner->n_shards; s++) {
        for (int k = 0; k < learner->net->shape.n_slots; k++) {
            slot_nats[k] += learner->shard[s].slot_nats[k];
            slot_count[k] += learner->shard[s].slot_count[k];
        }
    }
}

/* Gradients of a batch into the shards, with learner->pass as it stands; the sum of nats is made. */
static estro_status backward(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                             double *nats, size_t *count, estro_diag *diag)
{
    double slot_nats[ES_MAX_SLOTS] = {0};
    size_t slot_count[ES_MAX_SLOTS] = {0};

    *nats = 0;
    *count = 0;
    for (size_t i = 0; i < n_batch; i++) {
        *count += batch[i]->n_draws;
    }
    if (*count == 0) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a batch without any draw");
    }
    ES_TRY(pack_batch(learner, batch, n_batch, diag));
    /* A rank without shards has an empty one. */
    for (size_t s = 0; s < (learner->n_own ? learner->n_own : 1); s++) {
        es_shard *shard = &learner->shard[learner->own_first + s];
        if (!shard->gradient) {
            shard->gradient = es_calloc(learner->net->n_weights, sizeof(float));
        }
        if (!shard->gradient) {
            return es_fail_memory(diag);
        }
    }
    learner->pass.backward = true;
    learner->pass.scale = (float)((double)ES_LOSS_SCALE / (double)*count);
    es_packed_fill(&learner->packed, &learner->pass, learner->options.threads);
    es_parallel(learner->options.threads, learner->n_groups, group_job, learner);
    ES_TRY(gather_nats(learner, diag));
    add_nats(learner, slot_nats, slot_count);
    for (int k = 0; k < ES_MAX_SLOTS; k++) {
        *nats += slot_nats[k];
    }
    return ESTRO_OK;
}

static es_adam_job adam_job(es_learner *learner, float **gradients)
{
    const size_t n = learner->n_own ? learner->n_own : 1;

    for (size_t s = 0; s < n; s++) {
        gradients[s] = learner->shard[learner->own_first + s].gradient;
    }
    return (es_adam_job){.stretches = learner->stretches,
                         .n_stretches = learner->n_stretches,
                         .weights = learner->net->weights,
                         .m = learner->m,
                         .v = learner->v,
                         .mean = learner->mean,
                         .gradients = gradients,
                         .n_gradients = n,
                         .squares = learner->squares};
}

/* Forget the gradients of shards. */
static void clear(es_learner *learner)
{
    for (size_t s = 0; s < MAX_SHARDS; s++) {
        if (learner->shard[s].gradient) {
            memset(learner->shard[s].gradient, 0, learner->net->n_weights * sizeof(float));
        }
    }
}

/* The sum of all gradients in the first one of the job, the others zero again, and its norm. */
static estro_status sum_gradients(es_learner *learner, es_adam_job *job, double *norm,
                                  estro_diag *diag)
{
    const es_learn_ranks *ranks = learner->options.ranks;

    *norm = es_adam_sum(job, learner->options.threads);
    if (ranks) {
        ES_TRY(ranks->sum(ranks->self, job->gradients[0], learner->net->n_weights,
                          learner->n_working, diag));
        job->n_gradients = 1;
        *norm = es_adam_sum(job, learner->options.threads);
    }
    return ESTRO_OK;
}

/* The gradient of a batch in gradients[0], and its norm; on failure all of them are zero, as between steps. */
static estro_status make_gradient(es_learner *learner, const es_sequence *const *batch,
                                  size_t n_batch, float **gradients, es_adam_job *job, double *norm,
                                  double *nats, size_t *count, estro_diag *diag)
{
    estro_status status = backward(learner, batch, n_batch, nats, count, diag);

    *job = adam_job(learner, gradients);
    *norm = 0;
    if (status == ESTRO_OK) {
        status = sum_gradients(learner, job, norm, diag);
    }
    if (status != ESTRO_OK) {
        clear(learner);
    }
    return status;
}

/* The numbers of step n (from 1), with a gradient of this norm. */
static void set_adam(es_adam_job *job, const es_learn_options *o, uint64_t n, double rate,
                     double norm)
{
    const double steps = (double)n;
    const double grow = (1 + steps) / (10 + steps);

    job->decay_keep = (float)(1 - rate * (double)o->decay);
    job->adam = (es_adam){
        .rate = (float)(rate / (1 - pow((double)o->beta1, steps))),
        .beta1 = o->beta1,
        .beta2 = o->beta2,
        .root = (float)(1 / sqrt(1 - pow((double)o->beta2, steps))),
        .clip = o->clip > 0 && norm > (double)o->clip ? (float)((double)o->clip / norm) : 1,
        .average = grow < (double)o->average ? (float)grow : o->average,
    };
}

estro_status es_learner_step(es_learner *learner, const es_sequence *const *batch, size_t n_batch,
                             float rate, double *nats, size_t *count, estro_diag *diag)
{
    const es_learn_options *o = &learner->options;
    float *gradients[MAX_SHARDS];

    learner->pass = plain_pass(learner, learner->net->weights);
    learner->pass.input = es_drop_of(o->drop_input);
    learner->pass.core = es_drop_of(o->drop_core);
    learner->pass.decoder = es_drop_of(o->drop_decoder);
    learner->pass.field = es_drop_of(o->drop_field);
    learner->pass.key =
        (o->seed ^ (learner->n_steps + 1) * 0x9e3779b97f4a7c15u) * 0xd2b74407b1ce6e93u;
    es_adam_job job;
    double norm;
    ES_TRY(make_gradient(learner, batch, n_batch, gradients, &job, &norm, nats, count, diag));
    if (!isfinite(*nats) || !isfinite(norm)) {
        clear(learner);
        return es_fail(diag, ESTRO_ERR_FORMAT, "the loss is not finite: %g nats, gradient %g",
                       *nats, norm);
    }
    learner->n_steps++;
    set_adam(&job, o, learner->n_steps, (double)rate, norm);
    es_adam_apply(&job, o->threads);
    return ESTRO_OK;
}

estro_status es_learner_gradient(es_learner *learner, const es_sequence *const *batch,
                                 size_t n_batch, float *gradient, double *nats, size_t *count,
                                 estro_diag *diag)
{
    float *gradients[MAX_SHARDS];

    learner->pass = plain_pass(learner, learner->net->weights);
    es_adam_job job;
    double norm;
    ES_TRY(make_gradient(learner, batch, n_batch, gradients, &job, &norm, nats, count, diag));
    memcpy(gradient, gradients[0], learner->net->n_weights * sizeof *gradient);
    memset(gradients[0], 0, learner->net->n_weights * sizeof *gradients[0]);
    return ESTRO_OK;
}

/* ---- scoring ---- */

static const float *best_weights(const es_learner *learner)
{
    return learner->mean ? learner->mean : learner->net->weights;
}

estro_status es_learner_score_all(es_learner *learner, const es_sequence *const *sequences,
                                  size_t count, double *slot_nats, size_t *slot_count,
                                  estro_diag *diag)
{
    enum { AT_ONCE = 32 };

    learner->pass = plain_pass(learner, best_weights(learner));
    es_packed_fill(&learner->packed, &learner->pass, learner->options.threads);
    for (size_t at = 0; at < count; at += AT_ONCE) {
        const size_t some = count - at < AT_ONCE ? count - at : AT_ONCE;
        ES_TRY(pack_batch(learner, sequences + at, some, diag));
        es_parallel(learner->options.threads, learner->n_groups, group_job, learner);
        ES_TRY(gather_nats(learner, diag));
        add_nats(learner, slot_nats, slot_count);
    }
    return ESTRO_OK;
}

estro_status es_learner_score(es_learner *learner, const es_sequence *sequence, double *slot_nats,
                              size_t *slot_count, estro_diag *diag)
{
    return es_learner_score_all(learner, &sequence, 1, slot_nats, slot_count, diag);
}

estro_status es_learner_teach(es_learner *teacher, const es_sequence *const *sequences,
                              size_t count, float share, estro_diag *diag)
{
    teacher->pass = plain_pass(teacher, best_weights(teacher));
    teacher->pass.share = share;
    es_packed_fill(&teacher->packed, &teacher->pass, teacher->options.threads);
    ES_TRY(pack_batch(teacher, sequences, count, diag));
    es_parallel(teacher->options.threads, teacher->n_groups, group_job, teacher);
    return ESTRO_OK;
}

void es_learner_weights(const es_learner *learner, float *out)
{
    memcpy(out, best_weights(learner), learner->net->n_weights * sizeof *out);
}

/* ---- checkpoints: the count of steps in two floats, then blocks of all weights ---- */

size_t es_learner_state_size(const es_learner *learner)
{
    return 2 + learner->net->n_weights * (learner->mean ? 4 : 3);
}

void es_learner_state_get(const es_learner *learner, float *out)
{
    const size_t n = learner->net->n_weights;
    const float *const block[] = {learner->net->weights, learner->m, learner->v, learner->mean};
    const uint64_t mask = ((uint64_t)1 << COUNT_BITS) - 1;

    *out++ = (float)(learner->n_steps & mask);
    *out++ = (float)(learner->n_steps >> COUNT_BITS);
    for (int i = 0; i < 4 && block[i]; i++) {
        memcpy(out, block[i], n * sizeof *out);
        out += n;
    }
}

void es_learner_state_set(es_learner *learner, const float *in)
{
    const size_t n = learner->net->n_weights;
    float *const block[] = {learner->net->weights, learner->m, learner->v, learner->mean};

    learner->n_steps = (uint64_t)in[0] + ((uint64_t)in[1] << COUNT_BITS);
    in += 2;
    for (int i = 0; i < 4 && block[i]; i++) {
        memcpy(block[i], in, n * sizeof *in);
        in += n;
    }
}
