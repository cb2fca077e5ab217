/*
 * nll_voices ROLLS.txt [--train TRAIN.txt] MODEL...: nats per voice-step of the pieces of a text roll, plan hidden, by the chain rule from a zero state,
 * first step scored; of several models, the mean of their probabilities at each choice (an ensemble). Prints the number of pieces, the total
 * over the total (micro) and the mean of the pieces' own (macro); with --train a second such line, of the pieces whose first voice
 * has no run of 16 notes (intervals between them, and their lengths) in common with a piece of TRAIN.
 *
 * nll_voices --floors TRAIN.txt ROLLS.txt: the same of two simplest models, to check the counting: each voice by how often its pitches occur
 * (one half added), and given its own last step (a thousandth added); steps 1 on, 128 pitches and silence, a figure for each voice.
 *
 * A text roll has lines `seq INDEX STEPS`, each followed by STEPS lines of one number a voice, -1 = silent; a step is a sixteenth.
 */
#include "base/file.h"
#include "base/mem.h"
#include "gen/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MODELS = 16, VOICES = 4, GRID = 4, RUN = 16, CLASSES = 129 };

typedef struct corpus {
    es_roll *rolls;
    size_t count, capacity;
} corpus;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

/* ---- reading ---- */

static void set_onsets(es_roll *roll)
{
    const size_t cells = (size_t)roll->n_steps * roll->n_voices;

    for (size_t i = 0; i < cells; i++) {
        roll->onset[i] = roll->pitch[i] >= 0 &&
                         (i < roll->n_voices || roll->pitch[i] != roll->pitch[i - roll->n_voices]);
    }
}

static char *read_roll(es_roll *roll, char *at, const char *path)
{
    const es_meter four = {4, 4};
    estro_diag diag;
    char *end;

    if (strncmp(at, "seq ", 4) != 0) {
        die(path, "no line `seq INDEX STEPS` where one should be");
    }
    strtoul(at + 4, &end, 10);
    const unsigned long steps = strtoul(end, &at, 10);
    if (steps == 0 || steps > 100000 ||
        es_roll_init(roll, VOICES, GRID, (uint32_t)steps, four, &diag) != ESTRO_OK) {
        die(path, "a sequence of no length, or too long");
    }
    for (size_t i = 0; i < (size_t)steps * VOICES; i++) {
        const long pitch = strtol(at, &end, 10);
        if (end == at || pitch < -1 || pitch > 127) {
            die(path, "no pitch where one should be");
        }
        roll->pitch[i] = (int8_t)pitch;
        at = end;
    }
    set_onsets(roll);
    return at + strspn(at, " \r\n");
}

static corpus read_corpus(const char *path)
{
    corpus c = {0};
    estro_diag diag;
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (es_file_read(&bytes, &size, path, &diag) != ESTRO_OK) {
        die(path, diag.text);
    }
    for (char *at = (char *)bytes; *at;) { /* A NUL follows the last byte. */
        if (!es_grow(&c.rolls, c.count, &c.capacity, sizeof *c.rolls)) {
            die(path, "out of memory");
        }
        c.rolls[c.count] = (es_roll){0};
        at = read_roll(&c.rolls[c.count++], at, path);
    }
    es_free(bytes);
    return c;
}

static void corpus_done(corpus *c)
{
    for (size_t i = 0; i < c->count; i++) {
        es_roll_done(&c->rolls[i]);
    }
    es_free(c->rolls);
}

/* ---- runs that two pieces share ---- */

/* Notes of the first voice, silences too. */
typedef struct line {
    int *pitch, *length;
    size_t count;
} line;

static line line_of(const es_roll *roll)
{
    line l = {es_calloc(roll->n_steps, sizeof(int)), es_calloc(roll->n_steps, sizeof(int)), 0};

    if (!l.pitch || !l.length) {
        die("line", "out of memory");
    }
    for (size_t t = 0; t < roll->n_steps; t++) {
        const int pitch = roll->pitch[t * roll->n_voices];
        if (t == 0 || pitch != l.pitch[l.count - 1]) {
            l.pitch[l.count++] = pitch;
        }
        l.length[l.count - 1]++;
    }
    return l;
}

