/*
 * train_rolls CORPORA CACHE SET [OPTION=VALUE]...: trains a net of profile `notes` on a piano-roll set, CORPORA/bl2012/SET.*.txt, and keeps the
 * weights that are best on its valid split in CACHE/notes-SET.model.
 *
 * An epoch codes each piece once (some of them transposed), cuts them into windows of so many events, and goes through
 * these in any order, each after some events that only warm up the core. The rate follows one cycle.
 */
#include "rolls.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "nn/learn.h"
#include "nn/model_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Numbers that the command line may set; the defaults are those of no set in particular. */
typedef struct settings {
    double hidden, decoder, layers, lstm, drop, field, decay, rate, epochs, batch, window, warm,
        move, bottom, seed, average, every, slots, threads, reach;
} settings;

static const struct {
    const char *name;
    size_t offset;
    double standard;
} setting_table[] = {
    {"hidden", offsetof(settings, hidden), 192}, {"decoder", offsetof(settings, decoder), 96},
    {"layers", offsetof(settings, layers), 1},   {"lstm", offsetof(settings, lstm), 0},
    {"drop", offsetof(settings, drop), 0.3},     {"field", offsetof(settings, field), 0.08},
    {"decay", offsetof(settings, decay), 0.5},   {"rate", offsetof(settings, rate), 0.004},
    {"epochs", offsetof(settings, epochs), 20},  {"batch", offsetof(settings, batch), 8},
    {"window", offsetof(settings, window), 128}, {"warm", offsetof(settings, warm), 24},
    {"move", offsetof(settings, move), 0},     /* Share of the pieces that are transposed, */
    {"reach", offsetof(settings, reach), 6},   /* by so much at most. */
    {"bottom", offsetof(settings, bottom), 0}, /* Notes are drawn from the bottom. */
    {"slots", offsetof(settings, slots), 4},   /* Decoders for notes. */
    {"seed", offsetof(settings, seed), 1},       {"average", offsetof(settings, average), 0.99},
    {"every", offsetof(settings, every), 1}, /* Epochs between validations. */
    {"threads", offsetof(settings, threads), 1},
};
enum { N_SETTINGS = sizeof setting_table / sizeof setting_table[0] };

typedef struct window {
    uint64_t key;
    uint32_t piece, first, end; /* Events (states) whose draws are learned. */
} window;

typedef struct training {
    settings set;
    const char *name;
    char path[1024], command[512];
    rolls train, valid;
    es_notes_coding coding;
    es_net net;
    es_learner *learner;
    es_coded *coded; /* [train.n_pieces] */
    es_coded *valid_coded;
    window *windows;
    size_t n_windows, window_capacity;
    double best;
} training;

static double *setting(settings *s, int i)
{
    return (double *)(void *)((char *)s + setting_table[i].offset);
}

static bool read_settings(settings *s, char **argument, int count)
{
    for (int i = 0; i < N_SETTINGS; i++) {
        *setting(s, i) = setting_table[i].standard;
    }
    for (int a = 0; a < count; a++) {
        const size_t length = strcspn(argument[a], "=");
        int i = 0;
        while (i < N_SETTINGS && (strlen(setting_table[i].name) != length ||
                                  strncmp(setting_table[i].name, argument[a], length) != 0)) {
            i++;
        }
        if (i == N_SETTINGS || argument[a][length] != '=') {
            fprintf(stderr, "train_rolls: %s?\n", argument[a]);
            return false;
        }
        *setting(s, i) = strtod(argument[a] + length + 1, NULL);
    }
    return true;
}

/* ---- an epoch's windows ---- */

/* The first draw made from state `event` or a later one. */
static size_t draw_of_event(const es_sequence *sequence, uint32_t event)
{
    size_t low = 0, high = sequence->n_draws;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (sequence->draw_event[middle] < event) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static estro_status cut_windows(training *t, uint32_t piece, es_rng *rng, estro_diag *diag)
{
    const uint32_t states = (uint32_t)t->coded[piece].sequence.n_events + 1;
    const uint32_t length = (uint32_t)t->set.window;
    const uint32_t n = (states + length - 1) / length;
    uint32_t first = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = (uint32_t)((uint64_t)states * (i + 1) / n);
        if (i + 1 < n) {
            end += es_rng_below(rng, length / 8 + 1) - (end - first > length / 8 ? length / 16 : 0);
            end = end > states ? states : end;
        }
        if (!es_grow(&t->windows, t->n_windows, &t->window_capacity, sizeof *t->windows)) {
            return es_fail_memory(diag);
        }
        t->windows[t->n_windows++] = (window){es_rng_next(rng), piece, first, end};
        first = end;
    }
    return ESTRO_OK;
}

