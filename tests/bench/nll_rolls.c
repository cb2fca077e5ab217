/*
 * nll_rolls CORPORA CACHE [valid]: table F, nats per frame of the piano-roll sets under the models CACHE/notes-SET.model. With `valid` the test
 * splits are left alone.
 *
 * Every frame counts, the first too; nats of all frames over the number of frames ("micro"), and the mean of the pieces' own
 * ("macro"). The likelihood is exact, choice by choice as the model plays, with the weights as they are stored. The scorer is
 * checked first: two floors that need no model, for both ways of counting the first frame, must come to what is known of them.
 */
#include "rolls.h"

#include "base/diag.h"
#include "base/mem.h"
#include "gen/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEYS = 88, FIRST_KEY = 21, N_SETS = 4 };

typedef struct set_row {
    const char *name;
    double published;   /* RNN-NADE, test. */
    double independent; /* What others with independent outputs reach, test. */
    double floor
        [2]
        [2]; /* [first frame left out, counted][independent keys, each given its own previous frame], test. */
    const char *settings; /* That its model was trained with. */
    int minutes;          /* That this took, on one core. */
} set_row;

static const set_row sets[N_SETS] = {
    {"JSB_Chorales",
     5.19,
     8.1,
     {{11.091, 10.491}, {11.060, 10.469}},
     "epochs=32 drop=0.45 field=0.15 decay=2.5",
     1},
    {"Nottingham",
     2.31,
     3.1,
     {{10.261, 5.153}, {10.252, 5.164}},
     "epochs=14 drop=0.35 field=0.15 decay=0.7 slots=1",
     2},
    {"MuseData",
     5.60,
     0,
     {{11.514, 8.559}, {11.510, 8.560}},
     "epochs=12 drop=0.25 field=0.1 decay=0.3",
     3},
    {"Piano_midi",
     7.05,
     0,
     {{11.052, 8.265}, {11.046, 8.262}},
     "epochs=12 drop=0.4 field=0.15 decay=1",
     1},
};

/* ---- floors ---- */

/* How often each key sounds: after silence, after itself, at all; and out of how many. */
typedef struct counts {
    double sounding[3][KEYS], of[3][KEYS];
} counts;

static void count_frames(counts *c, const rolls *from)
{
    for (size_t i = 0; i < from->n_pieces; i++) {
        for (size_t t = 0; t < from->pieces[i].count; t++) {
            for (int k = 0; k < KEYS; k++) {
                const es_pitch_set *set = &from->pieces[i].sounding[t];
                const int on = es_pitch_set_has(set, FIRST_KEY + k);
                c->sounding[2][k] += on;
                c->of[2][k]++;
                if (t > 0) {
                    const int was = es_pitch_set_has(set - 1, FIRST_KEY + k);
                    c->sounding[was][k] += on;
                    c->of[was][k]++;
                }
            }
        }
    }
}

static double key_nats(const counts *c, int given, int key, int on)
{
    const double p = (c->sounding[given][key] + 0.5) / (c->of[given][key] + 1);

    return -log(on ? p : 1 - p);
}

/* Nats per frame of keys on their own, or given what they did before; the first frame of a piece counted or not. */
static double floor_of(const counts *c, const rolls *on, bool given_before, bool with_first)
{
    double nats = 0;
    size_t frames = 0;

    for (size_t i = 0; i < on->n_pieces; i++) {
        for (size_t t = with_first ? 0 : 1; t < on->pieces[i].count; t++) {
            const es_pitch_set *set = &on->pieces[i].sounding[t];
            frames++;
            for (int k = 0; k < KEYS; k++) {
                const int given =
                    given_before && t > 0 ? es_pitch_set_has(set - 1, FIRST_KEY + k) : 2;
                nats += key_nats(c, given, k, es_pitch_set_has(set, FIRST_KEY + k));
            }
        }
    }
    return nats / (double)(frames ? frames : 1);
}

/* @return Whether all four agree to 0.01. */
static bool check_floors(const set_row *row, const char *corpora, estro_diag *diag)
{
    static counts c;
    rolls train = {0}, test = {0};
    bool ok = rolls_read(&train, corpora, row->name, "train", diag) == ESTRO_OK &&
              rolls_read(&test, corpora, row->name, "test", diag) == ESTRO_OK;

    memset(&c, 0, sizeof c);
    count_frames(&c, &train);
    printf("%-13s", row->name);
    for (int i = 0; i < 4; i++) {
        const double known = row->floor[i / 2][i % 2];
        const double found = floor_of(&c, &test, i % 2, i / 2);
        ok = ok && fabs(found - known) <= 0.01;
        printf("  %7.3f (%7.3f)", found, known);
    }
    printf("  %s\n", ok ? "ok" : "DIFFERS");
    rolls_done(&train);
    rolls_done(&test);
    return ok;
}