static bool is_same_run(const line *a, size_t i, const line *b, size_t k)
{
    for (size_t n = 0; n < RUN; n++) {
        if (a->pitch[i + n] < 0 || b->pitch[k + n] < 0 || a->length[i + n] != b->length[k + n] ||
            a->pitch[i + n] - a->pitch[i] != b->pitch[k + n] - b->pitch[k]) {
            return false;
        }
    }
    return true;
}

static bool share_run(const es_roll *x, const es_roll *y)
{
    const line a = line_of(x), b = line_of(y);
    bool found = false;

    for (size_t i = 0; i + RUN <= a.count && !found; i++) {
        for (size_t k = 0; k + RUN <= b.count && !found; k++) {
            found = is_same_run(&a, i, &b, k);
        }
    }
    es_free(a.pitch);
    es_free(a.length);
    es_free(b.pitch);
    es_free(b.length);
    return found;
}

static bool is_fresh(const es_roll *roll, const corpus *train)
{
    for (size_t i = 0; i < train->count; i++) {
        if (share_run(roll, &train->rolls[i])) {
            return false;
        }
    }
    return true;
}

/* ---- models ---- */

typedef struct player {
    es_model *model;
    es_net_run *run;
    float *state;
} player;

static player load(const char *path)
{
    player p = {0};
    estro_diag diag;
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (es_file_read(&bytes, &size, path, &diag) != ESTRO_OK ||
        es_model_parse(&p.model, bytes, size, path, &diag) != ESTRO_OK ||
        es_net_run_new(&p.run, &p.model->net, &diag) != ESTRO_OK) {
        die(path, diag.text);
    }
    es_free(bytes);
    p.state = es_calloc(es_net_state_size(&p.model->net), sizeof(float));
    if (!p.state) {
        die(path, "out of memory");
    }
    return p;
}

static void player_done(player *p)
{
    es_net_run_free(p->run);
    es_free(p->state);
    es_model_free(p->model);
}

/* Nats of a coded piece by the mean of the players' probabilities at each choice. */
static double nats_of(player *players, size_t count, const es_sequence *sequence)
{
    float log_p[ES_MAX_CANDIDATES];
    uint32_t event = 0;
    double nats = 0;

    for (size_t i = 0; i < count; i++) {
        memset(players[i].state, 0, es_net_state_size(&players[i].model->net) * sizeof(float));
    }
    for (size_t d = 0; d < sequence->n_draws; d++) {
        const es_draw *draw = &sequence->draws[d];
        double p = 0;
        for (; event < sequence->draw_event[d]; event++) {
            for (size_t i = 0; i < count; i++) {
                es_net_step(players[i].run, players[i].state, &sequence->events[event]);
            }
        }
        for (size_t i = 0; i < count; i++) {
            es_net_decide(players[i].run, players[i].state, draw, log_p);
            p += exp((double)log_p[draw->target]) / (double)count;
        }
        nats -= log(p);
    }
    return nats;
}

/* One net: as `estro evaluate` counts. Several: the same over their mixture. */
static double score(player *players, size_t count, const es_roll *roll)
{
    estro_diag diag;
    es_evaluation e;
    es_coded coded;

    if (count == 1) {
        const es_model *model = players[0].model;
        if (es_evaluate_roll(&e, &model->net, &model->coding, roll, &diag) != ESTRO_OK) {
            die("a piece", diag.text);
        }
        return e.nats;
    }
    if (es_roll_code(&coded, roll, &players[0].model->coding, 0, true, &diag) != ESTRO_OK) {
        die("a piece", diag.text);
    }
    const double nats = nats_of(players, count, &coded.sequence);
    es_coded_done(&coded);
    return nats;
}

typedef struct tally {
    size_t pieces, cells;
    double nats, rates;
} tally;