static int by_key(const void *a, const void *b)
{
    const window *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->piece != y->piece ? (x->piece < y->piece ? -1 : 1)
                                : (x->first > y->first) - (x->first < y->first);
}

static int transposition(const training *t, const es_frames *piece, es_rng *rng)
{
    es_notes_coding used = {.low = 127};
    const int reach = (int)t->set.reach;
    const int wish = reach > 0 ? (int)es_rng_below(rng, (uint32_t)(2 * reach)) - reach + 1 : 0;

    es_frames_measure(&used, piece);
    if (es_rng_unit(rng) >= t->set.move || used.low + wish < t->coding.low ||
        used.high + wish > t->coding.high) {
        return 0;
    }
    return wish;
}

static estro_status begin_epoch(training *t, uint32_t epoch, estro_diag *diag)
{
    es_rng rng = es_rng_at((uint64_t)t->set.seed, ES_FOR_TRAINING, 1, epoch, 0);

    t->n_windows = 0;
    for (uint32_t i = 0; i < t->train.n_pieces; i++) {
        if (t->set.move > 0 || epoch == 0) {
            es_coded_done(&t->coded[i]);
            ES_TRY(es_frames_code(&t->coded[i], &t->train.pieces[i], &t->coding,
                                  transposition(t, &t->train.pieces[i], &rng), diag));
        }
        ES_TRY(cut_windows(t, i, &rng, diag));
    }
    qsort(t->windows, t->n_windows, sizeof *t->windows, by_key);
    return ESTRO_OK;
}

/* ---- steps ---- */

/* A window as a sequence of its own; draw_event is owned, the rest borrowed. */
static bool view_window(es_sequence *out, uint32_t **owned, const training *t, const window *w)
{
    const es_sequence *whole = &t->coded[w->piece].sequence;
    const uint32_t warm = (uint32_t)t->set.warm;
    const uint32_t start = w->first > warm ? w->first - warm : 0;
    const size_t draw = draw_of_event(whole, w->first);
    const size_t n = draw_of_event(whole, w->end) - draw;

    *owned = es_calloc(n ? n : 1, sizeof **owned);
    for (size_t i = 0; *owned && i < n; i++) {
        (*owned)[i] = whole->draw_event[draw + i] - start;
    }
    *out = (es_sequence){.events = whole->events + start,
                         .n_events = w->end - 1 - start,
                         .draws = whole->draws + draw,
                         .draw_event = *owned,
                         .n_draws = n};
    return *owned;
}

static float rate_at(const training *t, double share)
{
    const double warm = 0.08, pi = 3.14159265358979323846;

    return (float)(t->set.rate * (share < warm
                                      ? share / warm
                                      : 0.5 * (1 + cos(pi * (share - warm) / (1 - warm))) + 0.002));
}

static estro_status train_epoch(training *t, uint32_t epoch, double *nats, estro_diag *diag)
{
    enum { MOST = 64 };
    const size_t batch = (size_t)t->set.batch < MOST ? (size_t)t->set.batch : (size_t)MOST;
    estro_status status = ESTRO_OK;

    *nats = 0;
    for (size_t at = 0; at < t->n_windows && status == ESTRO_OK; at += batch) {
        const size_t n = t->n_windows - at < batch ? t->n_windows - at : batch;
        const double share = (epoch + (double)at / (double)t->n_windows) / t->set.epochs;
        es_sequence sequence[MOST];
        const es_sequence *pointer[MOST];
        uint32_t *owned[MOST] = {0};
        double some = 0;
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            pointer[i] = &sequence[i];
            if (!view_window(&sequence[i], &owned[i], t, &t->windows[at + i])) {
                status = es_fail_memory(diag);
            }
        }
        if (status == ESTRO_OK) {
            status =
                es_learner_step(t->learner, pointer, n, rate_at(t, share), &some, &count, diag);
        }
        *nats += some;
        for (size_t i = 0; i < n; i++) {
            es_free(owned[i]);
        }
    }
    return status;
}