/* ---- models ---- */

typedef struct score {
    double micro, macro;
} score;

static estro_status score_split(score *out, const char *corpora, const char *set, const char *split,
                                const es_model *model, estro_diag *diag)
{
    rolls in;
    double nats = 0, means = 0;
    estro_status status = rolls_read(&in, corpora, set, split, diag);

    for (size_t i = 0; i < in.n_pieces && status == ESTRO_OK; i++) {
        es_frames_nats piece;
        status = es_frames_score(&piece, NULL, &in.pieces[i], &model->notes, 0, &model->net, diag);
        nats += piece.notes;
        means += piece.notes / (double)in.pieces[i].count;
    }
    if (status == ESTRO_OK) {
        *out = (score){nats / (double)in.n_frames, means / (double)in.n_pieces};
    }
    rolls_done(&in);
    return status;
}

static estro_status load(es_model **out, const char *path, estro_diag *diag)
{
    const estro_status status = es_model_load(out, path, diag);

    if (status == ESTRO_OK && (*out)->meta.profile != ES_PROFILE_NOTES) {
        return es_fail(diag, ESTRO_ERR_MODEL, "not a model of profile notes");
    }
    return status;
}

static bool print_row(const set_row *row, const char *corpora, const char *cache, bool with_test,
                      estro_diag *diag)
{
    char path[1024];
    es_model *model = NULL;
    score valid = {0}, test = {0};

    snprintf(path, sizeof path, "%s/notes-%s.model", cache, row->name);
    estro_status status = load(&model, path, diag);
    if (status == ESTRO_ERR_IO) {
        printf("%-13s skip: no %s; about %d minutes on one core:\n"
               "              build/bench/train_rolls CORPORA CACHE %s%s%s\n",
               row->name, path, row->minutes, row->name, *row->settings ? " " : "", row->settings);
        return true;
    }
    if (status == ESTRO_OK) {
        status = score_split(&valid, corpora, row->name, "valid", model, diag);
    }
    if (status == ESTRO_OK && with_test) {
        status = score_split(&test, corpora, row->name, "test", model, diag);
    }
    if (status != ESTRO_OK) {
        printf("%-13s %s\n", row->name, diag->text);
    } else {
        printf("%-13s %8.3f %8.3f   ", row->name, valid.micro, valid.macro);
        if (with_test) {
            printf("%8.3f %8.3f", test.micro, test.macro);
        } else {
            printf("%8s %8s", "-", "-");
        }
        printf("   %8.2f   ", row->published);
        if (row->independent > 0) {
            printf("%8.2f", row->independent);
        } else {
            printf("%8s", "-");
        }
        printf("   %8zu   %d min: train_rolls CORPORA CACHE %s %s\n", model->net.n_weights,
               row->minutes, row->name, row->settings);
    }
    fflush(stdout);
    es_model_free(model);
    return status == ESTRO_OK;
}

int main(int argc, char **argv)
{
    estro_diag diag = {0};
    bool ok = true;

    if (argc < 3) {
        fprintf(stderr, "nll_rolls CORPORA CACHE [valid]\n");
        return 2;
    }
    if (access(argv[1], R_OK) != 0) {
        printf("Table F: skip: no corpora in %s\n", argv[1]);
        return 0;
    }
    printf("Floors of the scorer, nats per frame on test (known values in brackets): independent "
           "keys and keys given their own last\n"
           "frame, without the first frame of a piece; then both with it.\n");
    for (int i = 0; i < N_SETS; i++) {
        ok = check_floors(&sets[i], argv[1], &diag) && ok;
    }
    printf("\nTable F: piano rolls, exact nats per frame, all frames; micro (total over frames) "
           "and macro (mean of pieces)\n"
           "RNN-NADE and nets with independent outputs: published, test\n"
           "%-13s %8s %8s   %8s %8s   %8s   %8s   %8s   %s\n",
           "set", "valid", "macro", "test", "macro", "RNN-NADE", "independ", "weights",
           "made in, on one core");
    for (int i = 0; i < N_SETS; i++) {
        ok = print_row(&sets[i], argv[1], argv[2], argc < 4, &diag) && ok;
    }
    return ok ? 0 : 1;
}
