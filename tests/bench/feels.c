/*
 * Feels from played drums: src/style/feels.c, on standard output.
 *
 *     feels FILE...        (of the training split alone)
 *
 * Files are taken by the family that their names tell; fills are left out. For each piece of the kit and sixteenth of the bar: the mean time
 * after the place that is meant, in milliseconds, and its standard deviation; the mean difference of the velocity to the mean of its
 * level. Times are taken against the mean of all hits of their bar, so that a tempo that drifts counts for nothing. Places with few hits lean on
 * the mean of the piece. Triplets are left out.
 */
#include "analysis/drums.h"
#include "smf/files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PLACES = 16, WANTED = 5, FEW = 60, MOST_MS = 45 };

static const char *const wanted[WANTED] = {"rock", "funk", "jazz", "latin", "hiphop"};

typedef struct sums {
    double n, late, squares, loud;
} sums;

typedef struct piece_sums {
    sums place[PLACES], all;
    double level_n[ES_KIT_LEVELS], level[ES_KIT_LEVELS];
} piece_sums;

static piece_sums found[WANTED][ES_KIT_PIECES];

static void add(sums *s, double late, double loud)
{
    s->n += 1;
    s->late += late;
    s->squares += late * late;
    s->loud += loud;
}

/* Mean lateness of all hits of the bar that hit `first` begins, in ticks. */
static double mean_late(const es_drummer *d, size_t first)
{
    const uint32_t bar = d->hits[first].step / d->roll.bar_steps;
    double sum = 0;
    size_t i = first;

    for (; i < d->n_hits && d->hits[i].step / d->roll.bar_steps == bar; i++) {
        sum += d->hits[i].late;
    }
    return sum / (double)(i - first);
}

/* Levels in a first pass, all else in a second. */
static void take(const es_drummer *d, int family, bool levels)
{
    const es_drum_roll *roll = &d->roll;
    const double ms = 60000.0 / (d->tempo * ES_QUARTER);
    uint32_t bar = UINT32_MAX;
    double mean = 0;

    for (size_t i = 0; i < d->n_hits; i++) {
        const es_drum_hit *hit = &d->hits[i];
        piece_sums *p = &found[family][hit->piece];
        const int level = es_kit_accent(hit->velocity) + 1;
        if (hit->step / roll->bar_steps != bar) {
            bar = hit->step / roll->bar_steps;
            mean = mean_late(d, i);
        }
        const double late = (hit->late - mean) * ms;
        if (roll->kind[hit->step / roll->bar_steps] == ES_DRUM_FILL || hit->step % 3 ||
            fabs(late) > MOST_MS) {
            continue;
        }
        if (levels) {
            p->level_n[level] += 1;
            p->level[level] += hit->velocity;
            continue;
        }
        const double loud = hit->velocity - p->level[level] / p->level_n[level];
        add(&p->place[hit->step % roll->bar_steps / 3 % PLACES], late, loud);
        add(&p->all, late, loud);
    }
}

static void read_files(int argc, char **argv, bool levels)
{
    for (int i = 1; i < argc; i++) {
        es_smf smf;
        es_drummer d = {0};
        if (es_smf_load(&smf, argv[i], NULL) == ESTRO_OK &&
            es_drummer_read(&d, &smf, argv[i], NULL) == ESTRO_OK && d.roll.bar_steps == 48) {
            for (int f = 0; f < WANTED; f++) {
                if (strcmp(es_family_name(d.roll.family), wanted[f]) == 0) {
                    take(&d, f, levels);
                }
            }
        }
        es_drummer_done(&d);
        es_smf_done(&smf);
    }
}

static double mean_of(const sums *s, const sums *all, double sum, double sum_all)
{
    return (sum + FEW * sum_all / all->n) / (s->n + FEW);
}

static void print_row(const char *word, const piece_sums *p, int what)
{
    printf("    \"   %s \\\"", word);
    for (int i = 0; i < PLACES; i++) {
        const sums *s = &p->place[i];
        const double late = mean_of(s, &p->all, s->late, p->all.late);
        const double squares = mean_of(s, &p->all, s->squares, p->all.squares);
        const double loud = mean_of(s, &p->all, s->loud, p->all.loud);
        const double value = what == 0 ? late : what == 1 ? sqrt(squares - late * late) : loud;
        printf("%s%ld", i ? " " : "", lround(value));
    }
    printf("\\\"\\n\"\n");
}

static void print_piece(const piece_sums *p, int piece)
{
    static const double usual[ES_KIT_LEVELS] = {34, 72, 116};

    printf("    \"  %s level", es_kit_name(piece));
    for (int i = 0; i < ES_KIT_LEVELS; i++) {
        printf(" %.0f", (p->level[i] + FEW * usual[i]) / (p->level_n[i] + FEW));
    }
    printf("\\n\"\n");
    print_row("late ", p, 0);
    print_row("loose", p, 1);
    print_row("loud ", p, 2);
}

int main(int argc, char **argv)
{
    read_files(argc, argv, true);
    read_files(argc, argv, false);
    printf(
        "/*\n * Feels of drummers by family of style. Made by tests/bench/feels from the training "
        "split of the Groove MIDI "
        "Dataset\n * (Google LLC, CC BY 4.0): do not edit.\n */\n"
        "#include \"style/feels.h\"\n\n#include <stddef.h>\n\nconst char *const es_feels[] = {\n");
    for (int f = 0; f < WANTED; f++) {
        printf("    \"feel %s {\\n\"\n", wanted[f]);
        for (int p = 0; p < ES_KIT_PIECES; p++) {
            if (found[f][p].all.n >= FEW) {
                print_piece(&found[f][p], p);
            }
        }
        printf("    \"}\\n\",\n");
    }
    printf("    NULL};\n");
    return 0;
}