/* ---- validation ---- */

static estro_status save(training *t, double valid, uint32_t epoch, estro_diag *diag)
{
    es_model_meta meta = {.vocabulary = ES_NOTES_VOCABULARY,
                          .profile = ES_PROFILE_NOTES,
                          .setup_size = 64,
                          .seed = (uint64_t)t->set.seed};
    es_net best = t->net;
    uint8_t *bytes = NULL;
    size_t size;
    estro_status status;

    best.weights = es_calloc(t->net.n_weights, sizeof *best.weights);
    if (!best.weights) {
        return es_fail_memory(diag);
    }
    es_learner_weights(t->learner, best.weights);
    es_notes_pack(&t->coding, meta.setup);
    snprintf(meta.card, sizeof meta.card, "%s\nvalid %.4f nats a frame after epoch %u\n",
             t->command, valid, epoch);
    status = es_model_write(&bytes, &size, &best, &meta, NULL, 0, ES_WEIGHT_F16, diag);
    if (status == ESTRO_OK) {
        status = es_file_write(t->path, bytes, size, diag);
    }
    es_free(bytes);
    es_free(best.weights);
    return status;
}

static estro_status validate(training *t, uint32_t epoch, double train_nats, double minutes,
                             estro_diag *diag)
{
    const es_sequence **pointer = es_calloc(t->valid.n_pieces, sizeof *pointer);
    double slot[ES_MAX_SLOTS] = {0}, nats = 0;
    size_t count[ES_MAX_SLOTS] = {0};

    if (!pointer) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < t->valid.n_pieces; i++) {
        pointer[i] = &t->valid_coded[i].sequence;
    }
    const estro_status status =
        es_learner_score_all(t->learner, pointer, t->valid.n_pieces, slot, count, diag);
    es_free(pointer);
    if (status != ESTRO_OK) {
        return status;
    }
    const double frames = (double)t->valid.n_frames;
    for (int i = 0; i < t->net.shape.n_slots; i++) {
        nats += slot[i] / frames;
    }
    printf("epoch %u  %.1f min  train %.4f  valid %.4f  (frame %.4f notes", epoch, minutes,
           train_nats, nats, slot[ES_NOTES_FRAME] / frames);
    for (int i = ES_NOTES_NOTE; i < t->net.shape.n_slots; i++) {
        printf(" %.4f", slot[i] / frames);
    }
    printf(")%s\n", nats < t->best ? " *" : "");
    fflush(stdout);
    if (nats < t->best) {
        t->best = nats;
        return save(t, nats, epoch, diag);
    }
    return ESTRO_OK;
}

/* ---- setting up ---- */

/* Frames to a quarter, as far as they are known: corpora/README.md. */
static uint8_t grid_of(const char *set)
{
    return strcmp(set, "JSB_Chorales") == 0 ? 1 : strcmp(set, "Nottingham") == 0 ? 2 : 0;
}