static void add(tally *t, const es_roll *roll, double nats)
{
    const size_t cells = (size_t)roll->n_steps * roll->n_voices;

    t->pieces++;
    t->cells += cells;
    t->nats += nats;
    t->rates += nats / (double)cells;
}

static void print_tally(const tally *t)
{
    printf("%zu %.4f %.4f\n", t->pieces, t->nats / (double)(t->cells ? t->cells : 1),
           t->rates / (double)(t->pieces ? t->pieces : 1));
}

static void score_all(const char *rolls, const char *train, char **models, size_t n_models)
{
    player players[MAX_MODELS];
    corpus pieces = read_corpus(rolls);
    corpus known = train ? read_corpus(train) : (corpus){0};
    tally all = {0}, fresh = {0};

    for (size_t i = 0; i < n_models; i++) {
        players[i] = load(models[i]);
    }
    for (size_t i = 0; i < pieces.count; i++) {
        const double nats = score(players, n_models, &pieces.rolls[i]);
        add(&all, &pieces.rolls[i], nats);
        if (train && is_fresh(&pieces.rolls[i], &known)) {
            add(&fresh, &pieces.rolls[i], nats);
        }
    }
    print_tally(&all);
    if (train) {
        print_tally(&fresh);
    }
    for (size_t i = 0; i < n_models; i++) {
        player_done(&players[i]);
    }
    corpus_done(&pieces);
    corpus_done(&known);
}

/* ---- floors ---- */

static double count_table[CLASSES][CLASSES], count_row[CLASSES], count_one[CLASSES], count_all;

static void floors_of(int voice, const corpus *train, const corpus *test)
{
    double alone = 0, chain = 0;
    size_t cells = 0;

    memset(count_table, 0, sizeof count_table);
    memset(count_row, 0, sizeof count_row);
    memset(count_one, 0, sizeof count_one);
    count_all = 0;
    for (int pass = 0; pass < 2; pass++) {
        const corpus *c = pass ? test : train;
        for (size_t i = 0; i < c->count; i++) {
            const es_roll *roll = &c->rolls[i];
            for (size_t t = 0; t < roll->n_steps; t++) {
                const int8_t *pitch = &roll->pitch[t * VOICES + (size_t)voice];
                const int now = *pitch < 0 ? CLASSES - 1 : *pitch;
                const int before = t == 0                  ? -1
                                   : *(pitch - VOICES) < 0 ? CLASSES - 1
                                                           : *(pitch - VOICES);
                if (pass == 0) {
                    count_one[now]++;
                    count_all++;
                }
                if (before < 0) {
                    continue;
                }
                if (pass == 0) {
                    count_table[before][now]++;
                    count_row[before]++;
                    continue;
                }
                alone -= log((count_one[now] + 0.5) / (count_all + 0.5 * CLASSES));
                chain -=
                    log((count_table[before][now] + 1e-3) / (count_row[before] + 1e-3 * CLASSES));
                cells++;
            }
        }
    }
    printf("voice %d: unconditional %.3f, first-order chain %.3f\n", voice, alone / (double)cells,
           chain / (double)cells);
}

static void floors(const char *train_path, const char *test_path)
{
    corpus train = read_corpus(train_path);
    corpus test = read_corpus(test_path);

    for (int v = 0; v < VOICES; v++) {
        floors_of(v, &train, &test);
    }
    corpus_done(&train);
    corpus_done(&test);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--floors") == 0) {
        floors(argv[2], argv[3]);
        return 0;
    }
    const bool has_train = argc > 3 && strcmp(argv[2], "--train") == 0;
    const int first = has_train ? 4 : 2;
    if (argc <= first || argc - first > MAX_MODELS) {
        die("nll", "usage: nll_voices ROLLS.txt [--train TRAIN.txt] MODEL... | nll_voices --floors "
                   "TRAIN.txt "
                   "ROLLS.txt");
    }
    score_all(argv[1], has_train ? argv[3] : NULL, argv + first, (size_t)(argc - first));
    return 0;
}