static estro_status set_up(training *t, const char *corpora, estro_diag *diag)
{
    const settings *s = &t->set;
    es_net_shape shape = {.core = s->lstm > 0 ? ES_LSTM : ES_GRU,
                          .n_layers = (uint8_t)s->layers,
                          .hidden = (uint16_t)s->hidden,
                          .embed = (uint16_t)s->decoder,
                          .decoder = (uint16_t)s->decoder};
    const es_learn_options learn = {.beta1 = 0.9f,
                                    .beta2 = 0.99f,
                                    .decay = (float)s->decay,
                                    .clip = 1,
                                    .drop_input = (float)s->drop * 0.25f,
                                    .drop_core = (float)s->drop,
                                    .drop_decoder = (float)s->drop,
                                    .drop_field = (float)s->field,
                                    .average = (float)s->average,
                                    .threads = (int)s->threads,
                                    .seed = (uint64_t)s->seed};

    ES_TRY(rolls_read(&t->train, corpora, t->name, "train", diag));
    ES_TRY(rolls_read(&t->valid, corpora, t->name, "valid", diag));
    /* The whole range of a piano, so that no other piece can be outside of it. */
    t->coding = (es_notes_coding){.low = 21,
                                  .high = 108,
                                  .most = ES_NOTES_MOST,
                                  .from_bottom = s->bottom > 0,
                                  .grid = grid_of(t->name),
                                  .n_slots = (uint8_t)s->slots};
    es_notes_shape(&t->coding, &shape);
    ES_TRY(es_net_init(&t->net, &shape, diag));
    es_net_randomise(&t->net, (uint64_t)s->seed);
    ES_TRY(es_learner_new(&t->learner, &t->net, &learn, diag));
    t->coded = es_calloc(t->train.n_pieces, sizeof *t->coded);
    t->valid_coded = es_calloc(t->valid.n_pieces, sizeof *t->valid_coded);
    if (!t->coded || !t->valid_coded) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < t->valid.n_pieces; i++) {
        ES_TRY(es_frames_code(&t->valid_coded[i], &t->valid.pieces[i], &t->coding, 0, diag));
    }
    return ESTRO_OK;
}

/* Minutes of this process on a processor. */
static double minutes_used(void)
{
    return (double)clock() / CLOCKS_PER_SEC / 60;
}

static estro_status run(training *t, const char *corpora, estro_diag *diag)
{
    ES_TRY(set_up(t, corpora, diag));
    printf("%zu weights, %d event fields, note: %d fields, %d raw\n", t->net.n_weights,
           t->net.shape.n_fields, t->net.shape.slot[ES_NOTES_NOTE].n_fields,
           t->net.shape.slot[ES_NOTES_NOTE].n_raw);
    t->best = 1e9;
    for (uint32_t epoch = 0; epoch < t->set.epochs; epoch++) {
        double nats = 0;
        ES_TRY(begin_epoch(t, epoch, diag));
        ES_TRY(train_epoch(t, epoch, &nats, diag));
        if ((epoch + 1) % (uint32_t)t->set.every == 0 || epoch + 1 == t->set.epochs) {
            ES_TRY(validate(t, epoch + 1, nats / (double)t->train.n_frames, minutes_used(), diag));
        }
    }
    printf("%s: best valid %.4f, %.1f min on one core\n", t->name, t->best, minutes_used());
    return ESTRO_OK;
}

static void done(training *t)
{
    es_learner_free(t->learner);
    es_net_done(&t->net);
    for (size_t i = 0; t->coded && i < t->train.n_pieces; i++) {
        es_coded_done(&t->coded[i]);
    }
    for (size_t i = 0; t->valid_coded && i < t->valid.n_pieces; i++) {
        es_coded_done(&t->valid_coded[i]);
    }
    es_free(t->coded);
    es_free(t->valid_coded);
    es_free(t->windows);
    rolls_done(&t->train);
    rolls_done(&t->valid);
}

int main(int argc, char **argv)
{
    training t = {0};
    estro_diag diag = {0};
    size_t length = 0;

    if (argc < 4 || !read_settings(&t.set, argv + 4, argc - 4)) {
        fprintf(stderr, "train_rolls CORPORA CACHE SET [OPTION=VALUE]...; options:");
        for (int i = 0; i < N_SETTINGS; i++) {
            fprintf(stderr, " %s=%g", setting_table[i].name, setting_table[i].standard);
        }
        fprintf(stderr, "\n");
        return 2;
    }
    t.name = argv[3];
    snprintf(t.path, sizeof t.path, "%s/notes-%s.model", argv[2], argv[3]);
    length = (size_t)snprintf(t.command, sizeof t.command, "train_rolls CORPORA CACHE %s", t.name);
    for (int i = 4; i < argc && length < sizeof t.command; i++) {
        length += (size_t)snprintf(t.command + length, sizeof t.command - length, " %s", argv[i]);
    }
    const estro_status status = run(&t, argv[1], &diag);
    if (status != ESTRO_OK) {
        fprintf(stderr, "train_rolls: %s\n", diag.text);
    }
    done(&t);
    return status == ESTRO_OK ? 0 : 1;
}
